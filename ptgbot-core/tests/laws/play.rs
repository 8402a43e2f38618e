//! A small event at which anything may be said: what the laws are tried on.

use proptest::prelude::*;
use proptest::sample::select;
use ptgbot_core::{
    Answer, Ask, Board, Decision, Folding, Network, Outcome, Person, Place, Record, Refusal, Request, Role, decide,
};
use serde_json::{Map, Value, json};

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Minutes since the step before.
    pub(crate) later: u32,
    pub(crate) who: &'static str,
    pub(crate) role: Role,
    pub(crate) private: bool,
    pub(crate) ask: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Said(String),
    Load(Value),
    /// Whoever said the message so many messages ago (0: the last) edits it.
    Edited(usize, String),
    /// The message so many messages ago is deleted.
    Deleted(usize),
}

/// A board with the records that made it.
pub(crate) struct Play {
    pub(crate) board: Board,
    pub(crate) records: Vec<Record>,
    /// All messages, as they arrived.
    pub(crate) heard: Vec<Request>,
    pub(crate) at: chrono::DateTime<chrono::Utc>,
}

impl Play {
    pub(crate) fn new() -> Self {
        let at = "2026-10-19T07:00:00Z".parse().expect("a time");
        Self { board: Board::default(), records: Vec::new(), heard: Vec::new(), at }
    }

    /// A full programme in which nobody holds anything.
    pub(crate) fn with_programme() -> Self {
        let mut play = Self::new();
        let ask = What::Load(programme());
        let loaded = play.step(&Step { later: 0, who: "tony", role: Role::Op, private: true, ask });
        assert!(loaded.is_ok(), "{loaded:?}");
        play
    }

