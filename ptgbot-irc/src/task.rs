//! The task that owns the connection: it always reads, writes at the server's pace, and connects again.

use crate::connection::{self, Heard, Reader, Writer};
use crate::error::IrcError;
use crate::send_queue::Receipt;
use crate::session::{End, Session, Window};
use crate::settings::Settings;
use crate::split::Room;
use crate::timing::in_tenths;
use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::Utc;
use irc::proto::Command;
use ptgbot_core::{Connection, Incoming};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep_until, timeout};
use tokio_rustls::TlsConnector;

/// The connection and everything around it.
pub(crate) struct Task {
    pub(crate) settings: Arc<Settings>,
    pub(crate) connector: Option<TlsConnector>,
    pub(crate) session: Session,
    pub(crate) to_inbox: mpsc::UnboundedSender<Result<Incoming, IrcError>>,
    pub(crate) orders: mpsc::UnboundedReceiver<Order>,
    /// How many messages have come from the outlet.
    pub(crate) taken: u64,
    pub(crate) view: watch::Sender<View>,
    pub(crate) connection: Connection,
}

/// What the task is told to do.
#[derive(Debug)]
pub(crate) enum Order {
    /// To say something.
    Say(Said),
    /// To act, and where the process before left off.
    Act {
        /// In our words.
        place: Option<String>,
    },
    /// To remember where the process that acts is.
    ActsAt {
        /// In our words.
        place: String,
    },
    /// To say nothing past a moment, unless it is moved on.
    SpeakUntil(Option<Instant>),
}

/// Words for a channel or a person.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) to: String,
    pub(crate) text: String,
    /// Hears what becomes of them.
    pub(crate) receipt: Receipt,
}

/// What the outlet needs to know of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// When something more may be said.
    pub(crate) window: Window,
    /// How many messages the task has taken from the outlet so far.
    pub(crate) taken: u64,
    /// How long lines may be.
    pub(crate) room: Room,
}

/// Nobody has anything to say any more.
struct Unwanted;

impl Task {
    /// Connects, and connects again, until nobody wants it any more.
    ///
    /// # Errors
    /// When something was left unsaid.
    pub(crate) async fn run(mut self) -> Result<(), IrcError> {
        let timing = self.settings.timing;
        // Half of each wait is chance, so that many bots do not come at once.
        let backoff = ExponentialBuilder::new()
            .with_min_delay(timing.reconnect_first / 2)
            .with_max_delay(timing.reconnect_most / 2)
            .without_max_times()
            .with_jitter();
        let mut waits = backoff.build();
        let mut ever_welcomed = false;
        loop {
            let opened_at = Instant::now();
            let ended = self.connection().await;
            let was_up = self.session.is_up();
            ever_welcomed |= was_up;
            self.session.disconnected();
            self.publish();
            if was_up && opened_at.elapsed() >= SETTLED {
                waits = backoff.build();
            }
            let wait = match ended {
                Ok(End::Lost(reason)) => {
                    let wait = waits.next().expect("the waits never end");
                    tracing::warn!(reason, retry_in = ?in_tenths(wait), "connection lost");
                    wait
                }
                // At the start somebody is watching and can put it right; later nobody may be.
                Ok(End::Refused(error)) if error.needs_a_person() && !ever_welcomed => {
                    self.to_inbox.send(Err(error)).ok();
                    return Ok(());
                }
                Ok(End::Refused(error)) if error.needs_a_person() => {
                    let wait = timing.reconnect_most;
                    tracing::error!(%error, retry_in = ?in_tenths(wait), "cannot connect");
                    wait
                }
                Ok(End::Refused(error)) => {
                    let wait = waits.next().expect("the waits never end");
                    tracing::warn!(%error, retry_in = ?in_tenths(wait), "cannot connect");
                    wait
                }
                Err(Unwanted) => break,
            };
            if self.rest(wait).await.is_err() {
                break;
            }
        }
        match self.session.unsaid() {
            0 => Ok(()),
            lines => Err(IrcError::Unsaid(lines)),
        }
    }

    /// One connection, from the first packet to its end.
    async fn connection(&mut self) -> Result<End, Unwanted> {
        let opened = tokio::select! {
            opened = connection::open(&self.settings, self.connector.as_ref()) => opened,
            unwanted = keep(&mut self.orders, &mut self.session, &mut self.taken, &self.to_inbox) => return Err(unwanted),
        };
        match opened {
            Ok((reader, writer)) => self.talk(reader, writer).await,
            Err(error) => Ok(End::Refused(error)),
        }
    }

