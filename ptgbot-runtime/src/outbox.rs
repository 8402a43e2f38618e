//! The outbox: what was said and waits until the network takes it. Nobody who listens or decides ever waits for it.
//!
//! All queues of the bot are here. A pipe has one, in the order in which requests were handled. A chat network has
//! one a room and one a person, and takes turns between them (`turns`): answers in rooms go first, then answers in
//! private, then notifications. Where many ask, each of these still has some turns, so that nothing waits for ever.
//!
//! A notification is remembered in the journal person by person, and what still waits at a stop is not lost: nobody
//! remembers it as delivered, so the next start tells it.

mod answers;
mod budget;
mod ordered;
mod queues;
mod turns;

use crate::metrics::Waiting;
use crate::permit::Permit;
use chrono::{DateTime, Utc};
use ptgbot_core::{Handled, Options, Order, Outgoing, Outlet, PersonId, Reply, Revision, Role, TransportError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use turns::Turns;

/// Where messages are put. The outbox ends when this is gone.
#[derive(Debug)]
pub(crate) struct Outbox(mpsc::UnboundedSender<Said>);

/// The answers to one request, and its end.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    pub(crate) messages: Vec<Outgoing>,
    /// Who asked, and what they may do; `None` for what nobody said.
    pub(crate) who: Option<PersonId>,
    pub(crate) role: Role,
    /// `None` for a request that waits for something outside.
    pub(crate) handled: Option<Handled>,
}

/// Something that a person asked to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notification {
    pub(crate) to: PersonId,
    /// The change of which it tells.
    pub(crate) revision: Revision,
    /// When that was.
    pub(crate) changed_at: DateTime<Utc>,
    pub(crate) reply: Reply,
}

#[derive(Debug)]
enum Said {
    Answered(Answered),
    Notifications(Vec<Notification>),
}

/// How far a notification has come.
#[derive(Debug)]
pub(crate) enum Progress {
    /// It is about to be sent, as soon as that is durable.
    Sending(PersonId, Revision, oneshot::Sender<()>),
    /// The network has taken it, or has refused it for good.
    Taken(PersonId, Revision),
}

impl Outbox {
    /// An outbox for a network, the work of sending it as far as the bot may speak, and how its notifications come along.
    /// What waits is counted.
    pub(crate) fn new(
        outlet: Box<dyn Outlet>,
        options: Options,
        permit: Permit,
        waiting: Waiting,
    ) -> (Self, Sending, mpsc::UnboundedReceiver<Progress>) {
        let (sender, incoming) = mpsc::unbounded_channel();
        let (progress, reports) = mpsc::unbounded_channel();
        let shown = watch::channel(Reply::default()).1;
        (Self(sender), Sending { outlet, options, permit, waiting, incoming, progress, shown }, reports)
    }

    /// Puts the answers to a request in. After the network has failed they go nowhere; the failure is told elsewhere.
    pub(crate) fn answer(&self, answered: Answered) {
        self.0.send(Said::Answered(answered)).ok();
    }

    /// Nothing more is put in: the outbox ends when what waits has left.
    pub(crate) fn close(&mut self) {
        self.0 = mpsc::unbounded_channel().0;
    }

    /// Puts notifications in.
    pub(crate) fn notify(&self, notifications: Vec<Notification>) {
        self.0.send(Said::Notifications(notifications)).ok();
    }
}

impl From<Notification> for Outgoing {
    fn from(Notification { to, revision, reply, changed_at: _ }: Notification) -> Self {
        Self::Notify { to, revision, reply }
    }
}

/// The work of sending what is in the outbox.
pub(crate) struct Sending {
    outlet: Box<dyn Outlet>,
    options: Options,
    permit: Permit,
    waiting: Waiting,
    incoming: mpsc::UnboundedReceiver<Said>,
    progress: mpsc::UnboundedSender<Progress>,
    /// The board in words.
    shown: watch::Receiver<Reply>,
}

impl Sending {
    /// The same, which also hands on the board in words.
    pub(crate) fn showing(self, shown: watch::Receiver<Reply>) -> Self {
        Self { shown, ..self }
    }

    /// Sends until the outbox is closed and empty, then says goodbye. What is left at the end has a while to leave, as
    /// the network's [`Options`] say; after a stop was asked for it is ten seconds.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), TransportError> {
        let closed = CancellationToken::new();
        let drain = self.options.drain;
        let too_late = async {
            let ended = async {
                closed.cancelled().await;
                match drain {
                    Some(patience) => tokio::time::sleep(patience).await,
                    None => std::future::pending().await,
                }
            };
            let stopped = async {
                stop.cancelled().await;
                tokio::time::sleep(PATIENCE).await;
            };
            tokio::select! {
                biased;
                () = ended => {}
                () = stopped => {}
            }
        };
        let sending = async {
            match self.options.order {
                Order::AsHandled => ordered::send(self.outlet.as_mut(), &mut self.incoming, &closed).await,
                Order::AnswersFirst => {
                    let turns = Turns::new(self.options, self.permit.clone(), self.waiting, self.progress.clone());
                    turns.send(self.outlet.as_mut(), &mut self.incoming, &mut self.shown, &closed).await
                }
            }
        };
        let sent = tokio::select! {
            biased;
            sent = sending => sent,
            () = too_late => {
                tracing::warn!("stopped before everything was sent");
                Ok(())
            }
        };
        sent?;
        // What was handed over leaves within the close, if it may.
        self.outlet.speak_for(self.permit.left());
        match tokio::time::timeout(PATIENCE, self.outlet.close()).await {
            Ok(closed) => closed,
            Err(_) => {
                tracing::warn!("stopped before the network said goodbye");
                Ok(())
            }
        }
    }
}

/// How long a closed outbox may go on sending after a stop was asked for, and how long a goodbye may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
