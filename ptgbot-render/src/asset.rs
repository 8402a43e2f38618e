//! Files that are the same for every board: styles, the script, the picture in the browser's tab.

pub(crate) const STYLE: &str = include_str!("../assets/style.css");
pub(crate) const SCRIPT: &str = include_str!("../assets/board.js");
/// Style and script that only the big screen needs, on top of the others: phones do not load them.
pub(crate) const WALL_STYLE: &str = include_str!("../assets/wall.css");
pub(crate) const WALL_SCRIPT: &str = include_str!("../assets/wall.js");
pub(crate) const ICON: &str = include_str!("../assets/icon.svg");

/// A style sheet as it is sent to phones: [`lean`], and without the blanks that only people need. No text in our
/// sheets holds one of these pairs.
pub(crate) fn lean_style(source: &str) -> String {
    let lean = lean(source);
    BLANKS.iter().fold(lean, |style, (blank, bare)| style.replace(blank, bare))
}

/// A source file as it is sent: without its indentation and its lines of comment.
pub(crate) fn lean(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//") || (line.starts_with("/*") && line.find("*/") == Some(line.len() - 2))
}

const BLANKS: [(&str, &str); 8] =
    [(" {", "{"), ("{ ", "{"), ("; }", "}"), (";\n}", "}"), (": ", ":"), ("; ", ";"), (", ", ","), ("} }", "}}")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_indentation_and_lines_of_comment_are_left_out() {
        let source = "/* Why. */\na { b: c; }\n\n  // Why.\n  d(\"// x\"); // e\n/* f */ g /* h */\n";
        assert_eq!(lean(source), "a { b: c; }\nd(\"// x\"); // e\n/* f */ g /* h */\n");
    }

    #[test]
    fn a_style_loses_only_blanks_around_signs() {
        let source = "a :hover, b {\n  c: 1px calc(1% - 2px);\n  content: \"d \";\n}\n@media (e: 1) { f { g: h; } }\n";
        assert_eq!(lean_style(source), "a :hover,b{\nc:1px calc(1% - 2px);\ncontent:\"d \"}\n@media (e:1){f{g:h}}\n");
    }

    #[test]
    fn no_text_of_a_style_holds_what_is_made_lean() {
        for text in [STYLE, WALL_STYLE].into_iter().flat_map(|style| style.split('"').skip(1).step_by(2)) {
            assert_eq!(lean_style(text).trim_end(), text.trim(), "{text}");
        }
    }

    #[test]
    fn no_comment_or_text_of_the_sources_spans_lines() {
        for source in [STYLE, SCRIPT, WALL_STYLE, WALL_SCRIPT] {
            for line in source.lines() {
                assert_eq!(line.matches("/*").count(), line.matches("*/").count(), "{line}");
                assert!(line.matches('`').count() % 2 == 0, "{line}");
            }
        }
    }
}
