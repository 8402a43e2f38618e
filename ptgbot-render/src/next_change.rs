//! When the site's bytes next differ although nobody does anything.

use crate::clock::midnight;
use crate::meetings::Meetings;
use crate::record;
use chrono::{DateTime, Days, TimeDelta, Utc};
use ptgbot_core::{Board, Calendar, EntryStatus, TopicStanding};

/// The first moment after `at` at which the site changes by time alone: a slot starts or ends, the event's day
/// turns, a topic is no longer meant, a discussion is over, a cancelled calendar entry runs out. `None` when only people can change it.
///
/// ```
/// use ptgbot_core::Board;
/// assert_eq!(ptgbot_render::next_change(&Board::default(), "2026-10-19T09:00:00Z".parse().unwrap()), None);
/// ```
pub fn next_change(board: &Board, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let slots = board.contents().days.values().flatten();
    let edges = slots.flat_map(|slot| match slot.span() {
        Some((start, end)) => [Some(start), Some(end)],
        None => [slot.realtime, None],
    });
    let cancelled = board.calendar().shown_at(at).filter_map(|entry| match entry.status {
        EntryStatus::Confirmed => None,
        EntryStatus::Cancelled => Some(entry.changed_at + Calendar::CANCELLED_SHOWN),
    });
    let lapses = lapses(board, at);
    let record = record::turns(board, at);
    let sooner = edges.flatten().chain(cancelled).chain(lapses).chain(record).filter(|time| *time > at).min();
    let turns = day_turns(board, at).filter(|time| *time > at && sooner.is_none_or(|sooner| *time < sooner));
    let turns = turns.filter(|time| day_at(board, *time) != day_at(board, *time - TimeDelta::nanoseconds(1)));
    turns.min().or(sooner)
}

/// When topics stop being meant ([`Meetings::standing`]), or are of an earlier day.
fn lapses(board: &Board, at: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let zone = board.contents().timezone.0;
    let meetings = Meetings::of(board);
    let mut lapses = Vec::new();
    for (track, topic) in &board.contents().now {
        let Some(since) = topic.since else { continue };
        let night_after = |time: DateTime<Utc>| {
            let date = time.with_timezone(&zone).date_naive();
            date.succ_opt().and_then(|date| midnight(zone, date))
        };
        let nights = meetings.ends(track).chain([since]).filter_map(night_after);
        let ends = meetings.ends(track).filter_map(|end| end.checked_add_signed(TopicStanding::PATIENCE));
        let turns = |time: &DateTime<Utc>| {
            let before = *time - TimeDelta::nanoseconds(1);
            *time > at && meetings.standing(track, since, *time) != meetings.standing(track, since, before)
        };
        lapses.extend(ends.chain(nights).filter(turns));
        // From the night on, the page says on which day it was announced.
        let told = |time: &DateTime<Utc>| meetings.standing(track, since, *time) == TopicStanding::Current;
        lapses.extend(night_after(since).filter(|time| *time > at && told(time)));
    }
    lapses
}

/// The midnights at which the event's day can change: around every day that has a date, and the coming week's
/// for days that are only named.
fn day_turns(board: &Board, at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let zone = board.contents().timezone.0;
    let starts = board.contents().days.values().flatten().filter_map(|slot| slot.realtime);
    let dated = starts.flat_map(move |start| {
        let date = start.with_timezone(&zone).date_naive();
        [Some(date), date.succ_opt()]
    });
    let date = at.with_timezone(&zone).date_naive();
    let week = (1..=7).map(move |days| date.checked_add_days(Days::new(days)));
    dated.chain(week).flatten().filter_map(move |date| midnight(zone, date))
}

fn day_at(board: &Board, at: DateTime<Utc>) -> Option<&str> {
    board.today(at).map(|(name, _)| name)
}
