//! The transport contract over IRC, on real servers: two people in a channel, and a cable to the bot that can be cut.

use async_trait::async_trait;
use futures_util::future::join_all;
use ptgbot_core::{Folding, Network, Person, PersonId, Place, Role, Target, Transport};
use ptgbot_irc::{IrcTransport, Security, Settings};
use ptgbot_runtime::testing::{Arrived, Capability, Counterpart, Somebody, transport_contract};
use ptgbot_tests::ircd::QUICK_USER;
use ptgbot_tests::raw_client::untagged;
use ptgbot_tests::{Cable, Ircd, RawClient, skip};
use std::time::Duration;

#[tokio::test]
async fn a_channel_of_ircd_hybrid_keeps_the_contract() {
    if skip::needs("ircd-hybrid").is_some() {
        transport_contract(async || channel(Ircd::hybrid().await).await).await.expect("it keeps the contract");
    }
}

#[tokio::test]
async fn a_channel_of_inspircd_keeps_the_contract() {
    if skip::needs("inspircd").is_some() {
        transport_contract(async || channel(Ircd::inspircd().await).await).await.expect("it keeps the contract");
    }
}

/// Who is in the channel, and the bot's way to it.
struct Channel {
    network: Network,
    cable: Cable,
    /// Has opened the channel, and sees the bot come and go.
    founder: RawClient,
    gibi: RawClient,
    jane: RawClient,
    /// Ends with the test.
    _ircd: Ircd,
}

async fn channel(ircd: Option<Ircd>) -> (Box<dyn Transport>, Channel) {
    let ircd = ircd.expect("it is installed");
    let registered = ["founder", "gibi", "Jane[m]"].map(|nick| RawClient::register(&ircd, nick));
    let [mut founder, mut gibi, mut jane] = join_all(registered).await.try_into().expect("three people");
    for person in [&mut founder, &mut gibi, &mut jane] {
        person.join(CHANNEL).await;
    }
    founder.mode(CHANNEL, "+ov gibi Jane[m]").await;
    let cable = Cable::to(ircd.port()).await;
    let mut settings = Settings::new("127.0.0.1", cable.port(), BOT, CHANNEL).expect("settings");
    settings.security = Security::Plain;
    // Without flood limits: what they are for is tried elsewhere.
    settings.user = QUICK_USER.parse().expect("a word");
    settings.server_password = Some(QUICK_USER.into());
    settings.timing.line = Duration::from_millis(50);
    settings.timing.reconnect_first = Duration::from_millis(50);
    settings.timing.reconnect_most = Duration::from_millis(500);
    let network = settings.network.clone();
    let transport = IrcTransport::new(settings).expect("good settings");
    (Box::new(transport), Channel { network, cable, founder, gibi, jane, _ircd: ircd })
}

impl Channel {
    async fn bot(&mut self, does: &str) {
        let (from, does) = (format!(":{BOT}!"), format!(" {does} "));
        let is_meant = |line: &str| untagged(line).starts_with(&from) && line.contains(&does);
        self.founder.expect("the bot", is_meant).await;
    }
}

#[async_trait]
impl Counterpart for Channel {
    fn people(&self) -> [Somebody; 2] {
        let somebody = |name, role| Somebody { person: Person::new(&self.network, name, Folding::Ascii), role };
        [somebody("gibi", Role::Op), somebody("Jane[m]", Role::Voice)]
    }

    fn room(&self) -> String {
        CHANNEL.into()
    }

    async fn joined(&mut self) {
        self.bot("JOIN").await;
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        let client = if who.name == self.gibi.name() { &self.gibi } else { &self.jane };
        match place {
            Place::Room(channel) => client.say(channel, line),
            Place::Private => client.say(BOT, line),
        }
    }

    /// Of the two, gibi tells what is said in the channel.
    async fn arrived(&mut self) -> Arrived {
        let from = format!(":{BOT}!");
        let (to_jane, words) = (format!("PRIVMSG {} :", self.jane.name()), " PRIVMSG ");
        let said = |line: &str| untagged(line).starts_with(&from) && line.contains(words);
        let line = tokio::select! {
            line = self.gibi.expect("a message", said) => line,
            line = self.jane.expect("a message", |line| said(line) && line.contains(&to_jane)) => line,
        };
        let (_, message) = line.split_once(words).expect("a message");
        let (to, text) = message.split_once(" :").expect("words");
        let at = match to == CHANNEL {
            true => Target::Room(to.to_owned()),
            false => Target::Person(PersonId::new(&self.network, to, Folding::Ascii)),
        };
        Arrived { at, text: text.to_owned() }
    }

    /// On IRC nothing that was said changes, and no network ends for good.
    fn lacks(&self) -> &[Capability] {
        &[Capability::Edits, Capability::Deletions, Capability::Ends]
    }

    async fn break_off(&mut self) {
        self.cable.cut();
        self.bot("QUIT").await;
    }

    async fn mend(&mut self) {
        self.cable.mend();
        self.bot("JOIN").await;
    }

    fn nobody(&self) -> Person {
        Person::new(&self.network, "nobody", Folding::Ascii)
    }
}

const BOT: &str = "ptgbot";
const CHANNEL: &str = "#ptg";
