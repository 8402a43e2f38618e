//! A chat network: answers in rooms first, then answers in private, then notifications, and turns between people. Who
//! was told very much lately comes after all of them.

use super::budget::Budget;
use super::queues::Queues;
use super::{Answered, Notification, Progress, Said};
use crate::metrics::Waiting;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use ptgbot_core::{
    Delivery, Handled, Options, Outgoing, Outlet, PersonId, Reply, Revision, Role, SendError, Target, TransportError,
};
use std::collections::{HashMap, HashSet, VecDeque};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// The queues of a chat network, and what is under way.
pub(super) struct Turns {
    options: Options,
    waiting: Waiting,
    progress: mpsc::UnboundedSender<Progress>,
    rooms: Queues<Asker, Piece>,
    people: Queues<Asker, Piece>,
    /// In which rooms an answer of several pieces has begun, and to whom.
    begun: HashMap<Target, Asker>,
    budget: Budget,
    notifications: Queues<PersonId, Notification>,
    /// A notification that is remembered as sent and goes next: its pieces.
    next: Option<Sent>,
    /// True while one is being remembered.
    is_marking: bool,
    under_way: FuturesUnordered<BoxFuture<'static, Ended>>,
    /// How many pieces of answers to each are under way.
    counts: HashMap<Target, usize>,
    /// Who is being told something. An answer to the same person need not wait for that.
    told: HashSet<PersonId>,
    requests: HashMap<u64, Request>,
    last_request: u64,
    /// How many answers to each have not left.
    answers: HashMap<Asker, usize>,
    /// Who was told to wait, until all is answered.
    told_to_wait: HashSet<Asker>,
}

/// Who asked, and where the answer goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Asker {
    to: Target,
    /// `None` where it is the place that asked, or an acknowledgement, which waits for nobody.
    who: Option<PersonId>,
}

/// One piece of an answer.
#[derive(Debug)]
struct Piece {
    request: u64,
    piece: Outgoing,
    urgency: Urgency,
    is_last: bool,
}

/// Whom a room lets go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// Those who run it, and acknowledgements.
    Moderator,
    /// An answer that has begun: what is said to members does not mix.
    Begun,
    Member,
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
}

impl Turns {
    pub(super) fn new(options: Options, waiting: Waiting, progress: mpsc::UnboundedSender<Progress>) -> Self {
        Self {
            options,
            waiting,
            progress,
            rooms: Queues::default(),
            people: Queues::default(),
            begun: HashMap::new(),
            budget: Budget::default(),
            notifications: Queues::default(),
            next: None,
            is_marking: false,
            under_way: FuturesUnordered::new(),
            counts: HashMap::new(),
            told: HashSet::new(),
            requests: HashMap::new(),
            last_request: 0,
            answers: HashMap::new(),
            told_to_wait: HashSet::new(),
        }
    }

    /// Sends until the outbox is closed and empty; `closed` is told when nothing more will come. Notifications that
    /// have not left by then are left to the next start.
    pub(super) async fn send(
        mut self,
        outlet: &mut dyn Outlet,
        incoming: &mut mpsc::UnboundedReceiver<Said>,
        closed: &CancellationToken,
    ) -> Result<(), TransportError> {
        while !(closed.is_cancelled() && self.is_done()) {
            self.count();
            let may_send = self.may_send();
            let next = tokio::select! {
                biased;
                said = incoming.recv(), if !closed.is_cancelled() => Next::Said(said),
                Some(ended) = self.under_way.next(), if !self.under_way.is_empty() => Next::Ended(ended),
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
                Next::Ready => self.send_next(outlet),
            }
        }
        Ok(())
    }

