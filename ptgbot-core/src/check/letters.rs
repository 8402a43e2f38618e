//! Letters that people cannot tell from others, or cannot type.

/// The name as people will type it, if it holds letters that look like those of a keyboard: typographic signs, and Greek or
/// Cyrillic letters among Latin ones.
pub(super) fn as_typed(name: &str) -> Option<String> {
    let mut typed = String::with_capacity(name.len());
    for word in name.split_inclusive(|c: char| !c.is_alphabetic()) {
        let is_latin = word.chars().any(|c| c.is_ascii_alphabetic());
        typed.extend(
            word.chars().map(|c| look_of_sign(c).or_else(|| look_of_letter(c).filter(|_| is_latin)).unwrap_or(c)),
        );
    }
    (typed != name).then_some(typed)
}

/// The name without signs that no keyboard has, if there are any: pictures, letters of private use, and marks of their own
/// behind plain letters.
pub(super) fn without_signs(name: &str) -> Option<String> {
    let mut before = ' ';
    let is_sign = |before: char, c: char| match c {
        '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => {
            before.is_ascii() || is_picture(before)
        }
        c => is_picture(c),
    };
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        if !is_sign(before, c) {
            plain.push(c);
        }
        before = c;
    }
    (plain != name).then_some(plain)
}

fn is_picture(c: char) -> bool {
    matches!(
        c,
        '\u{2190}'..='\u{2bff}' | '\u{e000}'..='\u{f8ff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{10ffff}'
    )
}

/// What a typographic sign looks like on a keyboard.
fn look_of_sign(c: char) -> Option<char> {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2032}' | '\u{b4}' => Some('\''),
        '\u{201c}' | '\u{201d}' | '\u{201f}' | '\u{2033}' => Some('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => Some('-'),
        '\u{2044}' | '\u{2215}' => Some('/'),
        '\u{2024}' => Some('.'),
        '\u{a789}' | '\u{2236}' => Some(':'),
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32),
        _ => None,
    }
}

/// The Latin letter that a Greek or Cyrillic one looks like.
fn look_of_letter(c: char) -> Option<char> {
    let found = LOOKS.iter().find(|(_, others)| others.contains(c));
    found.map(|(letter, _)| *letter)
}

const LOOKS: [(char, &str); 29] = [
    ('A', "\u{391}\u{410}"),
    ('B', "\u{392}\u{412}"),
    ('C', "\u{421}"),
    ('E', "\u{395}\u{415}"),
    ('H', "\u{397}\u{41d}"),
    ('I', "\u{399}\u{406}"),
    ('J', "\u{408}"),
    ('K', "\u{39a}\u{41a}"),
    ('M', "\u{39c}\u{41c}"),
    ('N', "\u{39d}"),
    ('O', "\u{39f}\u{41e}"),
    ('P', "\u{3a1}\u{420}"),
    ('S', "\u{405}"),
    ('T', "\u{3a4}\u{422}"),
    ('X', "\u{3a7}\u{425}"),
    ('Y', "\u{3a5}\u{423}"),
    ('Z', "\u{396}"),
    ('a', "\u{3b1}\u{430}"),
    ('c', "\u{441}"),
    ('e', "\u{435}"),
    ('i', "\u{3b9}\u{456}"),
    ('j', "\u{458}"),
    ('o', "\u{3bf}\u{43e}"),
    ('p', "\u{3c1}\u{440}"),
    ('s', "\u{455}"),
    ('v', "\u{3bd}"),
    ('x', "\u{3c7}\u{445}"),
    ('y', "\u{443}"),
    ('u', "\u{3c5}"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_invisible;

    #[test]
    fn what_looks_like_a_keyboards_letters_is_written_with_them() {
        assert_eq!(as_typed("Pike\u{2019}s Peak").as_deref(), Some("Pike's Peak"));
        assert_eq!(as_typed("\u{412}allroom 1\u{2013}2").as_deref(), Some("Ballroom 1-2"));
        assert_eq!(as_typed("\u{ff21}\u{ff11}").as_deref(), Some("A1"));
    }

    #[test]
    fn names_in_other_scripts_are_names() {
        for name in [
            "\u{417}\u{430}\u{43b} A",
            "\u{391}\u{3b8}\u{3ae}\u{3bd}\u{3b1}",
            "Caf\u{e9}",
            "\u{4f1a}\u{8b70}\u{5ba4} 3",
            "Pike's Peak",
        ] {
            assert_eq!((as_typed(name), without_signs(name)), (None, None), "{name}");
            assert!(!name.contains(is_invisible), "{name}");
        }
    }

    #[test]
    fn pictures_and_loose_marks_are_left_out() {
        assert_eq!(without_signs("Room \u{2605}").as_deref(), Some("Room "));
        assert_eq!(without_signs("Cafe\u{301}").as_deref(), Some("Cafe"));
        assert_eq!(without_signs("\u{2764}\u{fe0f}x").as_deref(), Some("x"));
    }
}
