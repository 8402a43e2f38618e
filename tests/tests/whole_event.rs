//! A whole event on one PostgreSQL: a bot on IRC with a standby, a bot in Matrix, and two replicas of the page.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::page::Page;
use ptgbot_tests::process::free_port;
use ptgbot_tests::stage::Who::Jane;
use ptgbot_tests::{Database, Homeserver, IrcBots, Ircd, Process, RawClient, Stage, built};
use std::sync::Arc;
use tokio::process::Command;

#[tokio::test]
async fn a_topic_reaches_all_and_no_command_is_lost_or_doubled_whatever_part_is_killed() {
    let Some(mut event) = Event::begin().await else { return };
    event.a_topic_set_on_irc_reaches_a_subscriber_in_matrix_and_both_pages().await;
    event.both_commands_count_when_the_bot_on_irc_is_killed_between_them().await;
    for _ in 0..5 {
        event.the_bot_on_irc_is_killed().await;
        event.the_bot_in_matrix_is_killed().await;
        event.a_replica_is_killed().await;
        event.the_database_is_killed().await;
    }
    event.each_command_counts_once().await;
}

struct Event {
    database: Database,
    store: String,
    stage: Stage,
    /// A chat of jane in Matrix with the bot.
    direct: String,
    /// A moderator on IRC.
    gibi: RawClient,
    active: Process,
    standby: Process,
    replicas: [Replica; 2],
    topics: usize,
    _bots: IrcBots,
    _ircd: Ircd,
    _server: Arc<Homeserver>,
}

struct Replica {
    page: Page,
    process: Process,
}

impl Event {
    /// Everything runs, and jane in Matrix wants to be told. `None`, said aloud, where a server is not installed.
    async fn begin() -> Option<Self> {
        let (server, ircd, database) = (Homeserver::shared().await?, Ircd::hybrid().await?, Database::start().await?);
        let store = database.board("event");
        let mut stage = Stage::on(&server, NewRoom::new().version("11"), &store).await;
        let direct = stage.direct(NewRoom::new()).await;
        let asked = stage.jane.say(&direct, "subscribe swift").await;
        stage.jane.expect_reply_to(&asked).await;
        let bots = IrcBots::on(&ircd, Some(store.clone()), "");
        let mut gibi = RawClient::register(&ircd, "gibi").await;
        gibi.join("#ptg").await;
        let active = bots.start();
        gibi.expect("the bot", |line| line.starts_with(":ptgbot!") && line.contains(" JOIN ")).await;
        let standby = bots.start();
        stands_by(&standby, &mut gibi).await;
        let replicas = [Replica::of(&store).await, Replica::of(&store).await];
        let topics = 0;
        Some(Self {
            database,
            store,
            stage,
            direct,
            gibi,
            active,
            standby,
            replicas,
            topics,
            _bots: bots,
            _ircd: ircd,
            _server: server,
        })
    }

    async fn a_topic_set_on_irc_reaches_a_subscriber_in_matrix_and_both_pages(&mut self) {
        let topic = self.on_irc();
        self.is_recorded(&topic).await;
        let direct = &self.direct;
        self.stage.jane.expect_any("the topic", |seen| seen.room() == direct && seen.body().contains(&topic)).await;
        let mut shown = Vec::new();
        for replica in &self.replicas {
            replica.page.shows(&topic, |data| data["now"]["swift"] == topic.as_str()).await;
            shown.push(replica.page.document("/").await);
        }
        assert!(shown[0].is_some() && shown[0] == shown[1], "replicas show the same bytes");
    }

    async fn both_commands_count_when_the_bot_on_irc_is_killed_between_them(&mut self) {
        let first = self.on_irc();
        self.is_recorded(&first).await;
        self.active.kill();
        let second = self.on_irc();
        self.is_recorded(&second).await;
        self.the_other_stands_by().await;
    }

