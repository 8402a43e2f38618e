//! A channel with two people who set topics, somebody who watches, and the processes of a bot.

use crate::history::History;
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::{IrcBots, Ircd, Process, RawClient};

/// The channel, and what was said in it.
pub(crate) struct Channel {
    /// Sees the bots come and go.
    pub(crate) watcher: RawClient,
    /// An op.
    pub(crate) gibi: RawClient,
    /// A member.
    pub(crate) jane: RawClient,
    pub(crate) history: History,
    bots: IrcBots,
    said: Vec<(String, String)>,
}

impl Channel {
    /// With a bot that acts on a board with one track, and another that stands by.
    pub(crate) async fn with_bots(ircd: &Ircd, store: Option<String>, more: &str) -> (Self, Process, Process) {
        Self::begin(ircd, IrcBots::on(ircd, store, more), &[]).await
    }

    /// The same, where the bot that acts has flags of its own.
    pub(crate) async fn with_bot_at(ircd: &Ircd, flags: &[&str]) -> (Self, Process, Process) {
        Self::begin(ircd, IrcBots::on(ircd, None, ""), flags).await
    }

    async fn begin(ircd: &Ircd, bots: IrcBots, flags: &[&str]) -> (Self, Process, Process) {
        let [mut gibi, mut jane, mut watcher] =
            [register(ircd, "gibi").await, register(ircd, "jane").await, register(ircd, "watcher").await];
        for person in [&mut gibi, &mut jane, &mut watcher] {
            person.join(CHANNEL).await;
        }
        let active = bots.start_with(flags);
        watcher.expect("the bot", |line| line.starts_with(":ptgbot!") && line.contains(" JOIN ")).await;
        gibi.say(CHANNEL, "~add swift");
        gibi.say(CHANNEL, "#swift location Hall");
        gibi.say(CHANNEL, "#swift");
        gibi.expect_from("ptgbot", "Hall").await;
        let history = History::of(bots.store()).await;
        let mut channel = Self { watcher, gibi, jane, history, bots, said: Vec::new() };
        let standby = channel.one_stands_by().await;
        (channel, active, standby)
    }

    /// The address of the bots' store.
    pub(crate) fn store(&self) -> &str {
        self.bots.store()
    }

    /// Starts another process, which comes under another nick.
    pub(crate) async fn one_stands_by(&mut self) -> Process {
        let standby = self.bots.start();
        self.comes_to_stand_by(&standby).await;
        standby
    }

    /// Starts another process with flags of its own.
    pub(crate) fn another_bot(&self, flags: &[&str]) -> Process {
        self.bots.start_with(flags)
    }

    /// Waits until a process that was started stands by in the channel.
    pub(crate) async fn comes_to_stand_by(&mut self, process: &Process) {
        process.wait_for_line("another process acts: this one stands by").await;
        self.watcher.expect("a standby", |line| is_standby(line) && line.contains(" JOIN ")).await;
    }

    /// Waits until the standby has the bot's nick.
    pub(crate) async fn has_the_nick(&mut self) {
        self.watcher.expect("the nick", |line| is_standby(line) && line.ends_with(" NICK :ptgbot")).await;
    }

    /// Sets another topic.
    pub(crate) fn sets_topic(&mut self, who: Who) {
        let person = match who {
            Who::Gibi => &self.gibi,
            Who::Jane => &self.jane,
        };
        let topic = format!("topic {}", self.said.len());
        person.say(CHANNEL, &format!("#swift now {topic}"));
        self.said.push((person.name().to_owned(), topic));
    }

    /// Both set another topic.
    pub(crate) fn both_set_topics(&mut self) {
        self.sets_topic(Who::Gibi);
        self.sets_topic(Who::Jane);
    }

    /// Waits until all that was said is recorded; demands that it was once, in each person's order.
    pub(crate) async fn all_count_once(&mut self) {
        self.history.is(&self.said).await;
    }

    /// Demands that a topic is set, and answered under the bot's own nick.
    pub(crate) async fn is_answered(&mut self) {
        // Of two people's last topics either may be the newer one.
        self.sets_topic(Who::Gibi);
        let last = &self.said.last().expect("something was said").1;
        // In other words each time: a question that is asked again right after a bot has taken over may be taken for one
        // that the bot before has answered, if a standby came between that and its next note of its place.
        let blanks = " ".repeat(self.said.len() % 100);
        self.gibi.say(CHANNEL, &format!("ptgbot:{blanks}#swift"));
        self.gibi.expect_from("ptgbot", last).await;
    }

    /// Somebody who is told in private of all topics.
    pub(crate) async fn subscriber(&self, ircd: &Ircd) -> RawClient {
        let mut john = RawClient::register(ircd, "john").await;
        john.join(CHANNEL).await;
        john.say("ptgbot", "subscribe swift");
        john.expect_from("ptgbot", "subscribed").await;
        john
    }

    /// Waits until a subscriber was told of the last topics of both; gives all of which they were told, by number.
    pub(crate) async fn told_to(&self, subscriber: &RawClient) -> Vec<usize> {
        let last = [self.said.len() - 2, self.said.len() - 1];
        let told = wait_until("the last notifications", PATIENCE, || async {
            let told = told(subscriber);
            last.iter().all(|last| told.contains(last)).then_some(told)
        });
        let mut told = told.await.unwrap_or_else(|late| panic!("{late}: {:#?}", subscriber.log()));
        told.sort_unstable();
        told
    }
}

/// The numbers of the topics of which somebody was told in private.
fn told(person: &RawClient) -> Vec<usize> {
    let to = format!(" PRIVMSG {} :", person.name());
    let told = person.log().into_iter().filter(|line| line.contains(&to));
    let number = |line: String| line.rsplit_once("topic ")?.1.parse().ok();
    told.filter_map(number).collect()
}

/// True for what a process does under the nick of a standby.
fn is_standby(line: &str) -> bool {
    ["ptgbot_", "ptgbot2", "ptgbot3"].iter().any(|nick| line.starts_with(&format!(":{nick}!")))
}

/// Who says it.
#[derive(Clone, Copy)]
pub(crate) enum Who {
    Gibi,
    Jane,
}

async fn register(ircd: &Ircd, nick: &str) -> RawClient {
    RawClient::register(ircd, nick).await
}

pub(crate) const CHANNEL: &str = ptgbot_tests::irc_bots::CHANNEL;
