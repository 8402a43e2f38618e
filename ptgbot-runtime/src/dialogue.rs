//! Asking somebody at a terminal: a wrong answer is asked for again, with the reason.

use secrecy::SecretString;
use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};

/// A dialogue with whoever sits at the terminal.
pub struct Dialogue<'a> {
    input: Box<dyn BufRead + 'a>,
    output: Box<dyn Write + 'a>,
    secrets: SecretInput,
}

/// From where a secret is read.
enum SecretInput {
    /// From the terminal, which shows nothing of it.
    Hidden,
    /// A line as any other.
    Line,
}

impl Dialogue<'static> {
    /// On standard input and standard error, where a person is at both; elsewhere nobody would answer.
    pub fn at_terminal() -> Option<Self> {
        let (input, output) = (io::stdin(), io::stderr());
        let is_person = input.is_terminal() && output.is_terminal();
        is_person.then(|| Self {
            input: Box::new(input.lock()),
            output: Box::new(output),
            secrets: SecretInput::Hidden,
        })
    }
}

impl<'a> Dialogue<'a> {
    /// On other streams; a secret is a line as any other there.
    pub fn over(input: impl BufRead + 'a, output: impl Write + 'a) -> Self {
        Self { input: Box::new(input), output: Box::new(output), secrets: SecretInput::Line }
    }

    /// Asks until the answer can be taken. An empty line is the default, where there is one. `take` gives the reason
    /// where it refuses.
    ///
    /// # Errors
    /// When the input ends, or the terminal is gone.
    pub fn ask<T>(
        &mut self,
        question: &str,
        default: Option<&str>,
        mut take: impl FnMut(&str) -> Result<T, String>,
    ) -> Result<T, DialogueError> {
        let question = default.map_or_else(|| question.to_owned(), |default| format!("{question} [{default}]"));
        loop {
            write!(self.output, "{question}:\n> ")?;
            self.output.flush()?;
            let line = self.line()?;
            let answer = match (line.trim(), default) {
                ("", Some(default)) => default,
                (answer, _) => answer,
            };
            match take(answer) {
                Ok(taken) => return Ok(taken),
                Err(reason) => self.refuse(&reason)?,
            }
        }
    }

    /// Asks for a secret, which is not shown while it is typed. An empty one is asked for again.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn ask_secret(&mut self, question: &str) -> Result<SecretString, DialogueError> {
        loop {
            write!(self.output, "{question} (it is not shown):\n> ")?;
            self.output.flush()?;
            let secret = match self.secrets {
                SecretInput::Hidden => rpassword::read_password()?,
                SecretInput::Line => self.line()?.trim_end_matches(['\r', '\n']).to_owned(),
            };
            if !secret.is_empty() {
                return Ok(secret.into());
            }
            self.refuse("nothing was typed")?;
        }
    }

    /// Asks something that is answered with yes or no.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn confirm(&mut self, question: &str, default: &str) -> Result<bool, DialogueError> {
        self.ask(question, Some(default), |answer| match answer.to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("answer yes or no".to_owned()),
        })
    }

    /// Tells something.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn say(&mut self, words: impl Display) -> Result<(), DialogueError> {
        Ok(writeln!(self.output, "{words}")?)
    }

    fn refuse(&mut self, reason: &str) -> Result<(), DialogueError> {
        let end = if reason.ends_with(['?', '.']) { "" } else { "." };
        self.say(format_args!("  {reason}{end}"))
    }

    fn line(&mut self) -> Result<String, DialogueError> {
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            writeln!(self.output)?;
            return Err(DialogueError::Ended);
        }
        Ok(line)
    }
}

/// Why somebody cannot be asked any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialogueError {
    /// Nobody answers any more.
    #[error("the input has ended before all was answered")]
    Ended,
    /// The terminal is gone.
    #[error("cannot ask at the terminal: {0}")]
    Terminal(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    /// What comes of a dialogue over lines, and what was shown.
    fn answered<T>(lines: &str, dialogue: impl FnOnce(&mut Dialogue<'_>) -> T) -> (T, String) {
        let mut shown = Vec::new();
        let result = dialogue(&mut Dialogue::over(lines.as_bytes(), &mut shown));
        (result, String::from_utf8(shown).expect("text"))
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again_with_the_reason() {
        let number = |answer: &str| answer.parse::<u8>().map_err(|error| error.to_string());
        let (taken, shown) = answered("many\n 7 \n", |dialogue| dialogue.ask("How many", None, number));
        assert_eq!(taken.expect("an answer"), 7);
        assert_eq!(shown, "How many:\n>   invalid digit found in string.\nHow many:\n> ");
    }

    #[test]
    fn an_empty_line_is_the_default() {
        let (taken, shown) =
            answered("\n", |dialogue| dialogue.ask("Nick", Some("ptgbot"), |nick| Ok(nick.to_owned())));
        assert_eq!(taken.expect("an answer"), "ptgbot");
        assert_eq!(shown, "Nick [ptgbot]:\n> ");
        let (sure, shown) = answered("perhaps\nY\n", |dialogue| dialogue.confirm("Sure", "no"));
        assert!(sure.expect("an answer") && shown.contains("  answer yes or no.\n"), "{shown}");
    }

    #[test]
    fn an_empty_secret_is_asked_for_again_and_blanks_are_part_of_it() {
        let (secret, shown) = answered("\n sesame \r\n", |dialogue| dialogue.ask_secret("Password"));
        assert_eq!(secret.expect("a secret").expose_secret(), " sesame ");
        assert!(shown.contains("  nothing was typed.\n") && !shown.contains("sesame"), "{shown}");
    }

    #[test]
    fn the_end_of_input_ends_it() {
        let (taken, shown) = answered("", |dialogue| dialogue.ask("Nick", Some("ptgbot"), |_| Ok(())));
        assert_eq!(taken.expect_err("nobody answers").to_string(), "the input has ended before all was answered");
        assert!(shown.ends_with("> \n"), "{shown}");
    }
}
