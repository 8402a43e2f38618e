//! What chat clients put around words: colours, bold, a bridge's edit mark.

/// The words of a line without mIRC formatting codes.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            BOLD | ITALIC | UNDERLINE | STRIKE | MONOSPACE | REVERSE | RESET => {}
            COLOR => skip_color(&mut rest, 2, |c| c.is_ascii_digit()),
            HEX_COLOR => skip_color(&mut rest, 6, |c| c.is_ascii_hexdigit()),
            _ => plain.push(c),
        }
    }
    plain
}

/// True for a line that a bridge marks as the new form of an earlier one; the earlier one has been heard already.
pub(crate) fn is_edit(text: &str) -> bool {
    text.starts_with("* ")
}

/// `3`, `3,12`: digits, and a comma only if digits follow.
fn skip_color(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, most: usize, digit: fn(&char) -> bool) {
    let skip = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut n = 0;
        while n < most && rest.next_if(digit).is_some() {
            n += 1;
        }
        n
    };
    if skip(rest) > 0 {
        let mut ahead = rest.clone();
        if ahead.next() == Some(',') && ahead.next().is_some_and(|c| digit(&c)) {
            rest.next();
            skip(rest);
        }
    }
}

const BOLD: char = '\u{02}';
const COLOR: char = '\u{03}';
const HEX_COLOR: char = '\u{04}';
const RESET: char = '\u{0f}';
const MONOSPACE: char = '\u{11}';
const REVERSE: char = '\u{16}';
const ITALIC: char = '\u{1d}';
const STRIKE: char = '\u{1e}';
const UNDERLINE: char = '\u{1f}';

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off_and_words_stay() {
        assert_eq!(plain("\u{03}04,12#swift\u{03} \u{02}now\u{0f} ring"), "#swift now ring");
        assert_eq!(plain("\u{03}3, two"), ", two");
        assert_eq!(plain("\u{04}ff0000red\u{04}"), "red");
        assert_eq!(plain("\u{03}123"), "3");
        assert_eq!(plain("\u{1d}\u{1e}\u{1f}\u{11}\u{16}é"), "é");
    }
}
