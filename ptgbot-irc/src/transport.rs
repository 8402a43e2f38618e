//! The two halves that the bot sees: what is heard and what is said.

use crate::duty::Duty;
use crate::error::IrcError;
use crate::send_queue::Receipt;
use crate::session::{Session, Window};
use crate::settings::Settings;
use crate::split::pieces;
use crate::task::{Order, Said, Task, View};
use crate::tls;
use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Connection, Folding, Inbox, Incoming, Network, Options, Outgoing, Outlet, PersonId, Reply, SendError, Sending,
    Target, Transport, TransportError,
};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep_until;
use tokio_rustls::TlsConnector;

/// An IRC network as a transport.
///
/// [`stand_by`](Transport::stand_by) and [`open`](Transport::open) must be called within a tokio runtime: the first of
/// them starts the task that owns the connection. The task ends, with a QUIT, when the outlet is closed or dropped. A
/// piece that was sent is taken when the server has read it (it answers what we ask behind it) and has refused none of
/// it.
///
/// ```no_run
/// use ptgbot_irc::ptgbot_runtime::{Setup, run, store::StoreAddress};
/// use ptgbot_irc::{IrcTransport, Settings};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut settings = Settings::new("irc.oftc.net", 6697, "my-board", "#my-event")?;
/// settings.password = Some(std::env::var("NICKSERV_PASSWORD")?.into());
/// run(Box::new(IrcTransport::new(settings)?), Setup::new(StoreAddress::Memory)).await?;
/// # Ok(())
/// # }
/// ```
pub struct IrcTransport {
    settings: Arc<Settings>,
    connector: Option<TlsConnector>,
    /// While the bot stands by.
    standing_by: Option<Ends>,
    place: Option<String>,
    connection: Connection,
}

/// What a task hears, and where it is told what to say.
type Ends = (mpsc::UnboundedReceiver<Heard>, IrcOutlet);

/// What is said on IRC.
struct IrcOutlet {
    to_task: mpsc::UnboundedSender<Order>,
    view: watch::Receiver<View>,
    given: u64,
    /// The task's end, when it has said its last words.
    ended: JoinHandle<Result<(), IrcError>>,
}

impl IrcTransport {
    /// Reads certificates and keys; nothing is connected yet.
    ///
    /// # Errors
    /// When a file of them cannot be used.
    pub fn new(settings: Settings) -> Result<Self, IrcError> {
        let connector = tls::connector(&settings.security)?;
        let (standing_by, place, connection) = Default::default();
        Ok(Self { settings: Arc::new(settings), connector, standing_by, place, connection })
    }

    /// Starts the task.
    fn start(&self, duty: Duty) -> Ends {
        self.connection.breaks();
        let session = Session::new(Arc::clone(&self.settings), duty, Instant::now());
        let (to_inbox, heard) = mpsc::unbounded_channel();
        let (to_task, orders) = mpsc::unbounded_channel();
        let (view_sender, view) = watch::channel(View { window: Window::Closed, taken: 0, room: session.room() });
        let task = Task {
            settings: Arc::clone(&self.settings),
            connector: self.connector.clone(),
            session,
            to_inbox: to_inbox.clone(),
            orders,
            taken: 0,
            view: view_sender,
            connection: self.connection.clone(),
        };
        let ended = supervised(task.run(), to_inbox);
        (heard, IrcOutlet { to_task, view, given: 0, ended })
    }
}

impl Transport for IrcTransport {
    fn network(&self) -> &Network {
        &self.settings.network
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.under_way = UNDER_WAY;
        options
    }

