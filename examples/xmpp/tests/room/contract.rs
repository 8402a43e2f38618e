//! The contract of a transport, with people on the same server and a cable to the bot that can be cut.

use crate::bot::{BOT, settings, transport};
use crate::client::{ROOM, RoomClient};
use async_trait::async_trait;
use ptgbot_core::{Folding, Network, Person, Place, Role, Target, Transport};
use ptgbot_runtime::testing::{Arrived, Capability, Counterpart, Somebody, transport_contract};
use ptgbot_tests::{Cable, Prosody, skip};

#[tokio::test(flavor = "multi_thread")]
async fn a_room_keeps_the_contract() {
    if skip::needs("prosody").is_some() {
        transport_contract(room).await.expect("it keeps the contract");
    }
}

/// Who is in the room, and the bot's way to it.
struct Room {
    network: Network,
    cable: Cable,
    /// Has opened the room, and sees the bot come back.
    founder: RoomClient,
    gibi: RoomClient,
    jane: RoomClient,
    /// Ends with the test.
    _prosody: Prosody,
}

async fn room() -> (Box<dyn Transport>, Room) {
    let prosody = Prosody::start(&["founder", "gibi", "jane", "ptgbot"]).await.expect("it is installed");
    let mut founder = RoomClient::enter(&prosody, "founder", "founder").await;
    let gibi = RoomClient::enter(&prosody, "gibi", "gibi").await;
    let jane = RoomClient::enter(&prosody, "jane", "Jane Doe").await;
    founder.change("jid='gibi@localhost' affiliation='admin'");
    founder.expect("gibi is here, a moderator").await;
    let cable = Cable::to(prosody.port()).await;
    let settings = settings(cable.port());
    let network = settings.network.clone();
    (transport(settings), Room { network, cable, founder, gibi, jane, _prosody: prosody })
}

impl Room {
    fn person(&self, nick: &str) -> Person {
        Person::new(&self.network, nick, Folding::Exact)
    }
}

#[async_trait]
impl Counterpart for Room {
    fn people(&self) -> [Somebody; 2] {
        [
            Somebody { person: self.person("gibi"), role: Role::Op },
            Somebody { person: self.person("Jane Doe"), role: Role::Voice },
        ]
    }

    fn room(&self) -> String {
        ROOM.to_owned()
    }

    async fn joined(&mut self) {
        for person in [&mut self.gibi, &mut self.jane] {
            person.expect(&format!("{BOT} is here")).await;
        }
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        let client = if who.name == "gibi" { &mut self.gibi } else { &mut self.jane };
        match place {
            Place::Room(_) => client.say(line),
            Place::Private => client.say_alone(BOT, line),
        }
    }

    /// Of the two, gibi tells what is said in the room.
    async fn arrived(&mut self) -> Arrived {
        let (room, alone) = (format!("room {BOT}: "), format!("alone {BOT}: "));
        let beginnings = [room.as_str(), alone.as_str()];
        let (line, nick) = tokio::select! {
            line = self.gibi.expect_any(&beginnings) => (line, "gibi"),
            line = self.jane.expect(&alone) => (line, "Jane Doe"),
        };
        let (at, text) = match line.strip_prefix(&room) {
            Some(text) => (Target::Room(ROOM.to_owned()), text),
            None => (Target::Person(self.person(nick).id), &line[alone.len()..]),
        };
        Arrived { at, text: text.to_owned() }
    }

    /// A deletion (XEP-0424) is not heard, and no network ends for good.
    fn lacks(&self) -> &[Capability] {
        &[Capability::Deletions, Capability::Ends]
    }

    async fn edit(&mut self, line: &str) {
        self.gibi.correct(line);
    }

    async fn break_off(&mut self) {
        self.cable.cut();
    }

    /// The bot stays in the room while its session can be resumed: it is back when it answers.
    async fn mend(&mut self) {
        self.cable.mend();
        self.founder.ping(BOT).await;
    }

    fn nobody(&self) -> Person {
        self.person("nobody")
    }
}
