//! From the moment at which a bot has recorded a change until `ptgbot serve` of the same PostgreSQL board shows it.

use crate::Row;
use crate::bot::{Bot, Programs, event};
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::process::{Process, free_port};
use ptgbot_tests::{Database, Page};
use std::error::Error;
use std::time::Instant;
use tokio::process::Command;

const CHANGES: usize = 500;

pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let database = Database::durable(programs.folder()?).await.ok_or("there is no PostgreSQL server")?;
    let store = database.board("main");
    programs.import(&store, &event(50))?;
    let page = Page { port: free_port() };
    let mut serve = Command::new(&programs.bot);
    serve.args(["serve", "--store", &store, "--listen", &format!("127.0.0.1:{}", page.port)]);
    let _replica = Process::start("ptgbot serve", serve);
    page.data().await;
    let mut bot = Bot::start(programs, &store)?;
    let mut times = Vec::new();
    for number in 0..CHANGES {
        let words = format!("ring placement, part {number} of all");
        bot.say(&format!("#track{} now {words}", number % 50))?;
        let recorded = Instant::now();
        let shown = wait_until("a new page", PATIENCE, || async {
            page.document("/").await.filter(|page| page.contains(&words))
        });
        shown.await?;
        times.push(recorded.elapsed());
    }
    bot.end()?;
    times.sort();
    let figure = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    Ok(vec![Row {
        what: format!("change to new page on a replica, PostgreSQL, p99 of {CHANGES}"),
        figure: format!("{:.0?}, median {:.0?}", figure(99), figure(50)),
        goal: "250 ms",
    }])
}
