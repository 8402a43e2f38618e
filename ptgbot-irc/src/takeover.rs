//! What the process before has handled of the commands that this one has heard.
//!
//! Both were in the channel, but perhaps on different servers, which give the lines of different people in different
//! order; and each may have come later than the other. Where the place does not reach back to when this one came, it is
//! laid beside what was heard where both agree best. From there on each mark stands for one equal line. Lines without a
//! mark are older than the place, or news; or the process before has missed them, cut off from the network for a while.
//! Then it is too late for them as soon as it has obeyed what was said later.

use crate::marks::{Mark, Marks};
use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

/// What is known of each command that was heard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Takeover {
    /// What has become of each of them.
    pub(crate) fates: Vec<Fate>,
    /// What the process before has handled and this one may hear yet.
    pub(crate) expected: Vec<Mark>,
}

/// What has become of a command by the time another process acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The process before has handled it.
    Handled,
    /// The process before has missed it, and has handled what was said later.
    Overtaken,
    /// It is to be handled.
    Left,
}

/// Compares the place of the process before with what was heard, oldest first. What it had handled before this one came
/// is not in it, as far as it reaches back to then.
pub(crate) fn takeover(place: &Marks, heard: &[(Mark, Instant)]) -> Takeover {
    let marks = place.to_vec();
    let lines: Vec<Mark> = heard.iter().map(|(mark, _)| *mark).collect();
    // A place with room for more names all that was handled since this process came: each mark stands for its line.
    let window = if place.is_full() {
        agreement(&marks, &lines).filter(|_| lines.iter().any(|line| marks.contains(line)))
    } else {
        Some(0..lines.len())
    };
    let Some(window) = window else {
        return Takeover { fates: vec![Fate::Left; heard.len()], expected: Vec::new() };
    };
    let first = window.start;
    let mut fates: Vec<Fate> =
        (0..heard.len()).map(|line| if line < first { Fate::Handled } else { Fate::Left }).collect();
    let mut newest = None;
    let mut missing = Vec::new();
    for (n, mark) in marks.iter().enumerate() {
        match (first..heard.len()).find(|line| fates[*line] == Fate::Left && lines[*line] == *mark) {
            Some(line) => {
                fates[line] = Fate::Handled;
                let before = newest.map_or(first, |(_, before)| before);
                newest = Some((n, if window.contains(&line) { before.max(line) } else { before }));
            }
            None => missing.push((n, *mark)),
        }
    }
    if let Some((_, newest)) = newest {
        let since = heard[newest].1;
        for (fate, (_, at)) in fates.iter_mut().zip(heard).take(newest) {
            if *fate == Fate::Left && *at + LATE < since {
                *fate = Fate::Overtaken;
            }
        }
    }
    // Those that are newer than all that was heard.
    let is_newer = |n: usize| newest.is_none_or(|(newest, _)| n > newest);
    let expected = missing.into_iter().filter(|(n, _)| is_newer(*n)).map(|(_, mark)| mark).collect();
    Takeover { fates, expected }
}

/// Where in what was heard the marks lie: there most of them are found, few lines are in between that have none, and few
/// marks are newer than all that was heard. Of places that are as good the earliest, for people repeat what is not
/// answered. `None` where nothing speaks for any.
fn agreement(marks: &[Mark], lines: &[Mark]) -> Option<Range<usize>> {
    let mut best: Option<(isize, Range<usize>)> = None;
    for skipped in (1..marks.len()).rev() {
        consider(&mut best, &marks[skipped..], lines, 0);
    }
    for start in 0..lines.len() {
        consider(&mut best, marks, lines, start);
    }
    best.map(|(_, window)| window)
}

fn consider(best: &mut Option<(isize, Range<usize>)>, marks: &[Mark], lines: &[Mark], start: usize) {
    let window = start..lines.len().min(start + marks.len());
    let mut left: HashMap<Mark, usize> = HashMap::new();
    marks[..window.len()].iter().for_each(|mark| *left.entry(*mark).or_default() += 1);
    let mut score = -((marks.len() - window.len()).cast_signed());
    for line in &lines[window.clone()] {
        match left.get_mut(line).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                score += 2;
            }
            None => score -= 1,
        }
    }
    if score > best.as_ref().map_or(0, |(score, _)| *score) {
        *best = Some((score, window));
    }
}

