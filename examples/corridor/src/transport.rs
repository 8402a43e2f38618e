//! The Corridor as a transport: the half that hears and the half that speaks.

use crate::connection::{Client, Post};
use crate::wire::Address;
use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Connection, Inbox, Network, Outgoing, Outlet, Reply, SendError, Sending, Target, Transport, TransportError,
};
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

    fn connection(&self) -> Connection {
        self.connection.clone()
    }

    fn go_on_from(&mut self, place: &str) {
        self.after = place.parse().ok();
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let Self { network, connection, server, name, after } = *self;
        let (heard, hears) = mpsc::unbounded_channel();
        let (posts, to_post) = mpsc::unbounded_channel();
        let client = Client { network, connection, server, name, after, heard, to_post, unconfirmed: Vec::new() };
        let task = tokio::spawn(client.run());
        let inbox = stream::unfold((hears, Some(task)), async |(mut hears, mut task)| {
            if let Some(heard) = hears.recv().await {
                return Some((heard, (hears, task)));
            }
            // The task has ended: well, or by a fault of its own, which must not look like an end.
            let fault = task.take()?.await.err()?;
            Some((Err(TransportError::new(fault)), (hears, None)))
        });
        (Box::pin(inbox), Box::new(Voice { posts, run: chrono::Utc::now().timestamp_millis(), posted: 0 }))
    }
}

/// What the bot says.
struct Voice {
    posts: mpsc::UnboundedSender<Post>,
    /// This run's part of the posts' names.
    run: i64,
    posted: u64,
}

#[async_trait]
impl Outlet for Voice {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        match message {
            Outgoing::Reply { to, user, in_reply_to, reply } => {
                let (to, user, in_reply_to) = (&to, &user, &in_reply_to);
                let piece = |reply| Outgoing::Reply {
                    to: to.clone(),
                    user: user.clone(),
                    in_reply_to: in_reply_to.clone(),
                    reply,
                };
                cut(&reply).map(piece).collect()
            }
            Outgoing::Notify { to, revision, reply } => {
                cut(&reply).map(|reply| Outgoing::Notify { to: to.clone(), revision, reply }).collect()
            }
            Outgoing::Announce { room, reply } => {
                cut(&reply).map(|reply| Outgoing::Announce { room: room.clone(), reply }).collect()
            }
            // In the Corridor, silence means yes.
            Outgoing::Ack { .. } => Vec::new(),
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
}

/// A reply in pieces that the Corridor takes: lines of at most so many bytes, cut between words.
fn cut(reply: &Reply) -> impl Iterator<Item = Reply> {
    let mut pieces: Vec<String> = Vec::new();
    for line in reply.to_string().lines() {
        pieces.push(String::new());
        for word in line.split_whitespace() {
            let piece = pieces.last_mut().expect("one was begun");
            if piece.is_empty() {
                piece.push_str(word);
            } else if piece.len() + 1 + word.len() <= LONGEST {
                piece.push(' ');
                piece.push_str(word);
            } else {
                pieces.push(word.to_owned());
            }
        }
    }
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(Reply::from)
}

/// How many bytes of ours the Corridor takes as one line.
const LONGEST: usize = 400;
