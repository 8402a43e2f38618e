//! A bridge between an IRC channel and a Matrix room: who speaks on one side is heard on the other as a ghost, and both
//! sides have a bot.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, IrcBots, Ircd, Process, RawClient, Stage};

#[tokio::test]
async fn what_both_bots_hear_counts_once_whichever_of_them_acts() {
    let (Some(server), Some(ircd)) = (Homeserver::shared().await, Ircd::hybrid().await) else { return };
    let mut stage = Stage::of(&server, NewRoom::new().version("11"), GHOSTS).await;
    let mut channel = Channel::on(&ircd, &stage.bot.store()).await;

    // Somebody in Matrix, and their ghost on IRC.
    stage.done(Jane, "#swift now ring placement").await;
    channel.ghost.say("#ptg", "#swift now ring placement");
    channel.settled().await;
    counts_once(&mut stage, "ring placement").await;

    // Somebody on IRC, and their ghost in Matrix: it may be heard first.
    let bob = server.person("irc_bob").await;
    stage.gibi.invite(&stage.room, bob.id()).await;
    bob.join(&stage.room).await;
    bob.say(&stage.room, "#swift now erasure codes").await;
    channel.op.say("#ptg", "#swift now erasure codes");
    channel.john.expect_from("ptgbot", "erasure codes").await;
    counts_once(&mut stage, "erasure codes").await;

    // The bot of the room is gone: its people are heard through their ghosts.
    stage.bot.kill().await;
    stage.say(Jane, "#swift now cold storage").await;
    channel.ghost.say("#ptg", "#swift now cold storage");
    channel.john.expect_from("ptgbot", "cold storage").await;
    stage.bot.start_again().await;
    counts_once(&mut stage, "cold storage").await;
}

async fn counts_once(stage: &mut Stage, words: &str) {
    stage.settled().await;
    let history = stage.answered(Gibi, "~history 4").await;
    assert_eq!(history.body().matches(words).count(), 1, "{}", history.body());
}

/// Both bots are told of the ghosts on both sides.
const GHOSTS: &str = "[bridge]\nghosts = ['*[m]', '@irc_*']\n";

/// The channel with its bot.
struct Channel {
    op: RawClient,
    /// Who a bridge says is there.
    ghost: RawClient,
    /// A subscriber.
    john: RawClient,
    _bot: Process,
    _bots: IrcBots,
}

impl Channel {
    async fn on(ircd: &Ircd, store: &str) -> Self {
        let (mut op, mut ghost, mut john) = tokio::join!(
            RawClient::register(ircd, "bob"),
            RawClient::register(ircd, "jane[m]"),
            RawClient::register(ircd, "john"),
        );
        op.join("#ptg").await;
        ghost.join("#ptg").await;
        op.mode("#ptg", "+v jane[m]").await;
        let bots = IrcBots::on(ircd, Some(store.to_owned()), GHOSTS);
        let bot = bots.start();
        op.expect("the bot", |line| line.starts_with(":ptgbot") && line.contains(" JOIN ")).await;
        john.say("ptgbot", "subscribe swift");
        john.expect_from("ptgbot", "PRIVMSG john :").await;
        Self { op, ghost, john, _bot: bot, _bots: bots }
    }

    /// Waits until all that was said before has been handled.
    async fn settled(&mut self) {
        self.ghost.fence().await;
        self.op.say("#ptg", "#cinder");
        self.op.expect_from("ptgbot", "PRIVMSG #ptg :bob: ").await;
    }
}
