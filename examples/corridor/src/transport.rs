//! The Corridor as a transport: the half that hears and the half that speaks.

use crate::connection::{Client, Post};
use crate::wire::Address;
use async_trait::async_trait;
use ptgbot_core::{
    Connection, Inbox, Network, Options, Outgoing, Outlet, SendError, Sending, Target, Transport, TransportError,
};
use ptgbot_runtime::inbox;
use tokio::sync::{mpsc, oneshot};

/// A bot in the Corridor.
#[derive(Debug)]
pub struct Corridor {
    network: Network,
    connection: Connection,
    /// Host and port.
    server: String,
    /// What the bot is called there.
    name: String,
    /// The last message that was dealt with.
    after: Option<u64>,
}

impl Corridor {
    /// A bot that will connect to a server, such as `corridor.example.org:4100`, under a name.
    pub fn new(network: Network, server: &str, name: &str) -> Self {
        Self { network, connection: Connection::default(), server: server.into(), name: name.into(), after: None }
    }
}

impl Transport for Corridor {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.line_bytes = LONGEST;
        options
    }

    fn connection(&self) -> Connection {
        self.connection.clone()
    }

    fn go_on_from(&mut self, place: &str) {
        self.after = place.parse().ok();
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let Self { network, connection, server, name, after } = *self;
        connection.breaks();
        let (heard, hears) = mpsc::unbounded_channel();
        let (posts, to_post) = mpsc::unbounded_channel();
        let client = Client { network, connection, server, name, after, heard, to_post, unconfirmed: Vec::new() };
        let (runs, ended) = oneshot::channel();
        let task = tokio::spawn(async move {
            client.run().await;
            drop(runs);
        });
        let voice = Voice { posts, ended, run: chrono::Utc::now().timestamp_millis(), posted: 0 };
        (inbox(hears, task), Box::new(voice))
    }
}

/// What the bot says.
struct Voice {
    posts: mpsc::UnboundedSender<Post>,
    /// Comes when the task is gone.
    ended: oneshot::Receiver<()>,
    /// This run's part of the posts' names.
    run: i64,
    posted: u64,
}

#[async_trait]
impl Outlet for Voice {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        match message {
            // In the Corridor, silence means yes.
            Outgoing::Ack { .. } => Vec::new(),
            message => message.cut_into_lines(LONGEST),
        }
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let to = match piece.target() {
            Target::Room(room) => Address::Room(room),
            Target::Person(person) => Address::Person(person.key().to_owned()),
            Target::Unnamed => return Box::pin(async { Err(SendError::Refused("nobody asked".into())) }),
        };
        let text = match piece {
            Outgoing::Reply { to: Target::Room(_), user: Some(person), reply, .. } => {
                format!("{}: {reply}", person.name)
            }
            Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. } => {
                reply.to_string()
            }
            Outgoing::Ack { .. } => return Box::pin(async { Ok(()) }),
        };
        self.posted += 1;
        let (confirm, confirmed) = oneshot::channel();
        // If the task has ended, `confirm` is dropped with the post, and the outbox hears of it below.
        drop(self.posts.send(Post { name: format!("{}-{}", self.run, self.posted), to, text, confirm }));
        Box::pin(async move {
            confirmed.await.unwrap_or_else(|_| Err(SendError::Closed(TransportError::new("the connection has ended"))))
        })
    }

    async fn close(self: Box<Self>) -> Result<(), TransportError> {
        let Self { posts, ended, .. } = *self;
        // The task ends when nothing more can be posted, and the connection with it.
        drop(posts);
        drop(ended.await);
        Ok(())
    }
}

/// How many bytes of ours the Corridor takes as one line.
const LONGEST: usize = 400;
