//! What a person typed, made fit to be stored and shown.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Words for the page: a topic, a message, a place.
///
/// Runs of blanks are one blank, there is none at either end, and no control character survives, so a
/// `Text` fits on one line of any protocol. Escaping stays the business of whoever prints it. Bidirectional
/// controls are kept: a right-to-left topic needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Text(String);

impl Text {
    /// Cleans `raw`; never fails, but the result may be empty.
    ///
    /// ```
    /// use ptgbot_core::Text;
    /// assert_eq!(Text::new("  ring \t placement\r\n").as_str(), "ring placement");
    /// ```
    pub fn new(raw: &str) -> Self {
        Self(clean(raw))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when nothing visible was typed.
    ///
    /// ```
    /// use ptgbot_core::Text;
    /// assert!(Text::new(" \u{200b}\u{202e} ").is_empty() && !Text::new("\u{202e}ring").is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        let takes_no_room = |c| matches!(c, ' ' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
        self.0.chars().all(|c| takes_no_room(c) || is_bidi_control(c) || is_invisible(c))
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of running text: blanks folded, control characters dropped.
///
/// ```
/// assert_eq!(ptgbot_core::clean(" ring \u{7} placement\r\n"), "ring placement");
/// ```
pub fn clean(raw: &str) -> String {
    fold(raw, |c| c.is_control())
}

/// A name (of a person, a place, a room): like [`clean`], and bidirectional controls are dropped too, so that
/// a name can never turn the line around it.
///
/// ```
/// assert_eq!(ptgbot_core::clean_name("jane\u{202e}"), "jane");
/// ```
pub fn clean_name(raw: &str) -> String {
    fold(raw, |c| c.is_control() || is_bidi_control(c))
}

/// Text that somebody typed, between other words: where it holds controls of its direction they end with it
/// (UAX #9, sections 2.4 and 2.5: an isolate is closed by its own POP DIRECTIONAL ISOLATE).
///
/// ```
/// assert_eq!(ptgbot_core::isolated("rings"), "rings");
/// assert_eq!(ptgbot_core::isolated("a\u{202e}b"), "\u{2068}a\u{202e}b\u{2069}");
/// ```
pub fn isolated(typed: &str) -> Cow<'_, str> {
    if !typed.contains(is_bidi_control) {
        return Cow::Borrowed(typed);
    }
    let mut out = String::with_capacity(typed.len() + 6);
    let mut open = 0_usize;
    out.push(FIRST_STRONG_ISOLATE);
    for c in typed.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => open += 1,
            POP_ISOLATE if open == 0 => continue,
            POP_ISOLATE => open -= 1,
            _ => {}
        }
        out.push(c);
    }
    out.extend(std::iter::repeat_n(POP_ISOLATE, open + 1));
    Cow::Owned(out)
}

fn fold(raw: &str, unwanted: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut gap = false;
    for c in raw.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !unwanted(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// The characters that change the direction of the text around them (UAX #9, section 2).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// True for letters that take no room: a name with one looks like a name without it.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'
            | '\u{2060}'..='\u{2064}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_fold_and_controls_vanish() {
        assert_eq!(clean(" a \u{a0}\t b\u{0}\u{7}c \n"), "a bc");
        assert_eq!(clean("\u{1}\u{2}"), "");
    }

    #[test]
    fn a_control_character_between_blanks_leaves_one_blank() {
        assert_eq!(clean("a \u{2} b"), "a b");
    }

    #[test]
    fn what_was_typed_closes_all_it_opened_and_nothing_else() {
        assert_eq!(isolated("a\u{2067}b"), "\u{2068}a\u{2067}b\u{2069}\u{2069}");
        assert_eq!(isolated("a\u{2069}\u{202e}b"), "\u{2068}a\u{202e}b\u{2069}");
    }

    #[test]
    fn bidi_controls_stay_in_topics_and_leave_names() {
        assert_eq!(clean("a\u{202e}b"), "a\u{202e}b");
        assert_eq!(clean_name("a\u{202e}b\u{2066}"), "ab");
    }
}
