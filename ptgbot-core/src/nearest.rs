//! Did you mean …? The nearest known name to a misspelt one.

use strsim::osa_distance;

/// The known name nearest to `typed`, if one is near: one edit for a word under five letters, else two. An
/// edit is a letter more, less, or different, or a swap of neighbours. Of equally near names the first wins.
///
/// ```
/// assert_eq!(ptgbot_core::nearest("swfit", ["nova", "swift"]), Some("swift"));
/// ```
pub fn nearest<'a, T: AsRef<str> + ?Sized>(typed: &str, known: impl IntoIterator<Item = &'a T>) -> Option<&'a T> {
    let typed = typed.to_lowercase();
    let length = typed.chars().count();
    if length == 0 || length > MAX_LEN {
        return None;
    }
    let limit = if length < 5 { 1 } else { 2 };
    let near = known.into_iter().filter_map(|name| {
        let letters = name.as_ref().to_lowercase();
        let distance = (letters.chars().count().abs_diff(length) <= limit).then(|| osa_distance(&typed, &letters))?;
        (distance <= limit).then_some((distance, name))
    });
    near.min_by_key(|&(distance, _)| distance).map(|(_, name)| name)
}

/// Longer words are no misspelt names; keeps odd input cheap.
const MAX_LEN: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_one_edit_in_short_words_and_two_in_longer_ones() {
        let known = ["swift", "nova", "ironic"];
        assert_eq!(nearest("swfit", known), Some("swift"));
        assert_eq!(nearest("swwiftt", known), Some("swift"));
        assert_eq!(nearest("nvoa", known), Some("nova"));
        assert_eq!(nearest("nvo", known), None);
        assert_eq!(nearest("swabbed", known), None);
        assert_eq!(nearest("ISH", ["list"]), None);
    }

    #[test]
    fn the_nearest_wins_and_then_the_first() {
        assert_eq!(nearest("swiff", ["swifts", "swift"]), Some("swift"));
        assert_eq!(nearest("cat", ["bat", "rat"]), Some("bat"));
    }
}
