//! The law of the index: it finds whom trying each pattern in turn would find.

use super::{PatternCache, SubscriptionIndex};
use proptest::prelude::*;
use regex::{Regex, RegexBuilder};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_whom_each_pattern_in_turn_finds(
        patterns in prop::collection::vec(pattern(), 1..24),
        changes in prop::collection::vec((0usize..24, prop::option::of(pattern())), 0..12),
        texts in prop::collection::vec(text(), 1..8),
    ) {
        let mut people: Vec<Option<Regex>> = patterns.iter().map(|pattern| compiled(pattern)).collect();
        let mut cache = PatternCache::default();
        let mut index: SubscriptionIndex<usize> = patterns.iter().enumerate().collect();
        let mut changes = changes.into_iter();
        for text in texts {
            prop_assert_eq!(index.matching_with(&mut cache, &text), in_turn(&people, &text), "{:?} in {:?}", people, text);
            for (who, new) in changes.by_ref().take(3) {
                match &new {
                    Some(new) => index.insert(who, new),
                    None => index.remove(&who),
                }
                people.resize(people.len().max(who + 1), None);
                people[who] = new.and_then(|new| compiled(&new));
            }
            prop_assert_eq!(index.len(), people.iter().flatten().count());
            prop_assert_eq!(index.matching_with(&mut cache, &text), in_turn(&people, &text), "{:?} in {:?}", people, text);
        }
    }

    #[test]
    fn any_text_as_a_pattern_is_harmless(pattern in "\\PC{0,40}|[a-z(\\[{|)*+?\\\\]{0,30}", text in text()) {
        let index: SubscriptionIndex<usize> = [(0, &pattern)].into_iter().collect();
        let found = in_turn(&[compiled(&pattern)], &text);
        prop_assert_eq!(&index.matching(&text), &found);
        let checked = super::Pattern::parse(&pattern);
        prop_assert_eq!(checked.is_ok_and(|checked| checked.matches(&text)), !found.is_empty());
    }
}

fn in_turn(people: &[Option<Regex>], text: &str) -> Vec<usize> {
    (0..people.len()).filter(|&who| people[who].as_ref().is_some_and(|regex| regex.is_match(text))).collect()
}

fn compiled(pattern: &str) -> Option<Regex> {
    super::Pattern::parse(pattern).ok()?;
    let regex = RegexBuilder::new(pattern).case_insensitive(true).build();
    Some(regex.expect("what is accepted is a pattern to the plain engine too"))
}

/// Patterns over few letters, so that texts often match; some cannot be read.
fn pattern() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        6 => "[abkKsS12# ]",
        1 => "[ſßẞσςΣéÉ\u{212A}]",
    ];
    let word = prop::collection::vec(letter, 1..4).prop_map(|letters| letters.concat());
    let long = "[ab]{20,30}";
    let special = prop::sample::select(vec![
        ".",
        ".*",
        ".*?",
        ".+",
        r"\d",
        r"\w+",
        r"\s*",
        r"\b",
        "^",
        "$",
        "[ab]",
        "[^a]",
        "[a-k]",
        r"[ks\d]",
        r"\B",
        "(?m:^)",
        "(?-u:[a-z])",
        r"(?-u:\b)",
        "(?-i)",
        "(?-i:k)",
        "(?i:K)",
        "(?x)",
        "(?s).",
        "(?s:.*)",
        "\\n",
        "[a&&b]",
        r"\pL",
        "(",
        "[[:alpha:]]",
    ]);
    let leaf = prop_oneof![6 => word, 1 => long, 3 => special.prop_map(str::to_owned)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.concat()),
            3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join("|")),
            2 => inner.clone().prop_map(|part| format!("({part})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}.*{b}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})?")),
            1 => (inner, prop::sample::select(vec!["*", "+", "?", "{2}", "{1,3}", "{0,2}", "+?", "{2,}"]))
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[abkKsS12# ]{0,12}",
        3 => "[abkKsS12# ſßẞσςΣéÉ\u{212A}]{0,12}",
        2 => "[AaBb]{20,40}",
        1 => "[abs1# \n]{0,12}",
        1 => "\\PC{0,10}",
    ]
}
