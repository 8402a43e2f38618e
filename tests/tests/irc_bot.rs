//! The whole bot on real IRC servers: a moderator types in a channel, the change is durable, the right people hear
//! of it, and nothing that happens to a connection is the end of it.

use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::soon::soon;
use ptgbot_tests::{AcceptIrcd, Ircd, Process, RawClient, Services, built, on_both};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

/// A bot with a store of its own, and the folder in which that is.
struct Bot {
    process: Process,
    folder: TempDir,
}

impl Bot {
    /// Started, not yet in its channel.
    fn start(ircd: &Ircd, more: &str) -> Self {
        Self::on_port(ircd.port(), more, "")
    }

    fn on_port(port: u16, more: &str, timing: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = format!(
            "store = 'sqlite:{}'\n[log]\nfilter = 'info,ptgbot_irc=debug'\n[irc]\nserver = '127.0.0.1'\nport = {}\n\
             tls = false\nchannels = ['#ptg']\n{more}\n[irc.timing]\nreconnect_first = 0.1\nreconnect_most = 1\n\
             rejoin_first = 0.1\nrejoin_most = 1\n{timing}\n",
            folder.path().join("board.sqlite").display(),
            port
        );
        let file = folder.path().join("ptgbot.toml");
        std::fs::write(&file, config).expect("the folder is writable");
        Self { process: Process::start("ptgbot-irc", program(&file)), folder }
    }

    /// In the channel, which an op with the nick `gibi` has opened, with two tracks.
    async fn in_channel(ircd: &Ircd, more: &str) -> (Self, RawClient) {
        // Where they have to be built first, nobody can wait in the channel for so long.
        for program in ["ptgbot-irc", "ptgbot"] {
            built(program);
        }
        let mut op = RawClient::register(ircd, "gibi").await;
        op.join("#ptg").await;
        let bot = Self::start(ircd, more);
        bot.joins(&mut op).await;
        op.say("#ptg", "~add swift nova");
        op.say("#ptg", "~list");
        op.expect_from("ptgbot", "nova").await;
        (bot, op)
    }

    async fn joins(&self, op: &mut RawClient) {
        op.expect("the bot", |line| line.starts_with(":ptgbot") && line.contains(" JOIN ")).await;
    }

    /// Replaces the board.
    async fn import(&self, board: &Value) {
        let file = self.folder.path().join("board.json");
        std::fs::write(&file, board.to_string()).expect("the folder is writable");
        let store = format!("sqlite:{}", self.folder.path().join("board.sqlite").display());
        let output = Command::new(built("ptgbot")).args(["import", "--store", &store]).arg(file).output().await;
        assert!(output.expect("ptgbot runs").status.success());
    }

    /// What the store holds, as `ptgbot export` prints it.
    async fn export(&self) -> String {
        let store = format!("sqlite:{}", self.folder.path().join("board.sqlite").display());
        let output = Command::new(built("ptgbot")).args(["export", "--store", &store]).output().await;
        String::from_utf8(output.expect("ptgbot runs").stdout).expect("JSON")
    }
}

fn program(config: &Path) -> Command {
    let mut command = Command::new(built("ptgbot-irc"));
    command.arg("--config").arg(config).env_remove("PTGBOT_LOG").env_remove("PTGBOT_IRC_PASSWORD");
    command
}

on_both!(
    a_voiced_moderator_sets_a_topic_and_a_subscriber_hears_of_it,
    everything_that_can_happen_to_a_connection_is_survived,
    nothing_is_lost_when_the_bot_is_killed,
    what_time_brings_is_told_once_to_its_person_and_in_the_channel,
    a_booking_against_a_rule_is_refused_with_what_is_free_and_a_move_is_one_change,
);

async fn a_voiced_moderator_sets_a_topic_and_a_subscriber_hears_of_it(ircd: Ircd) {
    let (bot, mut op) = Bot::in_channel(&ircd, "").await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    let mut john = RawClient::register(&ircd, "john").await;
    jane.join("#ptg").await;
    john.join("#ptg").await;
    john.say("ptgbot", "subscribe swift");
    john.expect_from("ptgbot", "PRIVMSG john :").await;
    op.say("#ptg", "~requirevoice");
    jane.say("#ptg", "#swift now nothing of the kind");
    let refused = jane.expect_from("ptgbot", "PRIVMSG #ptg :jane: ").await;
    assert!(refused.contains("voice"), "{refused}");

    op.mode("#ptg", "+v jane").await;
    jane.expect_from("gibi", "MODE").await;
    jane.say("#ptg", "#swift now ring placement");
    let told = john.expect_from("ptgbot", "PRIVMSG john :").await;
    assert!(told.contains("#swift") && told.contains("ring placement"), "{told}");
    assert!(bot.export().await.contains("ring placement"));

    op.mode("#ptg", "-v jane").await;
    jane.expect_from("gibi", "MODE").await;
    jane.say("#ptg", "#swift now refused again");
    jane.expect_from("ptgbot", "PRIVMSG #ptg :jane: ").await;
    assert!(!bot.export().await.contains("refused again"));
}

