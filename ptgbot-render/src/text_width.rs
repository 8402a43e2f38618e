//! How wide a text is, about: for pictures, whose letters nobody measures before they are drawn.

/// As much of a text as is not wider than `width` tenths of the letters' size; what is cut ends with an ellipsis. `None`
/// where there is no room for two letters.
pub(crate) fn cut(text: &str, width: i64) -> Option<String> {
    if text.chars().map(char_width).sum::<i64>() <= width {
        return Some(text.to_owned());
    }
    let mut left = width - char_width(ELLIPSIS);
    let fits = |c: &char| {
        left -= char_width(*c);
        left >= 0
    };
    let cut: String = text.chars().take_while(fits).collect();
    let cut = cut.trim_end();
    (cut.chars().count() >= 2).then(|| format!("{cut}{ELLIPSIS}"))
}

/// In tenths of the letters' size, rather too much than too little, for a usual font without serifs.
fn char_width(c: char) -> i64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 3,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 10,
        'A'..='Z' | '#' | '&' | '+' | '<' | '>' | '=' | '~' | ELLIPSIS => 8,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => 0,
        // Ideographs, kana, hangul, pictures.
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' => 11,
        '\u{1f000}'.. => 13,
        _ => 7,
    }
}

const ELLIPSIS: char = '\u{2026}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_whole_and_the_rest_ends_with_an_ellipsis() {
        assert_eq!(cut("rings", 100).as_deref(), Some("rings"));
        assert_eq!(cut("ring placement", 40).as_deref(), Some("ring p…"));
        assert_eq!(cut("ring placement", 12), None);
        assert_eq!(cut("会議室の話題", 50).as_deref(), Some("会議室…"));
        assert_eq!(cut("", 0).as_deref(), Some(""));
    }
}
