//! `ptgbot new`: a data file for a new event, from flags or by asking.

mod days;
mod draft;
mod rooms;
mod slots;
mod zone;

use super::{Failure, UsageError};
use crate::clock::{Clock, SystemClock};
use crate::dialogue::{Dialogue, DialogueError};
use chrono::{DateTime, Utc};
use clap::Args;
use draft::{Draft, QUESTIONS, Question};
use std::fs::OpenOptions;
use std::io::{self, Write};
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
    let mut dialogue = if missing.is_empty() { None } else { Dialogue::at_terminal() };
    for question in &QUESTIONS {
        match (flags.answer(question), &mut dialogue) {
            (Some(answer), _) => {
                let set = (question.set)(&mut draft, &answer);
                set.map_err(|reason| UsageError(format!("{}: {reason}", question.flag)))?;
            }
            (None, Some(dialogue)) => ask(question, &mut draft, dialogue)?,
            (None, None) => return Err(UsageError(format!("there is no terminal to ask on: give {missing}")).into()),
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

/// Asks until the answer can be taken.
fn ask(question: &Question, draft: &mut Draft, dialogue: &mut Dialogue<'_>) -> Result<(), DialogueError> {
    dialogue.ask(question.asks, None, |answer| (question.set)(draft, answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ptgbot_core::{FindingKind, check_file};

    fn draft() -> Draft {
        Draft::new("2026-10-01T09:00:00Z".parse().expect("a time"))
    }

    /// Answers all questions from lines; gives what was asked and told.
    fn answered(draft: &mut Draft, lines: &str) -> (Result<(), DialogueError>, String) {
        let mut output = Vec::new();
        let mut dialogue = Dialogue::over(lines.as_bytes(), &mut output);
        let asked = QUESTIONS.iter().try_for_each(|question| ask(question, draft, &mut dialogue));
        drop(dialogue);
        (asked, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again_with_the_reason() {
        let mut draft = draft();
        let lines = "\nOct 2026\noct2026-ptg\ndublin\nEST\nEurope/Dublin\n2026-09-01 5\n2026-10-19 5\n09:00-10:00 09:30-11:00\n\
                     02:00-03:00\n09:00-17:00/60/15; Fri=09:00-12:00\nHall\u{200b}, Bar\nBallroom A, Pike's Peak\n";
        let (asked, told) = answered(&mut draft, lines);
        asked.expect("all is answered");
        for reason in [
            "  an event needs a name.\n",
            "write oct-2026.\n",
            "did you mean Europe/Dublin?\n",
            "name a city of the zone, such as America/New_York.\n",
            "  2026-09-01 is over: today is 2026-10-01.\n",
            "MonA2: it begins 09:30, and MonA1 ends 10:00",
            "begin between 23:00 and 06:00 in this zone",
            "write Hall.\n",
        ] {
            assert!(told.contains(reason), "{reason}: {told}");
        }
        let file = draft.document();
        assert_eq!(file["slots"]["Friday"].as_array().map(Vec::len), Some(1));
        assert_eq!(file["slots"]["Monday"][3]["name"], "MonP1");
        assert_eq!(file["slots"]["Monday"][0]["realtime"], "2026-10-19T08:00:00Z");
        assert_eq!(file["schedule"]["Pike's Peak"]["FriA1"], "");
        assert_eq!(draft.summary(), "5 days with 25 slots in 2 rooms");
    }

    #[test]
    fn the_end_of_input_ends_it() {
        let (asked, told) = answered(&mut draft(), "oct2026\nEurope/Dublin");
        assert_eq!(asked.expect_err("more is asked").to_string(), "the input has ended before all was answered");
        assert!(told.ends_with("\n> \n"), "{told}");
    }

    #[test]
    fn days_of_two_weeks_and_their_slots_have_names_of_their_own() {
        let mut draft = draft();
        let (asked, _) = answered(&mut draft, "two-weeks\nEurope/Dublin\n2026-10-19 12\n10:00-11:00\nHall\n");
        asked.expect("all is answered");
        let file = draft.document();
        assert_eq!(
            (&file["slots"]["Mon 19 Oct"][0]["name"], file["slots"].as_object().map(|days| days.len())),
            (&"Mon19A1".into(), Some(12))
        );
    }

    /// Mostly answers that can be taken, now and then anything.
    fn mostly(answer: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
        prop_oneof![12 => answer, 1 => "\\PC{0,20}"].boxed()
    }

    fn days() -> impl Strategy<Value = String> {
        (0..800_i64, 1..29_u32).prop_map(|(after, count)| {
            let first = chrono::NaiveDate::from_ymd_opt(2026, 10, 1).expect("a date") + chrono::TimeDelta::days(after);
            format!("{first} {count}")
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn of_what_is_written_nothing_is_to_be_said(
            name in mostly("[a-z]{1,8}-?[0-9]{1,4}"),
            zone in mostly(prop::sample::select(&ZONES).prop_map(str::to_owned)),
            days in mostly(days()),
            slots in mostly("0[0-9]:[0-5]0-1[0-9]:[0-5]0(/[1-9][05](/[0-9]{1,2})?)?( 2[0-2]:00-2[12]:30)?(; Fri=09:00-12:00)?"),
            rooms in mostly("[A-Z][a-z]{0,5}( [A-C1-3-])?(, [A-Z][a-z-]{0,5}){0,4}"),
        ) {
            let mut draft = draft();
            let answers = [&name, &zone, &days, &slots, &rooms];
            for (question, answer) in QUESTIONS.iter().zip(answers) {
                let before = draft.document();
                if (question.set)(&mut draft, answer).is_err() {
                    prop_assert_eq!(&draft.document(), &before);
                }
                let findings = check_file(&draft.document(), "2026-10-01T09:00:00Z".parse().expect("a time"));
                // The rooms come last; before them no slot has one.
                let lacks_rooms = draft.document().get("schedule").is_none();
                let told = findings.iter().find(|finding| finding.kind != FindingKind::NoRoom || !lacks_rooms);
                prop_assert!(told.is_none(), "{told:?}");
            }
        }
    }

    const ZONES: [&str; 7] = [
        "Europe/Dublin",
        "america/new_york",
        "Asia/Kathmandu",
        "UTC",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
    ];
}