async fn everything_that_can_happen_to_a_connection_is_survived(mut ircd: Ircd) {
    let (mut bot, mut op) = Bot::in_channel(&ircd, "").await;
    op.kick("#ptg", "ptgbot", "out").await;
    bot.joins(&mut op).await;
    op.say("#ptg", "#swift now after the kick");
    op.say("#ptg", "#swift");
    op.expect_from("ptgbot", "after the kick").await;

    op.oper().await;
    op.kill("ptgbot", "test");
    bot.joins(&mut op).await;
    op.say("#ptg", "#swift now after the kill");
    op.say("#ptg", "#swift");
    op.expect_from("ptgbot", "after the kill").await;

    ircd.restart().await;
    op.closed().await;
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    if !op.names("#ptg").await.iter().any(|name| name.ends_with("ptgbot")) {
        bot.joins(&mut op).await;
    }
    op.say("#ptg", "#swift");
    op.expect_from("ptgbot", "after the kill").await;
    bot.process.terminate();
    let status = bot.process.wait(PATIENCE).await;
    assert!(status.success(), "{status}: {}", bot.process.output().tail());
    op.expect_from("ptgbot", "QUIT").await;
}

async fn nothing_is_lost_when_the_bot_is_killed(ircd: Ircd) {
    let (mut bot, mut op) = Bot::in_channel(&ircd, "").await;
    op.say("#ptg", "#swift now before the crash");
    op.say("#ptg", "#swift");
    op.expect_from("ptgbot", "before the crash").await;
    bot.process.kill();
    bot.process.wait(PATIENCE).await;
    op.expect_from("ptgbot", "QUIT").await;
    bot.process.start_again().await;
    bot.joins(&mut op).await;
    op.say("#ptg", "#swift");
    op.expect_from("ptgbot", "before the crash").await;
}

async fn what_time_brings_is_told_once_to_its_person_and_in_the_channel(ircd: Ircd) {
    let (mut bot, mut op) = Bot::in_channel(&ircd, "").await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    bot.import(&soon()).await;
    op.say("#ptg", "~announce slots on");
    jane.say("ptgbot", "remind swift 240");
    let told = jane.expect_from("ptgbot", " meets in ").await;
    assert!(told.contains("PRIVMSG jane :") && told.contains("#swift") && told.contains("Hall"), "{told}");
    let told = op.expect_from("ptgbot", " begins").await;
    assert!(told.contains(" #ptg :") && told.contains("#nova") && told.contains("Attic"), "{told}");

    bot.process.kill();
    bot.process.wait(PATIENCE).await;
    op.expect_from("ptgbot", "QUIT").await;
    bot.process.start_again().await;
    bot.joins(&mut op).await;
    // Reminders of one person leave in their order.
    jane.say("ptgbot", "remind nova 240");
    let is_told_of =
        |track: &str, line: &str| line.starts_with(":ptgbot!") && line.contains(track) && line.contains(" meets in ");
    jane.expect("a reminder", |line| is_told_of("#nova", line)).await;
    assert_eq!(jane.log().iter().filter(|line| is_told_of("#swift", line)).count(), 1);
    let begun = op.log().into_iter().filter(|line| line.starts_with(":ptgbot!") && line.contains(" begins"));
    assert_eq!(begun.count(), 1);
}

#[tokio::test]
async fn a_moderator_is_answered_before_sixty_notifications() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let (_bot, mut op) = Bot::in_channel(&ircd, "").await;
    let mut crowd = Vec::new();
    for n in 0..20 {
        let mut person = RawClient::register(&ircd, &format!("p{n}")).await;
        person.say("ptgbot", "subscribe now");
        person.expect_from("ptgbot", "subscribed").await;
        crowd.push(person);
    }
    for topic in ["one", "two", "three"] {
        op.say("#ptg", &format!("#swift now {topic}"));
    }
    op.say("#ptg", "#swift");
    op.expect_from("ptgbot", "PRIVMSG #ptg :gibi: ").await;
    let told =
        crowd.iter().flat_map(RawClient::log).filter(|line| line.starts_with(":ptgbot!") && line.contains("three"));
    assert!(told.count() < crowd.len(), "the answer came after all notifications");
    for person in &mut crowd {
        for topic in ["one", "two", "three"] {
            let meant = |line: &str| line.starts_with(":ptgbot!") && line.contains(topic);
            person.expect_within(topic, Duration::from_secs(120), meant).await;
        }
    }
}

