//! How soon a command on IRC is a direct message in Matrix: two bots on one SQLite board, an ircd and a Synapse on this
//! machine.

use crate::Row;
use crate::bot::{Programs, path};
use crate::matrix::spread;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::process::Process;
use ptgbot_tests::{Homeserver, Ircd, RawClient, Stage};
use std::error::Error;
use std::time::Instant;
use tokio::process::Command;

const TOPICS: usize = 60;

/// From the moment at which the op sends the command until the subscriber's client shows the message.
pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let server = Homeserver::shared().await.ok_or("there is no homeserver")?;
    let ircd = Ircd::hybrid().await.ok_or("ircd-hybrid is not installed")?;
    let mut stage = Stage::plain(&server).await;
    let direct = stage.direct(NewRoom::new()).await;
    let asked = stage.jane.say(&direct, "subscribe swift").await;
    stage.jane.expect_reply_to(&asked).await;

    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    let mut command = Command::new(path(&programs.irc)?);
    command.args(["--server", "127.0.0.1", "--port", &ircd.port().to_string(), "--no-tls", "--nick", "ptgbot"]);
    command.args(["--channel", "#ptg", "--store", &stage.bot.store()]);
    let mut bot = Process::start("ptgbot-irc", command);
    op.expect("the bot", |line| line.starts_with(":ptgbot!") && line.contains(" JOIN ")).await;
    let mut times = Vec::new();
    for number in 0..TOPICS {
        let topic = format!("topic {number} of many");
        let begun = Instant::now();
        op.say("#ptg", &format!("#swift now {topic}"));
        stage.jane.expect_words_in(&direct, &topic).await;
        times.push(begun.elapsed());
    }
    bot.stop().await;
    stage.bot.stop().await;
    Ok(vec![Row {
        what: "an IRC command to a Matrix direct message".into(),
        figure: spread(times),
        goal: "median 300 ms",
    }])
}
