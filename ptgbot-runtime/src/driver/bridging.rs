//! Bridged rooms: commands of people from another network are left to the bot there while it acts, and count once where
//! both have heard them.

use super::Driver;
use crate::bridge::BridgeConfig;
use crate::outbox::Answered;
use chrono::TimeDelta;
use ptgbot_core::{Ask, Board, Event, Handled, Incoming, Lease, Outcome, Person, Request, describe};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What is left to another bot.
#[derive(Default)]
pub(super) struct Bridged {
    /// Until when the other bot acts, as far as is known.
    until: Option<Instant>,
    /// What was left to it, until it is known that it could handle that.
    left: VecDeque<(Instant, Incoming)>,
}

impl Bridged {
    /// When the other bot can no longer be relied on, if something was left to it.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until.filter(|_| !self.left.is_empty())
    }

    fn other_acts(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
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
            Err(error) => return tracing::debug!(%error, "whether the bot on the other side acts is not known"),
        };
        let wanted = self.net.bridge.network.as_ref();
        let others = leases.iter().filter(|lease| {
            let network = lease.account.network();
            network != Some(&self.net.network) && (wanted.is_none() || network == wanted)
        });
        self.bridged.until = others.map(|lease| lease.left).max().filter(|left| !left.is_zero()).map(|left| now + left);
        // What was said before its last renewal it has heard, or will hear.
        let heard_by_it = now.checked_sub(Lease::SPAN + Lease::RENEW_EVERY + LATE);
        if self.bridged.until.is_some() {
            self.bridged.left.retain(|(at, _)| heard_by_it.is_none_or(|heard| *at > heard));
        }
    }

    /// Takes out what is left to the other bot.
    pub(super) fn leave(&mut self, messages: Vec<Incoming>) -> Vec<Incoming> {
        if !self.bridged.other_acts() {
            return messages;
        }
        let is_ghost =
            |message: &Incoming| message.request.from.as_ref().is_some_and(|from| self.net.bridge.is_ghost(from));
        let (left, ours): (Vec<_>, Vec<_>) = messages.into_iter().partition(is_ghost);
        self.handled(&left);
        for message in left {
            let handled = Handled::new(message.id.clone(), Outcome::Ignored, self.settled);
            self.outbox.answer(Answered { handled: Some(handled), ..Answered::default() });
            self.bridged.left.push_back((Instant::now(), message));
        }
        ours
    }

    /// The other bot seems to act no more: takes what was left to it, as far as it has not done that.
    pub(super) async fn take_what_was_left(&mut self, stop: &CancellationToken) {
        self.look_at_the_other_bot().await;
        self.follow_others().await;
        if self.bridged.until.is_none() {
            let left = std::mem::take(&mut self.bridged.left);
            let left = left.into_iter().map(|(_, message)| Incoming::new(message.request));
            let news = left.filter(|message| !is_overtaken(&self.board, &message.request)).collect();
            self.handle(news, stop).await;
        }
    }
}

/// True where a command was heard on the other side of a bridge, too, and has been done there: at about the time when it
/// was said the same was changed on another network, and one of the two people is a ghost.
pub(super) fn is_done_already(bridge: &BridgeConfig, board: &Board, request: &Request, events: &[Event]) -> bool {
    let (false, Some(from), [event, ..]) = (bridge.is_empty(), &request.from, events) else { return false };
    let what = describe(event);
    let is_ghost = bridge.is_ghost(from);
    let recent = board.history().newest_first().take_while(|change| change.at > request.at - AT_ONCE);
    recent.filter(|change| change.at < request.at + AT_ONCE).any(|change| {
        change.what == what
            && change.origin.network != request.network.as_str()
            && change.by.as_ref().is_some_and(|by| bridge.is_ghost(by) != is_ghost && are_alike(by, from))
    })
}

/// True where the same thing was changed since something was said: it would come too late.
fn is_overtaken(board: &Board, request: &Request) -> bool {
    let Ask::Said(text) = &request.ask else { return false };
    let subject = |what: &str| what.split_whitespace().next().unwrap_or_default().to_lowercase();
    let since = board.history().newest_first().take_while(|change| change.at > request.at);
    since.into_iter().any(|change| subject(&change.what) == subject(text))
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
/// How late a bridge may be on one side.
const LATE: Duration = Duration::from_secs(5);
