//! Telling subscribers: whom a change concerns, and how far a network has been told.

use super::{Driver, Net, TRY_AGAIN};
use crate::delivery::PendingNotification;
use crate::outbox::{Answered, Notification, Progress};
use ptgbot_core::{
    Ask, Delivered, Delivery, Incoming, Journal, JournalError, Mark, NameForm, Network, Order, Outgoing, PersonId,
    Request, Revision, RoomAddress,
};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A notification that is to be sent as soon as the store can remember it.
pub(super) struct Unmarked {
    to: PersonId,
    revision: Revision,
    durable: oneshot::Sender<()>,
    try_at: Instant,
}

impl Unmarked {
    /// When to try again.
    pub(super) fn try_at(&self) -> Instant {
        self.try_at
    }
}

impl Driver {
    /// Finds out whom notices concern: in a pipe at once, which gives what is to be said; else beside the loop.
    pub(super) fn matching(&mut self, notices: Vec<PendingNotification>) -> Vec<Outgoing> {
        let mut announcements = Vec::new();
        let for_room = |notice: PendingNotification| {
            let (RoomAddress { network, room }, reply) = match notice.for_room() {
                Ok(for_room) => for_room,
                Err(for_people) => return Some(for_people),
            };
            if network == self.net.network {
                announcements.push(Outgoing::Announce { room, reply });
            }
            None
        };
        let notices: Vec<_> = notices.into_iter().filter_map(for_room).collect();
        if self.net.options.order == Order::AsHandled {
            let told = self.subscribers.matching(&mut self.patterns, notices);
            return announcements.into_iter().chain(self.of_our_people(told)).collect();
        }
        if !announcements.is_empty() {
            self.outbox.answer(Answered { messages: announcements, ..Answered::default() });
        }
        if !notices.is_empty() {
            self.matching += 1;
            self.subscribers.ask(&self.matcher, notices);
        }
        Vec::new()
    }

    /// What a pipe says of it.
    fn of_our_people(&self, told: Vec<Notification>) -> impl Iterator<Item = Outgoing> + use<> {
        let network = self.net.network.clone();
        let told = told.into_iter().filter(move |told| told.to.network() == Some(&network));
        let metrics = self.net.metrics.clone();
        told.inspect(move |_| metrics.notification()).map(Into::into)
    }

    /// It was found whom notices concern.
    pub(super) async fn found(&mut self, mut told: Vec<Notification>, stop: &CancellationToken) {
        self.matching -= 1;
        let names = self.net.options.names;
        let is_nobodys = |who: &PersonId| who.network().is_none() && who.form() == names;
        if told.iter().any(|notification| is_nobodys(&notification.to)) && self.board.homes().of(names).is_none() {
            let request = Request::new(&self.net.network, self.net.clock.now(), Ask::AdoptNames(names));
            self.handle(vec![Incoming::new(request)], stop).await;
        }
        for notification in &mut told {
            notification.to = self.homes.resolve(notification.to.clone());
        }
        told.retain(|notification| self.is_ours(notification));
        if told.is_empty() {
            return self.told_all().await;
        }
        told.iter().for_each(|_| self.net.metrics.notification());
        self.waiting += told.len();
        self.outbox.notify(told);
    }

    pub(super) fn is_ours(&self, notification: &Notification) -> bool {
        notification.to.network() == Some(&self.net.network)
    }

    /// A notification has come along.
    pub(super) async fn notification(&mut self, progress: Progress) {
        match progress {
            Progress::Sending(to, revision, durable) => match self.mark(&to, revision).await {
                Ok(()) => {
                    durable.send(()).ok();
                }
                Err(error) => {
                    tracing::error!(%error, "cannot remember a notification; none is sent until that can be done");
                    self.unmarked = Some(Unmarked { to, revision, durable, try_at: Instant::now() + TRY_AGAIN });
                }
            },
            Progress::Taken(who, revision) => {
                if self.net.options.delivery == Delivery::WhenTaken
                    && let Err(error) = self.mark(&who, revision).await
                {
                    tracing::error!(%error, "cannot remember a notification; it may be sent again after a restart");
                }
                self.waiting = self.waiting.saturating_sub(1);
                self.told_all().await;
            }
        }
    }

    async fn mark(&mut self, who: &PersonId, revision: Revision) -> Result<(), JournalError> {
        self.mark_delivered(Mark::People(vec![(who.clone(), revision)])).await
    }

    async fn mark_delivered(&mut self, mark: Mark) -> Result<(), JournalError> {
        let marked = self.journal.mark_delivered(&self.net.network, mark).await;
        if let Err(JournalError::Fenced { account }) = &marked {
            self.lost(JournalError::Fenced { account: account.clone() });
        }
        marked
    }

    /// Tries again to remember what is to be sent next.
    pub(super) async fn mark_again(&mut self) {
        let Some(unmarked) = self.unmarked.take() else { return };
        if self.mark(&unmarked.to, unmarked.revision).await.is_ok() {
            tracing::info!("notifications are sent again");
            unmarked.durable.send(()).ok();
        } else {
            self.unmarked = Some(Unmarked { try_at: Instant::now() + TRY_AGAIN, ..unmarked });
        }
    }

    /// Once nothing waits, everybody has been told of everything.
    pub(super) async fn told_all(&mut self) {
        if self.waiting == 0 && self.matching == 0 && self.delivered < self.settled {
            self.remember_delivered().await;
        }
    }

    /// Tells what was missed while no bot ran.
    pub(super) async fn tell_missed(&mut self, delivered: Delivered) -> Result<(), JournalError> {
        let from = self.delivered.max(self.settled.saturating_sub(LOOK_BACK));
        let mut records = self.read_all_after(from).await?;
        // What others have written since the board was read is followed like all that they write.
        let known = records.partition_point(|record| record.revision <= self.settled);
        let has_newer = !records.split_off(known).is_empty();
        self.matching += 1;
        self.subscribers.ask_missed(&self.matcher, &self.board, &records, delivered, self.net.clock.now());
        if self.net.options.order == Order::AsHandled {
            let told = self.matched.recv().await.unwrap_or_default();
            self.matching -= 1;
            let told = self.of_our_people(told).collect();
            self.remember_delivered().await;
            self.say_in_order(told).await;
        }
        if has_newer {
            self.follow_others().await;
        }
        Ok(())
    }

    pub(super) async fn say_in_order(&mut self, told: Vec<Outgoing>) {
        if told.is_empty() {
            return;
        }
        self.remember_delivered().await;
        self.outbox.answer(Answered { messages: told, ..Answered::default() });
    }

    /// Everybody of this network has been told of everything so far, if nothing waits.
    pub(super) async fn remember_delivered(&mut self) {
        if self.waiting > 0 || self.matching > 0 {
            return;
        }
        match self.mark_delivered(Mark::Everyone(self.settled)).await {
            Ok(()) => self.delivered = self.settled,
            Err(error) => tracing::error!(%error, "notifications may be sent again after a restart"),
        }
    }
}

/// How far a network has been told. Version 0.1 remembered that under the kind of network.
pub(super) async fn delivered(journal: &mut dyn Journal, net: &Net) -> Result<Delivered, JournalError> {
    let delivered = journal.delivered(&net.network).await?;
    if delivered.everyone.is_some() {
        return Ok(delivered);
    }
    journal
        .delivered(&Network::nearest(match net.options.names {
            NameForm::Nick => "irc",
            NameForm::MatrixId => "matrix",
        }))
        .await
}

/// How far back missed notifications are looked for.
const LOOK_BACK: Revision = 10_000;
