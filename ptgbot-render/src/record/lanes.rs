//! Lanes: several tracks may meet in one room at once, and each of them is to be seen.

use ptgbot_core::TrackName;

/// The lanes of a row. Whoever comes takes the lane of its track if that is free, else the first free one.
#[derive(Debug, Default)]
pub(super) struct Lanes<'a> {
    /// Who was last in each, and up to where.
    last: Vec<(&'a TrackName, i64)>,
}

impl<'a> Lanes<'a> {
    /// The number of the lane that a track takes from one place to another. Whoever asks first begins first.
    pub(super) fn take(&mut self, track: &'a TrackName, from: i64, until: i64) -> i64 {
        let is_free = |(_, end): &(&TrackName, i64)| *end <= from;
        let own = self.last.iter().position(|lane| is_free(lane) && lane.0 == track);
        let number = own.or_else(|| self.last.iter().position(is_free)).unwrap_or(self.last.len());
        match self.last.get_mut(number) {
            Some(lane) => *lane = (track, until),
            None => self.last.push((track, until)),
        }
        i64::try_from(number).unwrap_or(i64::MAX)
    }

    /// How many there are.
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.last.len()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_meet_at_once_have_lanes_of_their_own_and_a_track_keeps_its_own() {
        let [swift, nova] = ["swift", "nova"].map(|name| TrackName::parse(name).expect("a name"));
        let mut lanes = Lanes::default();
        assert_eq!(lanes.take(&swift, 0, 10), 0);
        assert_eq!(lanes.take(&nova, 5, 15), 1);
        assert_eq!(lanes.take(&nova, 20, 30), 1);
        assert_eq!(lanes.take(&swift, 25, 40), 0);
        assert_eq!(lanes.take(&swift, 30, 35), 1);
        assert_eq!(lanes.count(), 2);
    }
}
