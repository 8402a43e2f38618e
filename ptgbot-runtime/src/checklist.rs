//! What a bot finds when it only looks around (`--check`), told as it is found.

mod surroundings;

use clap::Args;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// The flags of a bot that looks around instead of working.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(skip)]
pub struct ChecklistFlags {
    /// Connect, look around, tell what is found, and leave: nothing is said, kept or changed; the status is 1 if
    /// something is at fault
    #[arg(long)]
    check: bool,
    /// What is found as JSON, an object a line, for scripts
    #[arg(long, requires = "check")]
    json: bool,
}

impl ChecklistFlags {
    /// Where to tell what is found, if that is wanted: standard output.
    pub fn checklist(&self) -> Option<Checklist> {
        let form = if self.json { ChecklistForm::Json } else { ChecklistForm::Text };
        self.check.then(|| Checklist::new(form, Box::new(io::stdout())))
    }
}

/// What is found, told line by line as it is found.
///
/// ```
/// use ptgbot_runtime::{Checklist, ChecklistForm};
/// use std::process::ExitCode;
///
/// let mut checklist = Checklist::new(ChecklistForm::Text, Box::new(std::io::stdout()));
/// checklist.ok("server", "radio.example.org answers");
/// checklist.advise("channel 7", "somebody else uses it on Mondays: tell them");
/// assert_eq!(checklist.finish(), ExitCode::SUCCESS);
///
/// let mut checklist = Checklist::new(ChecklistForm::Json, Box::new(std::io::stdout()));
/// checklist.fault("antenna", "it is not connected");
/// assert_eq!(checklist.finish(), ExitCode::FAILURE);
/// ```
pub struct Checklist {
    form: ChecklistForm,
    output: Box<dyn Write + Send>,
    advice: usize,
    faults: usize,
}

/// How a checklist is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChecklistForm {
    /// For people.
    #[default]
    Text,
    /// For scripts: `{"result": …, "subject": …, "text": …}` a line, at the end `{"advice": …, "faults": …}`.
    Json,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Ok,
    Advice,
    Fault,
}

#[derive(Serialize)]
struct Item<'a> {
    result: Standing,
    subject: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Sum {
    advice: usize,
    faults: usize,
}

impl Checklist {
    /// A checklist that is written there. What nobody reads any more is not told.
    pub fn new(form: ChecklistForm, output: Box<dyn Write + Send>) -> Self {
        Self { form, output, advice: 0, faults: 0 }
    }

    /// Something is as it should be, or worth knowing.
    pub fn ok(&mut self, subject: &str, text: impl Display) {
        self.tell(Standing::Ok, subject, &text.to_string());
    }

    /// The bot can work, and something would be better otherwise: the text says what to do.
    pub fn advise(&mut self, subject: &str, text: impl Display) {
        self.advice += 1;
        self.tell(Standing::Advice, subject, &text.to_string());
    }

    /// The bot cannot work so.
    pub fn fault(&mut self, subject: &str, text: impl Display) {
        self.faults += 1;
        self.tell(Standing::Fault, subject, &text.to_string());
    }

    /// Tells the sum. The status is that of a failure if something is at fault, else that of a success.
    pub fn finish(mut self) -> ExitCode {
        let Self { advice, faults, .. } = self;
        match self.form {
            ChecklistForm::Text => {
                let (faults, advice) = (count(faults, "fault", "faults"), count(advice, "thing", "things"));
                self.line(&format!("{faults}, {advice} to consider."));
            }
            ChecklistForm::Json => self.json(&Sum { advice, faults }),
        }
        if faults > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn tell(&mut self, result: Standing, subject: &str, text: &str) {
        // A server's words may be anything.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match self.form {
            ChecklistForm::Text => {
                let word = match result {
                    Standing::Ok => "ok",
                    Standing::Advice => "advice",
                    Standing::Fault => "FAULT",
                };
                self.line(&format!("{word:<8}{subject}: {text}"));
            }
            ChecklistForm::Json => self.json(&Item { result, subject, text: &text }),
        }
    }

    fn json(&mut self, value: &impl Serialize) {
        self.line(&serde_json::to_string(value).expect("words and numbers are JSON"));
    }

    fn line(&mut self, line: &str) {
        writeln!(self.output, "{line}").and_then(|()| self.output.flush()).ok();
    }
}

fn count(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}
