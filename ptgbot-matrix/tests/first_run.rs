//! A first start with a person at the terminal, on a real homeserver.

#![recursion_limit = "256"]

use clap::Parser;
use ptgbot_matrix::{Flags, Secret};
use ptgbot_runtime::Dialogue;
use ptgbot_runtime::program::BotProgram;
use ptgbot_tests::Homeserver;
use secrecy::ExposeSecret;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_answers_are_a_bot_and_a_file_that_says_the_same() {
    let Some(server) = Homeserver::shared().await else { return };
    let bot = server.account("ptgbot").await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bot.toml");
    let flags = format!("--data={}", folder.path().join("data").display());
    // No server in the name; nobody at the server's own address, and at another one; a wrong password; no room.
    let answers = format!(
        "ptgbot\n{}\nhttp://127.0.0.1:1\n{}\nsesame\n{}\nmy room\n#my-event:localhost\n{}\n\n",
        bot.id,
        server.url(),
        bot.password,
        file.display()
    );
    let asked = tokio::task::spawn_blocking(move || {
        let mut shown = Vec::new();
        let flags = Flags::try_parse_from(["ptgbot-matrix", &flags]).expect("flags");
        let read = flags.read_or_ask(Some(&mut Dialogue::over(answers.as_bytes(), &mut shown)));
        (read, String::from_utf8(shown).expect("text"))
    });
    let (read, shown) = asked.await.expect("no panic");
    let (_, told) = read.unwrap_or_else(|error| panic!("{error}: {shown}"));
    for reason in [
        "  in full, with its server: @ptgbot:example.org.\n",
        "  cannot use the homeserver localhost",
        "the user name or the password is wrong.\n",
        "room \"my room\" is neither an alias",
        "power level 50",
    ] {
        assert!(shown.contains(reason), "{reason}: {shown}");
    }
    assert!(!shown.contains(&bot.password));
    assert_eq!(told.user.to_string(), bot.id);
    let Some(Secret::Password(password)) = &told.secret else { panic!("{:?}", told.secret) };
    assert_eq!(password.expose_secret(), bot.password);
    let flags = Flags::try_parse_from(["ptgbot-matrix", "--config", &file.display().to_string()]).expect("flags");
    let (_, written) = flags.read().expect("a configuration");
    assert_eq!((&written.homeserver, &written.user, &written.rooms), (&told.homeserver, &told.user, &told.rooms));
    assert!(matches!(written.secret, Some(Secret::Password(_))));
    let path = format!("/_synapse/admin/v2/users/{}/devices", bot.id);
    let devices = server.administrator().await.admin_api("GET", &path, serde_json::Value::Null).await;
    assert_eq!(devices["total"], 0, "trying it leaves no device");
}
