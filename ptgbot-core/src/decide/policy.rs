//! The rules for booking: `policy`, and what is told of a booking that is against them.

use super::booking::{known_day, unknown_day};
use super::known_track;
use super::named_slot::meant_date;
use super::show::moment;
use crate::board::Board;
use crate::booking::Booking;
use crate::command::{PolicyCommand, RuleTime};
use crate::contents::Zone;
use crate::decision::Decision;
use crate::event::BoardEvent;
use crate::limits;
use crate::policy::{Enforcement, Objection, PastSlots, Policy, Rule};
use crate::refusal::Refusal;
use crate::reply::{Line, Reply, Span, spans};
use crate::request::Request;
use crate::room::Availability;
use crate::setting::Setting;
use crate::slot::SlotCode;
use crate::track::TrackName;
use chrono::{DateTime, NaiveDate, Utc};
use std::cmp::Ordering;

pub(super) fn policy(board: &Board, command: &PolicyCommand, at: DateTime<Utc>) -> Result<Decision, Refusal> {
    let rule = match command {
        PolicyCommand::Show => return Ok(Decision::reply(rules(board))),
        PolicyCommand::Day(minutes) => Rule::Day { minutes: *minutes },
        PolicyCommand::Total(minutes) => Rule::Total { minutes: *minutes },
        PolicyCommand::Opens(time) => {
            Rule::Opens { at: time.as_ref().map(|time| moment_of(board, time, at)).transpose()? }
        }
        PolicyCommand::Clash(one, other, on) => Rule::Clash { tracks: pair(board, one, other)?, on: *on },
        PolicyCommand::Past(past) => Rule::Past { past: *past },
        PolicyCommand::Enforcement(enforcement) => Rule::Enforcement { enforcement: *enforcement },
    };
    let before = &board.contents().policy;
    let mut after = before.clone();
    after.set(&rule);
    if after == *before {
        return Ok(Decision::reply("That is the rule already."));
    }
    if after.clashes.len() > limits::CLASHES {
        return Err(Refusal::TooMany { what: "clashes", most: limits::CLASHES });
    }
    Ok(Decision::event(BoardEvent::PolicySet { rule }))
}

/// Whether bookings may be put back that would then be against the rules, and what is to be said of it where those only
/// warn. What a track held before is not booked anew: only what it would hold counts, not the time at which it comes back.
pub(super) fn may_restore(board: &Board, request: &Request, restored: &[Setting]) -> Result<Line, Refusal> {
    for (code, by) in restored.iter().filter_map(put_back) {
        let room = board.contents().rooms.get(&code.room);
        let place = room.and_then(|room| Some((room, room.bookings.get(&code.slot)?)));
        if let Some((room, booking)) = place
            && room.availability(booking, by) == Availability::Full
        {
            return Err(Refusal::SlotFull { code: code.clone(), count: booking.holders().len(), free: None });
        }
    }
    let given_back = |setting| put_back(setting).filter(|(code, by)| !board.is_held_by(code, by));
    if board.contents().policy.is_empty() || !restored.iter().any(|setting| given_back(setting).is_some()) {
        return Ok(Line::default());
    }
    let mut after = board.clone();
    after.restore(restored, request.at);
    let mut told = Line::default();
    for (code, by) in restored.iter().filter_map(given_back) {
        let objections = after.objections_of_holdings(by, code, None);
        if objections.is_empty() {
            continue;
        }
        let why = in_words(&objections, board.contents().timezone);
        match board.contents().policy.enforcement {
            Enforcement::Enforce => return Err(Refusal::NotPutBack { code: code.clone(), why: why.into() }),
            Enforcement::Warn => told = told.and(against_the_rules(why)),
        }
    }
    Ok(told)
}

/// What is said of a booking that is made although it is against the rules.
pub(super) fn against_the_rules(why: Vec<Span>) -> Vec<Span> {
    spans![" That is against the rules: "].and(why).and([".".into()]).into_spans()
}

/// The slot that a setting gives back to a track.
fn put_back(setting: &Setting) -> Option<(&SlotCode, &TrackName)> {
    match setting {
        Setting::Slot { code, value: Booking::Held { by }, .. }
        | Setting::Share { code, track: by, place: Some(_) } => Some((code, by)),
        _ => None,
    }
}

