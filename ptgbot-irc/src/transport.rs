//! The two halves that the bot sees: what is heard and what is said.

use crate::error::IrcError;
use crate::session::{Session, Window};
use crate::settings::Settings;
use crate::split::pieces;
use crate::task::{Task, View};
use crate::tls;
use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Inbox, Incoming, Network, Options, Outgoing, Outlet, SendError, Sending, Target, Transport, TransportError,
};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;
use tokio_rustls::TlsConnector;

/// An IRC network as a transport.
///
/// [`open`](Transport::open) must be called within a tokio runtime: it starts the task that owns the connection.
/// The task ends, with a QUIT, when the outlet is dropped; [`Farewell`] tells when that has happened.
pub struct IrcTransport {
    network: Network,
    settings: Arc<Settings>,
    connector: Option<TlsConnector>,
    alive: mpsc::Sender<()>,
    farewell: Option<mpsc::Receiver<()>>,
}

/// Tells when the last words have been said and the connection is closed.
pub struct Farewell(mpsc::Receiver<()>);

/// What is said on IRC.
struct IrcOutlet {
    to_task: mpsc::UnboundedSender<Outgoing>,
    view: watch::Receiver<View>,
    given: u64,
}

impl IrcTransport {
    /// Reads certificates and keys; nothing is connected yet.
    ///
    /// # Errors
    /// When a file of them cannot be used.
    pub fn new(settings: Settings) -> Result<Self, IrcError> {
        let connector = tls::connector(&settings.security)?;
        let (alive, farewell) = mpsc::channel(1);
        Ok(Self {
            network: settings.network.clone(),
            settings: Arc::new(settings),
            connector,
            alive,
            farewell: Some(farewell),
        })
    }

    /// For whoever wants to wait for the goodbye; given once.
    pub fn farewell(&mut self) -> Option<Farewell> {
        self.farewell.take().map(Farewell)
    }
}

impl Farewell {
    /// Waits until the connection is closed.
    pub async fn said(mut self) {
        while self.0.recv().await.is_some() {}
    }
}

impl Transport for IrcTransport {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.under_way = usize::MAX;
        options
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let session = Session::new(Arc::clone(&self.settings), Instant::now());
        let (to_inbox, heard) = mpsc::unbounded_channel();
        let (to_task, from_outlet) = mpsc::unbounded_channel();
        let (view_sender, view) = watch::channel(View { window: Window::Closed, taken: 0, room: session.room() });
        let task = Task {
            settings: self.settings,
            connector: self.connector,
            session,
            to_inbox,
            from_outlet,
            taken: 0,
            view: view_sender,
            _alive: self.alive,
        };
        tokio::spawn(task.run());
        let heard = stream::unfold(heard, |mut heard| async move {
            let message: Result<Incoming, IrcError> = heard.recv().await?;
            Some((message.map_err(TransportError::new), heard))
        });
        (Box::pin(heard), Box::new(IrcOutlet { to_task, view, given: 0 }))
    }
}

#[async_trait]
impl Outlet for IrcOutlet {
    /// An answer in a channel is addressed to the nick here: the first piece says `nick: `, and each piece is sent as
    /// it is.
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        let room = self.view.borrow().room.clone();
        match message {
            Outgoing::Reply { to, user, in_reply_to, reply } => {
                let (target, address) = match (&to, &user) {
                    (Target::Room(channel), Some(user)) => (channel.as_str(), format!("{}: ", user.name)),
                    (Target::Room(channel), None) => (channel.as_str(), String::new()),
                    (Target::Person(person), _) => (person.key(), String::new()),
                    (Target::Unnamed, _) => return Vec::new(),
                };
                let piece = |text: String| Outgoing::Reply {
                    to: to.clone(),
                    user: user.clone(),
                    in_reply_to: in_reply_to.clone(),
                    reply: text.into(),
                };
                pieces(&reply.to_string(), &address, room.for_text(target)).into_iter().map(piece).collect()
            }
            Outgoing::Notify { to, revision, reply } => {
                let piece = |text: String| Outgoing::Notify { to: to.clone(), revision, reply: text.into() };
                pieces(&reply.to_string(), "", room.for_text(to.key())).into_iter().map(piece).collect()
            }
            // On IRC a success is silence.
            Outgoing::Ack { .. } => Vec::new(),
        }
    }

    async fn ready(&mut self) {
        loop {
            let (window, taken) = {
                let view = self.view.borrow_and_update();
                (view.window, view.taken)
            };
            // The task looks at what it was given before it says that there is room for more.
            let from = match window {
                Window::Open if taken == self.given => return,
                Window::From(at) if taken == self.given && at <= Instant::now() => return,
                Window::From(at) if taken == self.given => Some(at),
                Window::Open | Window::From(_) | Window::Closed => None,
            };
            let over = tokio::select! {
                changed = self.view.changed() => changed.is_err(),
                () = async { match from {
                    Some(at) => sleep_until(at.into()).await,
                    None => std::future::pending().await,
                } } => false,
            };
            if over {
                return;
            }
        }
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let given = self.to_task.send(piece).map_err(|_| SendError::Closed(TransportError::new(IrcError::Closed)));
        self.given += 1;
        Box::pin(async move { given })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::split::Room;
    use ptgbot_core::{Folding, Person};

    fn outlet(window: Window) -> (IrcOutlet, watch::Sender<View>, mpsc::UnboundedReceiver<Outgoing>) {
        let (sender, view) = watch::channel(View { window, taken: 0, room: Room { source: 40 } });
        let (to_task, from_outlet) = mpsc::unbounded_channel();
        (IrcOutlet { to_task, view, given: 0 }, sender, from_outlet)
    }

    fn reply(text: &str) -> Outgoing {
        let jane = Person::new(&Network::nearest("oftc"), "Jane", Folding::Rfc1459);
        Outgoing::Reply { to: Target::Room("#ptg".into()), user: Some(jane), in_reply_to: None, reply: text.into() }
    }

    #[test]
    fn an_answer_is_addressed_once_and_a_success_is_silence() {
        let (outlet, ..) = outlet(Window::Open);
        let text = |o: &Outgoing| match o {
            Outgoing::Reply { reply, .. } => reply.to_string(),
            other => panic!("{other:?}"),
        };
        let pieces = outlet.split(reply(&format!("{}\nend", "word ".repeat(150))));
        assert_eq!(pieces.len(), 3);
        assert!(
            text(&pieces[0]).starts_with("Jane: word ")
                && text(&pieces[1]).starts_with("word ")
                && text(&pieces[2]) == "end"
        );
        assert!(outlet.split(Outgoing::Ack { to: Target::Room("#ptg".into()), in_reply_to: None }).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_outlet_waits_for_the_task_and_for_the_pace() {
        let (mut outlet, sender, mut from_outlet) = outlet(Window::Open);
        outlet.ready().await;
        outlet.send(reply("x")).await.unwrap();
        assert!(from_outlet.recv().await.is_some());
        tokio::select! {
            () = outlet.ready() => panic!("the first message was not taken yet"),
            () = tokio::time::sleep(std::time::Duration::from_secs(5)) => {}
        }
        sender.send_modify(|view| view.taken = 1);
        outlet.ready().await;
        drop(sender);
        outlet.ready().await;
    }
}