    fn count(&self) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let under_way: usize = self.counts.values().sum();
        self.waiting.answers.set(number(self.rooms.len() + self.people.len() + under_way));
        self.waiting.notifications.set(number(self.notifications.len() + self.told.len()));
    }

    fn is_done(&self) -> bool {
        self.rooms.is_empty() && self.people.is_empty() && self.next.is_none() && self.under_way.is_empty()
    }

    fn is_free(&self, target: &Target) -> bool {
        is_free(&self.counts, self.options, target)
    }

    fn may_send(&self) -> bool {
        let anybody = || {
            self.rooms.has_free(|asker| self.is_free(&asker.to))
                || self.people.has_free(|asker| self.is_free(&asker.to))
        };
        self.next.is_some()
            || self.rooms.has_ranked(|asker, pieces| self.rank(asker, pieces))
            || self.people.has_free(|asker| self.is_in_turn(asker))
            || (!self.is_marking && (self.notifications.has_free(|who| self.may_be_told(who)) || anybody()))
    }

    fn may_be_told(&self, who: &PersonId) -> bool {
        may_be_told(&self.told, &self.counts, self.options, who)
    }

    async fn take(&mut self, answered: Answered, outlet: &mut dyn Outlet) {
        self.last_request += 1;
        let request = self.last_request;
        let mut left = 0;
        for message in answered.messages {
            let asker = Asker::of(&message);
            let Some(message) = self.within_measure(message, &asker) else { continue };
            let is_first = answered.role >= Role::Voice || matches!(message, Outgoing::Ack { .. });
            let urgency = if is_first { Urgency::Moderator } else { Urgency::Member };
            let pieces = outlet.split(message);
            let queue = if matches!(asker.to, Target::Room(_)) { &mut self.rooms } else { &mut self.people };
            left += pieces.len();
            let last = pieces.len();
            if last > 0 {
                *self.answers.entry(asker.clone()).or_default() += 1;
            }
            for (number, piece) in (1..).zip(pieces) {
                queue.push(asker.clone(), Piece { request, piece, urgency, is_last: number == last });
            }
        }
        match answered.handled {
            Some(handled) if left == 0 => outlet.handled(handled).await,
            None if left == 0 => {}
            handled => {
                self.requests.insert(request, Request { left, handled });
            }
        }
    }

    /// Of a person who asks faster than the network takes the answers, only some wait.
    fn within_measure(&mut self, message: Outgoing, asker: &Asker) -> Option<Outgoing> {
        let Outgoing::Reply { to, user, in_reply_to, reply } = message else { return Some(message) };
        let is_too_much = self.answers.get(asker).is_some_and(|waiting| *waiting >= MOST_ANSWERS);
        let reply = match is_too_much {
            false => reply,
            true if self.told_to_wait.insert(asker.clone()) => Reply::from(TOO_MANY),
            true => return None,
        };
        Some(Outgoing::Reply { to, user, in_reply_to, reply })
    }

    fn take_notifications(&mut self, notifications: Vec<Notification>) {
        for notification in notifications {
            if self.notifications.len() >= MOST_NOTIFICATIONS {
                tracing::warn!("more than {MOST_NOTIFICATIONS} notifications wait; the rest is left to the next start");
                return;
            }
            self.notifications.push(notification.to.clone(), notification);
        }
    }

    fn send_next(&mut self, outlet: &mut dyn Outlet) {
        if let Some(sent) = self.next.take() {
            return self.send_notification(sent, outlet);
        }
        if let Some((asker, piece)) = self.answer_within_budget() {
            return self.send_piece(asker, piece, outlet);
        }
        let (told, counts, options) = (&self.told, &self.counts, self.options);
        let free = |who: &PersonId| may_be_told(told, counts, options, who);
        let notification = if self.is_marking { None } else { self.notifications.pop(free) };
        let Some((_, notification)) = notification else {
            if let Some((asker, piece)) = self.answer_of_anybody() {
                self.send_piece(asker, piece, outlet);
            }
            return;
        };
        match self.options.delivery {
            Delivery::WhenTaken => {
                let sent = pieces_of(notification, outlet);
                self.send_notification(sent, outlet);
            }
            Delivery::BeforeSending => self.mark(notification),
        }
    }

    /// The next piece of an answer to somebody who was not told very much lately.
    fn answer_within_budget(&mut self) -> Option<(Asker, Piece)> {
        let (mut rooms, mut people) = (std::mem::take(&mut self.rooms), std::mem::take(&mut self.people));
        let next = rooms.pop_lowest(|asker, pieces| self.rank(asker, pieces));
        let next = next.or_else(|| people.pop(|asker| self.is_in_turn(asker)));
        (self.rooms, self.people) = (rooms, people);
        next
    }

    /// In a room the moderators come first, then what has begun, then short answers before long ones, and of those
    /// whoever was told least. `None` for who must wait.
    fn rank(&self, asker: &Asker, pieces: &VecDeque<Piece>) -> Option<(Urgency, usize, u128)> {
        let urgency = match pieces.front()?.urgency {
            Urgency::Member if self.begun.get(&asker.to) == Some(asker) => Urgency::Begun,
            urgency => urgency,
        };
        let told = asker.who.as_ref().map_or(0, |who| self.budget.lines(who));
        let is_spent = urgency == Urgency::Member && asker.who.as_ref().is_some_and(|who| self.budget.is_spent(who));
        (self.is_free(&asker.to) && !is_spent).then_some((urgency, pieces.len(), told))
    }

    /// True for somebody who is told in private, and was not told very much lately.
    fn is_in_turn(&self, asker: &Asker) -> bool {
        self.is_free(&asker.to) && !matches!(&asker.to, Target::Person(who) if self.budget.is_spent(who))
    }

    /// The next piece of any answer.
    fn answer_of_anybody(&mut self) -> Option<(Asker, Piece)> {
        let (counts, options) = (&self.counts, self.options);
        let free = |asker: &Asker| is_free(counts, options, &asker.to);
        self.rooms.pop(free).or_else(|| self.people.pop(free))
    }

    fn send_piece(&mut self, asker: Asker, Piece { request, piece, is_last, urgency }: Piece, outlet: &mut dyn Outlet) {
        match (&asker.who, &asker.to) {
            (Some(who), _) | (None, Target::Person(who)) => self.budget.charge(who),
            (None, Target::Room(_) | Target::Unnamed) => {}
        }
        if is_last {
            self.answer_left(&asker);
        } else if urgency == Urgency::Member {
            self.begun.insert(asker.to.clone(), asker.clone());
        }
        let target = asker.to;
        *self.counts.entry(target.clone()).or_default() += 1;
        let sending = outlet.send(piece);
        self.under_way.push(Box::pin(async move { Ended::Piece(target, request, sending.await) }));
    }

    /// The last piece of an answer leaves; whether the network has it is known later.
    fn answer_left(&mut self, asker: &Asker) {
        if self.begun.get(&asker.to) == Some(asker) {
            self.begun.remove(&asker.to);
        }
        if let Some(waiting) = self.answers.get_mut(asker) {
            *waiting -= 1;
            if *waiting == 0 {
                self.answers.remove(asker);
                self.told_to_wait.remove(asker);
            }
        }
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
        let Some(piece) = sent.pieces.pop_front() else {
            self.progress.send(Progress::Taken(sent.to, sent.revision)).ok();
            return;
        };
        self.told.insert(sent.to.clone());
        let sending = outlet.send(piece);
        self.under_way.push(Box::pin(async move {
            let taken = sending.await;
            Ended::Notification(sent, taken)
        }));
    }

    async fn ended(&mut self, ended: Ended, outlet: &mut dyn Outlet) -> Result<(), TransportError> {
        match ended {
            Ended::Piece(target, request, taken) => {
                self.came_back(&target);
                is_taken(taken)?;
                self.piece_ended(request, outlet).await;
            }
            Ended::Notification(mut sent, taken) => {
                self.told.remove(&sent.to);
                if is_taken(taken)? == Taken::No {
                    sent.pieces.clear();
                }
                self.send_notification(sent, outlet);
            }
            Ended::Marked(marked) => {
                self.is_marking = false;
                self.next = marked.map(|notification| pieces_of(notification, outlet));
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

impl Asker {
    fn of(message: &Outgoing) -> Self {
        let to = message.target();
        let who = match message {
            Outgoing::Reply { user: Some(user), .. } if matches!(to, Target::Room(_)) => Some(user.id.clone()),
            _ => None,
        };
        Self { to, who }
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
    let (to, revision) = (notification.to.clone(), notification.revision);
    Sent { to, revision, pieces: outlet.split(notification.into()).into() }
}

/// How many answers may wait for one person.
const MOST_ANSWERS: usize = 5;
const TOO_MANY: &str = "You ask faster than I may answer here: wait for these answers, then ask again.";
/// How many notifications wait in memory; the journal knows the rest.
const MOST_NOTIFICATIONS: usize = 10_000;
