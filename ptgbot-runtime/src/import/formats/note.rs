//! What an organizer is told about a file that was read all the same.

use ptgbot_core::clean_name;
use std::collections::BTreeMap;

/// Notes in the order in which they came up; what happens often is counted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    lines: Vec<String>,
    left_out: BTreeMap<LeftOut, usize>,
}

/// What a board has no place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LeftOut {
    Title,
    Person,
    Link,
}

impl LeftOut {
    fn counted(self, count: usize) -> String {
        let (one, many) = match self {
            Self::Title => ("title", "titles"),
            Self::Person => ("speaker", "speakers"),
            Self::Link => ("link", "links"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

impl Notes {
    /// Adds a line, once.
    pub(super) fn add(&mut self, line: &str) {
        let line = clean_name(line);
        if self.lines.len() < MOST && !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    pub(super) fn left_out(&mut self, what: LeftOut, count: usize) {
        if count > 0 {
            *self.left_out.entry(what).or_default() += count;
        }
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        let mut lines = self.lines;
        if !self.left_out.is_empty() {
            let counts: Vec<_> = self.left_out.into_iter().map(|(what, count)| what.counted(count)).collect();
            lines.push(format!("a board has no place for: {}", counts.join(", ")));
        }
        lines
    }
}

/// More lines nobody reads.
const MOST: usize = 50;
