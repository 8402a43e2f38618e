//! Lines as they arrive from a server or a process, kept for the whole test.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::deadline::TooLate;

/// A growing list of lines that can be awaited. Copies share the lines.
#[derive(Debug, Clone)]
pub struct Transcript {
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
}

impl Transcript {
    /// One without lines yet.
    pub fn new() -> Self {
        Self { state: watch::Sender::new(State::default()) }
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.state.borrow().lines.clone()
    }

    /// How many lines have arrived.
    pub fn len(&self) -> usize {
        self.state.borrow().lines.len()
    }

    /// Whether no line has arrived.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no more lines can come.
    pub fn has_ended(&self) -> bool {
        self.state.borrow().ended
    }

    /// Adds the newest line.
    pub fn push(&self, line: String) {
        self.state.send_modify(|state| state.lines.push(line));
    }

    /// Says that no more lines come.
    pub fn end(&self) {
        self.state.send_modify(|state| state.ended = true);
    }

    /// Waits for the first line at or after `from` that is meant; gives its
    /// place and text. Fails at the deadline, or at once when the lines end.
    pub async fn wait_for(
        &self,
        what: &str,
        deadline: Duration,
        from: usize,
        mut is_meant: impl FnMut(&str) -> bool,
    ) -> Result<(usize, String), TooLate> {
        let mut next = from;
        let mut found = None;
        let mut changes = self.state.subscribe();
        let waited = changes.wait_for(|state| {
            while found.is_none() && next < state.lines.len() {
                if is_meant(&state.lines[next]) {
                    found = Some((next, state.lines[next].clone()));
                }
                next += 1;
            }
            found.is_some() || state.ended
        });
        // Dropping the guard before `found` is read.
        drop(timeout(deadline, waited).await);
        found.ok_or_else(|| TooLate { what: what.to_owned(), after: deadline })
    }

    /// Waits until no more lines can come.
    pub async fn wait_for_end(&self, what: &str, deadline: Duration) -> Result<(), TooLate> {
        let mut changes = self.state.subscribe();
        let ended = timeout(deadline, changes.wait_for(|state| state.ended)).await;
        match ended {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(TooLate { what: what.to_owned(), after: deadline }),
        }
    }

    /// The last lines, for the message of a failed test.
    pub fn tail(&self) -> String {
        let state = self.state.borrow();
        let first = state.lines.len().saturating_sub(TAIL);
        let end = if state.ended { "\n  (end)" } else { "" };
        let lines = state.lines[first..].join("\n  ");
        format!("{} lines, the last ones:\n  {lines}{end}", state.lines.len())
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

const TAIL: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deadline::PATIENCE;

    #[tokio::test]
    async fn a_line_that_comes_later_is_awaited() {
        let transcript = Transcript::new();
        transcript.push("first".to_owned());
        let writer = transcript.clone();
        let (found, ()) =
            tokio::join!(transcript.wait_for("second", PATIENCE, 0, |line| line == "second"), async move {
                writer.push("second".to_owned())
            });
        assert_eq!(found, Ok((1, "second".to_owned())));
    }

    #[tokio::test]
    async fn the_end_of_the_lines_ends_the_wait() {
        let transcript = Transcript::new();
        transcript.push("only".to_owned());
        transcript.end();
        let late = transcript.wait_for("more", PATIENCE, 0, |line| line == "more");
        assert!(late.await.is_err());
    }
}
