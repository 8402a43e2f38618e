//! A replay of 10,000 changes at full speed: until the page shows the last of them, reading the store not counted.

use crate::Row;
use crate::bot::{Bot, Programs, event, line};
use crate::stdio::{ROUNDS, median, topic};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

const CHANGES: usize = 10_000;

pub(crate) fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let store = programs.store("replay.sqlite");
    programs.import(&store, &event(50))?;
    let mut bot = Bot::start(programs, &store)?;
    let lines: String = (1..CHANGES).map(|number| format!("{}\n", line(&topic(number)))).collect();
    let mut input = bot.input;
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    std::io::copy(&mut bot.output, &mut std::io::sink())?;
    writer.join().map_err(|_| "the writer failed")??;
    bot.process.wait()?;
    let seconds = (0..ROUNDS).map(|_| replayed(programs, &store)).collect::<Result<Vec<_>, _>>()?;
    Ok(vec![Row {
        what: "a replay of 10,000 changes, until the page shows the last".into(),
        figure: format!("{:.2} s", median(&seconds)),
        goal: "2 s",
    }])
}

/// How many seconds it took, as the program itself says.
fn replayed(programs: &Programs, store: &str) -> Result<f64, Box<dyn Error>> {
    let mut command = Command::new(&programs.bot);
    command.args(["rehearse", "--store", store, "--replay", "--speed", "max", "--listen", "127.0.0.1:0"]);
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = process.stdout.take().ok_or("no output")?;
    let played = format!("Played back {CHANGES} changes in ");
    let said = BufReader::new(output).lines().map_while(Result::ok);
    let seconds = said.into_iter().find_map(|line| line.strip_prefix(&played)?.split(' ').next()?.parse().ok());
    process.kill()?;
    process.wait()?;
    seconds.ok_or_else(|| "the replay did not end".into())
}
