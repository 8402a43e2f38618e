//! What a command prints, against what a document says that it does.

use regex::Regex;

/// Whether lines are those of a document, in which `…` stands for anything in a line, or alone for any lines.
pub(crate) fn is_told(told: &[String], printed: &[String]) -> bool {
    match told.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line.trim() == ANYTHING => {
            (0..=printed.len()).any(|from| is_told(rest, &printed[from..]))
        }
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, more)| is_line(line, first) && is_told(rest, more))
        }
    }
}

/// Whether a line is the one of a document.
pub(crate) fn is_line(told: &str, printed: &str) -> bool {
    let parts: Vec<String> = told.trim_end().split(ANYTHING).map(regex::escape).collect();
    let pattern = Regex::new(&format!("^{}$", parts.join(".*"))).expect("all but the dots is escaped");
    pattern.is_match(printed.trim_end())
}

const ANYTHING: &str = "…";

#[test]
fn dots_stand_for_anything() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let printed = lines("one\ntwo (2)\nthree");
    for told in ["one\ntwo (2)\nthree", "one\n…\nthree", "…", "one\ntwo (…)\n…", "…\nth…"] {
        assert!(is_told(&lines(told), &printed), "{told}");
    }
    for told in ["one", "one\n…\ntwo (2)", "one\ntwo .2.\nthree", ""] {
        assert!(!is_told(&lines(told), &printed), "{told}");
    }
}
