//! A chat network: answers in rooms first, then answers in private, then notifications, and turns between people. Who
//! was told very much lately comes after all of them.

use super::answers::{Answers, Piece};
use super::queues::Queues;
use super::{Answered, Notification, Progress, Said};
use crate::metrics::Waiting;
use crate::permit::Permit;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use ptgbot_core::{
    Delivery, Handled, Options, Outgoing, Outlet, PersonId, Reply, Revision, SendError, Target, TransportError,
};
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The queues of a chat network, and what is under way.
pub(super) struct Turns {
    options: Options,
    permit: Permit,
    waiting: Waiting,
    progress: mpsc::UnboundedSender<Progress>,
    answers: Answers,
    notifications: Queues<PersonId, Notification>,
    /// Notifications that have begun or are remembered as sent: their pieces go next.
    begun: VecDeque<Sent>,
    /// True while one is being remembered.
    is_marking: bool,
    under_way: FuturesUnordered<BoxFuture<'static, Ended>>,
    /// How many pieces of answers to each are under way.
    counts: HashMap<Target, usize>,
    /// Who is being told something. An answer to the same person need not wait for that.
    told: HashSet<PersonId>,
    requests: HashMap<u64, Request>,
    last_request: u64,
    /// Since when notifications wait.
    waiting_since: Option<Instant>,
    /// Where they have waited for long, they and answers go in turn.
    is_notifications_turn: bool,
}

/// A request whose answers have not all been taken.
struct Request {
    left: usize,
    handled: Option<Handled>,
}

/// A notification whose pieces leave one after the other.
struct Sent {
    to: PersonId,
    revision: Revision,
    changed_at: DateTime<Utc>,
    pieces: VecDeque<Outgoing>,
}

/// What has ended.
enum Ended {
    /// A piece of an answer.
    Piece(Target, u64, Result<(), SendError>),
    /// A piece of a notification, with those behind it.
    Notification(Sent, Result<(), SendError>),
    /// A notification is remembered as sent; `None` when it could not be.
    Marked(Option<Notification>),
}

/// What can be done next.
enum Next {
    Said(Option<Said>),
    Ended(Ended),
    Ready,
    Permitted,
    Shown,
}

impl Turns {
    pub(super) fn new(
        options: Options,
        permit: Permit,
        waiting: Waiting,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Self {
        Self {
            options,
            permit,
            waiting,
            progress,
            answers: Answers::default(),
            notifications: Queues::default(),
            begun: VecDeque::new(),
            is_marking: false,
            under_way: FuturesUnordered::new(),
            counts: HashMap::new(),
            told: HashSet::new(),
            requests: HashMap::new(),
            last_request: 0,
            waiting_since: None,
            is_notifications_turn: false,
        }
    }

    /// Sends until the outbox is closed and empty; `closed` is told when nothing more will come. Notifications that
    /// have not left by then are left to the next start. Nothing leaves while the bot may not speak, and nothing any more
    /// once another process does.
    pub(super) async fn send(
        mut self,
        outlet: &mut dyn Outlet,
        incoming: &mut mpsc::UnboundedReceiver<Said>,
        shown: &mut watch::Receiver<Reply>,
        closed: &CancellationToken,
    ) -> Result<(), TransportError> {
        outlet.speak_for(self.permit.left());
        while !(closed.is_cancelled() && self.is_done()) {
            if self.permit.is_over() {
                return Ok(());
            }
            self.count();
            let may_send = self.permit.is_good() && self.may_send();
            let next = tokio::select! {
                biased;
                () = self.permit.changed() => Next::Permitted,
                said = incoming.recv(), if !closed.is_cancelled() => Next::Said(said),
                Some(ended) = self.under_way.next(), if !self.under_way.is_empty() => Next::Ended(ended),
                Ok(()) = shown.changed() => Next::Shown,
                () = outlet.ready(), if may_send => Next::Ready,
            };
            match next {
                Next::Said(Some(Said::Answered(answered))) => self.take(answered, outlet).await,
                Next::Said(Some(Said::Notifications(notifications))) => self.take_notifications(notifications),
                Next::Said(None) => {
                    closed.cancel();
                    if !self.notifications.is_empty() {
                        let waiting = self.notifications.len();
                        tracing::info!(waiting, "notifications are left to the next start");
                    }
                    self.notifications.clear();
                }
                Next::Ended(ended) => self.ended(ended, outlet).await?,
                // A process that slept finds out here.
                Next::Ready if self.permit.is_good() => self.send_next(outlet),
                Next::Ready => {}
                Next::Permitted => outlet.speak_for(self.permit.left()),
                Next::Shown => outlet.show(&shown.borrow_and_update()),
            }
        }
        Ok(())
    }

    fn count(&self) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let under_way: usize = self.counts.values().sum();
        self.waiting.answers.set(number(self.answers.len() + under_way));
        self.waiting.notifications.set(number(self.notifications.len() + self.told.len()));
    }

