//! What time brings: the loop looks at the board when something will be due, and what is due is decided, recorded and
//! told as if somebody had asked for it.

use super::{Driver, StoreHealth};
use crate::clock::LONGEST_SLEEP;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{Ask, Board, Event, Incoming, Order, PersonEvent, Request, TrackEvent};
use std::time::Duration;
use tokio::time::Instant;

/// When a board will have something to tell, found out no more often than its changes and the clock ask for.
#[derive(Default)]
pub(super) struct Upcoming {
    known: Option<Known>,
    /// When to find it out, where it is not known or could not be recorded.
    look_at: Option<Instant>,
    /// The loop itself asks what is due: nobody waits to hear that it was handled.
    pub(super) asks: bool,
}

struct Known {
    /// As of when.
    at: DateTime<Utc>,
    next: Option<DateTime<Utc>>,
}

impl Upcoming {
    /// Follows a change. Most have nothing to do with time.
    pub(super) fn follow(&mut self, event: &Event) {
        if concerns_time(event) {
            self.forget();
        }
    }

    /// The board is another one.
    pub(super) fn forget(&mut self) {
        self.known = None;
        self.look_at.get_or_insert_with(|| Instant::now() + DEBOUNCE);
    }

    /// True when something is due at a time.
    pub(super) fn is_due(&mut self, board: &Board, at: DateTime<Utc>) -> bool {
        self.next(board, at).is_some_and(|next| next <= at)
    }

    /// When something will be due, as of a time. Of a time before that of which it is known, nothing is.
    fn next(&mut self, board: &Board, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.known {
            Some(known) if known.at <= at => known.next,
            Some(_) | None => {
                let next = board.next_due(at);
                self.known = Some(Known { at, next });
                next
            }
        }
    }

    /// When to find out when something will be due.
    pub(super) fn look_at(&self) -> Option<Instant> {
        self.look_at
    }

    /// When something will be due, or the clock may have been set.
    pub(super) fn wake_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let look_again = now + LOOK_EVERY;
        self.look_at
            .is_none()
            .then(|| self.known.as_ref().and_then(|known| known.next).map_or(look_again, |next| next.min(look_again)))
    }
}

impl Driver {
    /// Finds out when something will be due.
    pub(super) fn look_ahead(&mut self) {
        self.upcoming.look_at = None;
        self.upcoming.next(&self.board, self.net.clock.now());
    }

    /// Time has passed: what is due by now is decided, recorded, and told.
    pub(super) async fn time_passes(&mut self) {
        let at = self.net.clock.now();
        let is_wanted =
            self.upcoming.is_due(&self.board, at) || self.board.reminders_await_home(self.net.options.names);
        if !is_wanted || !self.can_record().await {
            return;
        }
        self.upcoming.asks = true;
        self.commit(&[Incoming::new(Request::new(&self.net.network, at, Ask::Tick))]).await;
        self.upcoming.asks = false;
        if self.upcoming.is_due(&self.board, at) {
            self.upcoming.look_at = Some(Instant::now() + super::TRY_AGAIN);
        }
    }

    /// What comes before a message: whose the people are that wait to be reminded; and in a pipe, where nothing is said
    /// between the lines, what is due by its time.
    pub(super) fn comes_before(&mut self, incoming: &Incoming) -> Vec<Incoming> {
        let (network, at, names) = (&self.net.network, incoming.request.at, self.net.options.names);
        let is_tick = incoming.request.ask == Ask::Tick;
        let in_order = self.net.options.order == Order::AsHandled;
        let mut first = Vec::new();
        if (is_tick || in_order) && self.board.reminders_await_home(names) {
            first.push(Incoming::new(Request::new(network, at, Ask::AdoptNames(names))));
            self.upcoming.forget();
        }
        if in_order && !is_tick && (!first.is_empty() || self.upcoming.is_due(&self.board, at)) {
            first.push(Incoming::new(Request::new(network, at, Ask::Tick)));
        }
        first
    }

    /// True while it can be recorded what time brings.
    pub(super) fn watches_time(&self) -> bool {
        self.store == StoreHealth::Works && self.try_store_at().is_none()
    }
}

/// False for changes after which nothing is due at another time than before.
fn concerns_time(event: &Event) -> bool {
    match event {
        Event::Track(
            TrackEvent::TopicSet { .. }
            | TrackEvent::TopicPlanned { .. }
            | TrackEvent::TopicAdvanced { .. }
            | TrackEvent::TopicDropped { .. }
            | TrackEvent::EtherpadSet { .. }
            | TrackEvent::UrlSet { .. }
            | TrackEvent::ColorSet { .. }
            | TrackEvent::LocationSet { .. },
        )
        | Event::Person(
            PersonEvent::CheckedIn { .. }
            | PersonEvent::CheckedOut { .. }
            | PersonEvent::Subscribed { .. }
            | PersonEvent::Unsubscribed { .. },
        ) => false,
        Event::Track(_) | Event::Board(_) | Event::Person(_) | Event::Time(_) => true,
    }
}

/// How long changes are waited for that follow one another.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// How late a clock that was set back is noticed.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(LONGEST_SLEEP.as_secs().cast_signed());
