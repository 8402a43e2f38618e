//! The event that is read back: what is put in, and what others must find.

use serde_json::{Value, json};

/// A booking as it was put in.
#[derive(Clone, Debug)]
pub(crate) struct Booked {
    pub(crate) track: &'static str,
    pub(crate) room: String,
    pub(crate) slot: &'static str,
    pub(crate) url: Option<&'static str>,
    pub(crate) status: &'static str,
}

/// Without blanks and control characters, which the bot tidies in what people say.
pub(crate) fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

pub(crate) fn event(words: &str) -> Value {
    let [ballroom, peak] = rooms(words);
    json!({
        "eventid": format!("autumn{words}"), "timezone": "Europe/Berlin", "tracks": ["swift", "nova", "c++", "oslo.config"],
        "slots": {
            "Monday": [
                {"name": "MonA1", "desc": format!("early{words}"), "realtime": "2026-10-19T07:00:00Z", "duration": 105},
                {"name": "MonA2", "desc": words, "realtime": "2026-10-19T11:00:00+02:00"},
            ],
            "Wednesday": [{"name": "WedX", "desc": "without a time"}],
        },
        "schedule": {
            ballroom: {"url": BALLROOM_URL, "desc": words, "MonA1": "swift", "MonA2": "nova"},
            peak: {"url": "javascript:alert(1)", "MonA1": "", "MonA2": "swift", "WedX": "nova"},
            "Loft": {"MonA1": "", "MonA2": ""},
            "Hall": {"MonA1": "c++", "MonA2": "oslo.config"},
        },
        "colors": {"swift": "rebeccapurple", "nova": format!("red{words}")},
    })
}

pub(crate) fn rooms(words: &str) -> [String; 2] {
    [format!("Ballroom A{words}"), format!("Pike's Peak, חדר{words}")].map(|room| room.trim().to_owned())
}

/// What stands in the calendars at the end.
pub(crate) fn bookings(words: &str) -> Vec<Booked> {
    let [ballroom, peak] = rooms(words);
    let booked = |track, room: &str, slot, url, status| Booked { track, room: room.to_owned(), slot, url, status };
    vec![
        booked("swift", &ballroom, "MonA1", Some(BALLROOM_URL), "CONFIRMED"),
        booked("swift", &peak, "MonA2", None, "CONFIRMED"),
        booked("nova", &ballroom, "MonA2", Some(NOVA_URL), "CONFIRMED"),
        booked("nova", "Loft", "MonA2", Some(NOVA_URL), "CONFIRMED"),
        booked("c++", "Loft", "MonA1", None, "CONFIRMED"),
        booked("oslo.config", "Hall", "MonA2", None, "CANCELLED"),
    ]
}

pub(crate) const BALLROOM_URL: &str = "https://meet.example.org/a?x=1&y=2";
pub(crate) const NOVA_URL: &str = "https://meet.example.org/nova?a=1;b=2,c";
pub(crate) const MON_A1: (&str, &str) = ("20261019T070000Z", "20261019T084500Z");
pub(crate) const MON_A2: (&str, &str) = ("20261019T090000Z", "20261019T100000Z");
pub(crate) const MOVE: [(&str, &str); 2] =
    [("2026-10-18T08:01:00Z", "#c++ unbook Hall-MonA1"), ("2026-10-18T08:02:00Z", "#c++ book Loft-MonA1")];
pub(crate) const HOSTILE: &str = " ;a,b\\c\\n \"d\": ^n 'x' BEGIN:VEVENT=END:VCALENDAR https://x;y/z %0D%0A <b>&amp; \
    日本語のとても長い文章は一行に収まりません 👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀👩\u{200d}🚀 Größenwahn";
