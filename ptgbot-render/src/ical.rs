//! Writing iCalendar (RFC 5545): content lines that stay what they are, whatever stands in them.

use std::fmt::{self, Display, Write};

/// A calendar being written. Lines end in CRLF and are folded at 75 octets, never inside a character.
#[derive(Debug, Default)]
pub(crate) struct Ical {
    out: String,
    line: String,
}

impl Ical {
    /// Opens a component.
    pub(crate) fn begin(&mut self, component: &str) {
        self.raw("BEGIN", component);
    }

    /// Closes it.
    pub(crate) fn end(&mut self, component: &str) {
        self.raw("END", component);
    }

    /// A property whose value is of a strict form of its own: a time, a number, a keyword, an address.
    pub(crate) fn raw(&mut self, name: &str, value: impl Display) {
        self.property(name, format_args!("{value}"));
    }

    /// A property of type TEXT (section 3.3.11): anything may be in it.
    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        self.property(name, format_args!("{}", Escaped(&value)));
    }

    /// The finished calendar.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn property(&mut self, name: &str, value: fmt::Arguments) {
        self.line.clear();
        // Writing to a string cannot fail.
        let _ = write!(Clean(&mut self.line), "{name}:{value}");
        fold(&mut self.out, &self.line);
    }
}

/// Section 3.1: a long line goes on after CRLF and a blank, which counts in the next line's 75 octets.
fn fold(out: &mut String, mut line: &str) {
    let mut room = MAX_OCTETS;
    while line.len() > room {
        let mut cut = room;
        while !line.is_char_boundary(cut) {
            cut -= 1;
        }
        out.push_str(&line[..cut]);
        out.push_str("\r\n ");
        line = &line[cut..];
        room = MAX_OCTETS - 1;
    }
    out.push_str(line);
    out.push_str("\r\n");
}

/// The last gate: no control character gets through. Line separators too are blanks, because some readers cut
/// lines at them.
struct Clean<'a>(&'a mut String);

impl Write for Clean<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            self.0.push_str(text);
            return Ok(());
        }
        for c in text.chars() {
            match c {
                '\u{2028}' | '\u{2029}' => self.0.push(' '),
                c if c.is_control() => {}
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

/// A TEXT value: backslash, semicolon, comma and newline escaped.
struct Escaped<'a, T>(&'a T);

impl<T: Display> Display for Escaped<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaper(f), "{}", self.0)
    }
}

struct Escaper<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaper<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(place) = rest.find(['\\', ';', ',', '\n']) {
            let (plain, special) = rest.split_at(place);
            self.0.write_str(plain)?;
            // All four are one byte long.
            let (special, after) = special.split_at(1);
            self.0.write_str("\\")?;
            self.0.write_str(if special == "\n" { "n" } else { special })?;
            rest = after;
        }
        self.0.write_str(rest)
    }
}

const MAX_OCTETS: usize = 75;

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, value: &str) -> String {
        let mut ical = Ical::default();
        ical.text(name, value);
        ical.finish()
    }

    #[test]
    fn text_cannot_leave_its_line() {
        assert_eq!(line("X", "a;b,c\\d\r\nEND:VEVENT\u{0}\u{2028}e"), "X:a\\;b\\,c\\\\d\\nEND:VEVENT e\r\n");
    }

    #[test]
    fn lines_fold_at_75_octets_between_characters() {
        for text in ["x".repeat(300), "é".repeat(150), "日本語".repeat(60), "👩‍🚀".repeat(40)] {
            let folded = line("SUMMARY", &text);
            assert!(folded.split("\r\n").all(|line| line.len() <= 75), "{folded}");
            assert_eq!(folded.replace("\r\n ", ""), format!("SUMMARY:{text}\r\n"));
        }
        assert_eq!(line("X", &"y".repeat(73)).matches("\r\n").count(), 1);
        assert_eq!(line("X", &"y".repeat(74)).matches("\r\n").count(), 2);
    }
}
