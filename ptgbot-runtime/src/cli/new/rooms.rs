//! The rooms of an event, by name.

use std::collections::HashSet;

/// Reads names with commas between them.
pub(super) fn read(answer: &str) -> Result<Vec<String>, String> {
    let words = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ");
    let names: Vec<String> = answer.split([',', ';']).map(words).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err("an event needs a room, and be it a virtual one".into());
    }
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(name.to_lowercase())) {
        Some(twice) => Err(format!("{} stands there twice", twice.chars().take(40).collect::<String>())),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_commas_between_them_and_differ() {
        assert_eq!(read(" Ballroom  A, Pike's Peak,"), Ok(vec!["Ballroom A".to_owned(), "Pike's Peak".to_owned()]));
        assert!(read(" , ").is_err_and(|reason| reason.contains("needs a room")));
        assert!(read("Hall, hall").is_err_and(|reason| reason.contains("hall stands there twice")));
    }
}
