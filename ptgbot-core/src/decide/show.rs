//! What people read: `now`, `next`, `where`, `who`, `show`, `help`, and what subscribers are told.

use super::known_track;
use crate::announcement::Announcement;
use crate::board::Board;
use crate::command::{Scope, Spec, TABLE};
use crate::contents::Zone;
use crate::decision::Decision;
use crate::mention::Mention;
use crate::nearest::nearest;
use crate::refusal::Refusal;
use crate::reply::{Line, Reply, Span, spans};
use crate::request::{Place, Request};
use crate::role::Role;
use crate::slot::SlotCode;
use crate::text::{Text, isolated};
use crate::topic::Topic;
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use chrono_tz::OffsetName;

/// What a subscriber is told of a topic: track, place and topic.
pub fn notification(board: &Board, announcement: &Announcement, at: DateTime<Utc>) -> Reply {
    let Announcement { track, when, topic } = announcement;
    Reply::from(spans![track, " ", when.to_string()].and(in_place(board, track, at)).and([": ".into(), topic.into()]))
}

pub(super) fn what_is_now(board: &Board, track: Option<&str>, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let now = &board.contents().now;
    let zone = board.contents().timezone;
    let line = |track: &TrackName| {
        now.get(track).map(|topic| {
            let said = spans![track].and(in_place(board, track, at)).and([": ".into(), Span::from(&topic.text)]);
            match topic.since {
                Some(since) => said.and([" (since ".into(), clock(since, at, zone), ")".into()]),
                None => said,
            }
        })
    };
    Ok(Decision::reply(match track {
        Some(word) => {
            let track = known_track(board, word)?;
            let own = line(&track).unwrap_or_else(|| spans![&track, " has announced nothing for now."]);
            Reply::from(std::iter::once(own).chain(named_at(board, &track, at)).collect::<Vec<_>>())
        }
        None => list(now.keys().filter_map(line), "Nothing is announced for now."),
    }))
}

pub(super) fn what_is_next(board: &Board, track: Option<&str>, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let next = &board.contents().next;
    let line = |track: &TrackName| {
        let said = spans![track].and(in_place(board, track, at)).and([": ".into()]);
        next.get(track).map(|list| said.and(numbered(list)))
    };
    Ok(Decision::reply(match track {
        Some(word) => {
            let track = known_track(board, word)?;
            line(&track).unwrap_or_else(|| spans![&track, " has announced nothing next."]).into()
        }
        None => list(next.keys().filter_map(line), "Nothing is announced for next."),
    }))
}

pub(super) fn where_is(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    let place = place_of(board, track, at);
    Decision::reply(match board.meeting_link(track, at) {
        Some(link) => place.and([": ".into(), Span::link(link)]),
        None => place.and([".".into()]),
    })
}

pub(super) fn who_is_in(board: &Board, track: &TrackName) -> Decision {
    let people: Vec<_> = board.people_in(track).map(|check_in| Span::person(&check_in.nick)).collect();
    Decision::reply(if people.is_empty() {
        spans!["Nobody is checked in to ", track, "."]
    } else {
        spans!["In ", track, ": "].and_row(people, ", ")
    })
}

