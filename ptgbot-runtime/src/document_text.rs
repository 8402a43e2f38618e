//! A data document as text: JSON in which no key stands twice, as nobody could say which of the two is meant.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Reads a document, which may begin with a byte order mark.
///
/// # Errors
/// With line and column: it is no JSON, or says something twice.
pub(crate) fn read_document(text: &[u8]) -> Result<Value, serde_json::Error> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text).map(|Once(value)| value)
}

/// A value whose objects have each key once.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        std::iter::from_fn(|| items.next_element().map(|item| item.map(|Once(item)| item)).transpose()).collect()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                let shown: String = key.chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect();
                return Err(A::Error::custom(format_args!("the key {shown:?} stands twice in one object")));
            }
            let Once(value) = entries.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

/// How much of a key is shown.
const MAX_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_json_says() {
        let text = br#"{"a": [1, -2, 2.5, null, true, "x", {}], "b": {"a": 18446744073709551615, "z": "", "c": []}}"#;
        assert_eq!(read_document(text).expect("JSON"), serde_json::from_slice::<Value>(text).expect("JSON"));
        assert_eq!(read_document("\u{feff}{}".as_bytes()).expect("JSON"), Value::Object(Map::new()));
        assert!(read_document(b"{\"a\": 1,}").is_err());
        assert!(read_document("[".repeat(100_000).as_bytes()).expect_err("too deep").to_string().contains("recursion"));
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_its_place() {
        let error = read_document(b"{\"now\": {},\n \"now\": {}}").expect_err("twice").to_string();
        assert_eq!(error, "the key \"now\" stands twice in one object at line 2 column 6");
        let error = read_document(b"{\"a\": [{\"b\": 1, \"b\": 1}]}").expect_err("twice").to_string();
        assert!(error.starts_with("the key \"b\" stands twice"), "{error}");
        assert!(read_document(b"[{\"b\": 1}, {\"b\": 1}]").is_ok());
    }
}
