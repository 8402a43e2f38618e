//! Our own look at a calendar's bytes.

use serde_json::{Map, Value};

/// A calendar's content lines, unfolded, after a look at every byte.
pub(crate) struct Lines(Vec<(String, String)>);

impl Lines {
    /// RFC 5545, sections 3.1 and 3.4 to 3.6.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        assert!(bytes.ends_with(b"\r\n"), "the last line has no end");
        let mut unfolded: Vec<String> = Vec::new();
        for line in
            bytes[..bytes.len() - 2].split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        {
            assert!(line.len() <= 75, "{} octets: {}", line.len(), String::from_utf8_lossy(line));
            let text = std::str::from_utf8(line).expect("no line is cut inside a character");
            assert!(!text.contains(char::is_control), "a control character in {text:?}");
            match text.strip_prefix(' ') {
                Some(rest) => unfolded.last_mut().expect("a line to go on").push_str(rest),
                None => unfolded.push(text.to_owned()),
            }
        }
        let feeds = bytes.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(bytes.windows(2).filter(|two| two == b"\r\n").count(), feeds, "a line ends without CR");
        let split = |line: String| line.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let lines = Self(unfolded.into_iter().map(|line| split(line).expect("a name and a value")).collect());
        lines.check_components();
        lines
    }

    /// Components are nested and closed, and have what they must have, once.
    fn check_components(&self) {
        let mut open: Vec<(&str, Map<String, Value>)> = Vec::new();
        for (name, value) in &self.0 {
            let name = name.split(';').next().expect("a name");
            assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '-'), "a name: {name}");
            match name {
                "BEGIN" => open.push((value, Map::new())),
                "END" => {
                    let (component, has) = open.pop().expect("something is open");
                    assert_eq!(component, value);
                    let must: &[&str] = match component {
                        "VCALENDAR" => {
                            &["VERSION", "PRODID", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"]
                        }
                        "VEVENT" => &[
                            "UID",
                            "DTSTAMP",
                            "LAST-MODIFIED",
                            "SEQUENCE",
                            "DTSTART",
                            "DTEND",
                            "SUMMARY",
                            "LOCATION",
                            "STATUS",
                            "CATEGORIES",
                        ],
                        other => panic!("a {other}"),
                    };
                    assert!(must.iter().all(|name| has.contains_key(*name)), "a {component} with {has:?}");
                }
                _ => {
                    let (_, has) = open.last_mut().expect("a property stands in a component");
                    assert_eq!(has.insert(name.to_owned(), value.as_str().into()), None, "{name} twice");
                }
            }
        }
        assert!(open.is_empty());
        assert_eq!(self.0.first().map(|(_, value)| value.as_str()), Some("VCALENDAR"));
    }

    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }
}