/// Everything about one track, on one line where that is enough.
pub(super) fn track(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Decision {
    let contents = board.contents();
    let zone = contents.timezone;
    let mut said = vec![place_of(board, track, at)];
    said.push(match contents.now.get(track) {
        Some(Topic { text, since: Some(since) }) => spans!["Now (since ", clock(*since, at, zone), "): ", text],
        Some(Topic { text, since: None }) => spans!["Now: ", text],
        None => spans!["Now: nothing announced"],
    });
    said.extend(named_at(board, track, at));
    if let Some(list) = contents.next.get(track) {
        said.push(spans!["Next: "].and(numbered(list)));
    }
    if let Some(link) = board.meeting_link(track, at) {
        said.push(spans!["Meeting: ", Span::link(link)]);
    }
    if let Some(pad) = contents.etherpads.get(track) {
        said.push(spans!["Etherpad: ", Span::link(pad)]);
    }
    let letters: usize = said.iter().map(|line| line.to_string().len() + BETWEEN.len()).sum();
    Decision::reply(if letters <= ONE_LINE { Reply::from(Line::joined(said, BETWEEN)) } else { Reply::from(said) })
}

/// The topics of other tracks that name a track, with where they are discussed: `Also at #swift (Ballroom A): …`
fn named_at(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Vec<Line> {
    let mentions = board.mentions_of(track, at);
    let said = mentions.iter().take(MENTIONS).map(|Mention { by, topic }| {
        spans!["Also at ", *by].and(in_place(board, by, at)).and([": ".into(), Span::from(&topic.text)])
    });
    let mut said: Vec<Line> = said.collect();
    match mentions.len().saturating_sub(MENTIONS) {
        0 => {}
        1 => said.push(spans!["Another topic names ", track, "."]),
        more => said.push(spans![more, " more topics name ", track, "."]),
    }
    said
}

pub(super) fn help(board: &Board, request: &Request, word: Option<&str>) -> Result<Decision, Refusal> {
    match word {
        Some(word) => explain(word),
        None => Ok(Decision::reply(overview(board, request))),
    }
}

/// The free codes of today's slots that are not over.
pub(crate) fn free_today(board: &Board, at: DateTime<Utc>) -> Vec<SlotCode> {
    let Some((_, slots)) = board.today(at) else { return Vec::new() };
    board.bookable(None, None, slots.iter().filter(|slot| !slot.ended_by(at)), at, Role::Member)
}

/// A time with its date and zone: `2026-10-19 16:05 CEST`.
pub(super) fn moment(at: DateTime<Utc>, zone: Zone) -> Span {
    Span::Time { at, text: at.with_timezone(&zone.0).format("%Y-%m-%d %H:%M %Z").to_string() }
}

/// A span of time with its date and zone: `2026-10-19 09:00-10:45 IST`.
pub(super) fn span_of(start: DateTime<Utc>, end: DateTime<Utc>, zone: Zone) -> Span {
    let date = start.with_timezone(&zone.0).format("%Y-%m-%d");
    Span::Time { at: start, text: format!("{date} {}", clocks(start, end, zone)) }
}

/// A span of today with its zone: `09:00-10:45 IST`.
pub(super) fn clock_span(start: DateTime<Utc>, end: DateTime<Utc>, zone: Zone) -> Span {
    Span::Time { at: start, text: clocks(start, end, zone) }
}

/// `09:00-10:45 IST`, or `01:30 IST-01:15 GMT` where the clocks are changed in between.
fn clocks(start: DateTime<Utc>, end: DateTime<Utc>, zone: Zone) -> String {
    let (from, until) = (start.with_timezone(&zone.0), end.with_timezone(&zone.0));
    let same_zone = from.offset().abbreviation() == until.offset().abbreviation();
    format!("{}-{}", from.format(if same_zone { "%H:%M" } else { "%H:%M %Z" }), until.format("%H:%M %Z"))
}

/// A time that is not over: `since 2026-10-19 09:00 IST`.
pub(super) fn since(at: DateTime<Utc>, zone: Zone) -> Span {
    Span::Time { at, text: format!("since {}", at.with_timezone(&zone.0).format("%Y-%m-%d %H:%M %Z")) }
}

/// A time of today without its date.
pub(super) fn clock(at: DateTime<Utc>, now: DateTime<Utc>, zone: Zone) -> Span {
    let (local, today) = (at.with_timezone(&zone.0), now.with_timezone(&zone.0));
    if local.date_naive() == today.date_naive() {
        Span::Time { at, text: local.format("%H:%M %Z").to_string() }
    } else {
        moment(at, zone)
    }
}

/// ` in Ballroom A: https://…`, as far as that is known.
pub(super) fn place_and_link(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Vec<Span> {
    let mut said = Vec::new();
    if let Some(place) = board.place_of(track, at) {
        said.extend([" in ".into(), Span::quoted(place)]);
    }
    if let Some(link) = board.meeting_link(track, at) {
        said.extend([": ".into(), Span::link(link)]);
    }
    said
}

fn place_of(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Line {
    match board.place_of(track, at) {
        Some(place) => spans![track, " is in ", Span::quoted(place)],
        None => spans![track, " has no room today"],
    }
}

pub(super) fn in_place(board: &Board, track: &TrackName, at: DateTime<Utc>) -> Option<Span> {
    board.place_of(track, at).map(|place| Span::Text(format!(" ({})", isolated(place))))
}

pub(super) fn numbered(list: &[Text]) -> Vec<Span> {
    if let [one] = list {
        return vec![one.into()];
    }
    let mut spans = Vec::new();
    for (topic, number) in list.iter().zip(1..) {
        let between = if number == 1 { "" } else { "; " };
        spans.extend([Span::Text(format!("{between}{number}. ")), topic.into()]);
    }
    spans
}

fn list(lines: impl Iterator<Item = Line>, none: &str) -> Reply {
    let lines: Vec<_> = lines.map(Line::item).collect();
    if lines.is_empty() { none.into() } else { lines.into() }
}

fn overview(board: &Board, request: &Request) -> Reply {
    let least = |spec: &Spec| match spec.scope {
        Scope::Track if !spec.read_only => board.contents().moderation.least_role(),
        Scope::User | Scope::Track | Scope::Admin => spec.least_role,
    };
    let names = |scope: Scope| {
        let usable = TABLE.iter().filter(move |spec| spec.scope == scope && least(spec) <= request.role);
        usable.map(|spec| Span::command(spec.name))
    };
    let for_everyone = match request.place {
        Place::Room(_) => {
            spans!["For everyone (", Span::command("+cmd"), " here, or ", Span::command("cmd"), " in private): "]
        }
        Place::Private => {
            spans!["For everyone (", Span::command("cmd"), " here, or ", Span::command("+cmd"), " in the channel): "]
        }
    };
    let mut said = vec![for_everyone.and_row(names(Scope::User), ", ").item()];
    let for_tracks = spans!["For tracks (", Span::command("#TRACK cmd"), " in the channel): "];
    said.push(for_tracks.and_row(names(Scope::Track), ", ").item());
    if request.role >= Role::Op {
        let for_ops = spans!["For ops (", Span::command("~cmd"), " in the channel): "];
        said.push(for_ops.and_row(names(Scope::Admin), ", ").item());
    }
    let explains = spans![Span::command("help COMMAND"), " explains one."];
    said.push(match &request.page {
        Some(page) => explains.and([" All are explained at ".into(), Span::link(page.as_str())]),
        None => explains,
    });
    said.into()
}

fn explain(word: &str) -> Result<Decision, Refusal> {
    let bare = word.trim_start_matches(['+', '#', '~']);
    let found: Vec<&Spec> =
        [Scope::User, Scope::Track, Scope::Admin].into_iter().filter_map(|s| Spec::find(s, bare)).collect();
    if found.is_empty() {
        let near = nearest(bare, TABLE.iter().map(|spec| spec.name));
        let near = near.and_then(|near| TABLE.iter().find(|spec| spec.name == near)).map(|spec| spec.name);
        return Err(Refusal::UnknownCommand { typed: word.to_owned(), near });
    }
    let lines = found.iter().map(|spec| {
        let who = if spec.least_role == Role::Op { " (ops)" } else { "" };
        Line::default().and_row(spec.forms().map(Span::Command), " or ").and([
            ": ".into(),
            spec.help.into(),
            who.into(),
        ])
    });
    Ok(Decision::reply(lines.collect::<Vec<_>>()))
}

/// How many topics of others are told of a track.
const MENTIONS: usize = 2;

/// What stands between the parts of what is told on one line.
const BETWEEN: &str = " · ";

/// What fits on one line of most networks, in bytes, with somebody's name before it.
const ONE_LINE: usize = 360;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Stage;
    use crate::{Answer, Ask, HttpUrl, Network, decide};
    use serde_json::json;

    #[test]
    fn a_topic_of_another_day_is_told_with_its_date() {
        let mut stage = Stage::with(json!({"tracks": ["swift"], "timezone": "Europe/Dublin"}));
        stage.say("#swift now rings");
        assert_eq!(stage.say("+now swift"), "#swift: rings (since 10:30 IST)");
        stage.later(60 * 24 * 7);
        assert_eq!(stage.say("+now swift"), "#swift: rings (since 2026-10-19 10:30 IST)");
    }

    #[test]
    fn help_names_the_boards_own_page_where_there_is_one_and_no_other() {
        let request = || Request::new(&Network::nearest("oftc"), DateTime::UNIX_EPOCH, Ask::Said("help".into()));
        let last = |request: Request| match decide(&Board::default(), &request) {
            Ok(Decision { answer: Answer::Say(reply), .. }) => reply.lines().last().map(ToString::to_string),
            _ => None,
        };
        assert_eq!(last(request()).as_deref(), Some("help COMMAND explains one."));
        let page = HttpUrl::parse("https://ptg.example.org/").expect("an address");
        let said = "help COMMAND explains one. All are explained at https://ptg.example.org/";
        assert_eq!(last(request().page(page)).as_deref(), Some(said));
    }

    #[test]
    fn the_tracks_own_link_goes_before_that_of_its_room() {
        let mut stage = Stage::with(json!({
            "slots": {"Monday": [{"name": "1"}]}, "schedule": {"A": {"1": "swift", "url": "https://a.example.org/"}},
        }));
        assert_eq!(stage.say("+where swift"), "#swift is in A: https://a.example.org/");
        stage.say("#swift url https://s.example.org/");
        assert_eq!(stage.say("+where swift"), "#swift is in A: https://s.example.org/");
    }
}
