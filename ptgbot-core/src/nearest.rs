//! Did you mean …? The nearest known name to a misspelt one (SPEC section 2).

/// The known name nearest to `typed`, if one is near: one edit for a word under five letters, else two. An
/// edit is a letter more, less, or different, or a swap of neighbours. Of equally near names the first wins.
pub(crate) fn nearest<'a, T: AsRef<str> + ?Sized>(
    typed: &str,
    known: impl IntoIterator<Item = &'a T>,
) -> Option<&'a T> {
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    if typed.is_empty() || typed.len() > MAX_LEN {
        return None;
    }
    let limit = if typed.len() < 5 { 1 } else { 2 };
    let mut best: Option<(usize, &T)> = None;
    for name in known {
        let letters: Vec<char> = name.as_ref().to_lowercase().chars().collect();
        if letters.len().abs_diff(typed.len()) > limit {
            continue;
        }
        let distance = edits(&typed, &letters);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Longer words are no misspelt names; keeps odd input cheap.
const MAX_LEN: usize = 200;

/// Optimal string alignment distance.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

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
