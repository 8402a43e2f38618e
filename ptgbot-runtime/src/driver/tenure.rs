//! The right to act for an account, while the bot runs: renewed, remembered with what was handled, and lost.

use super::{Driver, TRY_AGAIN};
use crate::absence::Absence;
use crate::permit::{Permit, Until};
use ptgbot_core::{Connection, Incoming, JournalError, Lease, PersonId};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The right of a bot to act for its account.
pub(crate) struct Tenure {
    until: watch::Sender<Until>,
    /// `None` where nobody else can ever act.
    pub(super) renew_at: Option<Instant>,
    /// Where the transport stands, as far as the store does not know it yet.
    place: Option<String>,
    /// Whether the store has any place of this tenure.
    has_stood: bool,
    absence: Absence,
    /// Whose lease it is, and its number.
    pub(super) lease: Option<(PersonId, u64)>,
    /// Without it the lease is not renewed.
    connection: Connection,
    /// True while the lease runs out because the network is not reached.
    pub(super) runs_out: bool,
    /// Other bots of this network that were named to operators.
    pub(super) neighbours: BTreeSet<PersonId>,
}

impl Tenure {
    /// That of a bot which nobody else can be.
    pub(crate) fn for_ever() -> (Self, Permit) {
        let (until, permit) = Permit::new(Until::Always);
        (Self::new(until, None), permit)
    }

    /// That of a bot whose lease was asked for at a moment.
    pub(crate) fn since(asked: Instant) -> (Self, Permit) {
        let (until, permit) = Permit::new(Until::Moment(asked + Lease::SPAN));
        (Self::new(until, Some(asked + Lease::RENEW_EVERY)), permit)
    }

    fn new(until: watch::Sender<Until>, renew_at: Option<Instant>) -> Self {
        let (place, has_stood, absence, lease, connection, runs_out, neighbours) = Default::default();
        Self { until, renew_at, place, has_stood, absence, lease, connection, runs_out, neighbours }
    }

    /// The same, of a lease, and only while the network is reached.
    pub(crate) fn of(self, account: PersonId, number: u64, connection: Connection) -> Self {
        Self { lease: Some((account, number)), connection, ..self }
    }

    /// When to renew the lease.
    pub(super) fn renew_at(&self) -> Option<Instant> {
        self.renew_at
    }

    /// True when another process may act by now.
    pub(super) fn has_lapsed(&self) -> bool {
        matches!(*self.until.borrow(), Until::Moment(until) if until <= Instant::now())
    }

    /// Where somebody else would go on, once what was heard up to here is handled. It is remembered soon.
    fn stand_at(&mut self, place: &str) {
        if let Some(renew_at) = &mut self.renew_at {
            self.place = Some(place.to_owned());
            *renew_at = (*renew_at).min(Instant::now() + REMEMBER_WITHIN);
        }
    }
}

impl Driver {
    /// Renews the lease, and remembers where the transport stands.
    pub(super) async fn renew(&mut self) {
        // What is still to be remembered is: others go on from there.
        if !self.tenure.connection.stands() && self.tenure.place.is_none() {
            return self.let_run_out().await;
        }
        let asked = Instant::now();
        let place = self.tenure.place.take();
        let renewed = self.journal.renew_lease(place.as_deref()).await;
        match &renewed {
            Ok(()) => self.tenure.has_stood |= place.is_some(),
            Err(_) => self.tenure.place = place,
        }
        match renewed {
            Ok(()) | Err(JournalError::NotRemembered) => {
                if let Some(seconds) = self.tenure.absence.end() {
                    tracing::info!(seconds, "the lease is renewed again");
                }
                self.tenure.renew_at = Some(asked + Lease::RENEW_EVERY);
                self.tenure.until.send_replace(Until::Moment(asked + Lease::SPAN));
                if std::mem::take(&mut self.tenure.runs_out) {
                    tracing::info!("the lease is renewed: nobody has taken it");
                }
                self.look_at_the_other_bot().await;
                self.look_for_neighbours().await;
            }
            Err(error @ JournalError::Fenced { .. }) => self.lost(error),
            Err(error) => {
                if self.tenure.absence.is_news() {
                    tracing::warn!(%error, "the lease is not renewed; trying again");
                }
                self.tenure.renew_at = Some(Instant::now() + TRY_AGAIN);
            }
        }
    }

    /// Makes sure, before anything is written or said, that nobody else acts. False where that cannot be known.
    pub(super) async fn may_act(&mut self) -> bool {
        if self.tenure.has_lapsed() {
            self.renew().await;
        }
        self.fenced.is_none() && !self.tenure.has_lapsed()
    }

    /// Lets others act, from where this one has come to.
    pub(super) async fn give_up(&mut self) {
        if self.tenure.place.is_some() {
            self.renew().await;
        }
        if self.fenced.is_none()
            && let Err(error) = self.journal.release_lease().await
        {
            tracing::warn!(%error, "others wait until the lease is over");
        }
    }

    /// Another process acts for the account: nothing more is said or written.
    pub(super) fn lost(&mut self, error: JournalError) {
        self.tenure.until.send_replace(Until::Over);
        self.fenced = Some(error);
    }

    /// Some messages were handled. The first place of a tenure is remembered before anything is answered: whoever acts
    /// next must know who acted.
    pub(super) async fn handled(&mut self, messages: &[Incoming]) {
        if let Some(place) = place_of(messages) {
            self.tenure.stand_at(place);
            if self.tenure.place.is_some() && !self.tenure.has_stood {
                self.renew().await;
            }
        }
    }

    /// Some messages were handled, and that was written with their changes.
    pub(super) fn remembered(&mut self, messages: &[Incoming]) {
        if place_of(messages).is_some() {
            self.tenure.place = None;
            self.tenure.has_stood = true;
        }
    }
}

/// True where a place is one that every store can keep.
pub(super) fn fits(place: &str) -> bool {
    let fits = place.len() <= Incoming::LONGEST_PLACE;
    if !fits {
        tracing::warn!(
            bytes = place.len(),
            "the transport's place is too long and not remembered: a bug of the adapter"
        );
    }
    fits
}

/// Where somebody else goes on once some messages are handled.
pub(super) fn place_of(messages: &[Incoming]) -> Option<&str> {
    messages.iter().rev().find_map(|message| message.place.as_deref())
}

/// What changed nothing may be handled again by somebody else within this time.
const REMEMBER_WITHIN: Duration = Duration::from_millis(500);
