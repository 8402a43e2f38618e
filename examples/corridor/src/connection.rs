//! The task that owns the connection: it connects, again and again, reads, writes, and keeps what is not confirmed.

use crate::wire::{Address, FromServer, Message, Rank, ToServer};
use chrono::Utc;
use ptgbot_core::{Ask, Connection, Folding, Incoming, Network, Person, Request, Role, SendError, TransportError};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{mpsc, oneshot};

pub(crate) struct Client {
    pub(crate) network: Network,
    pub(crate) connection: Connection,
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) after: Option<u64>,
    pub(crate) heard: mpsc::UnboundedSender<Result<Incoming, TransportError>>,
    pub(crate) to_post: mpsc::UnboundedReceiver<Post>,
    pub(crate) unconfirmed: Vec<Post>,
}

/// Something to say, and who waits to hear that it was taken.
pub(crate) struct Post {
    pub(crate) name: String,
    pub(crate) to: Address,
    pub(crate) text: String,
    pub(crate) confirm: oneshot::Sender<Result<(), SendError>>,
}

/// Why a connection is over.
enum Over {
    /// It broke: another one is made.
    Broken,
    /// The bot says nothing more.
    Done,
    /// The server does not let the bot in.
    Denied(String),
}

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self::Broken
    }
}

impl Client {
    pub(crate) async fn run(mut self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let was_in = match self.connect().await {
                Ok(never) => match never {},
                Err((was_in, Over::Broken)) => was_in,
                Err((_, Over::Done)) => return,
                Err((_, Over::Denied(reason))) => return drop(self.heard.send(Err(TransportError::new(reason)))),
            };
            self.connection.breaks();
            if self.to_post.is_closed() {
                return;
            }
            pause = if was_in { SHORTEST_PAUSE } else { LONGEST_PAUSE.min(pause * 2) };
            tokio::time::sleep(pause).await;
        }
    }

    /// One connection, from its start until it is over; and whether the bot was let in.
    async fn connect(&mut self) -> Result<std::convert::Infallible, (bool, Over)> {
        let mut was_in = false;
        self.converse(&mut was_in).await.map_err(|over| (was_in, over))
    }

    async fn converse(&mut self, was_in: &mut bool) -> Result<std::convert::Infallible, Over> {
        let (from, mut to) = TcpStream::connect(&self.server).await?.into_split();
        let mut lines = BufReader::new(from).lines();
        write(&mut to, &ToServer::Hello { name: self.name.clone(), after: self.after }).await?;
        loop {
            tokio::select! {
                line = lines.next_line() => {
                    let line = line?.ok_or(Over::Broken)?;
                    // What a newer server says besides is not for us.
                    let Ok(told) = serde_json::from_str(&line) else { continue };
                    if let FromServer::Welcome { newest } = told {
                        self.after.get_or_insert(newest);
                        self.connection.returns();
                        *was_in = true;
                        for post in &self.unconfirmed {
                            write(&mut to, &post.message()).await?;
                        }
                    } else {
                        self.told(told)?;
                    }
                }
                post = self.to_post.recv(), if *was_in => {
                    let post = post.ok_or(Over::Done)?;
                    let message = post.message();
                    self.unconfirmed.push(post);
                    write(&mut to, &message).await?;
                }
            }
        }
    }

    fn told(&mut self, told: FromServer) -> Result<(), Over> {
        match told {
            FromServer::Welcome { .. } => {}
            FromServer::Denied { reason } => return Err(Over::Denied(reason)),
            FromServer::Message(message) => {
                if self.after.is_none_or(|after| message.number > after) {
                    self.after = Some(message.number);
                    // After the inbox was dropped nobody listens, and the bot still has things to say.
                    drop(self.heard.send(Ok(self.incoming(message))));
                }
            }
            FromServer::Taken { post } => self.confirm(&post, Ok(())),
            FromServer::Refused { post, reason } => self.confirm(&post, Err(SendError::Refused(reason))),
        }
        Ok(())
    }

    /// A message in the words of the core.
    fn incoming(&self, message: Message) -> Incoming {
        let Message { number, room, from, rank, original, text } = message;
        let ask = match (original, text) {
            (None, text) => Ask::Said(text.unwrap_or_default()),
            (Some(original), Some(text)) => Ask::Edited { original: self.lasting(original), was: None, text },
            (Some(original), None) => Ask::Deleted { original: self.lasting(original) },
        };
        let role = match rank {
            Rank::Host => Role::Op,
            Rank::Speaker => Role::Voice,
            Rank::Guest => Role::Member,
        };
        let person = Person::new(&self.network, &from, FOLDING);
        let request = Request::new(&self.network, Utc::now(), ask)
            .by(person, role)
            .folding(FOLDING)
            .bot(&self.name)
            .message(self.lasting(number));
        let request = match room {
            Some(room) => request.in_room(room),
            None => request,
        };
        Incoming::new(request).with_id(number.to_string()).with_place(number.to_string())
    }

    /// A name that no message of another network has.
    fn lasting(&self, number: u64) -> String {
        format!("{}-{number}", self.network)
    }

    fn confirm(&mut self, name: &str, outcome: Result<(), SendError>) {
        let Some(at) = self.unconfirmed.iter().position(|post| post.name == name) else { return };
        // Whoever waited may have given up, when the bot stops.
        drop(self.unconfirmed.remove(at).confirm.send(outcome));
    }
}

impl Post {
    fn message(&self) -> ToServer {
        ToServer::Post { post: self.name.clone(), to: self.to.clone(), text: self.text.clone() }
    }
}

async fn write(to: &mut OwnedWriteHalf, message: &ToServer) -> io::Result<()> {
    let mut line = serde_json::to_string(message)?;
    line.push('\n');
    to.write_all(line.as_bytes()).await
}

/// In the Corridor `Jane` and `jane` are one person.
const FOLDING: Folding = Folding::Lowercase;
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
