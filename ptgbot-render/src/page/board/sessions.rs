//! Where the event stands: the slots that run, the one that comes, or that all are over.

use super::facts::Facts;
use crate::clock::{Stamp, iso};
use crate::folded::Folded;
use crate::schedule::{self, EventProgress};
use ptgbot_core::{RoomName, Slot, SlotName, TrackName};

/// The slots around the moment.
pub(super) struct Sessions<'a> {
    /// Those that run; one may have begun yesterday.
    pub(super) running: Folded<RunningSlot<'a>>,
    pub(super) upcoming: Option<UpcomingSlot<'a>>,
    pub(super) progress: EventProgress,
    /// When the last slot ended, after it did.
    pub(super) ended: Option<Stamp>,
    /// Who meets now and has not said what about.
    pub(super) silent: Folded<(&'a RoomName, &'a TrackName)>,
}

/// A slot that is on.
pub(super) struct RunningSlot<'a> {
    pub(super) name: &'a SlotName,
    pub(super) start: String,
    pub(super) end: Stamp,
}

/// The slot that comes.
pub(super) struct UpcomingSlot<'a> {
    pub(super) name: &'a SlotName,
    pub(super) start: Stamp,
    /// True when something of its day is over.
    pub(super) follows: bool,
    pub(super) held: Folded<(&'a RoomName, &'a TrackName)>,
}

impl<'a> Sessions<'a> {
    /// `has_topic` says whether a track is told of as one that discusses something.
    pub(super) fn of(facts: &Facts<'_, 'a>, has_topic: impl Fn(&TrackName) -> bool) -> Self {
        let (site, clock) = (facts.site, facts.clock);
        let (board, at) = (site.board, site.at);
        let slots = || board.contents().days.values().flatten();
        let held = |slot: &'a Slot| {
            schedule::held(board, slot).filter(|(room, track)| site.shows(track) && site.shows_room(room))
        };
        let running: Vec<_> = slots().filter(|slot| slot.runs_at(at)).collect();
        let silent = running.iter().flat_map(|slot| held(slot)).filter(|(_, track)| !has_topic(track));
        let progress = EventProgress::of(board, at);
        let last = slots().filter_map(|slot| Some(slot.span()?.1)).max();
        Self {
            silent: Folded::first(MOST_HELD, silent, |pair| pair),
            upcoming: schedule::upcoming(board, at).map(|(slot, start)| {
                let today = board.today(at).map(|(_, slots)| slots).unwrap_or_default();
                let is_today = today.iter().any(|other| other.name == slot.name);
                UpcomingSlot {
                    name: &slot.name,
                    start: if is_today { clock.time(start) } else { clock.date_time(start) },
                    follows: is_today && today.iter().any(|slot| slot.ended_by(at)),
                    held: Folded::first(MOST_HELD, held(slot), |pair| pair),
                }
            }),
            running: Folded::first(
                MOST_RUNNING,
                running.iter().filter_map(|slot| Some((slot, slot.span()?))),
                |(slot, (start, end))| RunningSlot { name: &slot.name, start: iso(start), end: clock.time(end) },
            ),
            ended: last.filter(|_| progress == EventProgress::Over).map(|end| clock.date_time(end)),
            progress,
        }
    }
}

/// The most meetings that are named of a slot.
const MOST_HELD: usize = 60;
/// The most slots that are told to run: rooms may have slots of their own.
const MOST_RUNNING: usize = 4;
