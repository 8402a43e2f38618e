//! `ptgbot-irc --check` on real servers: it tells what it finds and leaves, and whoever is there hears not a word.

use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::irc_bots::{CHANNEL, IrcBots};
use ptgbot_tests::ircd::Software;
use ptgbot_tests::{Ircd, Process, RawClient, Services, built, on_both};
use std::fs;
use std::path::Path;
use tokio::net::TcpListener;
use tokio::process::Command;

on_both!(
    a_look_beside_a_bot_at_work_disturbs_nobody,
    what_keeps_the_bot_out_or_silent_is_told,
    a_certificate_and_a_login_are_told_with_who_signed_and_as_whom,
);

/// What a look told, and whether something was at fault.
async fn told(mut look: Process) -> (bool, Vec<String>) {
    let status = look.wait(PATIENCE).await;
    look.output().wait_for_end("the end of the report", PATIENCE).await.expect("a report");
    (status.success(), look.output().lines())
}

#[track_caller]
fn says(lines: &[String], words: &[&str]) {
    let says = lines.iter().any(|line| words.iter().all(|words| line.contains(words)));
    assert!(says, "{words:?} in\n{}", lines.join("\n"));
}

/// A look with a configuration of its own.
fn look(folder: &Path, config: &str) -> Process {
    let file = folder.join("ptgbot.toml");
    let store = folder.join("board.sqlite");
    fs::write(&file, format!("store = 'sqlite:{}'\n[irc]\n{config}", store.display())).expect("the folder is writable");
    let mut command = Command::new(built("ptgbot-irc"));
    command.arg("--check").arg("--config").arg(&file).env_remove("PTGBOT_IRC_PASSWORD");
    Process::start("ptgbot-irc", command)
}

async fn a_look_beside_a_bot_at_work_disturbs_nobody(ircd: Ircd) {
    let mut gibi = RawClient::register(&ircd, "gibi").await;
    gibi.join(CHANNEL).await;
    let bots = IrcBots::on(&ircd, None, "");
    let _at_work = bots.start();
    gibi.expect("the bot", |line| line.starts_with(":ptgbot!") && line.contains(" JOIN ")).await;
    gibi.say(CHANNEL, "~add swift");
    gibi.say(CHANNEL, "~list");
    gibi.expect_from("ptgbot", "swift").await;

    let (is_well, lines) = told(bots.start_with(&["--check"])).await;
    assert!(is_well, "{lines:#?}");
    says(&lines, &["advice", "certificate: ", "not protected"]);
    let program = match ircd.software() {
        Software::Hybrid => "on ircd-hybrid",
        Software::Inspircd => "on InspIRCd",
    };
    says(&lines, &["ok", "network: ", program]);
    says(&lines, &["ok", "nick: ptgbot is in use", "this is ptgbot_"]);
    says(&lines, &["ok", "services: not asked for"]);
    says(&lines, &["ok", "#ptg: joined as ptgbot_, without voice; its modes are +"]);
    says(&lines, &["ok", "#ptg: the event is run by gibi"]);
    says(&lines, &["advice", "flood: 4 lines at once, then one every 0.2 s"]);
    says(&lines, &["ok", "store: ", "can be read"]);
    says(&lines, &["ok", "store: a bot is at work with it: ptgbot, process "]);
    says(&lines, &["no faults, "]);

    gibi.expect("its leaving", |line| line.starts_with(":ptgbot_!") && line.contains(" QUIT ")).await;
    gibi.say(CHANNEL, "~add nova");
    gibi.say(CHANNEL, "~list");
    gibi.expect_from("ptgbot", "nova").await;
    let spoke = |line: &&String| line.starts_with(":ptgbot_!") && (line.contains("PRIVMSG") || line.contains("NOTICE"));
    assert_eq!(gibi.log().iter().find(spoke), None);
}

async fn what_keeps_the_bot_out_or_silent_is_told(ircd: Ircd) {
    let mut gibi = RawClient::register(&ircd, "gibi").await;
    for (channel, mode) in [("#closed", "+i"), ("#quiet", "+m")] {
        gibi.join(channel).await;
        gibi.mode(channel, mode).await;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = format!(
        "server = '127.0.0.1'\nport = {}\ntls = false\nchannels = ['#closed', '#quiet', '#empty']\n[irc.timing]\nburst = 50\n",
        ircd.port()
    );
    let (is_well, lines) = told(look(folder.path(), &config)).await;
    assert!(!is_well, "{lines:#?}");
    says(&lines, &["ok", "nick: ptgbot is free"]);
    says(&lines, &["FAULT", "#closed: cannot join: Cannot join channel"]);
    says(&lines, &["advice", "#quiet: it is moderated (+m)"]);
    says(&lines, &["advice", "#empty: nobody is there", "/join #empty"]);
    says(&lines, &["advice", "flood: 50 lines at once"]);
    says(&lines, &["store: there is none yet"]);
    says(&lines, &["1 fault, "]);
    assert!(!folder.path().join("board.sqlite").exists(), "a look makes no store");
}

async fn a_certificate_and_a_login_are_told_with_who_signed_and_as_whom(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.quit().await;
    let mut gibi = RawClient::register(&ircd, "gibi").await;
    gibi.join(CHANNEL).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let password = folder.path().join("password");
    let config = format!(
        "server = 'localhost'\nport = {}\nca_file = '{}'\nchannels = ['{CHANNEL}']\nidentify = 'nick-first'\n\
         password_file = '{}'\n",
        ircd.tls_port(),
        ircd.certificates().authority.display(),
        password.display()
    );
    fs::write(&password, "sesame\n").expect("the folder is writable");
    let (is_well, lines) = told(look(folder.path(), &config)).await;
    assert!(is_well, "{lines:#?}");
    says(&lines, &["ok", "certificate: CN=server, issued by CN=authority, good until 2", "for localhost"]);
    says(&lines, &["advice", "certificate: it ends in "]);
    says(&lines, &["ok", "services: identified as ptgbot"]);

    fs::write(&password, "wrong\n").expect("the folder is writable");
    let (is_well, lines) = told(look(folder.path(), &config)).await;
    assert!(!is_well, "{lines:#?}");
    says(&lines, &["FAULT", "services: not identified; NickServ says: "]);
    assert!(!lines.iter().any(|line| line.contains("wrong")), "no secret is told: {lines:#?}");

    let untrusted = config.lines().filter(|line| !line.starts_with("ca_file")).collect::<Vec<_>>().join("\n");
    let (is_well, lines) = told(look(folder.path(), &untrusted)).await;
    assert!(!is_well, "{lines:#?}");
    says(&lines, &["FAULT", "server: cannot verify the TLS certificate of localhost"]);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let timing = "[irc.timing]\nregister = 0.2\n";
    let config = format!("server = '127.0.0.1'\nport = {port}\ntls = false\nchannel = '{CHANNEL}'\n{timing}");
    let (is_well, lines) = told(look(folder.path(), &config)).await;
    assert!(!is_well, "{lines:#?}");
    says(&lines, &["ok", "server: 127.0.0.1", "answers"]);
    says(&lines, &["FAULT", "server: "]);
    says(&lines, &["store: there is none yet"]);
}
