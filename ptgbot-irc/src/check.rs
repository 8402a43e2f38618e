//! `--check`: one connection on which the bot looks around as it would at work, tells what it finds, and leaves.
//!
//! It comes as a standby does: under another nick, with its services login, in its channels, and without a word. The bot
//! that may be at work meanwhile keeps its nick.

mod certificate;
mod channel;
mod seen;
mod server;

use crate::connection::{self, Heard, Reader, Writer};
use crate::duty::Duty;
use crate::session::{End, Session};
use crate::settings::Settings;
use crate::tls;
use certificate::Certificate;
use chrono::Utc;
use irc::proto::Command;
use ptgbot_runtime::Checklist;
use seen::Seen;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep_until, timeout};

/// Connects, identifies, joins, tells what is found, and leaves. Nothing is said to people, and no store is touched.
pub async fn check(settings: Settings, checklist: &mut Checklist) {
    let settings = Arc::new(settings);
    let opened = match tls::connector(&settings.security) {
        Ok(connector) => connection::open(&settings, connector.as_ref()).await,
        Err(error) => Err(error),
    };
    let (reader, writer) = match opened {
        Ok(halves) => halves,
        Err(error) => return checklist.fault("server", error),
    };
    checklist.ok("server", format_args!("{}:{} answers", settings.server, settings.port));
    Certificate::of(reader.peer()).tell(&settings, Utc::now(), checklist);
    let mut look = Look::new(settings, reader, writer);
    if let Err(reason) = look.around(checklist).await {
        checklist.fault("server", reason);
    }
    look.leave().await;
}

/// A connection that looks around.
struct Look {
    settings: Arc<Settings>,
    session: Session,
    reader: Reader,
    writer: Writer,
    seen: Seen,
}

impl Look {
    fn new(settings: Arc<Settings>, reader: Reader, writer: Writer) -> Self {
        let now = Instant::now();
        let mut session = Session::new(Arc::clone(&settings), Duty::StandsBy, now);
        session.connected(now);
        Self { settings, session, reader, writer, seen: Seen::default() }
    }

    /// Everything, in the order in which one thing stands on another.
    ///
    /// # Errors
    /// Why the connection came to its end before.
    async fn around(&mut self, checklist: &mut Checklist) -> Result<(), String> {
        let timing = self.settings.timing;
        self.until(timing.register, |look| look.session.is_up()).await?;
        if !self.session.is_up() {
            return Err(format!("no welcome within {} s", timing.register.as_secs()));
        }
        // Of the server's own words about itself the message of the day is the last.
        self.until(timing.question, |look| look.seen.is_told()).await?;
        self.server(checklist);

        // A password that is refused is asked for again later only; services that say nothing have their time, too.
        self.until(timing.identify + timing.question, |look| look.session.is_login_settled()).await?;
        let own = self.session.nick().to_owned();
        self.session.ask(Command::ISON(vec![self.settings.nick.to_string()]));
        self.session.ask(Command::WHOIS(None, own));
        self.until(timing.question, |look| look.seen.is_whois_over() && look.seen.nicks_online().is_some()).await?;
        self.nick(checklist);
        self.services(checklist);

        let (reached, names) = (JOINED_WITHIN.max(timing.question), self.channel_names());
        self.until(reached, |look| names.iter().all(|name| look.is_answered(name))).await?;
        for name in &names {
            if self.session.is_in(name) {
                self.session.ask(Command::Raw("MODE".to_owned(), vec![name.clone()]));
            }
        }
        let modes_of =
            |look: &Self, name: &str| !look.session.is_in(name) || look.seen.modes(&look.fold(name)).is_some();
        self.until(timing.question, |look| names.iter().all(|name| modes_of(look, name))).await?;
        for name in &names {
            self.channel(name, checklist);
        }
        self.limits(checklist);
        Ok(())
    }

    fn channel_names(&self) -> Vec<String> {
        self.settings.channels.iter().map(|channel| channel.name.to_string()).collect()
    }

    /// True where we know who is in a channel, or why we are not.
    fn is_answered(&self, name: &str) -> bool {
        let key = self.fold(name);
        self.seen.is_listed(&key) || self.seen.refusal(&key).is_some()
    }

    fn fold(&self, name: &str) -> String {
        self.session.isupport().fold(name)
    }

    /// Goes on until something has come, or its time is over.
    ///
    /// # Errors
    /// Why the connection has ended.
    async fn until(&mut self, limit: Duration, has_come: impl Fn(&Self) -> bool) -> Result<(), String> {
        let over = Instant::now() + limit;
        loop {
            let now = Instant::now();
            if has_come(self) || now >= over {
                return Ok(());
            }
            self.session.tick(now).map_err(told)?;
            while let Some(answer) = self.reader.answer() {
                self.session.at_once(answer);
            }
            while let Some(command) = self.session.next_line(now) {
                self.writer.put(&command);
            }
            let wake = self.session.wake_at(now).unwrap_or(over).max(now + SHORTEST_SLEEP).min(over);
            tokio::select! {
                heard = self.reader.heard() => match heard {
                    Heard::Line(message) => {
                        self.session.hear(&message, Instant::now(), Utc::now()).map_err(told)?;
                        self.seen.see(&message, self.session.isupport(), self.settings.nickserv_nick());
                    }
                    Heard::Garbled => self.session.misheard(Instant::now()),
                    Heard::End(reason) => return Err(reason),
                },
                written = self.writer.write(), if self.writer.has_unwritten() => {
                    written.map_err(|error| format!("writing failed: {error}"))?;
                }
                () = sleep_until(wake.into()) => {}
            }
        }
    }

    /// Says QUIT to the server, and waits until it has hung up.
    async fn leave(mut self) {
        self.writer.put(&Command::QUIT(Some("ptgbot has looked around".to_owned())));
        let goodbye = async {
            if self.writer.write().await.is_ok() {
                while !matches!(self.reader.heard().await, Heard::End(_)) {}
            }
            self.writer.close().await
        };
        // Whether it hears us or not, we go.
        let _ = timeout(LAST_WORDS, goodbye).await;
    }
}

/// Why a connection should be given up, in words.
fn told(end: End) -> String {
    match end {
        End::Lost(reason) => reason,
        End::Refused(error) => error.to_string(),
    }
}

/// A busy network's JOIN, with the names of a large channel.
const JOINED_WITHIN: Duration = Duration::from_secs(15);
/// Against a clock that stands still between two calls.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);
/// How long a server may take to close the connection after our QUIT.
const LAST_WORDS: Duration = Duration::from_secs(3);
