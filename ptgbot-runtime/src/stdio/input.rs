//! Reading a line: who says what, where and when.

use chrono::{DateTime, Datelike, Utc};
use ptgbot_core::{Ask, Folding, Incoming, IncomingKind, Person, PersonId, Place, Request, Role};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// A line that was read.
pub(super) struct Parsed {
    /// Who speaks, as the line spells it.
    pub(super) from: Option<Arc<str>>,
    pub(super) incoming: Incoming,
}

impl Parsed {
    pub(super) fn malformed(line: u64, text: String) -> Self {
        Self { from: None, incoming: Incoming { id: None, kind: IncomingKind::Malformed { line, text } } }
    }
}

/// The protocol's clock: the last tick, before any tick the system's.
#[derive(Clone)]
pub(super) struct Clock {
    bot: String,
    tick: Option<DateTime<Utc>>,
}

/// What a line may hold. Fields that nobody knows are ignored.
#[derive(Deserialize)]
struct Fields {
    #[serde(default, deserialize_with = "time")]
    tick: Option<DateTime<Utc>>,
    id: Option<String>,
    room: Option<String>,
    from: Option<String>,
    name: Option<String>,
    role: Option<Role>,
    text: Option<String>,
    #[serde(default, deserialize_with = "time")]
    at: Option<DateTime<Utc>>,
}

impl Clock {
    /// The clock of a bot of that name.
    pub(super) fn new(bot: &str) -> Self {
        Self { bot: bot.to_owned(), tick: None }
    }

    /// Reads one line; a tick moves the clock.
    pub(super) fn parse(&mut self, number: u64, line: &[u8]) -> Parsed {
        self.read(line).unwrap_or_else(|reason| Parsed::malformed(number, reason))
    }

    fn read(&mut self, line: &[u8]) -> Result<Parsed, String> {
        let text = std::str::from_utf8(line).map_err(|error| format!("it is no UTF-8: {error}"))?;
        if !text.trim_start().starts_with('{') {
            return Err("it is no JSON object".to_owned());
        }
        let fields: Fields = serde_json::from_str(text)
            .map_err(|error| error.to_string().replace(" at line 1 column ", " at column "))?;
        if let Some(tick) = fields.tick {
            self.tick = Some(sensible(tick)?);
            return Ok(Parsed { from: None, incoming: Incoming { id: None, kind: IncomingKind::Tick(tick) } });
        }
        let from = fields.from.ok_or("missing field `from`")?;
        let said = fields.text.ok_or("missing field `text`")?;
        let id = PersonId::new(&from, FOLDING);
        if id.as_str().is_empty() {
            return Err("`from` is empty".to_owned());
        }
        let at = match fields.at {
            Some(at) => sensible(at)?,
            None => self.tick.unwrap_or_else(Utc::now),
        };
        let person = Person::new(&from, FOLDING);
        let request = Request {
            at,
            from: Some(match &fields.name {
                Some(name) => person.shown_as(name),
                None => person,
            }),
            role: fields.role.unwrap_or_default(),
            place: fields.room.map_or(Place::Private, Place::Room),
            folding: FOLDING,
            bot: self.bot.clone(),
            message: None,
            ask: Ask::Said(said),
        };
        Ok(Parsed {
            from: Some(from.into()),
            incoming: Incoming { id: fields.id, kind: IncomingKind::Message(request) },
        })
    }
}

fn time<'de, D: Deserializer<'de>>(source: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(source)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| D::Error::custom(format!("{text:?} is no time such as 2026-10-19T14:05:00Z")))
}

/// Times that every calendar can write.
fn sensible(at: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if (1970..=9999).contains(&at.year()) { Ok(at) } else { Err(format!("the year {} is out of range", at.year())) }
}

const FOLDING: Folding = Folding::Lowercase;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(clock: &mut Clock, line: &str) -> Request {
        match clock.parse(1, line.as_bytes()).incoming.kind {
            IncomingKind::Message(request) => request,
            other => panic!("{other:?}"),
        }
    }

    fn fault(line: &[u8]) -> String {
        match Clock::new("ptgbot").parse(7, line).incoming.kind {
            IncomingKind::Malformed { line: 7, text } => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let line = br##"{"id":"1","room":"#ptg","from":"jane","name":"Jane","role":"op","text":"#swift now ring placement","at":"2026-10-19T14:05:00Z"}"##;
        let parsed = Clock::new("ptgbot").parse(1, line);
        assert_eq!(parsed.incoming.id.as_deref(), Some("1"));
        let IncomingKind::Message(request) = parsed.incoming.kind else { panic!("no message") };
        let from = request.from.as_ref().expect("a person");
        assert_eq!((from.id.as_str(), from.name.as_str()), ("jane", "Jane"));
        assert_eq!((request.role, request.place.room()), (Role::Op, Some("#ptg")));
        assert_eq!(request.at.to_rfc3339(), "2026-10-19T14:05:00+00:00");
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let request = request(&mut Clock::new("ptgbot"), r#"{"from":"Jane","text":"help","colour":[1]}"#);
        assert_eq!((request.role, request.place), (Role::Member, Place::Private));
        assert!((Utc::now() - request.at).num_seconds() < 60);
    }

    #[test]
    fn a_line_without_a_time_happens_at_the_last_tick() {
        let mut clock = Clock::new("ptgbot");
        let tick = clock.parse(1, br#"{"id":"x","tick":"2026-10-19T14:10:00Z"}"#).incoming;
        assert!(matches!(tick, Incoming { id: None, kind: IncomingKind::Tick(_) }));
        let request = request(&mut clock, r#"{"from":"jane","text":"help"}"#);
        assert_eq!(request.at.to_rfc3339(), "2026-10-19T14:10:00+00:00");
    }

    #[test]
    fn what_is_no_such_object_is_told_with_its_line() {
        for line in [
            &b""[..],
            b"hello",
            b"[\"1\",\"#ptg\"]",
            b"{\"from\":\"jane\"}",
            b"{\"text\":\"help\"}",
            b"{\"from\":\" \",\"text\":\"help\"}",
            b"{\"from\":\"jane\",\"text\":\"help\",\"role\":\"admin\"}",
            b"{\"from\":\"jane\",\"text\":\"help\",\"at\":\"yesterday\"}",
            b"{\"from\":\"jane\",\"text\":\"help\",\"at\":\"+99999-01-01T00:00:00Z\"}",
            b"{\"from\":\"jane\",\"text\":\"help\",\"id\":5}",
            b"{\"from\":\"jane\",\"text\":\"\xff\"}",
            b"{\"from\":\"jane\",\"text\":\"help\"} {}",
            b"{\"tick\":\"noon\"}",
        ] {
            assert!(!fault(line).is_empty(), "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(fault(b"{\"tick\":\"noon\"}"), "\"noon\" is no time such as 2026-10-19T14:05:00Z at column 15");
        assert!(fault(b"{\"from\":\"a\",\"text\":\"b\",\"role\":\"admin\"}").contains("unknown variant `admin`"));
    }
}