    fn is_done(&self) -> bool {
        self.answers.is_empty() && self.begun.is_empty() && self.under_way.is_empty()
    }

    fn is_free(&self, target: &Target) -> bool {
        is_free(&self.counts, self.options, target)
    }

    fn may_send(&self) -> bool {
        let is_free = |target: &Target| self.is_free(target);
        !self.begun.is_empty()
            || self.answers.has_within_budget(is_free)
            || (!self.is_marking && self.notifications.has_free(|who| self.may_be_told(who)))
            || (!self.is_marking && self.answers.has_of_anybody(is_free))
    }

    fn may_be_told(&self, who: &PersonId) -> bool {
        may_be_told(&self.told, &self.counts, self.options, who)
    }

    async fn take(&mut self, answered: Answered, outlet: &mut dyn Outlet) {
        self.last_request += 1;
        let request = self.last_request;
        let mut left = 0;
        for message in answered.messages {
            left += self.answers.push(message, answered.who.as_ref(), answered.role, request, outlet);
        }
        match answered.handled {
            Some(handled) if left == 0 => outlet.handled(handled).await,
            None if left == 0 => {}
            handled => {
                self.requests.insert(request, Request { left, handled });
            }
        }
    }

    fn take_notifications(&mut self, notifications: Vec<Notification>) {
        for notification in notifications {
            if self.notifications.len() >= MOST_NOTIFICATIONS {
                tracing::warn!("more than {MOST_NOTIFICATIONS} notifications wait; the rest is left to the next start");
                return;
            }
            self.notifications.push(notification.to.clone(), notification);
            self.waiting_since.get_or_insert_with(Instant::now);
        }
    }

    fn send_next(&mut self, outlet: &mut dyn Outlet) {
        if let Some(sent) = self.begun.pop_front() {
            return self.send_notification(sent, outlet);
        }
        let (counts, options) = (&self.counts, self.options);
        let is_free = |target: &Target| is_free(counts, options, target);
        let next = match self.answers.next_of_moderators(is_free) {
            None if self.is_notifications_turn => None,
            None => self.answers.next_within_budget(is_free),
            next => next,
        };
        if let Some((target, piece)) = next {
            self.is_notifications_turn = self.waiting_since.is_some_and(|since| since.elapsed() >= LONG);
            return self.send_piece(target, piece, outlet);
        }
        self.is_notifications_turn = false;
        if let Some(notification) = self.next_notification() {
            match self.options.delivery {
                Delivery::WhenTaken => {
                    let sent = pieces_of(notification, outlet);
                    self.send_notification(sent, outlet);
                }
                Delivery::BeforeSending => self.mark(notification),
            }
        } else if let Some((target, piece)) = self.next_answer() {
            self.send_piece(target, piece, outlet);
        }
    }

    /// The next notification, unless one is being remembered.
    fn next_notification(&mut self) -> Option<Notification> {
        if self.is_marking {
            return None;
        }
        let (told, counts, options) = (&self.told, &self.counts, self.options);
        let next = self.notifications.pop(|who| may_be_told(told, counts, options, who));
        if self.notifications.is_empty() {
            self.waiting_since = None;
        }
        next.map(|(_, notification)| notification)
    }

    /// The next answer where no notification goes before it.
    fn next_answer(&mut self) -> Option<(Target, Piece)> {
        let (counts, options) = (&self.counts, self.options);
        let is_free = |target: &Target| is_free(counts, options, target);
        let within = self.answers.next_within_budget(is_free);
        if within.is_some() || self.is_marking { within } else { self.answers.next_of_anybody(is_free) }
    }

    fn send_piece(&mut self, target: Target, Piece { request, piece, .. }: Piece, outlet: &mut dyn Outlet) {
        *self.counts.entry(target.clone()).or_default() += 1;
        let sending = self.permit.clone().for_each_step(outlet.send(piece));
        self.under_way.push(Box::pin(async move { Ended::Piece(target, request, sending.await) }));
    }

