//! The smallest transport: you, in a terminal, as an op of `#demo`.
//!
//!     cargo run -p ptgbot-examples --bin terminal

use async_trait::async_trait;
use ptgbot_core::{
    Ask, Folding, Inbox, Incoming, IncomingKind, Outgoing, Outlet, Person, PersonId, Place, Request, Role,
};
use ptgbot_core::{Transport, TransportError};
use ptgbot_runtime::{Setup, run, store::StoreAddress};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};

struct Terminal;
struct Keyboard(Lines<BufReader<Stdin>>);

impl Transport for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }
    fn split(self: Box<Self>) -> (Box<dyn Inbox>, Box<dyn Outlet>) {
        (Box::new(Keyboard(BufReader::new(stdin()).lines())), self)
    }
}

#[async_trait]
impl Inbox for Keyboard {
    async fn receive(&mut self, _limit: usize) -> Result<Vec<Incoming>, TransportError> {
        let line = self.0.next_line().await.map_err(TransportError::new)?;
        let message = |text| {
            let (at, from, place) =
                (chrono::Utc::now(), Person::new("you", Folding::Ascii), Place::Room("#demo".into()));
            let (role, folding, bot, ask) = (Role::Op, Folding::Ascii, "ptgbot".into(), Ask::Said(text));
            let message = None;
            IncomingKind::Message(Request { at, from: Some(from), role, place, folding, bot, message, ask })
        };
        Ok(line.into_iter().map(|text| Incoming { id: None, kind: message(text) }).collect())
    }
}

#[async_trait]
impl Outlet for Terminal {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        vec![message]
    }
    async fn ready(&mut self) {}
    async fn send(&mut self, message: Outgoing) -> Result<(), TransportError> {
        if let Outgoing::Reply { text, .. } | Outgoing::Notify { text, .. } = message {
            println!("{text}");
        }
        Ok(())
    }
    fn reaches(&self, _person: &PersonId) -> bool {
        true
    }
}

#[tokio::main]
async fn main() -> Result<(), ptgbot_runtime::RunError> {
    run(Box::new(Terminal), Setup { store: StoreAddress::Memory, ..Setup::default() }).await
}