    /// Plays all steps; what is heard is checked on the way.
    pub(crate) fn of(steps: &[Step]) -> Self {
        let mut play = Self::new();
        for step in steps {
            let _ = play.step(step);
        }
        play
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<Decision, Refusal> {
        self.at += chrono::TimeDelta::minutes(step.later.into());
        let network = Network::nearest("oftc");
        let mut from = Some(Person::new(&network, step.who, FOLDING));
        let ask = match &step.ask {
            What::Said(text) => Ask::Said(text.clone()),
            What::Load(document) => Ask::Load { document: document.clone(), source: None },
            What::Edited(ago, text) => {
                let heard = self.heard.iter().rev().nth(*ago);
                from = heard.and_then(|heard| heard.from.clone()).or(from);
                let was = heard.and_then(|heard| match &heard.ask {
                    Ask::Said(text) | Ask::Edited { text, .. } => Some(text.clone()),
                    _ => None,
                });
                Ask::Edited { original: original(heard), was, text: text.clone() }
            }
            What::Deleted(ago) => Ask::Deleted { original: original(self.heard.iter().rev().nth(*ago)) },
        };
        let mut request = Request::new(&network, self.at, ask).folding(FOLDING).bot("ptgbot");
        request = request.message(format!("${}", self.heard.len()));
        (request.from, request.role) = (from.clone(), step.role);
        if !step.private {
            request = request.in_room("#ptg");
        }
        let decision = decide(&self.board, &request);
        self.check(&request, &decision);
        for event in decision.iter().flat_map(|decision| &decision.events) {
            let record = Record::of(self.board.revision() + 1, &request, event.clone());
            self.board.apply(&record);
            self.records.push(record);
        }
        self.heard.push(request);
        decision
    }

    pub(crate) fn say(&mut self, text: &str) -> Result<Decision, Refusal> {
        let ask = What::Said(text.to_owned());
        self.step(&Step { later: 0, who: "tony", role: Role::Op, private: false, ask })
    }

    /// What is said is one or more lines of visible text, whatever was typed.
    fn check(&self, request: &Request, decision: &Result<Decision, Refusal>) {
        let said = match decision {
            Ok(decision) => match &decision.answer {
                Answer::Say(reply) => Some(reply.to_string()),
                Answer::Ack => {
                    assert_eq!(decision.outcome(), Outcome::Changed, "an acknowledgement of nothing: {request:?}");
                    None
                }
                Answer::Silence => {
                    assert!(decision.events.is_empty(), "a silent change: {request:?}");
                    None
                }
            },
            Err(refusal) => Some(refusal.to_string()),
        };
        if let Some(said) = &said {
            let visible = said.lines().all(|line| !line.trim().is_empty());
            assert!(!said.is_empty() && visible, "{request:?} is answered with {said:?}");
            assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{request:?} is answered with {said:?}");
        }
        if request.place == Place::Private && matches!(request.ask, Ask::Said(_)) {
            assert!(said.is_some() || matches!(decision, Ok(d) if d.outcome() == Outcome::Changed), "{request:?}");
        }
    }
}

/// The first version of a message.
fn original(heard: Option<&Request>) -> String {
    let heard = heard.map(|heard| match &heard.ask {
        Ask::Edited { original, .. } | Ask::Deleted { original } => original.clone(),
        _ => heard.message.clone().unwrap_or_default(),
    });
    heard.unwrap_or_else(|| "$none".into())
}

pub(crate) const FOLDING: Folding = Folding::Rfc1459;
pub(crate) const TRACKS: [&str; 5] = ["swift", "nova", "c++", "a.b", "under_score"];
pub(crate) const ROOMS: [&str; 4] = ["Ballroom A", "Pike's Peak", "A-B", "A"];
/// The one of them in which several tracks meet at once.
pub(crate) const SHARED_ROOM: &str = ROOMS[1];
pub(crate) const SLOTS: [&str; 6] = ["MonA1", "MonP 1", "B-C", "C", "url", "TueA1"];
pub(crate) const PEOPLE: [&str; 4] = ["tony", "Jane[m]", "bob", "Zoë"];

/// What happens at an event that mostly begins with a full programme.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    (prop::bool::weighted(0.8), prop::collection::vec(step(), 1..60)).prop_map(|(full, mut steps)| {
        if full {
            let ask = What::Load(programme());
            steps.insert(0, Step { later: 0, who: "tony", role: Role::Op, private: true, ask });
        }
        steps
    })
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let ask = prop_oneof![
        30 => command().prop_map(What::Said).boxed(),
        2 => text().prop_map(What::Said).boxed(),
        1 => document().prop_map(What::Load).boxed(),
        4 => (0usize..4, command()).prop_map(|(ago, text)| What::Edited(ago, text)).boxed(),
        1 => (0usize..4, text()).prop_map(|(ago, text)| What::Edited(ago, text)).boxed(),
        2 => (0usize..4).prop_map(What::Deleted).boxed(),
    ];
    let role = prop_oneof![4 => Just(Role::Op), 1 => Just(Role::Voice), 1 => Just(Role::Member)];
    let later = prop_oneof![0u32..20, 0u32..200];
    (later, select(&PEOPLE), role, prop::bool::weighted(0.1), ask).prop_map(|(later, who, role, private, ask)| Step {
        later,
        who,
        role,
        private,
        ask,
    })
}

/// Anything a person may type.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        ".{0,40}",
        "[#+~][a-z]{0,6}( [a-z#+~-]{0,8}){0,3}",
        (command(), "\\PC{0,10}").prop_map(|(command, more)| command + &more),
        (command(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(mut command, place, other)| {
            let places: Vec<usize> = command.char_indices().map(|(at, _)| at).collect();
            if !places.is_empty() {
                let at = *place.get(&places);
                command
                    .replace_range(at..at + command[at..].chars().next().map_or(0, char::len_utf8), &other.to_string());
            }
            command
        }),
    ]
}

