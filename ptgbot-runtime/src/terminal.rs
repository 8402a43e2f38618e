//! The terminal as a chat network: one room, and whoever one says to be.

#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the demo offers anything"))]
mod hints;

use crate::clock::{self, Clock};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::stream;
pub(crate) use hints::Hints;
use ptgbot_core::{
    Ask, Folding, Handled, Inbox, Incoming, NameForm, Network, Options, Outgoing, Outlet, Person, Request, Role,
    Sending, Target, Transport, TransportError, Zone, may_be_command,
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
        let place = if io::stdin().is_terminal() { Prompt::Wanted } else { Prompt::Never };
        let line = PromptLine { place, text: speaker.prompt() };
        let screen =
            Screen { bot: bot.to_owned(), prompt: Arc::new(Mutex::new(line)), of: None, stamp: None, hints: None };
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
            self.speaker.is_oneself(format!("@you:{network}"));
        }
        self.speaker.network = network.clone();
        self.screen.state().text = self.speaker.prompt();
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

    /// The same where whoever types is offered what to try next.
    #[cfg(feature = "cli")]
    #[must_use]
    pub(crate) fn hinting(mut self, hints: Hints) -> Self {
        if io::stdin().is_terminal() {
            self.screen.hints = Some(Arc::new(Mutex::new(hints)));
        }
        self
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
                    Typed::Said(incoming) => {
                        screen.says(&line);
                        return Some((Ok(*incoming), (typed, speaker, screen)));
                    }
                    Typed::Answered(words) => {
                        let printed = screen.print(&words).and_then(|()| screen.speaks(&speaker, &line));
                        if let Err(error) = printed {
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
    /// Who speaks.
    name: String,
    role: Role,
    /// Who speaks where nobody else does.
    oneself: String,
    clock: Arc<dyn Clock>,
}

/// What somebody typed.
#[derive(Debug, PartialEq)]
enum Typed {
    /// It is for the chat.
    Said(Box<Incoming>),
    /// It was for the terminal, which says this.
    Answered(String),
}

impl TerminalUser {
    fn new(network: &Network, bot: &str, room: &str) -> Self {
        let (bot, room) = (bot.to_owned(), room.to_owned());
        let (name, oneself) = (ONESELF.to_owned(), ONESELF.to_owned());
        Self { network: network.clone(), bot, room, name, role: Role::Op, oneself, clock: clock::system() }
    }

    /// Whoever types is an op of that name.
    fn is_oneself(&mut self, name: String) {
        (self.name, self.role, self.oneself) = (name.clone(), Role::Op, name);
    }

    /// What a line means: said in the room, said in private (`/msg`, `/remind`), or a change of person (`/as`).
    fn typed(&mut self, line: &str) -> Typed {
        let line = line.trim();
        if ["help", "?"].contains(&line.to_lowercase().as_str()) {
            return Typed::Answered(HELP.to_owned());
        }
        let Some(rest) = line.strip_prefix('/') else {
            return Typed::Said(Box::new(Incoming::new(self.says(line).in_room(&self.room))));
        };
        let (word, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let in_private = |text| Typed::Said(Box::new(Incoming::new(self.says(text))));
        match word {
            "as" => Typed::Answered(self.becomes(words).map_or_else(str::to_owned, |()| self.introduced())),
            "msg" => in_private(words),
            "help" => Typed::Answered(HELP.to_owned()),
            _ if self.is_command(word) => in_private(rest),
            _ => Typed::Answered(format!("There is no /{word} here. {HELP}")),
        }
    }

    /// True where the bot may know what that means in private.
    fn is_command(&self, word: &str) -> bool {
        may_be_command(&format!("{}: {word}", self.bot), &self.bot, FOLDING)
    }

    /// What stands where the next line is typed: who says it, and with which rights.
    fn prompt(&self) -> String {
        let role = match self.role {
            Role::Member => "",
            Role::Voice => "+",
            Role::Op => "@",
        };
        format!("{role}{}> ", self.name)
    }

    /// Who speaks from here on.
    fn introduced(&self) -> String {
        let role = match self.role {
            Role::Member => "without voice",
            Role::Voice => "with voice",
            Role::Op => "an op",
        };
        if self.name == self.oneself {
            return format!("You are yourself, {role}.");
        }
        format!("You are {}, {role}; /as alone makes you yourself again, an op.", self.name)
    }

    fn becomes(&mut self, words: &str) -> Result<(), &'static str> {
        let mut words = words.split_whitespace().peekable();
        if words.peek().is_none() {
            self.is_oneself(self.oneself.clone());
            return Ok(());
        }
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
    prompt: Arc<Mutex<PromptLine>>,
    /// The network of which it tells, where that is not the one that is typed on.
    of: Option<Network>,
    /// What is shown of the time.
    stamp: Option<(Arc<dyn Clock>, Zone)>,
    /// What to try next, where that is offered.
    hints: Option<Arc<Mutex<Hints>>>,
}

/// What stands where the next line is typed, such as `@you> `.
#[derive(Debug)]
struct PromptLine {
    place: Prompt,
    text: String,
}

/// Whether the prompt stands there.
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

    async fn handled(&mut self, handled: Handled) {
        // A screen that cannot be written to is told when something is said.
        self.hint(|hints| hints.handled(handled.outcome)).and_then(|()| self.prompt()).ok();
    }
}

impl Screen {
    /// The same, telling of another network.
    #[cfg(feature = "cli")]
    pub(crate) fn of(&self, network: &Network) -> Self {
        Self { of: Some(network.clone()), ..self.clone() }
    }

    /// A line goes to the bot.
    fn says(&self, line: &str) {
        if let Some(hints) = &self.hints {
            lock(hints).typed(line);
        }
    }

    /// The terminal has answered a line itself; somebody else may speak from here on.
    fn speaks(&self, speaker: &TerminalUser, line: &str) -> Result<(), TransportError> {
        self.state().text = speaker.prompt();
        let is_somebody_else = speaker.name != speaker.oneself;
        self.hint(|hints| if is_somebody_else { hints.became() } else { hints.answered(line) })
    }

    /// Says what to try next, where something follows.
    fn hint(&self, follows: impl FnOnce(&mut Hints) -> Option<String>) -> Result<(), TransportError> {
        match self.hints.as_ref().and_then(|hints| follows(&mut lock(hints))) {
            Some(words) => self.print(&words),
            None => Ok(()),
        }
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
        let line = self.state();
        let (fresh, again) = if line.place == Prompt::Shown { ("\r\x1b[K", line.text.as_str()) } else { ("", "") };
        let time = self.stamp.as_ref().map(|(clock, zone)| stamp(clock.now(), *zone)).unwrap_or_default();
        let of = self.of.as_ref().map(|network| format!("{network}: ")).unwrap_or_default();
        print(&format!("{fresh}{time}{of}{text}\n{again}"))
    }

    /// Whoever typed has begun a new line.
    fn is_at_new_line(&self) {
        let mut line = self.state();
        if line.place == Prompt::Shown {
            line.place = Prompt::Wanted;
        }
    }

    /// Shows the prompt, where somebody types.
    fn prompt(&self) -> Result<(), TransportError> {
        let mut line = self.state();
        if line.place != Prompt::Wanted {
            return Ok(());
        }
        line.place = Prompt::Shown;
        print(&line.text)
    }

    fn state(&self) -> MutexGuard<'_, PromptLine> {
        lock(&self.prompt)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What stands before a line that is printed at a time of the event.
pub(crate) fn stamp(time: DateTime<Utc>, zone: Zone) -> String {
    time.with_timezone(&zone.0).format("%a %H:%M  ").to_string()
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
const ONESELF: &str = "you";
const USAGE: &str = "usage: /as NAME [voice|op], or /as alone to be yourself again";
const HELP: &str = "A line is said in the channel; with /msg before it, or as /remind #TRACK or another command, to the bot in \
                    private (/msg help lists them). /as NAME [voice|op] makes you somebody else, /as alone yourself again. \
                    Ctrl-D ends it.";

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker() -> TerminalUser {
        TerminalUser::new(&Network::nearest("terminal"), "ptgbot", "#demo")
    }

    fn request(speaker: &mut TerminalUser, line: &str) -> Request {
        match speaker.typed(line) {
            Typed::Said(incoming) => incoming.request,
            Typed::Answered(words) => panic!("{line}: {words}"),
        }
    }

    fn answered(speaker: &mut TerminalUser, line: &str) -> String {
        match speaker.typed(line) {
            Typed::Answered(words) => words,
            Typed::Said(incoming) => panic!("{line}: {incoming:?}"),
        }
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
        assert_eq!(
            answered(&mut speaker, "/as John voice"),
            "You are John, with voice; /as alone makes you yourself again, an op."
        );
        let request = request(&mut speaker, "hello");
        let from = request.from.expect("a person");
        assert_eq!((from.id.key(), from.name.as_str(), request.role), ("john", "John", Role::Voice));
        assert_eq!(answered(&mut speaker, "/as x boss"), USAGE);
    }

    #[test]
    fn as_nobody_else_one_is_oneself_again_and_an_op() {
        for name in ["you", "@you:example.org"] {
            let mut speaker = speaker();
            speaker.is_oneself(name.to_owned());
            answered(&mut speaker, "/as john");
            assert_eq!(answered(&mut speaker, " /as "), "You are yourself, an op.");
            let request = request(&mut speaker, "hello");
            assert_eq!((request.from.expect("a person").name.as_str(), request.role), (name, Role::Op));
        }
    }

    #[test]
    fn the_prompt_names_who_speaks() {
        let mut speaker = speaker();
        assert_eq!(speaker.prompt(), "@you> ");
        answered(&mut speaker, "/as john voice");
        assert_eq!(speaker.prompt(), "+john> ");
        answered(&mut speaker, "/as ann");
        assert_eq!(speaker.prompt(), "ann> ");
    }

    #[test]
    fn a_slash_before_what_the_bot_does_not_know_is_told_what_there_is() {
        let mut speaker = speaker();
        for line in ["/help", "Help", "?", "/quit", "/quit?", "/", "/swift now rings", "/remnd #swift"] {
            let words = answered(&mut speaker, line);
            assert!(words.ends_with(HELP), "{line}: {words}");
        }
        for line in ["/REMIND #swift", "/#swift", "/msg help", "/now"] {
            assert_eq!(request(&mut speaker, line).place.room(), None, "{line}");
        }
    }
}