/// By so much one server of a network may be behind another.
pub(crate) const APART: Duration = Duration::from_secs(30);
/// What was said by so much earlier is not done behind what was said later: people would see the older one win. Lines
/// that were said at about the same time may come in either order.
const LATE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ptgbot_core::Folding;

    fn mark(text: &str) -> Mark {
        Mark::of("#ptg", "", text, Folding::Ascii)
    }

    fn place(texts: &[&str]) -> Marks {
        let mut marks = Marks::default();
        texts.iter().for_each(|text| marks.push(mark(text)));
        marks
    }

    /// What is left to do of lines, one of which was heard every second.
    fn left<'a>(handled: &[&str], heard: &[&'a str]) -> Vec<&'a str> {
        left_of(Duration::from_secs(1), handled, heard)
    }

    fn left_of<'a>(pace: Duration, handled: &[&str], heard: &[&'a str]) -> Vec<&'a str> {
        let times = std::iter::successors(Some(Instant::now()), |at| Some(*at + pace));
        let marked: Vec<_> = heard.iter().map(|text| mark(text)).zip(times).collect();
        let takeover = takeover(&place(handled), &marked);
        heard.iter().zip(takeover.fates).filter(|(_, fate)| *fate == Fate::Left).map(|(text, _)| *text).collect()
    }

    #[test]
    fn what_was_said_behind_the_place_is_left() {
        assert_eq!(left(&[], &["a", "b"]), ["a", "b"]);
        assert_eq!(left(&["a", "b"], &["a", "b", "c"]), ["c"]);
        assert_eq!(left(&["x", "a"], &["a", "b", "c"]), ["b", "c"], "this one came later");
        assert_eq!(left(&["x", "y"], &["a", "b"]), ["a", "b"], "nothing that was heard is handled");
        assert!(left(&["a", "b"], &["a", "b"]).is_empty() && left(&["a"], &[]).is_empty());
    }

    #[test]
    fn the_order_of_other_servers_loses_nothing_and_doubles_nothing() {
        assert_eq!(left(&["a"], &["b", "a"]), ["b"]);
        assert_eq!(left(&["a", "c"], &["c", "b", "a"]), ["b"]);
    }

    #[test]
    fn what_people_repeat_is_left_as_often_as_it_was_not_handled() {
        assert_eq!(left(&["a"], &["a", "a", "a"]), ["a", "a"]);
        assert_eq!(left(&["a", "b"], &["a", "b", "a", "b"]), ["a", "b"]);
        assert_eq!(left(&["b", "a"], &["b", "a", "c", "a"]), ["c", "a"]);
    }

    #[test]
    fn what_was_repeated_long_ago_is_not_taken_for_the_place() {
        let old: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let mut heard: Vec<&str> = vec!["list"];
        heard.extend(old.iter().map(String::as_str));
        heard.push("list");
        let handled = &heard[heard.len() - Marks::MOST..];
        assert!(left(handled, &heard).is_empty());
        heard.extend(["new", "list"]);
        assert_eq!(left(&heard[heard.len() - Marks::MOST - 2..heard.len() - 2], &heard), ["new", "list"]);
        // Said again for the first time since this one came, long after the others.
        assert_eq!(left(&heard[..Marks::MOST], &["list"]), ["list"]);
    }

    #[test]
    fn what_is_on_its_way_to_this_one_is_expected() {
        let start = Instant::now();
        let heard = [(mark("a"), start), (mark("b"), start)];
        let takeover = takeover(&place(&["z", "a", "b", "c"]), &heard);
        assert_eq!(takeover, Takeover { fates: vec![Fate::Handled; 2], expected: vec![mark("c")] });
    }

    #[test]
    fn all_that_was_handled_is_expected_where_none_of_it_was_heard() {
        let Takeover { fates, expected } = takeover(&place(&["a", "b"]), &[(mark("new"), Instant::now())]);
        assert_eq!((fates, expected), (vec![Fate::Left], vec![mark("a"), mark("b")]));
        assert_eq!(takeover(&place(&["a"]), &[]).expected, [mark("a")]);
    }

    #[test]
    fn what_the_process_before_never_heard_is_left_while_it_is_new() {
        let mut heard: Vec<String> = (0..60).map(|n| n.to_string()).collect();
        let handled: Vec<String> = heard.iter().filter(|n| !["3", "58"].contains(&n.as_str())).cloned().collect();
        heard.push("new".into());
        let (handled, heard): (Vec<&str>, Vec<&str>) =
            (handled.iter().map(String::as_str).collect(), heard.iter().map(String::as_str).collect());
        assert_eq!(left(&handled, &heard), ["58", "new"]);
    }

    #[test]
    fn what_was_said_long_before_something_that_is_handled_is_overtaken() {
        let start = Instant::now();
        let fate = |seconds: u64| {
            let heard = [(mark("missed"), start), (mark("obeyed"), start + Duration::from_secs(seconds))];
            takeover(&place(&["obeyed"]), &heard).fates
        };
        assert_eq!(fate(5), [Fate::Left, Fate::Handled]);
        assert_eq!(fate(6), [Fate::Overtaken, Fate::Handled]);
    }

    /// Whose line is next, how much is handled, and which neighbours another server gives in the other order.
    fn talk() -> impl Strategy<Value = (Vec<(u8, u8)>, usize, Vec<bool>, usize)> {
        (1_usize..150).prop_flat_map(|length| {
            let said = prop::collection::vec((0_u8..3, 0_u8..30), length);
            (said, 0..=length, prop::collection::vec(any::<bool>(), length), 0..length)
        })
    }

    proptest! {
        #[test]
        fn each_line_is_handled_once((said, handled, swaps, came) in talk()) {
            // Each is numbered: repetitions are another test's.
            let lines: Vec<(u8, String)> =
                said.iter().enumerate().map(|(n, (who, what))| (*who, format!("{who} {what} {n}"))).collect();
            let mut other = lines.clone();
            for (n, swap) in swaps.iter().enumerate().skip(1) {
                if *swap && other[n - 1].0 != other[n].0 {
                    other.swap(n - 1, n);
                }
            }
            let handled: Vec<&str> = lines[..handled].iter().map(|(_, text)| text.as_str()).collect();
            // Where it came in time to hear something of what was handled, as a standby does.
            let heard: Vec<&str> = other[came.min(handled.len() / 2)..].iter().map(|(_, text)| text.as_str()).collect();
            // The servers are not far behind each other.
            let left = left_of(Duration::from_millis(100), &handled, &heard);
            let wanted: Vec<&str> = heard.iter().filter(|text| !handled.contains(text)).copied().collect();
            prop_assert_eq!(left, wanted);
        }
    }
}
