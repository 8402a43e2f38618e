//! One letter for all cases of a letter, so that words can be compared byte by byte.
//!
//! The engine's own tables decide (Unicode simple case folding), so what folds alike here is exactly what it takes for the
//! same letter: `K`, `k` and the Kelvin sign, `S`, `s` and `ſ`, the three sigmas; but not `ß` and `ss`.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// The letter that stands for all cases of `c`; ASCII letters become lower case.
pub(super) fn fold(c: char) -> char {
    match c {
        '\0'..='\x7F' => return c.to_ascii_lowercase(),
        'ſ' => return 's',
        '\u{212A}' => return 'k',
        _ => {}
    }
    let cases = cases(c);
    let first = cases.ranges().first().map_or(c, ClassUnicodeRange::start);
    first.to_ascii_lowercase()
}

/// How many characters are the same letter as `c`, itself included.
pub(super) fn case_count(c: char) -> usize {
    if c.is_ascii() {
        return match c.to_ascii_lowercase() {
            'k' | 's' => 3,
            'a'..='z' => 2,
            _ => 1,
        };
    }
    cases(c).ranges().iter().map(ClassUnicodeRange::len).sum()
}

/// Writes `text` folded into `folded`, whose old content goes.
pub(super) fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(text.chars().map(fold));
    }
}

/// [`fold_into`] a new string.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

fn cases(c: char) -> ClassUnicode {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    class.case_fold_simple();
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_a_letter_folds_alike() {
        assert_eq!(folded("NoVa"), "nova");
        assert_eq!(folded("\u{212A}ſK"), "ksk");
        assert_eq!(folded("ΣσςÄЖ"), folded("σΣΣäж"));
        assert_ne!(folded("ß"), folded("ss"));
        assert_eq!(folded("ẞ"), folded("ß"));
    }

    #[test]
    fn all_of_unicode_folds_as_the_engine_does() {
        for c in (0..0x2_0000).filter_map(char::from_u32) {
            let cases = cases(c);
            let count: usize = cases.ranges().iter().map(ClassUnicodeRange::len).sum();
            assert_eq!(count, case_count(c), "{c:?}");
            assert_eq!(count, case_count(fold(c)), "{c:?}");
            for range in cases.ranges() {
                for other in range.start()..=range.end() {
                    assert_eq!(fold(other), fold(c), "{other:?} {c:?}");
                }
            }
        }
    }
}
