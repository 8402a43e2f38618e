//! `SIGKILL` at any moment: every change that was acknowledged is there afterwards, and none by half.

use crate::Row;
use crate::bot::{Bot, Programs, event, line};
use std::error::Error;
use std::io::Write;
use std::time::Duration;

const ROUNDS: u64 = 100;

pub(crate) fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let store = programs.store("crash.sqlite");
    programs.import(&store, &event(50))?;
    let mut acknowledged = 1;
    let mut changes = 0;
    for round in 0..ROUNDS {
        let kept = one_crash(programs, &store, round)?;
        changes += kept.saturating_sub(acknowledged);
        acknowledged = acknowledged.max(kept);
        let board = check(programs, &store, acknowledged)?;
        // Reading the whole journal takes long once it has many rows.
        if round % 20 == 19 {
            check_journal(programs, &store, board)?;
        }
    }
    Ok(vec![Row {
        what: format!("SIGKILL at any moment, {ROUNDS} rounds, {changes} changes acknowledged"),
        figure: "none lost, none half applied".into(),
        goal: "none lost, none half applied",
    }])
}

/// Says pairs of lines without waiting, kills the process somewhere, and gives the last revision that was acknowledged.
fn one_crash(programs: &Programs, store: &str, round: u64) -> Result<u64, Box<dyn Error>> {
    let bot = Bot::start(programs, store)?;
    let Bot { mut process, mut input, mut output } = bot;
    let writer = std::thread::spawn(move || {
        for number in 0..100_000 {
            let pair = format!(
                "{}\n{}\n",
                line(&format!("#track1 next {round}.{number}")),
                line(&format!("#track1 now {round}.{number}"))
            );
            if input.write_all(pair.as_bytes()).is_err() {
                return;
            }
        }
    });
    let (heard, moment) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut last = 0;
        let mut text = String::new();
        loop {
            text.clear();
            // A line without its end was cut by the kill: nobody was told.
            match std::io::BufRead::read_line(&mut output, &mut text) {
                Ok(length) if length > 0 && text.ends_with('\n') => {
                    let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                    if said["type"] == "done" {
                        last = said["revision"].as_u64().unwrap_or(last);
                        let _ = heard.send(());
                    }
                }
                _ => return last,
            }
        }
    });
    // Begin to count at the first answer; then any moment of the next 50 ms.
    moment.recv_timeout(Duration::from_secs(10))?;
    std::thread::sleep(Duration::from_micros((round * 7_919) % 50_000));
    process.kill()?;
    process.wait()?;
    writer.join().map_err(|_| "the writer failed")?;
    reader.join().map_err(|_| "the reader failed".into())
}

/// The board is at least at `acknowledged`, and its last pair is whole. Gives where it is.
fn check(programs: &Programs, store: &str, acknowledged: u64) -> Result<u64, Box<dyn Error>> {
    let board: serde_json::Value = serde_json::from_str(&programs.print(&["export", "--store", store])?)?;
    let revision = board["revision"].as_u64().ok_or("no revision")?;
    if revision < acknowledged {
        return Err(format!("acknowledged {acknowledged}, but the board is at {revision}").into());
    }
    let (now, next) = (&board["now"]["track1"], &board["next"]["track1"]);
    if let Some(planned) = next.as_array()
        && (planned.len() != 1 || planned[0] == *now)
    {
        return Err(format!("half applied: now {now}, next {next}").into());
    }
    Ok(revision)
}

/// The journal has a row for each change.
fn check_journal(programs: &Programs, store: &str, revision: u64) -> Result<(), Box<dyn Error>> {
    let history = programs.print(&["history", "--store", store, "--json"])?;
    let rows = history.lines().count() as u64;
    if rows != revision {
        return Err(format!("the board is at {revision}, but the journal has {rows} rows").into());
    }
    Ok(())
}
