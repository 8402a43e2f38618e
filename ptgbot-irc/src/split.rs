//! Cutting long messages: a relayed line has 512 bytes with everything around it.

/// How much room our lines have; learnt from the server, the worst case until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Bytes of the `nick!user@host` that the server puts in front of what we say.
    pub(crate) source: usize,
}

impl Room {
    /// Bytes left for the text of a message to a target.
    pub(crate) fn for_text(&self, target: &str) -> usize {
        let around = 1 + self.source + " PRIVMSG ".len() + target.len() + " :".len() + "\r\n".len();
        LINE.saturating_sub(around).max(LEAST)
    }
}

/// The lines of a message, each cut at word boundaries into pieces of at most `most` bytes, the first one behind
/// `address`. Control characters do not pass; a character is never cut.
pub(crate) fn pieces(text: &str, address: &str, most: usize) -> Vec<String> {
    let address = one_line(address);
    let mut pieces: Vec<String> = Vec::new();
    for line in text.split(['\n', '\r']).map(one_line) {
        let mut rest = line.trim_end();
        while !rest.trim().is_empty() {
            let first = if pieces.is_empty() { address.as_str() } else { "" };
            let (piece, after) = cut(rest, most.saturating_sub(first.len()).max(LEAST / 2));
            pieces.push(format!("{first}{piece}"));
            rest = after.trim_start();
        }
    }
    pieces
}

/// The text without anything that could end a line or command a client.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}

/// The longest beginning that fits, up to a blank if there is one in its later half.
fn cut(text: &str, most: usize) -> (&str, &str) {
    if text.len() <= most {
        return (text, "");
    }
    // A blank right behind the limit is a word boundary, too.
    let end = text.floor_char_boundary(most);
    let whole_words = match text[end..].starts_with(' ') {
        true => Some(end),
        false => text[..end].rfind(' ').filter(|at| *at >= end / 2),
    };
    let (piece, rest) = text.split_at(whole_words.unwrap_or(end));
    (piece.trim_end(), rest)
}

const LINE: usize = 512;
/// However long names are: a few words must fit, or a message would never end.
const LEAST: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_relayed_line_fills_512_bytes_and_no_more() {
        let source = "ptgbot!~ptgbot@host.example.org";
        let room = Room { source: source.len() };
        let text = "x".repeat(room.for_text("#ptg"));
        assert_eq!(format!(":{source} PRIVMSG #ptg :{text}\r\n").len(), 512);
    }

    #[test]
    fn words_stay_whole_and_the_address_comes_once() {
        assert_eq!(pieces("one two three four", "jane: ", 70), ["jane: one two three four"]);
        let text = "word ".repeat(40);
        let pieces = pieces(&text, "jane: ", 80);
        assert!(pieces[0].starts_with("jane: word ") && !pieces[1].starts_with("jane"));
        assert!(pieces.iter().all(|p| p.len() <= 80 && p.ends_with("word")), "{pieces:?}");
    }

    #[test]
    fn each_line_is_a_message() {
        assert_eq!(pieces("a\n\nb\r\nc", "", 100), ["a", "b", "c"]);
        assert_eq!(pieces(" \n", "jane: ", 100), Vec::<String>::new());
    }

    #[test]
    fn nothing_can_end_the_line() {
        assert_eq!(pieces("a\u{0}b\u{1}c\u{85}d\te", "j\r\nQUIT", 100), ["jQUITabcd e"]);
    }

    proptest! {
        #[test]
        fn no_piece_is_too_long_and_no_word_is_lost(text in "(\\PC| |ß|😀|\n){0,400}", most in 64usize..200) {
            let pieces = pieces(&text, "", most);
            prop_assert!(pieces.iter().all(|p| p.len() <= most && !p.is_empty()));
            let bare = |t: &str| t.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>();
            prop_assert_eq!(bare(&pieces.concat()), bare(&text));
        }
    }
}
