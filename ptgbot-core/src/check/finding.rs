//! Findings: what would be regretted later, where it stands, and what to write instead.

use super::kind::{FindingKind, Severity};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// One thing that somebody who knows data files would point at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is.
    pub kind: FindingKind,
    /// The JSON path of the value (RFC 9535), from `$`: `$.slots.Monday[2].realtime`.
    pub path: String,
    /// What people call it: `MonA3`, `Ballroom A`, `#swift`.
    pub name: String,
    /// Why it is pointed at, as a phrase.
    pub reason: String,
    /// What to write instead, as an order.
    pub proposal: String,
}

/// What was found in a data file: in the order of kinds, at most [`Findings::MOST_OF_A_KIND`] of each, and how many there are.
///
/// As JSON it is an object with the numbers `errors` and `advice`, the list `findings`, and `left_out`: how many of a kind
/// are not in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    kept: BTreeMap<FindingKind, Vec<Finding>>,
    counts: BTreeMap<FindingKind, usize>,
}

impl Findings {
    /// How many of a kind are kept; of the others only their number is.
    pub const MOST_OF_A_KIND: usize = 20;

    /// The kept findings, errors first.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.values().flatten()
    }

    /// The findings by kind, errors first: the kept ones, and how many there are.
    pub fn by_kind(&self) -> impl Iterator<Item = (FindingKind, &[Finding], usize)> {
        self.kept.iter().map(|(kind, kept)| (*kind, kept.as_slice(), self.count(*kind)))
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.count_of(Severity::Error)
    }

    /// How much advice there is.
    pub fn advice(&self) -> usize {
        self.count_of(Severity::Advice)
    }

    /// True when nothing is to be said.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many of a kind there are.
    pub fn count(&self, kind: FindingKind) -> usize {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    fn count_of(&self, severity: Severity) -> usize {
        self.counts.iter().filter(|(kind, _)| kind.severity() == severity).map(|(_, count)| count).sum()
    }

    /// Takes a finding. Its words are only asked for when it is kept.
    pub(super) fn add(&mut self, kind: FindingKind, found: impl FnOnce() -> Words) {
        *self.counts.entry(kind).or_default() += 1;
        let kept = self.kept.entry(kind).or_default();
        if kept.len() < Self::MOST_OF_A_KIND {
            let Words { path, name, reason, proposal } = found();
            kept.push(Finding { severity: kind.severity(), kind, path, name, reason, proposal });
        }
    }
}

/// A finding in words.
pub(super) struct Words {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) proposal: String,
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let left_out = |(kind, count): (&FindingKind, &usize)| {
            let more = count - self.kept.get(kind).map_or(0, Vec::len);
            (more > 0).then_some((*kind, more))
        };
        let mut object = serializer.serialize_struct("Findings", 4)?;
        object.serialize_field("errors", &self.errors())?;
        object.serialize_field("advice", &self.advice())?;
        object.serialize_field("findings", &self.iter().collect::<Vec<_>>())?;
        object.serialize_field("left_out", &self.counts.iter().filter_map(left_out).collect::<BTreeMap<_, _>>())?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(number: usize) -> Words {
        let (name, path) = (number.to_string(), format!("$.links.a{number}"));
        Words { path, name, reason: "it is none".into(), proposal: "write one".into() }
    }

    #[test]
    fn errors_come_first_and_what_is_not_kept_is_counted() {
        let mut findings = Findings::default();
        (0..25).for_each(|number| findings.add(FindingKind::NotHttp, || words(number)));
        findings.add(FindingKind::SlotTwice, || words(0));
        assert_eq!((findings.errors(), findings.advice(), findings.iter().count()), (1, 25, 21));
        let json = serde_json::to_value(&findings).expect("JSON");
        assert_eq!((&json["errors"], &json["advice"]), (&json!(1), &json!(25)));
        assert_eq!(json["left_out"], json!({"not-http": 5}));
        let first = json!({
            "severity": "error", "kind": "slot-twice", "path": "$.links.a0", "name": "0",
            "reason": "it is none", "proposal": "write one",
        });
        assert_eq!(json["findings"][0], first);
    }
}
