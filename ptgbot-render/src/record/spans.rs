//! Spans of time as a set: what overlaps or touches is one.

use chrono::{DateTime, TimeDelta, Utc};

/// From the first one on, each from its start until its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spans(Vec<(DateTime<Utc>, DateTime<Utc>)>);

impl Spans {
    pub(super) fn iter(&self) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        self.0.iter().copied()
    }

    /// How long all of them are together.
    pub(super) fn total(&self) -> TimeDelta {
        self.iter().map(|(start, end)| end - start).sum()
    }

    /// What is in others, too.
    pub(super) fn within(&self, others: &Self) -> Self {
        let common = |(start, end): (DateTime<Utc>, DateTime<Utc>)| {
            let from = others.0.partition_point(|(_, other)| *other <= start);
            let near = others.0[from..].iter().take_while(move |(other, _)| *other < end);
            near.map(move |(from, until)| (start.max(*from), end.min(*until)))
        };
        Self(self.iter().flat_map(common).collect())
    }
}

impl FromIterator<(DateTime<Utc>, DateTime<Utc>)> for Spans {
    fn from_iter<I: IntoIterator<Item = (DateTime<Utc>, DateTime<Utc>)>>(spans: I) -> Self {
        let mut all: Vec<_> = spans.into_iter().filter(|(start, end)| start < end).collect();
        all.sort_unstable();
        let mut joined: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match joined.last_mut() {
                Some((_, last)) if start <= *last => *last = end.max(*last),
                Some(_) | None => joined.push((start, end)),
            }
        }
        Self(joined)
    }
}

/// `6 h 30 min`
pub(super) fn hours(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(hours: &[(u32, u32)]) -> Spans {
        let time = |hour: u32| format!("2026-10-19T{hour:02}:00:00Z").parse().expect("a time");
        hours.iter().map(|(from, until)| (time(*from), time(*until))).collect()
    }

    #[test]
    fn what_overlaps_or_touches_is_one_and_what_is_empty_is_none() {
        let joined = spans(&[(14, 15), (9, 11), (10, 12), (12, 13), (16, 16)]);
        assert_eq!(joined, spans(&[(9, 13), (14, 15)]));
        assert_eq!(joined.total(), TimeDelta::hours(5));
    }

    #[test]
    fn what_two_have_in_common_is_in_both() {
        let [one, other] = [spans(&[(9, 12), (13, 18)]), spans(&[(8, 10), (11, 14), (18, 19)])];
        assert_eq!(one.within(&other), spans(&[(9, 10), (11, 12), (13, 14)]));
        assert_eq!(one.within(&other), other.within(&one));
        assert_eq!(one.within(&Spans::default()), Spans::default());
    }

    #[test]
    fn a_time_is_told_in_hours_and_minutes() {
        let told = [0, 45, 60, 390].map(|minutes| hours(TimeDelta::minutes(minutes)));
        assert_eq!(told, ["0 min", "45 min", "1 h", "6 h 30 min"]);
    }
}