/// Lines that mostly are commands.
pub(crate) fn command() -> impl Strategy<Value = String> {
    // A few names come often, so that one change meets another.
    let track = || prop_oneof![2 => select(&TRACKS[..2]), 1 => select(&TRACKS)];
    let code = || {
        let room = prop_oneof![select(&ROOMS[..2]), select(&ROOMS)];
        let slot = prop_oneof![2 => select(&SLOTS[..1]), 1 => select(&SLOTS)];
        (room, slot).prop_map(|(room, slot)| format!("{room}-{slot}"))
    };
    let words = || "[a-c ]{1,6}|\\PC{1,8}|#swift rings";
    let number = || 0usize..4;
    let about = prop_oneof![
        6 => words().prop_map(|topic| format!("now {topic}")),
        6 => words().prop_map(|topic| format!("next {topic}")),
        3 => Just("advance".to_owned()),
        2 => number().prop_map(|n| format!("drop {n}")),
        2 => Just("clean".to_owned()),
        2 => select(vec!["etherpad auto", "etherpad https://pad.example.org/x", "etherpad ftp://x"]).prop_map(String::from),
        2 => select(vec!["url none", "url https://meet.example.org/x", "url HTTPS://Meet.Example.org"]).prop_map(String::from),
        2 => select(vec!["color red", "color #abc", "color rgb(1 2 3 / 50%)", "color mud"]).prop_map(String::from),
        2 => words().prop_map(|place| format!("location {place}")),
        1 => Just("location Ballroom A".to_owned()),
        8 => code().prop_map(|code| format!("book {code}")),
        10 => code().prop_map(|code| format!("unbook {code}")),
        8 => (code(), code()).prop_map(|(from, to)| format!("move {from} {to}")),
        4 => Just("undo".to_owned()),
        1 => Just("show".to_owned()),
    ];
    let user = prop_oneof![
        track().prop_map(|track| format!("in #{track}")),
        words().prop_map(|place| format!("in {place}")),
        Just("out".to_owned()),
        select(&PEOPLE).prop_map(|who| format!("seen {who}")),
        words().prop_map(|pattern| format!("subscribe {pattern}")),
        track().prop_map(|track| format!("who #{track}")),
        select(vec!["subscribe", "unsubscribe", "now", "next", "free", "free Mon", "forget", "help", "now #nova"])
            .prop_map(String::from),
    ];
    let admin = prop_oneof![
        prop::collection::vec(track(), 1..3).prop_map(|names| format!("add {}", names.join(" "))),
        prop::collection::vec(track(), 1..3).prop_map(|names| format!("del {}", names.join(" "))),
        prop::collection::vec(track(), 1..3).prop_map(|names| format!("clean {}", names.join(" "))),
        words().prop_map(|message| format!("motd add info {message}")),
        (track(), select(vec!["quirin", "bob", "quirin,tony", "none"]))
            .prop_map(|(track, people)| format!("moderators {track} {people}")),
        number().prop_map(|n| format!("motd del {n}")),
        prop::collection::vec(number(), 1..4).prop_map(|order| {
            format!("motd reorder {}", order.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        }),
        select(vec![
            "motd clean",
            "list",
            "requirevoice",
            "alloweveryone",
            "history",
            "history 2",
            "undo",
            "undo",
            "undo",
            "newday",
            "fetchdb https://x.example.org/",
            "help",
        ])
        .prop_map(String::from),
    ];
    prop_oneof![
        60 => (track(), about).prop_map(|(track, about)| format!("#{track} {about}")),
        12 => user.prop_map(|user| format!("+{user}")),
        20 => admin.prop_map(|admin| format!("~{admin}")),
        1 => Just("~emptydb".to_owned()),
    ]
}

/// Data files, mostly right.
pub(crate) fn document() -> impl Strategy<Value = Value> {
    let holder = || prop_oneof![3 => Just(""), 2 => select(&TRACKS)].prop_map(Value::from);
    let time = || {
        (0i64..60 * 24 * 4).prop_map(|minutes| {
            let start: chrono::DateTime<chrono::Utc> = "2026-10-18T20:00:00Z".parse().expect("a time");
            Value::from((start + chrono::TimeDelta::minutes(minutes)).to_rfc3339())
        })
    };
    let slot = || {
        (select(&SLOTS), prop::option::weighted(0.8, time()), prop::option::of(1u32..200)).prop_map(
            |(name, start, minutes)| {
                let mut slot = json!({"name": name, "desc": "x", "more": [1]});
                if let (Some(start), Some(slot)) = (start, slot.as_object_mut()) {
                    slot.insert("realtime".into(), start);
                }
                if let (Some(minutes), Some(slot)) = (minutes, slot.as_object_mut()) {
                    slot.insert("duration".into(), minutes.into());
                }
                slot
            },
        )
    };
    let days = object(vec!["Tuesday", "Monday", "Wed", "x"], prop::collection::vec(slot(), 0..5).prop_map(Value::from));
    let several = prop::collection::vec(select(&TRACKS), 0..4).prop_map(Value::from);
    let alone = object(SLOTS.to_vec(), holder()).boxed();
    let shared = object(SLOTS.to_vec(), prop_oneof![holder(), several]).prop_map(|mut room| {
        room["shared"] = true.into();
        room
    });
    let room = prop_oneof![2 => alone, 1 => shared];
    let room = (room, prop::option::of("[a-z]{1,4}")).prop_map(|(mut room, desc)| {
        if let (Some(room), Some(desc)) = (room.as_object_mut(), desc) {
            room.insert("desc".into(), desc.clone().into());
            room.insert("extra".into(), json!({"of": desc}));
        }
        room
    });
    let words = || "[a-c ]{0,4}".prop_map(Value::from);
    let by_track = |value: BoxedStrategy<Value>| object(TRACKS.to_vec(), value);
    let person = (words(), prop::option::of(time()), prop::option::of(time())).prop_map(
        |(location, since, until)| json!({"nick": "x", "location": location, "in": since, "out": until, "tea": 1}),
    );
    let motd = (select(vec!["info", "danger"]), words())
        .prop_map(|(level, message)| json!({"level": level, "message": message}));
    let keys = (
        (
            prop::option::of(select(vec!["oct2026", "apr2027"]).prop_map(Value::from)),
            prop::option::of(select(vec!["UTC", "Asia/Tokyo", "America/New_York"]).prop_map(Value::from)),
            prop::option::of(prop::collection::vec(select(&TRACKS), 0..4).prop_map(Value::from)),
            prop::option::of(days),
            prop::option::of(object(ROOMS.to_vec(), room)),
            prop::option::of(by_track(words().boxed())),
            prop::option::of(by_track(time().boxed())),
            prop::option::of(by_track(prop::collection::vec(words(), 0..3).prop_map(Value::from).boxed())),
        ),
        (
            prop::option::of(by_track(words().boxed())),
            prop::option::of(by_track(prop_oneof![words(), select(&ROOMS).prop_map(Value::from)].boxed())),
            prop::option::of(object(vec!["B", "A", "C"], words())),
            prop::option::of(prop_oneof![motd.clone(), prop::collection::vec(motd, 0..3).prop_map(Value::from)]),
            prop::option::of((0u8..2).prop_map(Value::from)),
            prop::option::of(object(vec!["tony", "Jane[m]", "jane{M}", "Zoë"], person)),
            prop::option::of(object(vec!["tony", "Jane[m]", "bob"], prop_oneof![words(), Just(Value::Null)])),
            prop::option::of(words()),
        ),
    );
    let names = [
        "eventid",
        "timezone",
        "tracks",
        "slots",
        "schedule",
        "now",
        "now_since",
        "next",
        "etherpads",
        "location",
        "links",
        "motd",
        "voice",
        "last_check_in",
        "subscriptions",
        "x-more",
    ];
    keys.prop_map(move |((a, b, c, d, e, f, g, h), (i, j, k, l, m, n, o, p))| {
        let values = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
        let kept = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(kept.collect())
    })
}

fn programme() -> Value {
    let slot = |name: &str, start: &str| json!({"name": name, "realtime": format!("2026-10-{start}:00Z")});
    let room = || SLOTS.iter().map(|slot| ((*slot).to_owned(), Value::from(""))).collect::<Map<_, _>>();
    let (a, b) = SLOTS.split_at(4);
    let day = |names: &[&str], day: u8| -> Value {
        names.iter().enumerate().map(|(hour, name)| slot(name, &format!("{day}T{:02}:00", 9 + 2 * hour))).collect()
    };
    json!({
        "eventid": "oct2026",
        "tracks": TRACKS,
        "slots": {"Monday": day(a, 19), "Tuesday": day(b, 20)},
        "schedule": ROOMS.iter().map(|name| {
            let mut room = room();
            if *name == SHARED_ROOM {
                room.insert("shared".into(), true.into());
            }
            ((*name).to_owned(), room.into())
        }).collect::<Map<_, Value>>(),
    })
}

fn object(keys: Vec<&'static str>, value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((select(keys), value), 0..5).prop_map(|entries| {
        Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
    })
}