    /// The server's rules about names are not known before it is asked; these take no two nicks apart that any server
    /// takes for one.
    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.settings.network, self.settings.nick.as_str(), Folding::Rfc1459))
    }

    /// From the server's welcome until the connection is found to be lost.
    fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// Waits in the channels under another nick.
    fn stand_by(&mut self) {
        if self.standing_by.is_none() {
            self.standing_by = Some(self.start(Duty::StandsBy));
        }
    }

    fn acts_at(&mut self, place: &str) {
        if let Some((_, outlet)) = &self.standing_by {
            outlet.to_task.send(Order::ActsAt { place: place.to_owned() }).ok();
        }
    }

    /// A ban or a wrong password keeps a standby from ever acting.
    fn fails(&mut self) -> Pin<Box<dyn Future<Output = TransportError> + Send + '_>> {
        Box::pin(async {
            let Some((heard, _)) = &mut self.standing_by else { return std::future::pending().await };
            loop {
                match heard.recv().await {
                    // A standby gives nothing out.
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return TransportError::new(error),
                    None => return TransportError::new(IrcError::Closed),
                }
            }
        })
    }

    /// Leaves with a QUIT.
    fn stand_down(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            if let Some((_, outlet)) = self.standing_by.take()
                && let Err(error) = Box::new(outlet).close().await
            {
                tracing::debug!(%error, "the standby left without a goodbye");
            }
        })
    }

    fn go_on_from(&mut self, place: &str) {
        self.place = Some(place.to_owned());
    }

    fn open(mut self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let (heard, outlet) = self.standing_by.take().unwrap_or_else(|| self.start(Duty::Acts));
        outlet.to_task.send(Order::Act { place: self.place }).ok();
        (inbox(heard), Box::new(outlet))
    }
}

type Heard = Result<Incoming, IrcError>;

/// What the task hears, as a stream.
fn inbox(heard: mpsc::UnboundedReceiver<Heard>) -> Inbox {
    Box::pin(stream::unfold(heard, |mut heard| async move {
        let message = heard.recv().await?;
        Some((message.map_err(TransportError::new), heard))
    }))
}

/// Runs the task. One that panics must not look like a network that has ended.
fn supervised(
    task: impl Future<Output = Result<(), IrcError>> + Send + 'static,
    to_inbox: mpsc::UnboundedSender<Heard>,
) -> JoinHandle<Result<(), IrcError>> {
    let running = tokio::spawn(task);
    tokio::spawn(async move {
        running.await.unwrap_or_else(|panic| {
            to_inbox.send(Err(IrcError::panicked(panic))).ok();
            Err(IrcError::Closed)
        })
    })
}

#[async_trait]
impl Outlet for IrcOutlet {
    /// An answer in a channel is addressed to the nick here: the first piece says `nick: `, and each piece is sent as
    /// it is.
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        let room = self.view.borrow().room.clone();
        let Some((to, text)) = words(&message) else { return Vec::new() };
        let most = room.for_text(to);
        let address = match &message {
            Outgoing::Reply { to: Target::Room(_), user: Some(user), .. } => format!("{}: ", user.name),
            Outgoing::Reply { .. } | Outgoing::Notify { .. } | Outgoing::Announce { .. } | Outgoing::Ack { .. } => {
                String::new()
            }
        };
        message.cut_by(|_| pieces(&text, &address, most).into_iter().map(Reply::from).collect())
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
        let Some((to, text)) = words(&piece) else { return Box::pin(async { Ok(()) }) };
        let (receipt, taken): (Receipt, _) = oneshot::channel();
        self.given += 1;
        // Without a task the receipt is dropped with it.
        self.to_task.send(Order::Say(Said { to: to.to_owned(), text, receipt })).ok();
        Box::pin(async {
            taken.await.unwrap_or_else(|_| Err(SendError::Closed(TransportError::new(IrcError::Closed))))
        })
    }

    fn speak_for(&mut self, left: Option<Duration>) {
        self.to_task.send(Order::SpeakUntil(left.map(|left| Instant::now() + left))).ok();
    }

    async fn close(self: Box<Self>) -> Result<(), TransportError> {
        drop(self.to_task);
        let ended = self.ended.await.unwrap_or_else(|panic| Err(IrcError::panicked(panic)));
        ended.map_err(TransportError::new)
    }
}

