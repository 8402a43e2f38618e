//! The demo: a made-up event that happens right now, a chat in the terminal, and its page.

use crate::clock::{Clock, SystemClock};
use crate::run::run_until;
use crate::run_error::RunError;
use crate::setup::{InitialBoard, Setup, USUAL_ADDRESS, first_free_port};
use crate::store::StoreAddress;
use crate::terminal::{Hints, TerminalTransport};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

/// Runs the demo until its input ends or `stop` is cancelled.
///
/// # Errors
/// When no port is free, or the terminal cannot be used.
pub(crate) async fn demo(stop: CancellationToken) -> Result<(), RunError> {
    let listener = first_free_port()?;
    let address = listener.local_addr().map_err(|source| RunError::Listen { address: USUAL_ADDRESS, source })?;
    let page = format!("http://{address}");
    let mut hints = Hints::new(&page);
    // Where this cannot be read, the chat says why.
    introduce(&page, address, &hints.offer()).ok();
    let transport = TerminalTransport::new(BOT, ROOM)?.hinting(hints);
    let mut setup = Setup {
        store: StoreAddress::Memory,
        initial_board: InitialBoard::Document { data: sample(SystemClock.now()), source: "the sample".to_owned() },
        listener: Some(listener),
        ..Setup::default()
    };
    setup.publish.site.channel = Some(ROOM.to_owned());
    run_until(Box::new(transport), setup, stop).await
}

fn introduce(page: &str, address: SocketAddr, offer: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "The page of a made-up event: {page}")?;
    if address != USUAL_ADDRESS {
        writeln!(output, "(port {} is taken)", USUAL_ADDRESS.port())?;
    }
    writeln!(output, "You are an op in {ROOM}, where the bot is called {BOT}. Nothing is kept; Ctrl-D ends it.")?;
    writeln!(output, "{offer}")?;
    output.flush()
}

/// A data file of an event whose first day is today. Its time zone is one in which it is morning now, so that
/// something always goes on.
fn sample(now: DateTime<Utc>) -> Value {
    let ahead = (i64::from(MORNING) - i64::from(now.hour()) + 12).rem_euclid(24) - 12;
    let local = now + TimeDelta::hours(ahead);
    let days: Vec<SampleDay> =
        (0..3).filter_map(|n| SampleDay::new(local.date_naive().checked_add_days(Days::new(n))?, ahead)).collect();
    let ago = |minutes| (now - TimeDelta::minutes(minutes)).to_rfc3339();
    let slots: Map<_, _> = days.iter().map(|day| (day.name.clone(), day.slots().into())).collect();
    json!({
        "eventid": "demo-gathering",
        // The sign is that of POSIX: east is negative.
        "timezone": if ahead == 0 { "UTC".to_owned() } else { format!("Etc/GMT{:+}", -ahead) },
        "tracks": [
            "compass", "ferry", "granary", "harbour", "lantern", "meadow", "orchard", "translators", "weather",
            "welcome-desk",
        ],
        "slots": slots,
        "schedule": {
            "Ballroom A": room(&days, &["harbour", "harbour", "lantern", ""], "Level 1", "160 seats, projector"),
            "Pike's Peak": room(&days, &["orchard", "", "orchard", "compass"], "Level 2", "40 seats, whiteboard"),
            "Garden": room(&days, &["", "meadow", "", ""], "Outside", "benches under the trees"),
            "Boathouse": room(&days, &["ferry", "ferry", "", "weather"], "By the water", "60 seats"),
            "Attic": room(&days, &["translators", "granary", "translators", ""], "Level 4", "20 seats, quiet"),
        },
        "now": {
            "ferry": "a timetable that the tide agrees with",
            "harbour": "mooring fees for small boats",
            "orchard": "pruning in a wet year",
            "translators": "تسمية الرياح الثمانية: ما الذي لا يُترجم؟",
            "welcome-desk": "badges, maps, and who needs a bed for tonight",
        },
        "now_since": {
            "ferry": ago(35), "harbour": ago(12), "orchard": ago(48), "translators": ago(4), "welcome-desk": ago(140),
        },
        "next": {
            "harbour": ["tide tables", "who keeps the lighthouse"],
            "compass": ["true north and other opinions"],
            "granary": ["mice: a frank discussion", "next year's seed"],
        },
        "urls": {"welcome-desk": "https://meet.example.org/welcome"},
        "colors": {
            "compass": "darkslategray", "ferry": "#b3261e", "granary": "goldenrod", "harbour": "navy",
            "lantern": "rebeccapurple", "meadow": "yellowgreen", "orchard": "#2e7d32", "translators": "#ad1457",
        },
        "location": {"welcome-desk": "Lobby, next to the stairs"},
        "links": {"How to find us": "https://example.org/way", "Write to the hosts": "mailto:hosts@example.org"},
        "motd": [
            {"level": "info", "message": "Welcome! This event is made up, and you are its moderator."},
            {"level": "warning", "message": "The lift stops at level 3. The attic is worth the stairs."},
        ],
        "last_check_in": {
            "mara": {"nick": "Mara", "location": "#harbour", "in": ago(11), "out": null},
            "oyelaran": {"nick": "Oyelaran", "location": "#harbour", "in": ago(9), "out": null},
            "noor": {"nick": "Noor", "location": "#translators", "in": ago(5), "out": null},
            "wim": {"nick": "Wim", "location": "the kitchen", "in": ago(20), "out": null},
        },
    })
}

