//! A bot's connection to a simulated network.

use crate::chat::{Chat, STUCK, Sent, What};
use crate::faults::OldFault;
use crate::process::Process;
use futures_util::stream;
use ptgbot_core::{
    Blocking, Delivery, Folding, Handled, Inbox, Network, Options, Outgoing, Outlet, PersonId, Sending, Target,
    Transport, async_trait,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep, sleep_until};

pub(crate) struct Connection {
    chat: Chat,
    process: Process,
    fault: OldFault,
    /// How many lines were said before the first that is to be heard.
    place: usize,
}

impl Connection {
    pub(crate) fn new(chat: &Chat, process: &Process, fault: OldFault) -> Self {
        Self { chat: chat.clone(), process: process.clone(), fault, place: 0 }
    }
}

impl Transport for Connection {
    fn network(&self) -> &Network {
        &self.chat.network
    }

    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.chat.network, "ptgbot", Folding::Ascii))
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.delivery = self.chat.delivery;
        options.blocking = Blocking::Inline;
        options
    }

    fn go_on_from(&mut self, place: &str) {
        tracing::debug!(process = self.process.number, place, "goes on");
        self.place = place.parse().expect("a place of ours");
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let Self { chat, process, fault, place } = *self;
        let ears = (chat.clone(), process.clone(), place);
        let inbox = stream::unfold(ears, |(chat, process, next)| async move {
            chat.more_than(next).await;
            process.awake().await;
            let heard = chat.heard(next, next + 1);
            Some((Ok(heard), (chat, process, next + 1)))
        });
        let permits = Arc::new(Semaphore::new(PERMITS));
        let (next_line, queue) = (Instant::now(), Arc::new(Mutex::new(())));
        (Box::pin(inbox), Box::new(Mouth { chat, process, fault, next_line, permits, queue }))
    }
}

struct Mouth {
    chat: Chat,
    process: Process,
    fault: OldFault,
    next_line: Instant,
    /// Of the adapter with the fault that loses them.
    permits: Arc<Semaphore>,
    /// Of the adapter with the fault that one waits for the other.
    queue: Arc<Mutex<()>>,
}

#[async_trait]
impl Outlet for Mouth {
    async fn ready(&mut self) {
        self.process.awake().await;
        sleep_until(self.next_line).await;
        if self.fault == OldFault::LostPermit {
            drop(self.permits.acquire().await.expect("never closed"));
        }
        self.process.awake().await;
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let slowness = self.chat.state().slowness;
        self.next_line = Instant::now() + LINE * (1 + slowness);
        let what = match &piece {
            Outgoing::Reply { to, in_reply_to, reply, .. } => {
                What::Answer { message: number(in_reply_to), to: to.clone(), reply: Some(reply.clone()) }
            }
            Outgoing::Ack { to, in_reply_to } => {
                What::Answer { message: number(in_reply_to), to: to.clone(), reply: None }
            }
            Outgoing::Notify { to, revision, .. } => What::Notification { to: to.clone(), revision: *revision },
            Outgoing::Announce { room, reply } => What::Announcement { room: room.clone(), words: reply.to_string() },
        };
        tracing::debug!(process = self.process.number, network = %self.chat.network, ?what, "says");
        let is_stuck = matches!(&what, What::Notification { to, .. } | What::Answer { to: Target::Person(to), .. } if to.key() == STUCK);
        let arrives_first = self.chat.chance.happens(500);
        let sent = Sent { process: self.process.number, begun: Instant::now(), what, taken: None, has_arrived: false };
        let index = {
            let mut state = self.chat.state();
            state.sent.push(sent);
            state.sent.len() - 1
        };
        let (chat, process, fault) = (self.chat.clone(), self.process.clone(), self.fault);
        let (permits, queue) = (self.permits.clone(), self.queue.clone());
        if fault == OldFault::LostPermit && !is_stuck {
            permits.try_acquire().expect("ready has seen one").forget();
        }
        Box::pin(async move {
            let _turn = match fault {
                OldFault::OneQueue => Some(queue.lock_owned().await),
                _ => None,
            };
            if is_stuck {
                std::future::pending::<()>().await;
            }
            let losses = chat.state().losses;
            if arrives_first {
                arrive(&chat, index);
            }
            sleep(chat.chance.millis(5..100) * (1 + slowness)).await;
            process.awake().await;
            arrive(&chat, index);
            // A connection that was lost meanwhile is made again, and the piece is sent again where that can do no harm.
            if chat.state().losses == losses {
                permits.add_permits(usize::from(fault == OldFault::LostPermit));
            } else {
                sleep(RECONNECT).await;
            }
            chat.state().sent[index].taken = Some(Instant::now());
            Ok(())
        })
    }

    async fn handled(&mut self, handled: Handled) {
        let number = number(&handled.id);
        tracing::debug!(process = self.process.number, network = %self.chat.network, number, outcome = ?handled.outcome, "handled");
        self.chat.state().handled.push((number, handled.outcome));
    }
}

/// The network has it. Where what is sent again is known, it is shown once.
fn arrive(chat: &Chat, index: usize) {
    let mut state = chat.state();
    let what = state.sent[index].what.clone();
    let is_known = state.sent.iter().any(|sent| sent.has_arrived && sent.what == what);
    let may_come_twice = chat.delivery == Delivery::BeforeSending || !matches!(what, What::Notification { .. });
    if !is_known || may_come_twice {
        state.sent[index].has_arrived = true;
    }
}

fn number(id: &Option<String>) -> usize {
    id.as_ref().and_then(|id| id.parse().ok()).expect("every line has a number")
}

const LINE: Duration = Duration::from_millis(150);
const RECONNECT: Duration = Duration::from_secs(3);
const PERMITS: usize = 2;
