//! Memory of `ptgbot-irc` on a real ircd, with its web server and 10,000 subscriptions (literal and alternation patterns
//! in turn), after topics and page views.

use crate::Row;
use crate::bot::{Programs, event, path};
use ptgbot_tests::process::{Process, free_port};
use ptgbot_tests::{Ircd, RawClient};
use serde_json::{Map, Value};
use std::error::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

const SUBSCRIPTIONS: usize = 10_000;

pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let ircd = Ircd::hybrid().await.ok_or("ircd-hybrid is not installed")?;
    let store = programs.store("memory.sqlite");
    let mut document = event(50);
    document["subscriptions"] = subscriptions();
    // On any day of the year.
    let places = (0..50).map(|number| (format!("track{number}"), format!("Hall {number}").into()));
    document["location"] = places.collect::<Map<_, _>>().into();
    programs.import(&store, &document)?;

    let mut jane = RawClient::register(&ircd, "jane").await;
    jane.join("#ptg").await;
    let web = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(path(&programs.irc)?);
    command.args(["--server", "127.0.0.1", "--port", &ircd.port().to_string(), "--no-tls", "--nick", "ptgbot"]);
    command.args(["--channel", "#ptg", "--store", &store, "--listen", &web]);
    let mut bot = Process::start("ptgbot-irc", command);
    jane.expect("the bot", |line| line.starts_with(":ptgbot!") && line.contains(" JOIN ")).await;
    for number in 0..40 {
        jane.say("#ptg", &format!("#track{number} now ring placement, part {number}"));
        jane.say("#ptg", "+where #track1");
        jane.expect("an answer", |line| line.contains("jane: #track1 is in Hall 1")).await;
        for page in ["/", "/ptg.json", "/ptg.ics", "/feed.atom", "/track1.ics"] {
            view(&web, page).await?;
        }
    }
    let id = bot.id().ok_or("the bot ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    bot.stop().await;
    let megabytes = |key: &str| -> Option<f64> {
        let line = status.lines().find(|line| line.starts_with(key))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1_024.0)
    };
    if std::env::var_os("FIGURES_VERBOSE").is_some() {
        eprintln!("{status}");
    }
    let (peak, now) = (megabytes("VmHWM:").ok_or("no peak")?, megabytes("VmRSS:").ok_or("no size")?);
    Ok(vec![Row {
        what: "memory of ptgbot-irc with web and 10,000 subscriptions".into(),
        figure: format!("{now:.1} MB, peak {peak:.1} MB"),
        goal: "25 MB",
    }])
}

fn subscriptions() -> Value {
    let pattern = |number: usize| match number % 2 {
        0 => format!("topic number {number}"),
        _ => format!("oslo{number}|keystone{number}|#track{} now part {number}", number % 50),
    };
    (0..SUBSCRIPTIONS).map(|number| (format!("person{number}"), pattern(number).into())).collect::<Map<_, _>>().into()
}

async fn view(address: &str, page: &str) -> Result<(), Box<dyn Error>> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.write_all(format!("GET {page} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(format!("{page}: {}", String::from_utf8_lossy(&answer).lines().next().unwrap_or_default()).into());
    }
    Ok(())
}
