//! Bridged rooms: commands of people from another network are left to the bot there while it acts, and count once where
//! both have heard them.

use super::{Driver, StoreHealth, TRY_AGAIN};
use crate::bridge::BridgeConfig;
use chrono::TimeDelta;
use ptgbot_core::{Ask, Board, Event, Incoming, Lease, Person, PersonId, Request, Revision, describe};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What is left to another bot.
#[derive(Default)]
pub(super) struct Bridged {
    /// Until when the other bot acts, as far as is known; `None` where it does not.
    until: Option<Instant>,
    /// The leases under which it acts.
    leases: Vec<(PersonId, u64)>,
    /// When another process was seen to act for it, if something was left by then: that one may not have heard it.
    changed: Option<Instant>,
    /// What was left to it, until it is known that it could handle that; oldest first.
    left: VecDeque<LeftMessage>,
    /// When to look again, where nothing could be found out.
    try_at: Option<Instant>,
    /// What is handled just now was left before: it is not left again.
    takes: bool,
}

/// A command that was left to another bot.
struct LeftMessage {
    at: Instant,
    /// The board's revision then.
    revision: Revision,
    incoming: Incoming,
}

impl Bridged {
    /// When to look whether what was left to the other bot is to be done here.
    pub(super) fn look_at(&self) -> Option<Instant> {
        let oldest = self.left.front()?.at;
        let over = self.until.unwrap_or(oldest);
        let heard = self.changed.filter(|changed| oldest <= *changed).map(|changed| changed + LATE);
        let at = heard.map_or(over, |heard| heard.min(over));
        Some(self.try_at.map_or(at, |try_at| try_at.max(at)))
    }

    fn other_acts(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    /// True while what ghosts say is left to it.
    pub(super) fn leaves(&self) -> bool {
        self.other_acts() && !self.takes
    }

    /// Leaves a command to the other bot.
    pub(super) fn leave(&mut self, incoming: Incoming, revision: Revision) {
        if self.left.len() == MOST_LEFT {
            self.left.pop_front();
        }
        self.left.push_back(LeftMessage { at: Instant::now(), revision, incoming });
    }

    /// The other bot was looked at: until when it acts, and under which leases.
    fn looked(&mut self, now: Instant, until: Option<Instant>, leases: Vec<(PersonId, u64)>) {
        if until.is_some() && leases != self.leases {
            self.changed = (!self.left.is_empty()).then_some(now);
            self.leases = leases;
        }
        (self.until, self.try_at) = (until, None);
        // What was said before its last renewal it has heard, or will hear.
        let heard_by_it = now.checked_sub(Lease::SPAN + Lease::RENEW_EVERY + LATE);
        if self.until.is_some() {
            let changed = self.changed;
            let may_be_unheard = |left: &LeftMessage| changed.is_some_and(|changed| left.at <= changed);
            self.left.retain(|left| may_be_unheard(left) || heard_by_it.is_none_or(|heard| left.at > heard));
        }
    }

    /// What the other bot has had its time for: all of it where nobody acts, else what was said before another process
    /// began to act for it.
    fn take_due(&mut self) -> Vec<LeftMessage> {
        if !self.other_acts() {
            return std::mem::take(&mut self.left).into();
        }
        let Some(changed) = self.changed.filter(|changed| *changed + LATE <= Instant::now()) else { return Vec::new() };
        let later = self.left.partition_point(|left| left.at <= changed);
        self.left.drain(..later).collect()
    }
}

impl Driver {
    /// Finds out until when the other bot acts.
    pub(super) async fn look_at_the_other_bot(&mut self) {
        if self.net.bridge.is_empty() {
            return;
        }
        let now = Instant::now();
        let leases = match self.journal.leases().await {
            Ok(leases) => leases,
            Err(error) => {
                self.bridged.try_at = Some(now + TRY_AGAIN);
                return tracing::debug!(%error, "whether the bot on the other side acts is not known");
            }
        };
        let wanted = self.net.bridge.network.as_ref();
        let others = leases.into_iter().filter(|lease| {
            let network = lease.account.network();
            lease.is_held() && network != Some(&self.net.network) && (wanted.is_none() || network == wanted)
        });
        let others: Vec<_> = others.collect();
        let until = others.iter().map(|lease| now + lease.left).max();
        self.bridged.looked(now, until, others.into_iter().map(|lease| (lease.account, lease.number)).collect());
    }

    /// Does what was left to the other bot and what that has not done, as far as it is known to act no more or may not
    /// have heard it.
    pub(super) async fn take_what_was_left(&mut self, stop: &CancellationToken) {
        self.look_at_the_other_bot().await;
        if self.bridged.try_at.is_some() {
            return;
        }
        self.follow_others().await;
        if self.store != StoreHealth::Works {
            return;
        }
        let mut late = Vec::new();
        for LeftMessage { revision, incoming, .. } in self.bridged.take_due() {
            if is_overtaken(&self.board, &incoming.request, revision) {
                let by = incoming.request.from.as_ref().map(|person| person.name.as_str());
                tracing::warn!(by, "a bridged command is dropped: what it is about has changed since");
            } else {
                late.push(Incoming::new(incoming.request));
            }
        }
        self.bridged.takes = true;
        self.handle(late, stop).await;
        self.bridged.takes = false;
    }
}

/// True where a command was heard on the other side of a bridge, too, and has been done there: at about the time when it
/// was said the same was changed on another network, and one of the two people is a ghost.
pub(super) fn is_done_already(bridge: &BridgeConfig, board: &Board, request: &Request, events: &[Event]) -> bool {
    let (false, Some(from), [event, ..]) = (bridge.is_empty(), &request.from, events) else { return false };
    let what = describe(event);
    let is_ghost = bridge.is_ghost(from);
    board.history().newest_first().any(|change| {
        (change.at - request.at).abs() < AT_ONCE
            && change.what == what
            && change.origin.network != request.network.as_str()
            && change.by.as_ref().is_some_and(|by| bridge.is_ghost(by) != is_ghost && are_alike(by, from))
    })
}

/// True where the same thing was changed since something was said: it would come too late.
fn is_overtaken(board: &Board, request: &Request, since: Revision) -> bool {
    let Ask::Said(text) = &request.ask else { return false };
    let subject = |what: &str| what.split_whitespace().next().unwrap_or_default().to_lowercase();
    let mut changes = board.history().newest_first().take_while(|change| change.revision > since);
    changes.any(|change| subject(&change.what) == subject(text))
}

/// True where the names are such that two people may be one: a bridge makes a ghost's name of the person's.
fn are_alike(one: &Person, other: &Person) -> bool {
    let letters =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let names = |person: &Person| {
        let account = person.id.key().trim_start_matches('@').split(':').next().unwrap_or_default().to_owned();
        [letters(&person.name), letters(&account)].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    let (one, other) = (names(one), names(other));
    one.iter().any(|one| other.iter().any(|other| one.contains(other.as_str()) || other.contains(one.as_str())))
}

/// How far apart a bridge's two sides may be.
const AT_ONCE: TimeDelta = TimeDelta::minutes(2);
/// How many commands are left to another bot at once; of more the oldest are its own.
const MOST_LEFT: usize = 1_000;
/// How late a bridge may be on one side.
const LATE: Duration = Duration::from_secs(5);
