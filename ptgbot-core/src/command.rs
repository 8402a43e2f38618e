//! Commands: what people can ask of the bot, as one table.
//!
//! Permission, parsing, `help`, did-you-mean, the page's help and the tables in `docs/` all read [`TABLE`].

mod args;
mod table;

pub(crate) use args::clock_time;

use crate::announced::Announced;
use crate::link::HttpUrl;
use crate::motd::Level;
use crate::policy::{Enforcement, PastSlots};
use crate::role::Role;
use crate::text::Text;
use chrono::NaiveTime;
pub use table::TABLE;

/// A command, read and ready to be decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    /// Anyone's, about people and what can be read.
    User(UserCommand),
    /// About one track.
    Track(TrackCommand),
    /// About the whole board.
    Admin(AdminCommand),
}

/// What anyone may ask: `+cmd`, or `cmd` in private.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum UserCommand {
    /// `in #TRACK`, `in LOCATION`
    CheckIn(String),
    /// `out`
    CheckOut,
    /// `seen NICK`
    Seen(String),
    /// `subscribe`, `subscribe REGEXP`
    Subscribe(Option<String>),
    /// `unsubscribe`
    Unsubscribe,
    /// `now`, `now #TRACK`
    WhatIsNow(Option<String>),
    /// `next`, `next #TRACK`
    WhatIsNext(Option<String>),
    /// `where #TRACK`
    Where(String),
    /// `who #TRACK`
    Who(String),
    /// `free`, `free DAY`
    Free(Option<String>),
    /// `remind …`
    Remind(RemindCommand),
    /// `when #TRACK`
    When(String),
    /// `log`, `log #TRACK`, `log DAY`, `log #TRACK DAY`
    Log(Option<String>),
    /// `forget`
    Forget,
    /// `help`, `help COMMAND`
    Help(Option<String>),
}

/// What is said of one's own reminders.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RemindCommand {
    /// `remind`
    List,
    /// `remind off`
    CancelAll,
    /// `remind #TRACK off`
    Cancel(String),
    /// `remind #TRACK [MINUTES]`
    Set(String, u32),
}

/// What is said about one track: `#TRACK cmd`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TrackCommand {
    /// `#TRACK now TOPIC`
    Now(Text),
    /// `#TRACK next TOPIC`
    Next(Text),
    /// `#TRACK advance`
    Advance,
    /// `#TRACK drop N`
    Drop(usize),
    /// `#TRACK clean`
    Clean,
    /// `#TRACK etherpad URL`; `None` is `auto`
    Etherpad(Option<HttpUrl>),
    /// `#TRACK url URL`; `None` is `none`
    Url(Option<HttpUrl>),
    /// `#TRACK color CSS-COLOR`
    Color(String),
    /// `#TRACK location TEXT`
    Location(Text),
    /// `#TRACK book ROOM-SLOT`
    Book(String),
    /// `#TRACK unbook ROOM-SLOT`
    Unbook(String),
    /// `#TRACK move FROM TO`
    Move(String),
    /// `#TRACK undo`
    Undo,
    /// `#TRACK`, `#TRACK show`
    Show,
}

/// What ops say about the whole board: `~cmd`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AdminCommand {
    /// `~list`
    List,
    /// `~add TRACK [TRACK…]`
    Add(Vec<String>),
    /// `~del TRACK [TRACK…]`
    Del(Vec<String>),
    /// `~clean TRACK [TRACK…]`
    CleanTracks(Vec<String>),
    /// `~newday`
    NewDay,
    /// `~motd add LEVEL TEXT`
    MotdAdd(Level, Text),
    /// `~motd del N`
    MotdDel(usize),
    /// `~motd reorder X [Y…]`
    MotdReorder(Vec<usize>),
    /// `~motd clean`
    MotdClean,
    /// `~emptydb`
    EmptyDb,
    /// `~fetchdb URL`
    FetchDb(HttpUrl),
    /// `~requirevoice`
    RequireVoice,
    /// `~alloweveryone`
    AllowEveryone,
    /// `~policy …`
    Policy(PolicyCommand),
    /// `~moderators`, `~moderators #TRACK`, `~moderators #TRACK NAME [NAME…]`, `~moderators #TRACK none`
    Moderators(Vec<String>),
    /// `~announce`
    Announcing,
    /// `~announce slots on`, `~announce changes off`
    Announce(Announced, bool),
    /// `~undo`
    UndoBoard,
    /// `~history [N]`
    History(Option<usize>),
}