#[tokio::test]
async fn the_log_tells_of_a_nick_that_was_cut_and_of_voice_that_is_wanted() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    built("ptgbot-irc");
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    let bot = Bot::start(&ircd, "nick = 'ptgbot-of-an-event-with-a-long-name'");
    bot.joins(&mut op).await;
    bot.process.wait_for_line("cuts the nick.*nick=\"?ptgbot-of-an-event-with-a-long\"?$").await;
    bot.process.wait_for_line(r"no voice in #ptg.*/mode #ptg \+v ptgbot-of-an-event-with-a-long").await;
}

#[tokio::test]
async fn a_track_is_told_in_one_line() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let (_bot, mut op) = Bot::in_channel(&ircd, "").await;
    op.say("#ptg", "#swift location Level B, Ballroom A");
    op.say("#ptg", "#swift now ring placement and what it costs");
    op.say("#ptg", "#swift next erasure codes");
    op.say("#ptg", "#swift url https://meet.example.org/swift");
    op.say("#ptg", "#swift");
    op.say("#ptg", "~list");
    let told = op.expect_from("ptgbot", "PRIVMSG #ptg :").await;
    for words in ["ring placement", "erasure codes", "meet.example.org", "Ballroom A"] {
        assert!(told.contains(words), "{told}");
    }
    let next = op.expect_from("ptgbot", "PRIVMSG #ptg :").await;
    assert!(next.contains("nova"), "{next}");
}

#[tokio::test]
async fn services_know_the_bot_and_the_bot_only_those_whom_services_know() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.quit().await;
    let secrets = tempfile::tempdir().expect("a temporary folder");
    let password = secrets.path().join("password");
    std::fs::write(&password, "sesame\n").expect("the folder is writable");
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    op.mode("#ptg", "+R").await;
    let more = format!("require_identified = true\npassword_file = '{}'", password.display());
    let bot = Bot::start(&ircd, &more);
    bot.joins(&mut op).await;
    op.say("#ptg", "~add swift");
    op.expect_from("ptgbot", "identified to services").await;
    services.register(&mut op, "sesame").await;
    ptgbot_tests::deadline::wait_until("the op is obeyed", PATIENCE, || {
        op.say("#ptg", "~add swift");
        let obeyed = op.log().iter().any(|line| line.contains("PRIVMSG #ptg :gibi: ") && line.contains("#swift"));
        async move {
            tokio::time::timeout(Duration::from_millis(500), std::future::pending::<()>()).await.ok();
            obeyed.then_some(())
        }
    })
    .await
    .expect("in time");
    assert!(!bot.process.output().lines().iter().any(|line| line.contains("sesame")), "no secret in the log");
}

#[tokio::test]
async fn a_tracks_moderator_is_a_nick_that_services_know() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut op = RawClient::register(&ircd, "gibi").await;
    services.register(&mut op, "sesame").await;
    op.join("#ptg").await;
    let bot = Bot::start(&ircd, "require_identified = true");
    bot.joins(&mut op).await;
    op.say("#ptg", "~add swift nova");
    op.say("#ptg", "~moderators #swift jane");
    op.say("#ptg", "~moderators");
    op.expect_from("ptgbot", "#swift: jane").await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    jane.join("#ptg").await;
    jane.say("#ptg", "#swift now nothing of the kind");
    jane.expect_from("ptgbot", "identified to services").await;
    services.register(&mut jane, "sesame").await;
    let mut bob = RawClient::register(&ircd, "bob").await;
    services.register(&mut bob, "sesame").await;
    bob.join("#ptg").await;
    bob.say("#ptg", "#swift now nothing of the kind");
    bob.expect_from("ptgbot", "moderators of #swift").await;
    jane.say("#ptg", "#swift now ring placement");
    ptgbot_tests::deadline::wait_until("the topic", PATIENCE, || async {
        bot.export().await.contains("ring placement").then_some(())
    })
    .await
    .expect("in time");
    assert!(!bot.export().await.contains("nothing of the kind"));
}