fn rules(board: &Board) -> Reply {
    let rules = policy_rules(&board.contents().policy, board.contents().timezone);
    let Some((enforcement, rules)) = rules.split_last() else { return "There are no rules for booking.".into() };
    // What is shown in a room has few lines: all rules are in one, and what becomes of them comes first.
    let told = rules.iter().take(MOST_TOLD).flat_map(|rule| [vec![Span::from("; ")], rule.clone().into_spans()]);
    let told = Line::default().and(told.flatten().skip(1));
    let more = rules.len().saturating_sub(MOST_TOLD);
    let told = if more > 0 { told.and([format!("; and {more} more").into()]) } else { told };
    Reply::from(vec![enforcement.clone(), told])
}

/// The rules for booking as people read them: a line each, and last what becomes of a booking that is against one. None
/// where there are no rules.
pub fn policy_rules(policy: &Policy, zone: Zone) -> Vec<Line> {
    let Policy { day_minutes, total_minutes, opens, clashes, past, enforcement } = policy;
    let mut lines: Vec<Line> = Vec::new();
    lines.extend(day_minutes.map(|most| spans!["At most ", hours(most), " a day and track"]));
    lines.extend(total_minutes.map(|most| spans!["At most ", hours(most), " a track in all"]));
    lines.extend(opens.map(|opens| spans!["Before ", moment(opens, zone), " only ops book"]));
    lines.extend((*past == PastSlots::Closed).then(|| spans!["What is over is not booked"]));
    lines.extend(clashes.iter().map(|(one, other)| spans![one, " and ", other, " do not meet at once"]));
    if !lines.is_empty() {
        lines.push(match enforcement {
            Enforcement::Warn => spans!["What is against a rule is booked, and the answer says so"],
            Enforcement::Enforce => spans!["What is against a rule is refused"],
        });
    }
    lines
}

/// What a booking is against, in one sentence without its end.
pub(crate) fn in_words(objections: &[Objection], zone: Zone) -> Vec<Span> {
    let mut said: Vec<Span> = Vec::new();
    for objection in objections {
        if !said.is_empty() {
            said.push("; ".into());
        }
        said.extend(match objection {
            Objection::DayFull { day, minutes, most } => {
                spans![hours(*minutes), " on ", Span::quoted(day), ", where ", hours(*most), " is the most"]
                    .into_spans()
            }
            Objection::TotalFull { minutes, most } => {
                spans![hours(*minutes), " in all, where ", hours(*most), " is the most"].into_spans()
            }
            Objection::NotOpen { opens } => spans!["only ops book before ", moment(*opens, zone)].into_spans(),
            Objection::Clash { with, code } => {
                spans![with, " meets then (", code, ") and the two must not meet at once"].into_spans()
            }
            Objection::Over => vec!["the slot is over".into()],
        });
    }
    said
}

/// `4 h`, `1 h 30`
fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

/// Two tracks in the order of their names.
fn pair(board: &Board, one: &str, other: &str) -> Result<(TrackName, TrackName), Refusal> {
    let (one, other) = (known_track(board, one)?, known_track(board, other)?);
    match one.cmp(&other) {
        Ordering::Less => Ok((one, other)),
        Ordering::Equal => Err(Refusal::ClashWithItself { track: one }),
        Ordering::Greater => Ok((other, one)),
    }
}

/// So many rules are told at once.
const MOST_TOLD: usize = 20;

/// A time of the event's zone: on a date, on a day of the programme, or today.
fn moment_of(board: &Board, time: &RuleTime, at: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let zone = board.contents().timezone;
    let date = match time.day.as_deref() {
        None => zone.date(at),
        Some(day) => meant_date(zone, day, at).map_or_else(|| date_of(board, day), Ok)?,
    };
    Ok(zone.first_from(date.and_time(time.clock)).unwrap_or(at))
}

/// The date of a day of the programme.
fn date_of(board: &Board, typed: &str) -> Result<NaiveDate, Refusal> {
    let day = known_day(board, typed)?;
    let slots = board.contents().days.get(&day).into_iter().flatten();
    let first = slots.filter_map(|slot| slot.realtime).min();
    first.map(|start| board.contents().timezone.date(start)).ok_or_else(|| unknown_day(board, typed))
}