/// What is said of the rules for booking.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PolicyCommand {
    /// `~policy`
    Show,
    /// `~policy day HOURS`, in minutes; `None` is `off`
    Day(Option<u32>),
    /// `~policy total HOURS`, in minutes; `None` is `off`
    Total(Option<u32>),
    /// `~policy opens TIME`; `None` is `off`
    Opens(Option<RuleTime>),
    /// `~policy clash #A #B [off]`
    Clash(String, String, bool),
    /// `~policy past on`, `~policy past off`
    Past(PastSlots),
    /// `~policy warn`, `~policy enforce`
    Enforcement(Enforcement),
}

/// A time as ops say it: `14:00`, `mon 14:00`, `2026-10-19 14:00`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RuleTime {
    /// A day of the programme or a date; today if none was named.
    pub(crate) day: Option<String>,
    /// In the event's zone.
    pub(crate) clock: NaiveTime,
}

/// Which commands belong together: who gives them and with which sign in front.
///
/// Exhaustive: whoever explains the commands explains all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `+cmd` in the channel, or without a sign in private: for everyone.
    User,
    /// `#TRACK cmd` in the channel.
    Track,
    /// `~cmd` in the channel: ops.
    Admin,
}

impl Scope {
    /// What stands before the command's name in a channel.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::User => "+",
            Self::Track => "#TRACK ",
            Self::Admin => "~",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Spec {
    /// The word, lower-case.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// Who gives it and how.
    pub scope: Scope,
    /// Each form of it, after the prefix: capitals are to be replaced, brackets may be left out.
    pub usage: &'static [&'static str],
    /// The least role that may give it on a new board; `~requirevoice` raises that of track commands.
    pub least_role: Role,
    /// True where `~requirevoice` makes no difference.
    pub read_only: bool,
    /// True where `#cmd` in the channel means the same as `+cmd`.
    pub with_hash: bool,
    /// What it does, in one line.
    pub help: &'static str,
    /// Reads what follows the name.
    parse: Parse,
}

/// The parser of a command, by its scope.
#[derive(Clone, Copy, Debug)]
enum Parse {
    User(fn(&str) -> Result<UserCommand, ArgError>),
    Track(fn(&str) -> Result<TrackCommand, ArgError>),
    Admin(fn(&str) -> Result<AdminCommand, ArgError>),
}

impl Spec {
    /// Finds a command of a scope by its name or alias, in any case.
    pub fn find(scope: Scope, word: &str) -> Option<&'static Self> {
        TABLE.iter().find(|spec| spec.scope == scope && spec.words().any(|known| known.eq_ignore_ascii_case(word)))
    }

    /// Reads what follows the name.
    pub(crate) fn parse(&self, rest: &str) -> Result<Command, ArgError> {
        match self.parse {
            Parse::User(parse) => parse(rest).map(Command::User),
            Parse::Track(parse) => parse(rest).map(Command::Track),
            Parse::Admin(parse) => parse(rest).map(Command::Admin),
        }
    }

    /// The name and the aliases.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Each form as it is typed in a channel: `#TRACK now TOPIC`.
    pub fn forms(&self) -> impl Iterator<Item = String> {
        self.usage.iter().map(|usage| format!("{}{usage}", self.scope.prefix()))
    }

    /// All forms in one line, for a refusal: `~motd del N or ~motd clean`.
    pub fn usage_line(&self) -> String {
        self.forms().collect::<Vec<_>>().join(" or ")
    }
}

/// The words of one scope, for did-you-mean.
pub(crate) fn words(scope: Scope) -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(move |spec| spec.scope == scope).flat_map(Spec::words)
}

/// Why the words after a command's name cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArgError {
    /// Missing or surplus words: the usage says it all.
    Arity,
    /// A word has the right place but cannot be taken: a phrase that says why.
    Value(String),
}

/// The words that name no track: user commands, `help`, and `ptg`, which is the calendar of all tracks.
pub(crate) fn is_reserved(name: &str) -> bool {
    name == "ptg" || Spec::find(Scope::User, name).is_some()
}