async fn a_booking_against_a_rule_is_refused_with_what_is_free_and_a_move_is_one_change(ircd: Ircd) {
    let (bot, mut op) = Bot::in_channel(&ircd, "").await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    jane.join("#ptg").await;
    let slot = |name: &str, start: &str| json!({"name": name, "realtime": start, "duration": 60});
    bot.import(&json!({
        "tracks": ["swift", "nova"],
        "slots": {
            "Past": [slot("P1", "2020-10-18T09:00:00Z")],
            "Monday": [slot("M1", "2100-10-18T09:00:00Z"), slot("M2", "2100-10-18T10:00:00Z")],
            "Tuesday": [slot("T1", "2100-10-19T09:00:00Z")],
        },
        "schedule": {"Hall": {"P1": "", "M1": "", "M2": "", "T1": ""}, "Attic": {"P1": "", "M1": "nova", "M2": "", "T1": ""}},
    }))
    .await;
    op.say("#ptg", "~policy enforce");
    let rules = [
        ("past off", "past on", "#swift book Hall-P1", "the slot is over. Free on Monday: Hall-M1"),
        ("opens 2100-01-01 9:00", "opens off", "#swift book Hall-M1", "only ops book before 2100-01-01 09:00"),
        ("clash swift nova", "clash swift nova off", "#swift book Hall-M1", "#nova meets then (Attic-M1)"),
        ("day 0.5", "day off", "#swift book Hall-M1", "1 h on Monday, where 30 min is the most"),
        ("total 0.75", "total off", "#swift book Hall-M1", "1 h in all, where 45 min is the most"),
    ];
    for (rule, off, booking, why) in rules {
        op.say("#ptg", &format!("~policy {rule}"));
        op.say("#ptg", "~policy");
        op.expect_from("ptgbot", "What is against a rule is refused").await;
        jane.say("#ptg", booking);
        jane.expect_from("ptgbot", why).await;
        op.say("#ptg", &format!("~policy {off}"));
    }
    op.say("#ptg", "~policy day 1");
    op.say("#ptg", "~policy");
    op.expect_from("ptgbot", "At most 1 h a day").await;
    jane.say("#ptg", "#swift book Hall-M1");
    jane.expect_from("ptgbot", "#swift now holds Hall-M1.").await;
    jane.say("#ptg", "#swift book Hall-M2");
    jane.expect_from("ptgbot", "1 h is the most. Free on Tuesday: Hall-T1, Attic-T1.").await;
    jane.say("#ptg", "#swift move Hall-M1 Attic-M2");
    jane.expect_from("ptgbot", "#swift moved from Hall-M1 to Attic-M2.").await;
    let board: Value = serde_json::from_str(&bot.export().await).expect("JSON");
    assert_eq!((&board["schedule"]["Hall"]["M1"], &board["schedule"]["Attic"]["M2"]), (&json!(""), &json!("swift")));
}

#[tokio::test]
async fn sixty_subscribers_hear_of_a_topic_where_the_accept_list_has_twenty_places() {
    let ircd = AcceptIrcd::start(20).await;
    let _bot = Bot::on_port(ircd.port(), "", "line = 0.01");
    ircd.joined("#ptg").await;
    ircd.says("gibi", "#ptg", "~add swift");
    let subscribers: HashSet<String> = (0..60).map(|n| format!("subscriber{n}")).collect();
    for nick in &subscribers {
        ircd.says(nick, "ptgbot", "subscribe swift");
    }
    let answered = ircd.hear(60, "swift").await;
    assert_eq!(HashSet::from_iter(answered), subscribers);
    ircd.says("gibi", "#ptg", "#swift now ring placement");
    let told = ircd.hear(60, "ring placement").await;
    assert_eq!(HashSet::from_iter(told), subscribers);
    let pings = ircd.written().lines().iter().filter(|line| line.starts_with("PING ")).count();
    assert!(pings <= ircd.written().len() / 20, "{pings} PINGs in {} lines", ircd.written().len());
}

#[tokio::test]
async fn what_cannot_work_is_said_at_once() {
    let wrong = |flags: &[&str]| {
        let mut command = Command::new(built("ptgbot-irc"));
        command.args(flags);
        async move { command.output().await.expect("ptgbot-irc runs") }
    };
    let output = wrong(&["--nick", "x"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no channel is named: --channel '#my-event'"));
    let output = wrong(&["--channel", "#a", "--ca-file", "/nonexistent", "--store", "memory:"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot use /nonexistent"));
    assert_eq!(wrong(&["--password", "x"]).await.status.code(), Some(2));
}
