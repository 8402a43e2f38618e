//! The contract of a transport, tried with a server of the Corridor: two people, a room, and a door that can be shut.

use async_trait::async_trait;
use ptgbot_core::{Folding, Network, Person, PersonId, Place, Role, Target, Transport};
use ptgbot_corridor::Corridor;
use ptgbot_corridor::wire::{Address, FromServer, Message, Rank, ToServer};
use ptgbot_runtime::testing::{Arrived, Capability, Counterpart, Somebody, transport_contract};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

#[tokio::test]
async fn the_corridor_keeps_the_contract() {
    let tried = transport_contract(corridor).await.expect("it keeps the contract");
    println!("{tried}");
}

#[tokio::test]
async fn who_is_denied_fails_and_does_not_end() {
    use futures_util::StreamExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (mut inbox, _outlet) = Box::new(Corridor::new(network(), &address, BOT)).open();
    let (mut bot, _) = listener.accept().await.expect("the bot connects");
    tell(&mut bot, &FromServer::Denied { reason: "no bots here".into() }).await;
    let failed = inbox.next().await.expect("a failure is told").expect_err("it is a failure");
    assert_eq!(failed.to_string(), "no bots here");
}

/// The people in the Corridor, and its server.
struct People {
    hall: Arc<Hall>,
    arrived: mpsc::UnboundedReceiver<Arrived>,
    /// Whether the bot is in.
    is_in: watch::Receiver<bool>,
}

/// The server. It remembers everything.
struct Hall {
    messages: watch::Sender<Vec<Message>>,
    posts: Mutex<BTreeSet<String>>,
    is_open: watch::Sender<bool>,
    is_in: watch::Sender<bool>,
    arrived: mpsc::UnboundedSender<Arrived>,
}

async fn corridor() -> (Box<dyn Transport>, People) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (arrived, arrives) = mpsc::unbounded_channel();
    let (messages, is_open) = (watch::Sender::new(Vec::new()), watch::Sender::new(true));
    let (is_in, bot_is_in) = watch::channel(false);
    let hall = Arc::new(Hall { messages, posts: Mutex::default(), is_open, is_in, arrived });
    let serving = hall.clone();
    tokio::spawn(async move {
        while let Ok((bot, _)) = listener.accept().await {
            let mut door = serving.is_open.subscribe();
            // It serves until the bot has gone, or the door is shut.
            tokio::select! {
                biased;
                _ = door.wait_for(|is_open| !is_open) => {}
                () = serving.serve(bot) => {}
            }
            serving.is_in.send_replace(false);
        }
    });
    (Box::new(Corridor::new(network(), &address, BOT)), People { hall, arrived: arrives, is_in: bot_is_in })
}

impl Hall {
    async fn serve(&self, bot: TcpStream) {
        let (from, mut to) = bot.into_split();
        let mut lines = BufReader::new(from).lines();
        let mut messages = self.messages.subscribe();
        let mut told = None;
        loop {
            tokio::select! {
                line = lines.next_line() => {
                    let Ok(Some(line)) = line else { return };
                    match serde_json::from_str(&line).expect("the bot speaks the Corridor's words") {
                        ToServer::Hello { after, .. } => {
                            let newest = messages.borrow_and_update().len() as u64;
                            tell(&mut to, &FromServer::Welcome { newest }).await;
                            told = Some(after.unwrap_or(newest));
                            self.is_in.send_replace(true);
                            messages.mark_changed();
                        }
                        ToServer::Post { post, to: address, text } => {
                            let answer = self.post(post, address, text);
                            tell(&mut to, &answer).await;
                        }
                    }
                }
                _ = messages.changed(), if told.is_some() => {
                    let news: Vec<Message> = messages.borrow_and_update().clone();
                    let after = told.replace(news.len() as u64);
                    for message in news.into_iter().filter(|message| Some(message.number) > after) {
                        tell(&mut to, &FromServer::Message(message)).await;
                    }
                }
            }
        }
    }

    fn post(&self, post: String, to: Address, text: String) -> FromServer {
        let at = match to {
            Address::Room(room) => Target::Room(room),
            Address::Person(name) if [HOST, SPEAKER].contains(&name.as_str()) => {
                Target::Person(PersonId::new(&network(), &name, Folding::Lowercase))
            }
            Address::Person(name) => return FromServer::Refused { post, reason: format!("there is no {name}") },
        };
        if self.posts.lock().expect("nobody panics with it").insert(post.clone()) {
            self.arrived.send(Arrived { at, text }).expect("the people are there");
        }
        FromServer::Taken { post }
    }

    fn say(&self, from: &str, room: Option<String>, original: Option<u64>, text: Option<&str>) {
        let rank = if from == HOST { Rank::Host } else { Rank::Speaker };
        self.messages.send_modify(|messages| {
            let (number, from, text) = (messages.len() as u64 + 1, from.to_owned(), text.map(str::to_owned));
            messages.push(Message { number, room, from, rank, original, text });
        });
    }

    fn last(&self) -> Message {
        self.messages.borrow().last().expect("something was said").clone()
    }
}

#[async_trait]
impl Counterpart for People {
    fn people(&self) -> [Somebody; 2] {
        [(HOST, Role::Op), (SPEAKER, Role::Voice)].map(|(name, role)| Somebody { person: person(name), role })
    }

    fn room(&self) -> String {
        "lobby".into()
    }

    async fn joined(&mut self) {
        self.is_in.wait_for(|is_in| *is_in).await.expect("the server is there");
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        self.hall.say(who.id.key(), place.room().map(str::to_owned), None, Some(line));
    }

    async fn arrived(&mut self) -> Arrived {
        self.arrived.recv().await.expect("the server is there")
    }

    fn lacks(&self) -> &[Capability] {
        &[Capability::Ends]
    }

    async fn edit(&mut self, line: &str) {
        let said = self.hall.last();
        self.hall.say(&said.from, said.room, Some(said.number), Some(line));
    }

    async fn delete(&mut self) {
        let said = self.hall.last();
        self.hall.say(&said.from, said.room, Some(said.number), None);
    }

    async fn break_off(&mut self) {
        self.hall.is_open.send_replace(false);
        self.is_in.wait_for(|is_in| !is_in).await.expect("the server is there");
    }

    async fn mend(&mut self) {
        self.hall.is_open.send_replace(true);
        self.joined().await;
    }

    fn nobody(&self) -> Person {
        person("nobody")
    }
}

async fn tell(bot: &mut (impl AsyncWriteExt + Unpin), message: &FromServer) {
    let line = serde_json::to_string(message).expect("it can be written") + "\n";
    // A bot that has gone hears it when it is back.
    drop(bot.write_all(line.as_bytes()).await);
}

fn network() -> Network {
    Network::nearest("corridor")
}

fn person(name: &str) -> Person {
    Person::new(&network(), name, Folding::Lowercase)
}

const BOT: &str = "ptgbot";
const HOST: &str = "gibi";
const SPEAKER: &str = "jane";
