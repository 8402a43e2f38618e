//! One event on several networks: two IRC networks and Matrix on one board, each with a bot and people of its own.

use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Ircd, Process, RawClient, Stage, built};
use tempfile::TempDir;
use tokio::process::Command;

#[tokio::test]
async fn a_topic_reaches_subscribers_on_all_networks_and_what_people_ask_spans_them() {
    let Some(server) = Homeserver::shared().await else { return };
    let (Some(hybrid), Some(inspircd)) = (Ircd::hybrid().await, Ircd::inspircd().await) else { return };
    let mut stage = Stage::plain(&server).await;
    let direct = stage.direct(NewRoom::new()).await;
    let asked = stage.jane.say(&direct, "subscribe swift").await;
    stage.jane.expect_reply_to(&asked).await;
    let store = stage.bot.store();
    let mut hybrid = Network::join(&hybrid, "hybrid", &store).await;
    let mut inspircd = Network::join(&inspircd, "inspircd", &store).await;

    stage.done(Jane, "#swift now ring placement").await;
    everybody_is_told(&stage, &direct, &mut [&mut hybrid, &mut inspircd], "ring placement").await;
    hybrid.op.say("#ptg", "#swift now erasure codes");
    everybody_is_told(&stage, &direct, &mut [&mut hybrid, &mut inspircd], "erasure codes").await;
    inspircd.op.say("#ptg", "#swift now cold storage");
    everybody_is_told(&stage, &direct, &mut [&mut hybrid, &mut inspircd], "cold storage").await;

    hybrid.john.say("ptgbot", "in #swift");
    hybrid.john.expect_from("ptgbot", "swift").await;
    let seen = stage.answered(Gibi, "+seen john").await;
    assert!(seen.body().contains("#swift"), "{seen:?}");
    let asked = stage.jane.say(&direct, "in #swift").await;
    stage.jane.expect_reply_to(&asked).await;
    inspircd.op.say("#ptg", "+who #swift");
    let who = inspircd.op.expect_from("ptgbot", "PRIVMSG #ptg :gibi: ").await;
    assert!(who.contains("john") && who.contains(stage.jane.name()), "{who}");

    let history = stage.answered(Gibi, "~history 9").await;
    for words in ["ring placement", "erasure codes", "cold storage"] {
        assert!(history.body().contains(words), "{history:?}");
    }
    hybrid.op.say("#ptg", "#swift undo");
    hybrid.op.expect_from("ptgbot", "PRIVMSG #ptg :gibi: ").await;
    stage.bot.page.shows("what was taken back", |data| data["now"]["swift"] == "erasure codes").await;

    for words in ["ring placement", "erasure codes"] {
        for network in [&hybrid, &inspircd] {
            let told = network.john.log().into_iter();
            let told = told.filter(|line| line.contains("PRIVMSG john :") && line.contains(words)).count();
            assert_eq!(told, 1, "john was told of {words:?} on {}", network.name);
        }
        let told = stage.jane.seen().into_iter().filter(|seen| seen.room() == direct && seen.body().contains(words));
        assert_eq!(told.count(), 1, "jane was told of {words:?}");
    }
}

/// An IRC network with a bot, an op in its channel, and a subscriber.
struct Network {
    name: &'static str,
    op: RawClient,
    john: RawClient,
    _bot: Process,
    _folder: TempDir,
}

impl Network {
    async fn join(ircd: &Ircd, name: &'static str, store: &str) -> Self {
        // Where it has to be built first, nobody can wait in the channel for so long.
        let program = built("ptgbot-irc");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("ptgbot.toml");
        let config = format!(
            "store = '{store}'\n[irc]\nnetwork = '{name}'\nserver = '127.0.0.1'\nport = {}\ntls = false\n\
             channels = ['#ptg']\n",
            ircd.port()
        );
        std::fs::write(&file, config).expect("the folder is writable");
        let (mut op, mut john) = (RawClient::register(ircd, "gibi").await, RawClient::register(ircd, "john").await);
        op.join("#ptg").await;
        let mut command = Command::new(program);
        command.arg("--config").arg(&file).env_remove("PTGBOT_LOG").env_remove("PTGBOT_IRC_PASSWORD");
        let bot = Process::start("ptgbot-irc", command);
        op.expect("the bot", |line| line.starts_with(":ptgbot") && line.contains(" JOIN ")).await;
        john.say("ptgbot", "subscribe swift");
        john.expect_from("ptgbot", "PRIVMSG john :").await;
        Self { name, op, john, _bot: bot, _folder: folder }
    }
}

async fn everybody_is_told(stage: &Stage, direct: &str, networks: &mut [&mut Network], words: &str) {
    for network in networks {
        network.john.expect_from("ptgbot", words).await;
    }
    stage.jane.expect_any(words, |seen| seen.room() == direct && seen.body().contains(words)).await;
}
