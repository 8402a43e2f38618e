//! The line of a configuration that a fault is about, as compilers show it, without what may be a secret.

use std::ops::Range;

/// What of a line may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The name before the equals sign: nobody knows what stands behind it.
    Name,
    /// All of it, for it is a setting of ours, and none of these is a secret: but for an address with a password in it.
    All,
}

/// The line with its number, and marks under the bytes that are meant:
///
/// ```text
///   3 | chanel = …
///     | ^^^^^^
/// ```
pub(super) fn excerpt(text: &str, meant: Range<usize>, shown: Shown) -> String {
    let start = meant.start.min(text.len());
    let Some((before, after)) = text.split_at_checked(start) else { return String::new() };
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let end = start + after.find('\n').unwrap_or(after.len());
    let line = text[begin..end].trim_end();
    let visible = match (line.find('='), shown) {
        (_, Shown::All) if !(line.contains("://") && line.contains('@')) => line.len(),
        (Some(equals), _) => equals + 1,
        (None, _) if line.trim_start().starts_with('[') => line.len(),
        (None, _) => 0,
    };
    let (seen, hidden) = line.split_at(visible);
    let rest = if hidden.trim().is_empty() { "" } else { " …" };
    let mark_at = start - begin;
    let (column, width) = if mark_at <= visible && rest.is_empty() || mark_at < visible {
        let marked = text.get(start..meant.end.clamp(start, begin + visible.max(mark_at))).unwrap_or_default();
        (seen.get(..mark_at.min(seen.len())).map_or(0, width_of), marked.chars().count().max(1))
    } else {
        (width_of(seen) + 1, 1)
    };
    let number = (1 + before.matches('\n').count()).to_string();
    let margin = " ".repeat(number.len());
    format!(
        "  {number} | {}{rest}\n  {margin} | {}{}\n",
        seen.replace('\t', " "),
        " ".repeat(column),
        "^".repeat(width)
    )
}

fn width_of(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, meant: &str, shown: Shown) -> String {
        let start = text.find(meant).expect("it is there");
        excerpt(text, start..start + meant.len(), shown)
    }

    #[test]
    fn the_line_and_what_is_meant_are_shown() {
        let text = "store = 'memory:'\n[irc]\nport = \"ä\" # the port\n";
        assert_eq!(shown(text, "\"ä\"", Shown::All), "  3 | port = \"ä\" # the port\n    |        ^^^\n");
        assert_eq!(shown(text, "[irc]", Shown::Name), "  2 | [irc]\n    | ^^^^^\n");
        assert_eq!(shown("a = [\n  1,\n]\n", "1", Shown::All), "  2 |   1,\n    |   ^\n");
    }

    #[test]
    fn what_may_be_a_secret_is_not() {
        let text = "\n  pasword = 'sesame'\n";
        assert_eq!(shown(text, "pasword", Shown::Name), "  2 |   pasword = …\n    |   ^^^^^^^\n");
        assert_eq!(shown(text, "ame'", Shown::Name), "  2 |   pasword = …\n    |             ^\n");
        let address = "store = 'postgres://bot:sesame@db/x'\n";
        assert_eq!(shown(address, "'postgres", Shown::All), "  1 | store = …\n    |         ^\n");
        assert_eq!(shown("a = '''\nsesame'''\n", "sesame", Shown::Name), "  2 |  …\n    |  ^\n");
    }

    #[test]
    fn the_end_of_the_text_is_a_place_too() {
        assert_eq!(excerpt("a =", 3..3, Shown::Name), "  1 | a =\n    |    ^\n");
        assert_eq!(excerpt("", 0..9, Shown::All), "  1 | \n    | ^\n");
    }
}