/// Where a piece goes as the server knows it, and its words; nothing for what is said by silence.
fn words(message: &Outgoing) -> Option<(&str, String)> {
    match message {
        Outgoing::Reply { to: Target::Room(channel), reply, .. } | Outgoing::Announce { room: channel, reply } => {
            Some((channel, reply.to_string()))
        }
        Outgoing::Reply { to: Target::Person(person), reply, .. } | Outgoing::Notify { to: person, reply, .. } => {
            Some((person.key(), reply.to_string()))
        }
        Outgoing::Reply { to: Target::Unnamed, .. } | Outgoing::Ack { .. } => None,
    }
}

/// As many short lines as a confirmation covers.
const UNDER_WAY: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::split::Room;
    use futures_util::StreamExt;
    use ptgbot_core::{Folding, Person};

    fn outlet(window: Window) -> (IrcOutlet, watch::Sender<View>, mpsc::UnboundedReceiver<Order>) {
        let (sender, view) = watch::channel(View { window, taken: 0, room: Room { source: 40 } });
        let (to_task, from_outlet) = mpsc::unbounded_channel();
        (IrcOutlet { to_task, view, given: 0, ended: tokio::spawn(async { Ok(()) }) }, sender, from_outlet)
    }

    fn reply(text: &str) -> Outgoing {
        let jane = Person::new(&Network::nearest("oftc"), "Jane", Folding::Rfc1459);
        Outgoing::Reply { to: Target::Room("#ptg".into()), user: Some(jane), in_reply_to: None, reply: text.into() }
    }

    #[tokio::test]
    async fn an_answer_is_addressed_once_and_a_success_is_silence() {
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
        let sending = outlet.send(reply("x"));
        let Some(Order::Say(said)) = from_outlet.recv().await else { panic!("nothing was said") };
        assert_eq!((said.to.as_str(), said.text.as_str()), ("#ptg", "x"));
        said.receipt.send(Ok(())).unwrap();
        sending.await.unwrap();
        tokio::select! {
            () = outlet.ready() => panic!("the first message was not taken yet"),
            () = tokio::time::sleep(std::time::Duration::from_secs(5)) => {}
        }
        sender.send_modify(|view| view.taken = 1);
        outlet.ready().await;
        drop(sender);
        outlet.ready().await;
    }

    #[tokio::test]
    async fn a_task_that_panics_is_a_failure_and_no_end() {
        let (mut outlet, _, from_outlet) = outlet(Window::Open);
        drop(from_outlet);
        assert!(matches!(outlet.send(reply("x")).await, Err(SendError::Closed(_))));
        let (to_inbox, heard) = mpsc::unbounded_channel();
        let ended = supervised(async { panic!("a bug") }, to_inbox);
        let heard: Vec<_> = inbox(heard).collect().await;
        assert!(heard.len() == 1 && heard[0].as_ref().unwrap_err().to_string().contains("a bug"), "{heard:?}");
        assert!(ended.await.unwrap().is_err());
    }

    /// The transport with a task that has a bug.
    #[cfg(feature = "bot")]
    struct Buggy(Network);

    #[cfg(feature = "bot")]
    impl Transport for Buggy {
        fn network(&self) -> &Network {
            &self.0
        }

        fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
            let (outlet, ..) = outlet(Window::Open);
            let (to_inbox, heard) = mpsc::unbounded_channel();
            let ended = supervised(async { panic!("a bug") }, to_inbox);
            (inbox(heard), Box::new(IrcOutlet { ended, ..outlet }))
        }
    }

    #[cfg(feature = "bot")]
    #[tokio::test]
    async fn a_bot_whose_task_panics_ends_with_an_error() {
        let setup = ptgbot_runtime::Setup::new(ptgbot_runtime::store::StoreAddress::Memory);
        let ended = ptgbot_runtime::run(Box::new(Buggy(Network::nearest("oftc"))), setup).await;
        let error = ended.expect_err("a bug is no clean end").to_string();
        assert!(error.starts_with("the IRC connection's task has ended: ") && error.contains("a bug"), "{error}");
    }
}
