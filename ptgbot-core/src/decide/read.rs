//! From a chat line to an order: what is meant for the bot, and what only looks like it.

use super::lines::split;
use crate::board::Board;
use crate::command::{ArgError, Command, Scope, Spec, words};
use crate::nearest::nearest;
use crate::person::Folding;
use crate::refusal::Refusal;
use crate::request::{Place, Request};
use crate::text::clean;
use crate::track::TrackName;

/// A command that was understood.
#[derive(Clone, Debug)]
pub(crate) struct ReadCommand {
    /// Its row in the table.
    pub(crate) spec: &'static Spec,
    /// Its words.
    pub(crate) command: Command,
    /// The known track it is about, for track commands.
    pub(crate) track: Option<TrackName>,
    /// The same as a private message, where it can be given there.
    pub(crate) in_private: Option<String>,
}

/// Reads a line. `None`: it was not for the bot, which stays silent.
///
/// # Errors
/// It was for the bot but cannot be understood; the refusal says what would be.
pub(crate) fn read(board: &Board, request: &Request, line: &str) -> Result<Option<ReadCommand>, Refusal> {
    let line = clean(line);
    let (line, is_addressed) = without_address(&line, &request.bot, request.folding);
    match request.place {
        Place::Room(_) if is_addressed => addressed(board, line),
        Place::Room(_) => in_room(board, line),
        Place::Private => in_private(board, line).map(Some),
    }
}

/// True where something said in a room may be a command, on one board or another. All else leaves every board as it is,
/// without an answer.
///
/// ```
/// use ptgbot_core::{Folding, may_be_command};
/// let may_be = |text| may_be_command(text, "ptgbot", Folding::Ascii);
/// assert!(may_be("#swift now rings") && may_be("ptgbot: help"));
/// assert!(!may_be("hello #swift") && !may_be("+1"));
/// ```
pub fn may_be_command(text: &str, bot: &str, folding: Folding) -> bool {
    split(text).iter().any(|line| {
        let (line, is_addressed) = without_address(line, bot, folding);
        let (word, _) = first_word(line);
        let (sign, body) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        let is_near = |scope| Spec::find(scope, body).is_some() || nearest(body, words(scope)).is_some();
        match sign {
            "+" => is_near(Scope::User),
            "~" => is_near(Scope::Admin) || Spec::find(Scope::User, body).is_some(),
            "#" => TrackName::parse(body).is_ok() || Spec::find(Scope::User, body).is_some(),
            _ => is_addressed && Spec::find(Scope::User, word).is_some(),
        }
    })
}

/// Drops `NAME: ` and `NAME, ` where NAME is the bot's own name, which may hold blanks. True where it stood there.
fn without_address<'a>(line: &'a str, bot: &str, folding: Folding) -> (&'a str, bool) {
    let words = bot.split_whitespace().count();
    let Some((end, _)) = words.checked_sub(1).and_then(|last| line.match_indices(' ').nth(last)) else {
        return (line, false);
    };
    let Some(name) = line[..end].strip_suffix([':', ',']) else { return (line, false) };
    if folding.fold(name).to_lowercase() == folding.fold(&clean(bot)).to_lowercase() {
        (&line[end + 1..], true)
    } else {
        (line, false)
    }
}

/// A sentence to the bot in a room: user commands need no sign there, and any other sentence stays without an answer.
fn addressed(board: &Board, line: &str) -> Result<Option<ReadCommand>, Refusal> {
    let (word, rest) = first_word(line);
    match Spec::find(Scope::User, word) {
        Some(spec) => unless_prose(spec, rest),
        None => in_room(board, line),
    }
}

fn in_room(board: &Board, line: &str) -> Result<Option<ReadCommand>, Refusal> {
    let (word, rest) = first_word(line);
    let mut letters = word.chars();
    let sign = letters.next();
    let body = letters.as_str();
    if !body.starts_with(char::is_alphanumeric) {
        return Ok(None);
    }
    match sign {
        Some('+') => user(body, rest),
        Some('~') => match Spec::find(Scope::User, body).filter(|spec| spec.name == "help") {
            Some(help) => sure(help, None, rest).map(Some),
            None => admin(body, rest),
        },
        Some('#') => match Spec::find(Scope::User, body).filter(|spec| spec.with_hash) {
            Some(spec) => unless_prose(spec, rest),
            None => about_track(board, body, rest),
        },
        _ => Ok(None),
    }
}

fn user(word: &str, rest: &str) -> Result<Option<ReadCommand>, Refusal> {
    match Spec::find(Scope::User, word) {
        Some(spec) => unless_prose(spec, rest),
        // Two letters are near to half the dictionary.
        None if word.len() < 3 => Ok(None),
        None => misspelt(Scope::User, word, rest),
    }
}

fn admin(word: &str, rest: &str) -> Result<Option<ReadCommand>, Refusal> {
    match Spec::find(Scope::Admin, word) {
        Some(spec) => sure(spec, None, rest).map(Some),
        None => misspelt(Scope::Admin, word, rest),
    }
}

fn misspelt(scope: Scope, word: &str, rest: &str) -> Result<Option<ReadCommand>, Refusal> {
    if !word.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(None);
    }
    match nearest(word, words(scope)) {
        Some(name) if Spec::find(scope, name).is_some_and(|spec| is_prose(spec, rest)) => Ok(None),
        Some(name) => Err(Refusal::did_you_mean(&format!("{}{name} {rest}", scope.prefix()))),
        None => Ok(None),
    }
}

