//! What the forms have no place for, in the words of the data file: `ptgbot import` makes the same board of it again.
//! Conference apps pass over it.

use crate::site::Site;
use ptgbot_core::data_file;
use serde_json::{Map, Value};

/// The event's short name, all slots with their names, and all rooms with the slots that are free.
pub(super) fn board_data(site: &Site) -> Value {
    let Value::Object(mut data) = data_file::public(site.board, site.at) else { return Value::Null };
    let kept = ["eventid", "slots", "schedule"].into_iter();
    kept.filter_map(|key| Some((key.to_owned(), data.remove(key)?))).collect::<Map<_, _>>().into()
}

/// The same inside a processing instruction of XML, which `?>` ends. No letter of it is markup anywhere, and every quote
/// is one of JSON's own.
pub(super) fn as_instruction(data: &Value) -> String {
    let json = data.to_string();
    let mut text = String::with_capacity(json.len());
    let mut letters = json.chars();
    while let Some(c) = letters.next() {
        match c {
            '\\' => match letters.next() {
                Some('"') => text.push_str("\\u0022"),
                escaped => text.extend(['\\'].into_iter().chain(escaped)),
            },
            '<' | '>' | '&' | '\'' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_instruction_says_the_same_and_ends_nowhere_else() {
        let data = json!({"a?>b": "<é\u{fffe}\u{85}\r\n\">", "'&": "\\\"\\x"});
        let said = as_instruction(&data);
        assert_eq!(serde_json::from_str::<Value>(&said).ok(), Some(data));
        let is_markup = |c: char| matches!(c, '<' | '>' | '&' | '\'' | '\u{fffe}') || c.is_control();
        assert!(!said.contains(is_markup) && !said.contains("\\\""), "{said}");
    }
}