    async fn talk(&mut self, mut reader: Reader, mut writer: Writer) -> Result<End, Unwanted> {
        self.session.connected(Instant::now());
        loop {
            let now = Instant::now();
            if let Err(end) = self.session.tick(now) {
                return Ok(end);
            }
            while let Some(answer) = reader.answer() {
                self.session.at_once(answer);
            }
            while let Some(command) = self.session.next_line(now) {
                writer.put(&command);
            }
            hand_on(&mut self.session, &self.to_inbox);
            self.publish();
            let wake = self.session.wake_at(now).unwrap_or(now + IDLE).max(now + SHORTEST_SLEEP);
            tokio::select! {
                heard = reader.heard() => match heard {
                    Heard::Line(message) => {
                        if let Err(end) = self.session.hear(&message, Instant::now(), Utc::now()) {
                            return Ok(end);
                        }
                    }
                    Heard::Garbled => self.session.misheard(Instant::now()),
                    Heard::End(reason) => return Ok(End::Lost(reason)),
                },
                written = writer.write(), if writer.has_unwritten() => {
                    if let Err(error) = written {
                        return Ok(End::Lost(format!("writing failed: {error}")));
                    }
                }
                order = self.orders.recv() => match order {
                    Some(order) => obey(order, &mut self.session, &mut self.taken),
                    None => {
                        self.farewell(reader, writer).await;
                        return Err(Unwanted);
                    }
                },
                () = sleep_until(wake.into()) => {}
            }
        }
    }

    /// Nobody will say anything more: what was said still goes out, unless another process speaks for the bot by now; then
    /// we leave.
    async fn farewell(&mut self, mut reader: Reader, mut writer: Writer) {
        let words = async {
            while !self.session.is_done() && self.session.is_up() {
                let now = Instant::now();
                if !self.session.may_speak(now) {
                    return;
                }
                if self.session.tick(now).is_err() {
                    return;
                }
                self.session.confirm_now(now);
                while let Some(command) = reader.answer().or_else(|| self.session.next_line(now)) {
                    writer.put(&command);
                }
                if writer.write().await.is_err() {
                    return;
                }
                let wake = self.session.wake_at(now).unwrap_or(now + IDLE).max(now + SHORTEST_SLEEP);
                tokio::select! {
                    heard = reader.heard() => match heard {
                        Heard::Line(message) => {
                            if self.session.hear(&message, Instant::now(), Utc::now()).is_err() {
                                return;
                            }
                        }
                        Heard::Garbled => {}
                        Heard::End(_) => return,
                    },
                    () = sleep_until(wake.into()) => {}
                }
            }
        };
        let _ = timeout(FAREWELL, words).await;
        writer.put(&Command::QUIT(Some("ptgbot stops".to_owned())));
        // Who hangs up at once is told of as lost: a server that is just writing to us has not read our words then.
        let read = async {
            if writer.write().await.is_ok() {
                while !matches!(reader.heard().await, Heard::End(_)) {}
            }
        };
        let _ = timeout(LAST_WORDS, read).await;
        let _ = timeout(FAREWELL, writer.close()).await;
    }

    /// Waits before the next connection; what is said meanwhile is kept.
    async fn rest(&mut self, wait: Duration) -> Result<(), Unwanted> {
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            unwanted = keep(&mut self.orders, &mut self.session, &mut self.taken, &self.to_inbox) => Err(unwanted),
        }
    }

    fn publish(&self) {
        match self.session.is_up() {
            true => self.connection.returns(),
            false => self.connection.breaks(),
        }
        let view = View { window: self.session.window(Instant::now()), taken: self.taken, room: self.session.room() };
        self.view.send_if_modified(|old| {
            let changed = *old != view;
            *old = view;
            changed
        });
    }
}

/// Keeps what is said while there is no connection, until nobody is left to say anything.
async fn keep(
    orders: &mut mpsc::UnboundedReceiver<Order>,
    session: &mut Session,
    taken: &mut u64,
    to_inbox: &mpsc::UnboundedSender<Result<Incoming, IrcError>>,
) -> Unwanted {
    while let Some(order) = orders.recv().await {
        obey(order, session, taken);
        // A bot that takes over hands on what it heard before.
        hand_on(session, to_inbox);
    }
    Unwanted
}

fn hand_on(session: &mut Session, to_inbox: &mpsc::UnboundedSender<Result<Incoming, IrcError>>) {
    while let Some(incoming) = session.next_incoming() {
        // Nobody may listen any more while what was said is still being delivered.
        let _ = to_inbox.send(Ok(incoming));
    }
}

fn obey(order: Order, session: &mut Session, taken: &mut u64) {
    match order {
        Order::Say(Said { to, text, receipt }) => {
            session.say(&to, &text, Some(receipt));
            *taken += 1;
        }
        Order::Act { place } => session.act(place.as_deref(), Instant::now()),
        Order::ActsAt { place } => session.acts_at(&place),
        Order::SpeakUntil(until) => session.speak_until(until),
    }
}

/// A connection that lasted this long was a good one.
const SETTLED: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(60);
/// Against a clock that stands still between two calls.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
const FAREWELL: Duration = Duration::from_secs(5);
/// How long a server may take to close the connection after our QUIT.
const LAST_WORDS: Duration = Duration::from_secs(3);
