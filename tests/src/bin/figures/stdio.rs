//! Durable changes a second through the pipes of `ptgbot stdio`, next to bare one-row SQLite commits on the same disk, in
//! turn. Both pipes are in it, and waking up two processes; what a bot reaches within one process is the measure `store`.

use crate::Row;
use crate::bot::{Bot, Programs, event, line};
use std::error::Error;
use std::io::{BufReader, Write};
use std::time::Instant;

pub(crate) const ONE_BY_ONE: usize = 2_000;
pub(crate) const WAITING: usize = 20_000;
pub(crate) const ROUNDS: usize = 5;

pub(crate) fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let (mut bare, mut each, mut together, mut volatile) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let store = programs.store(&format!("durable{round}.sqlite"));
        programs.import(&store, &event(50))?;
        let mut bot = Bot::start(programs, &store)?;
        bot.say("~list")?;
        let mut without_disk = Bot::start(programs, "memory:")?;
        without_disk
            .say(&format!("~add {}", (0..50).map(|number| format!("track{number}")).collect::<Vec<_>>().join(" ")))?;
        volatile.push(one_by_one(&mut without_disk)?);
        without_disk.end()?;
        bare.push(bare_commits(programs, round)?);
        each.push(one_by_one(&mut bot)?);
        together.push(waiting(bot)?);
    }
    Ok(vec![
        Row { what: "bare one-row SQLite commits".into(), figure: format!("{:.0}/s", median(&bare)), goal: "" },
        Row {
            what: "changes through stdio, one after the other".into(),
            figure: format!("{:.0}/s, {:.2} × bare", median(&each), ratio(&each, &bare)),
            goal: "",
        },
        Row {
            what: "the same in memory: what the two pipes and the bot cost".into(),
            figure: format!("{:.0}/s", median(&volatile)),
            goal: "",
        },
        Row {
            what: "changes through stdio, with commands waiting".into(),
            figure: format!("{:.0}/s, {:.1} × bare", median(&together), ratio(&together, &bare)),
            goal: "",
        },
    ])
}

pub(crate) fn one_by_one(bot: &mut Bot) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    for number in 0..ONE_BY_ONE {
        let done = bot.say(&topic(number))?;
        if done["outcome"] != "changed" {
            return Err(format!("not a change: {done}").into());
        }
    }
    Ok(ONE_BY_ONE as f64 / begin.elapsed().as_secs_f64())
}

pub(crate) fn waiting(mut bot: Bot) -> Result<f64, Box<dyn Error>> {
    let lines: String = (0..WAITING).map(|number| format!("{}\n", line(&topic(number)))).collect();
    let begin = Instant::now();
    let mut input = bot.input;
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let mut done = 0;
    let mut output = BufReader::new(bot.output.into_inner());
    let mut said = String::new();
    while done < WAITING {
        said.clear();
        if std::io::BufRead::read_line(&mut output, &mut said)? == 0 {
            return Err("the bot ended".into());
        }
        done += usize::from(said.contains(r#""outcome":"changed""#));
    }
    let seconds = begin.elapsed().as_secs_f64();
    writer.join().map_err(|_| "the writer failed")??;
    bot.process.wait()?;
    Ok(WAITING as f64 / seconds)
}

/// What the disk and SQLite allow at best: one row a transaction, durable.
fn bare_commits(programs: &Programs, round: usize) -> Result<f64, Box<dyn Error>> {
    let file = programs.scratch.path().join(format!("bare{round}.sqlite"));
    let database = rusqlite::Connection::open(file)?;
    let mode = if rusqlite::version_number() >= 3_051_003 { "WAL" } else { "PERSIST" };
    database.pragma_update(None, "journal_mode", mode)?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch("CREATE TABLE journal (revision INTEGER PRIMARY KEY, record TEXT NOT NULL)")?;
    let row = line(&topic(0)).to_string();
    let begin = Instant::now();
    for number in 0..ONE_BY_ONE {
        database.prepare_cached("INSERT INTO journal VALUES (?1, ?2)")?.execute((number as i64, &row))?;
    }
    Ok(ONE_BY_ONE as f64 / begin.elapsed().as_secs_f64())
}

pub(crate) fn topic(number: usize) -> String {
    format!("#track{} now ring placement, part {number}", number % 50)
}

/// What compares two things that took turns: the median of the rounds' ratios.
pub(crate) fn ratio(a: &[f64], b: &[f64]) -> f64 {
    median(&a.iter().zip(b).map(|(a, b)| a / b).collect::<Vec<_>>())
}

pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
