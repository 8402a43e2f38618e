//! Files that are the same for every board: styles, the script, the picture in the browser's tab.

pub(crate) const STYLE: &str = include_str!("../assets/style.css");
/// The style of the big screen alone, on top of the other.
pub(crate) const WALL: &str = include_str!("../assets/wall.css");
pub(crate) const SCRIPT: &str = include_str!("../assets/board.js");
pub(crate) const ICON: &str = include_str!("../assets/icon.svg");

/// A source file as it is sent to phones: without its indentation and its lines of comment.
pub(crate) fn lean(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//") || (line.starts_with("/*") && line.find("*/") == Some(line.len() - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_indentation_and_lines_of_comment_are_left_out() {
        let source = "/* Why. */\na { b: c; }\n\n  // Why.\n  d(\"// x\"); // e\n/* f */ g /* h */\n";
        assert_eq!(lean(source), "a { b: c; }\nd(\"// x\"); // e\n/* f */ g /* h */\n");
    }

    #[test]
    fn no_comment_or_text_of_the_sources_spans_lines() {
        for source in [STYLE, WALL, SCRIPT] {
            for line in source.lines() {
                assert_eq!(line.matches("/*").count(), line.matches("*/").count(), "{line}");
                assert!(line.matches('`').count() % 2 == 0, "{line}");
            }
        }
    }
}
