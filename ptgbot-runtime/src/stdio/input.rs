//! Reading a line: who says what, where and when.

use super::clock::LineClock;
use chrono::{DateTime, Datelike, Utc};
use ptgbot_core::{Ask, Folding, Incoming, Network, Person, Request, Role};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// What a line is.
#[derive(Debug)]
pub(super) enum InputLine {
    /// Something that is asked.
    Request {
        /// Who asks, as the line spells it.
        asker: Option<Arc<str>>,
        incoming: Box<Incoming>,
    },
    /// Nothing that can be understood, and why.
    Fault(String),
}

/// Reads lines that are said to a bot.
pub(super) struct InputParser {
    bot: String,
    network: Network,
    clock: Arc<LineClock>,
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

impl InputParser {
    /// For a bot of that name.
    pub(super) fn new(bot: &str, network: Network, clock: Arc<LineClock>) -> Self {
        Self { bot: bot.to_owned(), network, clock }
    }

    /// Reads one line; its time moves the clock.
    pub(super) fn parse(&self, line: &[u8]) -> InputLine {
        self.read(line).unwrap_or_else(InputLine::Fault)
    }

    fn read(&self, line: &[u8]) -> Result<InputLine, String> {
        let text = std::str::from_utf8(line).map_err(|error| format!("it is no UTF-8: {error}"))?;
        if !text.trim_start().starts_with('{') {
            return Err("it is no JSON object".to_owned());
        }
        let fields: Fields = serde_json::from_str(text)
            .map_err(|error| error.to_string().replace(" at line 1 column ", " at column "))?;
        if let Some(tick) = fields.tick {
            let tick = sensible(tick)?;
            self.clock.tick(tick);
            let request = Request::new(&self.network, tick, Ask::Tick);
            return Ok(InputLine::Request { asker: None, incoming: Box::new(Incoming::new(request)) });
        }
        let from = fields.from.ok_or("missing field `from`")?;
        let said = fields.text.ok_or("missing field `text`")?;
        let person = Person::new(&self.network, &from, FOLDING);
        if person.id.key().is_empty() {
            return Err("`from` is empty".to_owned());
        }
        let at = self.clock.time_of_line(fields.at.map(sensible).transpose()?);
        let person = match &fields.name {
            Some(name) => person.shown_as(name),
            None => person,
        };
        let mut request = Request::new(&self.network, at, Ask::Said(said))
            .by(person, fields.role.unwrap_or_default())
            .folding(FOLDING)
            .bot(&self.bot);
        if let Some(room) = fields.room {
            request = request.in_room(room);
        }
        let mut incoming = Incoming::new(request);
        incoming.id = fields.id;
        Ok(InputLine::Request { asker: Some(from.into()), incoming: Box::new(incoming) })
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
    use crate::clock::{Clock, SystemClock};

    fn parser() -> InputParser {
        InputParser::new("ptgbot", Network::nearest("stdio"), Arc::default())
    }

    fn incoming(parser: &InputParser, line: &str) -> Incoming {
        match parser.parse(line.as_bytes()) {
            InputLine::Request { incoming, .. } => *incoming,
            InputLine::Fault(text) => panic!("{text}"),
        }
    }

    fn fault(line: &[u8]) -> String {
        match parser().parse(line) {
            InputLine::Fault(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_example_of_the_specification_is_read() {
        let line = r##"{"id":"1","room":"#ptg","from":"jane","name":"Jane","role":"op","text":"#swift now ring placement","at":"2026-10-19T14:05:00Z"}"##;
        let Incoming { id, request, .. } = incoming(&parser(), line);
        assert_eq!(id.as_deref(), Some("1"));
        let from = request.from.as_ref().expect("a person");
        assert_eq!((from.id.key(), from.name.as_str()), ("jane", "Jane"));
        assert_eq!((request.role, request.place.room()), (Role::Op, Some("#ptg")));
        assert_eq!(request.at.to_rfc3339(), "2026-10-19T14:05:00+00:00");
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let request = incoming(&parser(), r#"{"from":"Jane","text":"help","colour":[1]}"#).request;
        assert_eq!((request.role, request.place.room()), (Role::Member, None));
        assert!((SystemClock.now() - request.at).num_seconds() < 60);
    }

    #[test]
    fn a_line_without_a_time_happens_at_the_last_tick() {
        let parser = parser();
        let tick = incoming(&parser, r#"{"id":"x","tick":"2026-10-19T14:10:00Z"}"#);
        assert_eq!((tick.id, tick.request.ask), (None, Ask::Tick));
        let request = incoming(&parser, r#"{"from":"jane","text":"help"}"#).request;
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