    /// Remembers that a notification is sent; it is then, and only then.
    fn mark(&mut self, notification: Notification) {
        self.is_marking = true;
        let (durable, marked) = oneshot::channel();
        let progress = Progress::Sending(notification.to.clone(), notification.revision, durable);
        let asked = self.progress.send(progress).is_ok();
        self.under_way.push(Box::pin(async move {
            let is_marked = asked && marked.await.is_ok();
            Ended::Marked(is_marked.then_some(notification))
        }));
    }

    fn send_notification(&mut self, mut sent: Sent, outlet: &mut dyn Outlet) {
        let Some(piece) = sent.pieces.pop_front() else { return self.told_all(sent) };
        self.told.insert(sent.to.clone());
        let sending = self.permit.clone().for_each_step(outlet.send(piece));
        self.under_way.push(Box::pin(async move {
            let taken = sending.await;
            Ended::Notification(sent, taken)
        }));
    }

    fn told_all(&mut self, sent: Sent) {
        self.told.remove(&sent.to);
        self.progress.send(Progress::Taken(sent.to, sent.revision)).ok();
    }

    async fn ended(&mut self, ended: Ended, outlet: &mut dyn Outlet) -> Result<(), TransportError> {
        match ended {
            Ended::Piece(target, request, taken) => {
                self.came_back(&target);
                let is_gone = is_taken(taken)? == Taken::No && matches!(target, Target::Person(_));
                self.piece_ended(request, outlet).await;
                // Each try would cost the time of a line.
                let given_up = if is_gone { self.answers.give_up(&target) } else { Vec::new() };
                for request in given_up {
                    self.piece_ended(request, outlet).await;
                }
            }
            Ended::Notification(mut sent, taken) => {
                match is_taken(taken)? {
                    Taken::Yes if sent.pieces.is_empty() => self.waiting.taken(sent.changed_at),
                    Taken::Yes => {}
                    Taken::No => sent.pieces.clear(),
                }
                match sent.pieces.is_empty() {
                    true => self.told_all(sent),
                    false => self.begun.push_front(sent),
                }
            }
            Ended::Marked(marked) => {
                self.is_marking = false;
                self.begun.extend(marked.map(|notification| pieces_of(notification, outlet)));
            }
        }
        Ok(())
    }

    fn came_back(&mut self, target: &Target) {
        if let Some(count) = self.counts.get_mut(target) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(target);
            }
        }
    }

    async fn piece_ended(&mut self, request: u64, outlet: &mut dyn Outlet) {
        let Some(open) = self.requests.get_mut(&request) else { return };
        open.left -= 1;
        if open.left > 0 {
            return;
        }
        let Some(Request { handled, .. }) = self.requests.remove(&request) else { return };
        if let Some(handled) = handled {
            outlet.handled(handled).await;
        }
    }
}

/// Whether the network has a piece.
#[derive(PartialEq, Eq)]
enum Taken {
    Yes,
    No,
}

fn is_taken(taken: Result<(), SendError>) -> Result<Taken, TransportError> {
    match taken {
        Ok(()) => Ok(Taken::Yes),
        Err(SendError::Closed(error)) => Err(error),
        Err(refused) => {
            tracing::warn!(%refused, "a message was not taken");
            Ok(Taken::No)
        }
    }
}

fn is_free(counts: &HashMap<Target, usize>, options: Options, target: &Target) -> bool {
    counts.get(target).copied().unwrap_or(0) < options.under_way.max(1)
}

/// A person is told one thing at a time, after the answers that they wait for.
fn may_be_told(told: &HashSet<PersonId>, counts: &HashMap<Target, usize>, options: Options, who: &PersonId) -> bool {
    told.len() < options.told_at_once.max(1)
        && !told.contains(who)
        && is_free(counts, options, &Target::Person(who.clone()))
}

fn pieces_of(notification: Notification, outlet: &dyn Outlet) -> Sent {
    let Notification { revision, changed_at, .. } = notification;
    Sent { to: notification.to.clone(), revision, changed_at, pieces: outlet.split(notification.into()).into() }
}

/// How long notifications wait for answers. Then they go in turn: a room full of questions does not keep them for ever.
const LONG: Duration = Duration::from_secs(30);
/// How many notifications wait in memory; the journal knows the rest.
const MOST_NOTIFICATIONS: usize = 10_000;
