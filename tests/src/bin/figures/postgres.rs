//! Two bots (`ptgbot stdio`) that write to one board in a PostgreSQL that waits for its disk: their changes a second
//! together, next to bare one-row commits of one client (`pgbench`) on the same server, in turn.

use crate::Row;
use crate::bot::{Bot, Programs, event, line};
use crate::stdio::{ONE_BY_ONE, ROUNDS, WAITING, median, one_by_one, ratio, topic, waiting};
use ptgbot_tests::Database;
use std::error::Error;
use std::thread;
use std::time::Instant;

const SECONDS: &str = "5";

pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let database = Database::durable(programs.folder()?).await.ok_or("there is no PostgreSQL server")?;
    database.sql("CREATE TABLE bare (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, record text)").await;
    let (mut bare, mut one, mut two, mut together) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let store = database.board(&format!("round{round}"));
        programs.import(&store, &event(50))?;
        bare.push(bare_commits(programs, &database).await?);
        let mut bots = [started(programs, &store)?, started(programs, &store)?];
        one.push(one_by_one(&mut bots[0])?);
        two.push(at_once(&mut bots)?);
        together.push(all_at_once(bots)?);
    }
    let figure = |figures: &[f64]| format!("{:.0}/s, {:.2} × bare", median(figures), ratio(figures, &bare));
    Ok(vec![
        Row { what: "bare one-row PostgreSQL commits".into(), figure: format!("{:.0}/s", median(&bare)), goal: "" },
        Row { what: "one writer on a PostgreSQL board, one after the other".into(), figure: figure(&one), goal: "" },
        Row {
            what: "two writers, each one after the other, together".into(),
            figure: figure(&two),
            goal: "0.8 × bare",
        },
        Row {
            what: "two writers with commands waiting, together".into(),
            figure: figure(&together),
            goal: "0.8 × bare",
        },
    ])
}

fn started(programs: &Programs, store: &str) -> Result<Bot, Box<dyn Error>> {
    let mut bot = Bot::start(programs, store)?;
    bot.say("~list")?;
    Ok(bot)
}

/// Each of two waits for its answer before it says more.
fn at_once(bots: &mut [Bot; 2]) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    thread::scope(|scope| {
        let each = bots.each_mut().map(|bot| scope.spawn(|| one_by_one(bot).map_err(|error| error.to_string())));
        each.into_iter().try_for_each(|one| one.join().map_err(|_| "a writer failed")?.map(drop))
    })?;
    Ok(2.0 * ONE_BY_ONE as f64 / begin.elapsed().as_secs_f64())
}

/// Neither of two waits.
fn all_at_once(bots: [Bot; 2]) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    thread::scope(|scope| {
        let each = bots.map(|bot| scope.spawn(|| waiting(bot).map_err(|error| error.to_string())));
        each.into_iter().try_for_each(|one| one.join().map_err(|_| "a writer failed")?.map(drop))
    })?;
    Ok(2.0 * WAITING as f64 / begin.elapsed().as_secs_f64())
}

/// What the disk and PostgreSQL allow at best: one row a transaction, durable.
async fn bare_commits(programs: &Programs, database: &Database) -> Result<f64, Box<dyn Error>> {
    let script = programs.scratch.path().join("bare.sql");
    std::fs::write(&script, format!("INSERT INTO bare (record) VALUES ('{}');\n", line(&topic(0))))?;
    let mut bench = database.client("pgbench");
    bench.args(["--no-vacuum", "--protocol=prepared", "--client=1", "--time", SECONDS, "--file"]).arg(&script);
    let output = bench.output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
    let rate = rate.ok_or_else(|| format!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(rate.parse()?)
}