/// A day of the sample.
struct SampleDay {
    name: String,
    date: NaiveDate,
    /// How many hours the event's clock is ahead of UTC.
    ahead: i64,
}

impl SampleDay {
    fn new(date: NaiveDate, ahead: i64) -> Option<Self> {
        Some(Self { name: date.format("%A").to_string(), date, ahead })
    }

    fn slots(&self) -> Vec<Value> {
        let slot = |(code, start, minutes): &(&str, u32, i64)| {
            let begin = self.date.and_hms_opt(start / 60, start % 60, 0)?;
            let end = begin + TimeDelta::minutes(*minutes);
            let realtime = (begin - TimeDelta::hours(self.ahead)).and_utc();
            Some(json!({
                "name": self.code(code),
                "desc": format!("{}-{}", begin.format("%H:%M"), end.format("%H:%M")),
                "realtime": realtime.to_rfc3339(),
                "duration": minutes,
            }))
        };
        SLOTS.iter().filter_map(slot).collect()
    }

    fn code(&self, code: &str) -> String {
        format!("{}{code}", self.name.get(..3).unwrap_or(&self.name))
    }
}

/// A room that the same tracks hold on each day.
fn room(days: &[SampleDay], holders: &[&str], desc: &str, equipment: &str) -> Value {
    let mut room = Map::new();
    for day in days {
        for ((code, ..), holder) in SLOTS.iter().zip(holders) {
            room.insert(day.code(code), (*holder).into());
        }
    }
    room.insert("url".into(), format!("https://meet.example.org/{}", desc.to_lowercase().replace(' ', "-")).into());
    room.insert("desc".into(), desc.into());
    room.insert("cap_desc".into(), equipment.into());
    room.into()
}

/// Code, minutes after midnight, length in minutes.
const SLOTS: [(&str, u32, i64); 4] = [("A1", 540, 105), ("A2", 660, 90), ("P1", 810, 105), ("P2", 930, 90)];
const MORNING: u32 = 9;
const BOT: &str = "ptgbot";
const ROOM: &str = "#demo";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::import;
    use crate::store::MemoryJournal;
    use ptgbot_core::{Board, TrackName};

    #[tokio::test]
    async fn at_any_hour_a_track_is_in_its_room() {
        for hour in 0..24 {
            let now: DateTime<Utc> = format!("2026-10-19T{hour:02}:30:00Z").parse().expect("a time");
            let mut board = Board::default();
            let mut journal = MemoryJournal::default();
            import(&mut journal, &mut board, sample(now), "the sample", now).await.expect("a good sample");
            let (_, slots) = board.today(now).expect("a day");
            assert!(slots.iter().any(|slot| slot.runs_at(now)), "{hour}: {slots:?}");
            let harbour = TrackName::parse("harbour").expect("a name");
            assert_eq!(board.place_of(&harbour, now), Some("Ballroom A"));
        }
    }
}
