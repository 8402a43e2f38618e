//! The terminal as a chat network: one room, and whoever one says to be.

use crate::clock::{self, Clock};
use async_trait::async_trait;
use futures_util::stream;
use ptgbot_core::{
    Ask, Folding, Handled, Inbox, Incoming, NameForm, Network, Options, Outgoing, Outlet, Person, Request, Role,
    Sending, Target, Transport, TransportError, Zone,
};
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use tokio::sync::mpsc;

/// A chat in the terminal, for trying things out.
pub struct TerminalTransport {
    network: Network,
    typed: mpsc::Receiver<String>,
    speaker: TerminalUser,
    screen: Screen,
    names: NameForm,
    end: EndOfInput,
}

/// What the end of the input means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EndOfInput {
    /// The chat is over.
    EndsChat,
    /// Nobody types any more, and the chat goes on.
    Silence,
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
        let network = Network::nearest("terminal");
        let speaker = TerminalUser::new(&network, bot, room);
        let prompt = if io::stdin().is_terminal() { Prompt::Wanted } else { Prompt::Never };
        let screen = Screen { bot: bot.to_owned(), prompt: Arc::new(Mutex::new(prompt)), of: None, stamp: None };
        Ok(Self { network, typed, speaker, screen, names: NameForm::Nick, end: EndOfInput::EndsChat })
    }

    /// The same where what is typed is said at the time of a clock: that of the bot.
    #[must_use]
    pub fn by(mut self, clock: Arc<dyn Clock>) -> Self {
        self.speaker.clock = clock;
        self
    }

    /// The same as a network of that name, whose people have names of that form.
    #[must_use]
    pub fn on(mut self, network: Network, names: NameForm) -> Self {
        if names == NameForm::MatrixId {
            self.speaker.name = format!("@you:{network}");
        }
        self.speaker.network = network.clone();
        Self { network, names, ..self }
    }

    /// The same where each line that is printed begins with its time, in a zone.
    #[must_use]
    pub fn stamped(mut self, zone: Zone) -> Self {
        self.screen.stamp = Some((self.speaker.clock.clone(), zone));
        self
    }

    /// The same where a file or a pipe may come to its end, and the chat goes on.
    #[must_use]
    pub fn outlasting_its_input(self) -> Self {
        let end = if io::stdin().is_terminal() { EndOfInput::EndsChat } else { EndOfInput::Silence };
        Self { end, ..self }
    }

    /// Where it is printed, for others that have something to say.
    #[cfg(feature = "cli")]
    pub(crate) fn screen(&self) -> &Screen {
        &self.screen
    }
}

impl Transport for TerminalTransport {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::pipe();
        options.names = self.names;
        options
    }

    fn open(self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let Self { typed, speaker, screen, end, .. } = *self;
        let printed = screen.clone();
        let typed = stream::unfold((typed, speaker, screen), move |(mut typed, mut speaker, screen)| async move {
            loop {
                if let Err(error) = screen.prompt() {
                    return Some((Err(error), (typed, speaker, screen)));
                }
                let Some(line) = typed.recv().await else {
                    return match end {
                        EndOfInput::EndsChat => None,
                        EndOfInput::Silence => std::future::pending().await,
                    };
                };
                screen.is_at_new_line();
                match speaker.typed(&line) {
                    Ok(Some(incoming)) => return Some((Ok(incoming), (typed, speaker, screen))),
                    Ok(None) => {}
                    Err(usage) => {
                        if let Err(error) = screen.print(usage) {
                            return Some((Err(error), (typed, speaker, screen)));
                        }
                    }
                }
            }
        });
        (Box::pin(typed), Box::new(printed))
    }
}

/// Whoever sits at the keyboard, as the chat sees them.
struct TerminalUser {
    network: Network,
    bot: String,
    room: String,
    name: String,
    role: Role,
    clock: Arc<dyn Clock>,
}

impl TerminalUser {
    fn new(network: &Network, bot: &str, room: &str) -> Self {
        let (bot, room) = (bot.to_owned(), room.to_owned());
        Self { network: network.clone(), bot, room, name: "you".to_owned(), role: Role::Op, clock: clock::system() }
    }

    /// What a line means: said in the room, said in private (`/msg`, `/`), or a change of person (`/as`).
    fn typed(&mut self, line: &str) -> Result<Option<Incoming>, &'static str> {
        let line = line.trim();
        let Some(rest) = line.strip_prefix('/') else {
            return Ok(Some(Incoming::new(self.says(line).in_room(&self.room))));
        };
        let (word, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match word {
            "as" => self.becomes(words).map(|()| None),
            "msg" => Ok(Some(Incoming::new(self.says(words)))),
            _ => Ok(Some(Incoming::new(self.says(rest)))),
        }
    }

