//! Text for XML 1.0.

use std::fmt::{self, Display, Write};

/// Text without the characters that XML cannot hold in any form. Escaping stays the business of whoever prints it.
pub(crate) struct Xml<T>(pub(crate) T);

impl<T: Display> Display for Xml<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Legal(f), "{}", self.0)
    }
}

struct Legal<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Legal<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let illegal = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
        text.split(illegal).try_for_each(|legal| self.0.write_str(legal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_dropped() {
        assert_eq!(Xml("a\u{0}b\u{1b}\u{85}c\u{fffe}\n<é>").to_string(), "abc<é>");
    }
}
