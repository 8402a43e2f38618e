//! From the start of the process to its first answer, on a journal of 100,000 changes: after a graceful stop, and after
//! a crash.

use crate::Row;
use crate::bot::{Bot, Programs, event, line};
use crate::stdio::{median, topic};
use std::error::Error;
use std::io::Write;
use std::time::Instant;

const CHANGES: usize = 100_000;
const ROUNDS: usize = 7;

pub(crate) fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let store = programs.store("start.sqlite");
    programs.import(&store, &event(50))?;
    let mut bot = Bot::start(programs, &store)?;
    let lines: String = (0..CHANGES).map(|number| format!("{}\n", line(&topic(number)))).collect();
    let mut input = bot.input;
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    std::io::copy(&mut bot.output, &mut std::io::sink())?;
    writer.join().map_err(|_| "the writer failed")??;
    bot.process.wait()?;

    let graceful = (0..ROUNDS).map(|_| first_answer(programs, &store, false)).collect::<Result<Vec<_>, _>>()?;
    let crashed = (0..ROUNDS).map(|_| first_answer(programs, &store, true)).collect::<Result<Vec<_>, _>>()?;
    Ok(vec![
        Row {
            what: "start to first answer, 100,000 changes".into(),
            figure: format!("{:.0} ms", median(&graceful)),
            goal: "200 ms",
        },
        Row {
            what: "the same after SIGKILL with 500 changes since".into(),
            figure: format!("{:.0} ms", median(&crashed)),
            goal: "200 ms",
        },
    ])
}

/// Milliseconds until the first line is done; then the process ends, or changes some more and is killed.
fn first_answer(programs: &Programs, store: &str, crash: bool) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    let mut bot = Bot::start(programs, store)?;
    bot.say("~list")?;
    let milliseconds = begin.elapsed().as_secs_f64() * 1_000.0;
    if crash {
        for number in 0..500 {
            bot.say(&topic(number))?;
        }
        bot.process.kill()?;
        bot.process.wait()?;
    } else {
        bot.end()?;
    }
    Ok(milliseconds)
}
