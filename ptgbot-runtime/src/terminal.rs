//! The terminal as a chat network: one room, and whoever one says to be.

use async_trait::async_trait;
use chrono::Utc;
use ptgbot_core::{
    Ask, Folding, Inbox, Incoming, IncomingKind, Order, Outgoing, Outlet, Person, PersonId, Place, Request, Role,
    Target, Transport, TransportError,
};
use std::io::{self, BufRead, IsTerminal, Write};
use std::thread;
use tokio::sync::mpsc;

/// A chat in the terminal, for trying things out.
pub struct TerminalTransport {
    inbox: Typed,
    outlet: Printed,
}

impl TerminalTransport {
    /// A chat on standard input and output with a bot of that name, in that room.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(bot: &str, room: &str) -> Result<Self, TransportError> {
        let (lines, typed) = mpsc::channel(1);
        let read = move || {
            for line in io::stdin().lock().lines() {
                // What is no text ends the chat as the end of input does.
                let Ok(line) = line else { return };
                if lines.blocking_send(line).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("keyboard".into()).spawn(read).map_err(TransportError::new)?;
        let speaker = Speaker { bot: bot.to_owned(), room: room.to_owned(), name: "you".to_owned(), role: Role::Op };
        let prompt = if io::stdin().is_terminal() { Prompt::Wanted } else { Prompt::Never };
        Ok(Self { inbox: Typed { typed, speaker }, outlet: Printed { bot: bot.to_owned(), prompt } })
    }
}

impl Transport for TerminalTransport {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn split(self: Box<Self>) -> (Box<dyn Inbox>, Box<dyn Outlet>) {
        (Box::new(self.inbox), Box::new(self.outlet))
    }
}

struct Typed {
    typed: mpsc::Receiver<String>,
    speaker: Speaker,
}

#[async_trait]
impl Inbox for Typed {
    async fn receive(&mut self, _limit: usize) -> Result<Vec<Incoming>, TransportError> {
        Ok(match self.typed.recv().await {
            Some(line) => vec![self.speaker.typed(&line)],
            None => Vec::new(),
        })
    }
}

/// Whoever sits at the keyboard, as the chat sees them.
struct Speaker {
    bot: String,
    room: String,
    name: String,
    role: Role,
}

impl Speaker {
    /// What a line means: said in the room, said in private (`/msg`, `/`), or a change of person (`/as`).
    fn typed(&mut self, line: &str) -> Incoming {
        let line = line.trim();
        let Some(rest) = line.strip_prefix('/') else {
            return self.says(Place::Room(self.room.clone()), line);
        };
        let (word, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match word {
            "as" => match self.becomes(words) {
                Ok(()) => Incoming { id: None, kind: IncomingKind::Tick(Utc::now()) },
                Err(usage) => Incoming { id: None, kind: IncomingKind::Malformed { line: 0, text: usage.into() } },
            },
            "msg" => self.says(Place::Private, words),
            _ => self.says(Place::Private, rest),
        }
    }

    fn becomes(&mut self, words: &str) -> Result<(), &'static str> {
        let mut words = words.split_whitespace();
        let name = words.next().filter(|name| !Person::new(name, FOLDING).id.as_str().is_empty()).ok_or(USAGE)?;
        self.role = match (words.next(), words.next()) {
            (None, None) => Role::Member,
            (Some("voice"), None) => Role::Voice,
            (Some("op"), None) => Role::Op,
            _ => return Err(USAGE),
        };
        name.clone_into(&mut self.name);
        Ok(())
    }

    fn says(&self, place: Place, text: &str) -> Incoming {
        let request = Request {
            at: Utc::now(),
            from: Some(Person::new(&self.name, FOLDING)),
            role: self.role,
            place,
            folding: FOLDING,
            bot: self.bot.clone(),
            message: None,
            ask: Ask::Said(text.to_owned()),
        };
        Incoming { id: None, kind: IncomingKind::Message(request) }
    }
}

struct Printed {
    bot: String,
    prompt: Prompt,
}

/// Whether `> ` stands where the next line is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prompt {
    /// Nobody types: the input is a file or a pipe.
    Never,
    Wanted,
    Shown,
}

#[async_trait]
impl Outlet for Printed {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        vec![message]
    }

    async fn ready(&mut self) {}

    async fn send(&mut self, message: Outgoing) -> Result<(), TransportError> {
        let text = self.line(&message);
        if !text.is_empty() {
            let fresh = if self.prompt == Prompt::Shown { "\r" } else { "" };
            print(&format!("{fresh}{text}\n"))?;
        }
        if self.prompt == Prompt::Shown {
            self.prompt = Prompt::Wanted;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), TransportError> {
        if self.prompt == Prompt::Wanted {
            self.prompt = Prompt::Shown;
            print("> ")?;
        }
        Ok(())
    }

    fn order(&self) -> Order {
        Order::AsSaid
    }

    fn reaches(&self, _person: &PersonId) -> bool {
        true
    }
}

impl Printed {
    fn line(&self, message: &Outgoing) -> String {
        let bot = &self.bot;
        match message {
            Outgoing::Reply { to: Target::Room(room), user, text, .. } => format!("{room} <{bot}> {user}: {text}"),
            Outgoing::Reply { to: Target::User(_), user, text, .. } => format!("private <{bot}> to {user}: {text}"),
            Outgoing::Ack { .. } => format!("<{bot}> done"),
            Outgoing::Notify { user, text } => format!("private <{bot}> to {user}: {text}"),
            Outgoing::Announce { room, text } => format!("{room} <{bot}> {text}"),
            Outgoing::Error { text, .. } => text.clone(),
            Outgoing::Done { .. } => String::new(),
        }
    }
}

fn print(text: &str) -> Result<(), TransportError> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        // Nobody reads any more: that is their business.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(TransportError::new(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

const FOLDING: Folding = Folding::Lowercase;
const USAGE: &str = "usage: /as NAME [voice|op]";

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker() -> Speaker {
        Speaker { bot: "ptgbot".into(), room: "#demo".into(), name: "you".into(), role: Role::Op }
    }

    fn request(speaker: &mut Speaker, line: &str) -> Request {
        match speaker.typed(line).kind {
            IncomingKind::Message(request) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_slash_says_it_in_private() {
        let mut speaker = speaker();
        assert_eq!(request(&mut speaker, "#swift show").place, Place::Room("#demo".into()));
        for line in ["/msg subscribe ring", "/subscribe ring"] {
            let request = request(&mut speaker, line);
            assert_eq!((request.place, request.ask), (Place::Private, Ask::Said("subscribe ring".into())));
        }
    }

    #[test]
    fn one_may_speak_as_somebody_else() {
        let mut speaker = speaker();
        speaker.typed("/as John voice");
        let request = request(&mut speaker, "hello");
        let from = request.from.expect("a person");
        assert_eq!((from.id.as_str(), from.name.as_str(), request.role), ("john", "John", Role::Voice));
        assert!(matches!(speaker.typed("/as").kind, IncomingKind::Malformed { .. }));
        assert!(matches!(speaker.typed("/as x boss").kind, IncomingKind::Malformed { .. }));
    }
}