fn unless_prose(spec: &'static Spec, rest: &str) -> Result<Option<ReadCommand>, Refusal> {
    if is_prose(spec, rest) { Ok(None) } else { sure(spec, None, rest).map(Some) }
}

/// A user command whose further words are running text is a sentence that happens to begin so: `+out of memory`.
fn is_prose(spec: &Spec, rest: &str) -> bool {
    let is_text = rest.contains(' ') && !rest.starts_with('#');
    spec.scope == Scope::User && is_text && matches!(spec.parse(rest), Err(ArgError::Arity))
}

/// It is this command; only its words may be wrong.
fn sure(spec: &'static Spec, track: Option<TrackName>, rest: &str) -> Result<ReadCommand, Refusal> {
    match spec.parse(rest) {
        Ok(command) => {
            let in_private = match (&track, spec.scope) {
                (None, Scope::User) => Some(format!("{} {rest}", spec.name).trim_end().to_owned()),
                (Some(track), _) if spec.read_only => Some(format!("{track} {}", spec.name)),
                (Some(_) | None, _) => None,
            };
            Ok(ReadCommand { spec, command, track, in_private })
        }
        Err(ArgError::Arity) => Err(Refusal::Usage { spec, problem: None }),
        Err(ArgError::Value(problem)) => Err(Refusal::Usage { spec, problem: Some(problem) }),
    }
}

fn about_track(board: &Board, word: &str, rest: &str) -> Result<Option<ReadCommand>, Refusal> {
    let Ok(name) = TrackName::parse(word) else { return Ok(None) };
    let (verb, args) = first_word(rest);
    let verb = if verb.is_empty() { "show" } else { verb };
    let spec = Spec::find(Scope::Track, verb);
    // What follows the track's name, as it would work.
    let meant = || match (spec, nearest(verb, words(Scope::Track))) {
        (Some(_), _) => rest.to_owned(),
        (None, Some(near)) => format!("{near} {args}"),
        (None, None) => format!("now {rest}"),
    };
    if board.knows(&name) {
        return match spec {
            Some(spec) => sure(spec, Some(name), args).map(Some),
            None => Err(Refusal::did_you_mean(&format!("{name} {}", meant()))),
        };
    }
    if is_number(&name) {
        return Ok(None);
    }
    let is_command = spec.is_some() && !rest.is_empty();
    match near_track(board, &name) {
        // A full stop behind a known name is punctuation.
        Some(near) if !is_command && near.as_str() == name.as_str().trim_end_matches(['.', '-', '+', '_']) => Ok(None),
        Some(near) => Err(Refusal::unknown_track_near(&name, near, &meant())),
        None if is_command => Err(Refusal::UnknownTrack { name, near: None }),
        None => Ok(None),
    }
}

/// A number is a bug or a change: `#1234 now passes`.
fn is_number(name: &TrackName) -> bool {
    name.as_str().bytes().all(|b| b.is_ascii_digit())
}

/// The known track that a misspelt name means. A number is nobody's misspelt name.
pub(crate) fn near_track<'a>(board: &'a Board, name: &TrackName) -> Option<&'a TrackName> {
    if is_number(name) {
        return None;
    }
    let tracks = &board.contents().tracks;
    nearest(name.as_str(), tracks.iter().map(TrackName::as_str)).and_then(|near| tracks.get(near))
}

fn in_private(board: &Board, line: &str) -> Result<ReadCommand, Refusal> {
    let (word, rest) = first_word(line);
    let (sign, body) = match word.chars().next() {
        Some(sign @ ('+' | '#' | '~')) => (Some(sign), &word[1..]),
        _ => (None, word),
    };
    if let Some(spec) = Spec::find(Scope::User, body).filter(|spec| sign != Some('~') || spec.name == "help") {
        return sure(spec, None, rest);
    }
    match sign {
        Some('#') => track_in_private(board, body, rest),
        Some('~') if Spec::find(Scope::Admin, body).is_some() => Err(Refusal::GiveInChannel { scope: Scope::Admin }),
        _ => Err(match nearest(body, words(Scope::User)) {
            Some(near) if body.len() > 2 && !Spec::find(Scope::User, near).is_some_and(|spec| is_prose(spec, rest)) => {
                Refusal::NotUnderstood { near: Some(format!("{near} {rest}").trim_end().to_owned()) }
            }
            Some(_) | None => Refusal::NotUnderstood { near: None },
        }),
    }
}

fn track_in_private(board: &Board, word: &str, rest: &str) -> Result<ReadCommand, Refusal> {
    let (verb, args) = first_word(rest);
    let name = TrackName::parse(word).map_err(|_| Refusal::NotUnderstood { near: None })?;
    let spec = Spec::find(Scope::Track, if verb.is_empty() { "show" } else { verb });
    match spec {
        Some(spec) if spec.read_only && board.knows(&name) => sure(spec, Some(name), args),
        Some(spec) if spec.read_only => {
            let near = near_track(board, &name).cloned();
            Err(Refusal::UnknownTrack { name, near })
        }
        Some(_) => Err(Refusal::GiveInChannel { scope: Scope::Track }),
        None if board.knows(&name) => Err(Refusal::GiveInChannel { scope: Scope::Track }),
        None => Err(Refusal::NotUnderstood { near: None }),
    }
}

fn first_word(line: &str) -> (&str, &str) {
    line.split_once(' ').unwrap_or((line, ""))
}
