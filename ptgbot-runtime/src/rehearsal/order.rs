//! When changes happen that were recorded by clocks which do not always go forward.

use chrono::{DateTime, Utc};
use std::iter::successors;

/// The times of changes in their order, none before the one that it follows: the longest run of times that is in order stays
/// as it is. Any other change, of a clock that was wrong or of a time that somebody gave, happens with the one before it.
pub(super) fn in_order(recorded: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    let kept = longest_run(recorded);
    let mut kept = kept.into_iter().rev().peekable();
    let Some(mut time) = kept.peek().map(|first| recorded[*first]) else { return Vec::new() };
    let mut happens = |(place, recorded): (usize, &DateTime<Utc>)| {
        if kept.next_if_eq(&place).is_some() {
            time = *recorded;
        }
        time
    };
    recorded.iter().enumerate().map(&mut happens).collect()
}

/// The places of as many times as possible that are in order, last one first.
fn longest_run(times: &[DateTime<Utc>]) -> Vec<usize> {
    // Of all runs of one, two, three... times the end of that which ends earliest; and before each place the run that it goes on.
    let (mut ends, mut before) = (Vec::<usize>::new(), Vec::with_capacity(times.len()));
    for (place, time) in times.iter().enumerate() {
        let length = ends.partition_point(|end| times[*end] <= *time);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    successors(ends.last().copied(), |place| before[*place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn happen(hours: &[i64]) -> Vec<i64> {
        let times: Vec<_> =
            hours.iter().map(|hour| DateTime::from_timestamp(hour * 3600, 0).expect("a time")).collect();
        in_order(&times).iter().map(|time| time.timestamp() / 3600).collect()
    }

    #[test]
    fn a_change_out_of_order_happens_with_the_one_before_it() {
        for (recorded, happens) in [
            (&[][..], &[][..]),
            (&[9], &[9]),
            (&[9, 10, 10, 12], &[9, 10, 10, 12]),
            (&[33, 34, 9, 35], &[33, 34, 34, 35]),
            (&[9, 900, 10, 11], &[9, 9, 10, 11]),
            (&[900, 9, 10, 11], &[9, 9, 10, 11]),
        ] {
            assert_eq!(happen(recorded), happens, "{recorded:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_happens_before_what_it_follows(recorded in prop::collection::vec(0_i64..100, 0..50)) {
            let happens = happen(&recorded);
            prop_assert_eq!(happens.len(), recorded.len());
            prop_assert!(happens.is_sorted(), "{:?}: {:?}", recorded, happens);
        }
    }
}
