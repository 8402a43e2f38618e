//! Patterns without words that a match must contain (`\d{4}`), in groups that are run together.

use super::engine::Source;

/// Groups of patterns by number. Whenever a group changes it gets a new name, so no engine of the old one is mistaken for it.
#[derive(Default)]
pub(super) struct Wordless {
    groups: Vec<Group>,
    named: u32,
}

/// Patterns that are run together.
pub(super) struct Group {
    pub(super) name: Source,
    pub(super) patterns: Vec<u32>,
}

impl Wordless {
    /// Every group.
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Puts a pattern into a group that has room. Tells the name that stands for nothing now, if any.
    pub(super) fn join(&mut self, pattern: u32) -> Option<Source> {
        let name = self.name();
        match self.groups.iter_mut().find(|group| group.patterns.len() < FULL) {
            Some(group) => {
                group.patterns.push(pattern);
                Some(std::mem::replace(&mut group.name, name))
            }
            None => {
                self.groups.push(Group { name, patterns: vec![pattern] });
                None
            }
        }
    }

    /// Takes a pattern out again. Tells the name that stands for nothing now.
    pub(super) fn leave(&mut self, pattern: u32) -> Option<Source> {
        let name = self.name();
        let at = self.groups.iter().position(|group| group.patterns.contains(&pattern))?;
        let group = &mut self.groups[at];
        group.patterns.retain(|&other| other != pattern);
        let old = std::mem::replace(&mut group.name, name);
        if group.patterns.is_empty() {
            self.groups.swap_remove(at);
        }
        Some(old)
    }

    fn name(&mut self) -> Source {
        self.named = self.named.wrapping_add(1);
        Source::Group(self.named)
    }
}

/// Patterns of one group. More would share more work, but make the engine's states big.
const FULL: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_group_has_a_new_name() {
        let mut wordless = Wordless::default();
        assert_eq!(wordless.join(1), None);
        let name = wordless.groups()[0].name;
        assert_eq!(wordless.join(2), Some(name));
        let name = wordless.groups()[0].name;
        assert_eq!(wordless.leave(1), Some(name));
        assert_eq!(wordless.groups()[0].patterns, [2]);
        assert_eq!(wordless.leave(1), None);
        assert!(wordless.leave(2).is_some());
        assert!(wordless.groups().is_empty());
    }

    #[test]
    fn no_group_grows_past_its_size() {
        let mut wordless = Wordless::default();
        (0..100).for_each(|pattern| {
            wordless.join(pattern);
        });
        assert!(wordless.groups().iter().all(|group| group.patterns.len() <= FULL));
        assert_eq!(wordless.groups().len(), 4);
    }
}
