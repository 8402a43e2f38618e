//! `ptgbot new`: a data file for a new event, from flags or by asking.

mod days;
mod dialogue;
mod draft;
mod rooms;
mod slots;
mod zone;

use super::{Failure, UsageError};
use crate::clock::{Clock, SystemClock};
use chrono::{DateTime, Utc};
use clap::Args;
use dialogue::ask;
use draft::{Draft, QUESTIONS, Question};
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// What the event is like. What is not given is asked, where there is a terminal.
#[derive(Debug, Args)]
pub(super) struct NewFlags {
    /// The data file to write, which must not be there yet; - is standard output
    #[arg(default_value = "event.json")]
    file: PathBuf,
    /// The event's short name, such as oct2026-ptg
    #[arg(long)]
    name: Option<String>,
    /// The time zone of its place, such as Europe/Dublin
    #[arg(long)]
    zone: Option<String>,
    /// The first day and how many there are (2026-10-19 5), or all days (2026-10-19, 2026-10-21)
    #[arg(long)]
    days: Option<String>,
    /// The slots of a day: 09:00-10:30 11:00-12:30, or 09:00-17:00/60/15 for 60 minutes each with 15 between; of one day
    /// alone Fri=09:00-12:00
    #[arg(long, value_name = "PATTERN")]
    slots: Vec<String>,
    /// A room; several are given one by one, or with commas
    #[arg(long = "room", value_name = "NAME")]
    rooms: Vec<String>,
    /// As of this time (RFC 3339) instead of now
    #[arg(long, value_name = "TIME", value_parser = super::time)]
    at: Option<DateTime<Utc>>,
}

impl NewFlags {
    /// What the flags say in answer to a question.
    fn answer(&self, question: &Question) -> Option<String> {
        let several = |values: &[String], between| (!values.is_empty()).then(|| values.join(between));
        match question.flag {
            "--name" => self.name.clone(),
            "--zone" => self.zone.clone(),
            "--days" => self.days.clone(),
            "--slots" => several(&self.slots, "; "),
            _ => several(&self.rooms, ", "),
        }
    }
}

/// Writes the data file. Nothing is written before all answers are there.
pub(super) fn new(flags: &NewFlags) -> Result<(), Failure> {
    let to_output = flags.file == Path::new("-");
    let name = flags.file.display();
    if !to_output && flags.file.exists() {
        return Err(format!("{name} is there already, and is left as it is: name another file").into());
    }
    let mut draft = Draft::new(flags.at.unwrap_or_else(|| SystemClock.now()));
    let missing = QUESTIONS.iter().filter(|question| flags.answer(question).is_none()).map(|question| question.flag);
    let missing = missing.collect::<Vec<_>>().join(", ");
    if !missing.is_empty() && !io::stdin().is_terminal() {
        return Err(UsageError(format!("there is no terminal to ask on: give {missing}")).into());
    }
    let (mut input, mut output) = (io::stdin().lock(), io::stderr().lock());
    for question in &QUESTIONS {
        match flags.answer(question) {
            Some(answer) => {
                let set = (question.set)(&mut draft, &answer);
                set.map_err(|reason| UsageError(format!("{}: {reason}", question.flag)))?;
            }
            None => ask(question, &mut draft, &mut input, &mut output)?,
        }
    }
    let mut text = serde_json::to_string_pretty(&draft.document())?;
    text.push('\n');
    if to_output {
        io::stdout().write_all(text.as_bytes())?;
        return Ok(());
    }
    let file = OpenOptions::new().write(true).create_new(true).open(&flags.file);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("cannot write {name}: {error}"))?;
    writeln!(io::stdout(), "{name}: {}.\nThen: ptgbot check {name}, and ptgbot import {name}", draft.summary())?;
    Ok(())
}
