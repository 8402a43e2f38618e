//! Whatever a data file holds, it is read to its end, and what is found says where and what to do.

use crate::play::{self, Play, Step, What};
use proptest::prelude::*;
use ptgbot_core::{Findings, Role, Severity, check_file};
use serde_json::{Map, Value};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_has_findings_in_words(file in json()) {
        in_words(&check_file(&file, Play::new().at))?;
    }

    #[test]
    fn any_json_in_the_place_of_a_value_has_findings_in_words(
        file in play::document(), other in json(), key in prop::sample::select(&KEYS),
    ) {
        let mut file = file;
        if let Some(file) = file.as_object_mut() {
            file.insert(key.to_owned(), other);
        }
        in_words(&check_file(&file, Play::new().at))?;
    }

    #[test]
    fn a_file_is_refused_where_and_only_where_it_has_errors(file in play::document()) {
        let errors = check_file(&file, Play::new().at).errors();
        let mut play = Play::new();
        let ask = What::Load(file);
        let loaded = play.step(&Step { later: 0, who: "tony", role: Role::Op, private: true, ask });
        prop_assert_eq!(loaded.is_err(), errors > 0, "{:?}", loaded);
    }
}

fn in_words(findings: &Findings) -> Result<(), TestCaseError> {
    let mut kept = 0;
    for finding in findings.iter() {
        kept += 1;
        let (path, reason, proposal) = (&finding.path, &finding.reason, &finding.proposal);
        prop_assert!(path.starts_with('$') && !reason.is_empty() && !proposal.is_empty(), "{finding:?}");
        let words = [path, &finding.name, reason, proposal];
        prop_assert!(words.iter().all(|words| !words.contains(char::is_control)), "{finding:?}");
    }
    prop_assert!(kept <= findings.errors() + findings.advice());
    let errors_first = findings.iter().map(|finding| finding.severity).is_sorted_by(|a, b| a <= b);
    prop_assert!(errors_first && Severity::Error < Severity::Advice);
    Ok(())
}

/// Any JSON, with keys that a data file has now and then.
fn json() -> impl Strategy<Value = Value> {
    let key = || prop_oneof![2 => prop::sample::select(&KEYS).prop_map(str::to_owned), 1 => any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9]{1,2}:[0-9]{2}(-[0-9]{1,2}:[0-9]{2})?( ?[AaPp][Mm])?.{0,3}".prop_map(Value::from),
        "(19|20|99)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z".prop_map(Value::from),
        prop::sample::select(&["swift", "UTC", "EST", "yellow", "https://a.example/", "\u{200b}", ""])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

const KEYS: [&str; 16] = [
    "eventid",
    "timezone",
    "tracks",
    "slots",
    "schedule",
    "links",
    "colors",
    "urls",
    "etherpads",
    "now",
    "name",
    "desc",
    "realtime",
    "duration",
    "url",
    "Monday",
];