    fn becomes(&mut self, words: &str) -> Result<(), &'static str> {
        let mut words = words.split_whitespace();
        let name = words.next().filter(|name| !self.person(name).id.key().is_empty()).ok_or(USAGE)?;
        self.role = match (words.next(), words.next()) {
            (None, None) => Role::Member,
            (Some("voice"), None) => Role::Voice,
            (Some("op"), None) => Role::Op,
            _ => return Err(USAGE),
        };
        name.clone_into(&mut self.name);
        Ok(())
    }

    fn says(&self, text: &str) -> Request {
        let said = Request::new(&self.network, self.clock.now(), Ask::Said(text.to_owned()));
        said.by(self.person(&self.name), self.role).folding(FOLDING).bot(&self.bot)
    }

    fn person(&self, name: &str) -> Person {
        Person::new(&self.network, name, FOLDING)
    }
}

/// The screen.
#[derive(Clone)]
pub(crate) struct Screen {
    bot: String,
    prompt: Arc<Mutex<Prompt>>,
    /// The network of which it tells, where that is not the one that is typed on.
    of: Option<Network>,
    /// What is shown of the time.
    stamp: Option<(Arc<dyn Clock>, Zone)>,
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
impl Outlet for Screen {
    fn send(&mut self, piece: Outgoing) -> Sending {
        let printed = self.print(&self.line(&piece));
        Box::pin(async move { Ok(printed?) })
    }

    async fn handled(&mut self, _handled: Handled) {
        // A screen that cannot be written to is told when something is said.
        self.prompt().ok();
    }
}

impl Screen {
    /// The same, telling of another network.
    #[cfg(feature = "cli")]
    pub(crate) fn of(&self, network: &Network) -> Self {
        Self { of: Some(network.clone()), ..self.clone() }
    }

    fn line(&self, message: &Outgoing) -> String {
        let bot = &self.bot;
        match message {
            Outgoing::Reply { to, user, reply, .. } => {
                let user = user.as_ref().map(|user| user.name.as_str()).unwrap_or_default();
                match to {
                    Target::Room(room) => format!("{room} <{bot}> {user}: {reply}"),
                    Target::Person(_) | Target::Unnamed => format!("private <{bot}> to {user}: {reply}"),
                }
            }
            Outgoing::Ack { .. } => format!("<{bot}> done"),
            Outgoing::Notify { to, reply, .. } => format!("private <{bot}> to {}: {reply}", to.key()),
            Outgoing::Announce { room, reply } => format!("{room} <{bot}> {reply}"),
        }
    }

    /// Prints a line; the prompt makes room for it, and stands below it.
    fn print(&self, text: &str) -> Result<(), TransportError> {
        let prompt = self.state();
        let (fresh, again) = if *prompt == Prompt::Shown { ("\r", PROMPT) } else { ("", "") };
        let time = self.stamp.as_ref().map(|(clock, zone)| clock.now().with_timezone(&zone.0).format("%a %H:%M  "));
        let time = time.map(|time| time.to_string()).unwrap_or_default();
        let of = self.of.as_ref().map(|network| format!("{network}: ")).unwrap_or_default();
        print(&format!("{fresh}{time}{of}{text}\n{again}"))
    }

    /// Whoever typed has begun a new line.
    fn is_at_new_line(&self) {
        let mut prompt = self.state();
        if *prompt == Prompt::Shown {
            *prompt = Prompt::Wanted;
        }
    }

    /// Shows the prompt, where somebody types.
    fn prompt(&self) -> Result<(), TransportError> {
        let mut prompt = self.state();
        if *prompt != Prompt::Wanted {
            return Ok(());
        }
        *prompt = Prompt::Shown;
        print(PROMPT)
    }

    fn state(&self) -> MutexGuard<'_, Prompt> {
        self.prompt.lock().unwrap_or_else(PoisonError::into_inner)
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

const PROMPT: &str = "> ";
const FOLDING: Folding = Folding::Lowercase;
const USAGE: &str = "usage: /as NAME [voice|op]";

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker() -> TerminalUser {
        TerminalUser::new(&Network::nearest("terminal"), "ptgbot", "#demo")
    }

    fn request(speaker: &mut TerminalUser, line: &str) -> Request {
        speaker.typed(line).expect("no usage").expect("a message").request
    }

    #[test]
    fn a_slash_says_it_in_private() {
        let mut speaker = speaker();
        assert_eq!(request(&mut speaker, "#swift show").place.room(), Some("#demo"));
        for line in ["/msg subscribe ring", "/subscribe ring"] {
            let request = request(&mut speaker, line);
            assert_eq!((request.place.room(), request.ask), (None, Ask::Said("subscribe ring".into())));
        }
    }

    #[test]
    fn one_may_speak_as_somebody_else() {
        let mut speaker = speaker();
        assert_eq!(speaker.typed("/as John voice"), Ok(None));
        let request = request(&mut speaker, "hello");
        let from = request.from.expect("a person");
        assert_eq!((from.id.key(), from.name.as_str(), request.role), ("john", "John", Role::Voice));
        assert_eq!(speaker.typed("/as"), Err(USAGE));
        assert_eq!(speaker.typed("/as x boss"), Err(USAGE));
    }
}