    async fn the_bot_on_irc_is_killed(&mut self) {
        self.on_irc();
        self.active.kill();
        let last = (self.in_matrix().await, self.on_irc());
        self.is_recorded(&last.0).await;
        self.is_recorded(&last.1).await;
        self.the_other_stands_by().await;
    }

    async fn the_bot_in_matrix_is_killed(&mut self) {
        self.in_matrix().await;
        self.stage.bot.kill().await;
        let last = (self.in_matrix().await, self.on_irc());
        self.is_recorded(&last.1).await;
        self.stage.bot.start_again().await;
        self.is_recorded(&last.0).await;
    }

    async fn a_replica_is_killed(&mut self) {
        let [replica, other] = &mut self.replicas;
        replica.process.kill();
        replica.process.wait(PATIENCE).await;
        let other = other.page;
        let topic = self.on_irc();
        other.shows(&topic, |data| data["now"]["swift"] == topic.as_str()).await;
        let replica = &mut self.replicas[0];
        replica.process.start_again().await;
        replica.page.shows(&topic, |data| data["now"]["swift"] == topic.as_str()).await;
    }

    async fn the_database_is_killed(&mut self) {
        self.on_irc();
        self.database.kill().await;
        let last = (self.in_matrix().await, self.on_irc());
        self.database.start_again().await;
        self.is_recorded(&last.0).await;
        self.is_recorded(&last.1).await;
    }

    async fn each_command_counts_once(&self) {
        let history = history(&self.store).await.expect("the database answers");
        for number in 0..self.topics {
            assert_eq!(history.matches(&topic(number)).count(), 1, "{} in {history}", topic(number));
        }
    }

    /// The moderator on IRC sets another topic.
    fn on_irc(&mut self) -> String {
        let topic = self.next_topic();
        self.gibi.say("#ptg", &format!("#swift now {topic}"));
        topic
    }

    /// Somebody in the room in Matrix does.
    async fn in_matrix(&mut self) -> String {
        let topic = self.next_topic();
        self.stage.say(Jane, &format!("#nova now {topic}")).await;
        topic
    }

    fn next_topic(&mut self) -> String {
        self.topics += 1;
        topic(self.topics - 1)
    }

    async fn is_recorded(&self, topic: &str) {
        let recorded = wait_until(topic, PATIENCE, || async {
            history(&self.store).await.filter(|history| history.contains(topic))
        });
        if let Err(late) = recorded.await {
            panic!("{late}; the bot on IRC wrote {}", self.active.output().tail());
        }
    }

    /// The one that was killed is started again, and stands by for the other.
    async fn the_other_stands_by(&mut self) {
        std::mem::swap(&mut self.active, &mut self.standby);
        self.standby.wait(PATIENCE).await;
        self.standby.start_again().await;
        stands_by(&self.standby, &mut self.gibi).await;
    }
}

impl Replica {
    async fn of(store: &str) -> Self {
        let page = Page { port: free_port() };
        let mut command = Command::new(built("ptgbot"));
        command.args(["serve", "--store", store, "--listen", &format!("127.0.0.1:{}", page.port)]);
        let process = Process::start("ptgbot serve", command);
        page.data().await;
        Self { page, process }
    }
}

/// Waits until a process stands by, and is in the channel: from then on it hears what is said.
async fn stands_by(process: &Process, gibi: &mut RawClient) {
    process.wait_for_line("another process acts: this one stands by").await;
    gibi.expect("a standby", |line| line.starts_with(":ptgbot") && line.contains(" JOIN ")).await;
}

fn topic(number: usize) -> String {
    format!("topic-{number}-end")
}

/// Who changed what; `None` while the database does not answer.
async fn history(store: &str) -> Option<String> {
    let asked = Command::new(built("ptgbot")).args(["history", "--store", store]).output().await.expect("ptgbot runs");
    asked.status.success().then(|| String::from_utf8_lossy(&asked.stdout).into_owned())
}
