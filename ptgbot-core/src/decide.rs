//! Every rule of the board: what a request leads to.
//!
//! [`decide`] reads a line, asks whether the person may do that, and hands it to the module of its subject. Each
//! rule is a function from the board and the order to a [`Decision`] or a [`Refusal`]; none changes anything.

mod announcing;
mod board_words;
mod booking;
mod coming;
mod data;
mod discussed;
mod due;
mod edits;
mod lines;
mod moderators;
mod motd;
mod moving;
mod named_slot;
mod people;
mod policy;
mod read;
mod reminders;
mod settings;
mod show;
mod topics;
mod tracks;
mod undo;

use crate::board::Board;
use crate::command::{AdminCommand, Command, Scope, Spec, TrackCommand, UserCommand};
use crate::decision::{Answer, Decision, Task};
use crate::event::BoardEvent;
use crate::person::Person;
use crate::refusal::Refusal;
use crate::request::{Ask, Request};
use crate::role::{Moderation, Role};
use crate::track::TrackName;
pub use board_words::board_words;
pub(crate) use data::within_limits;
pub use due::due_messages;
pub use policy::policy_rules;
pub use read::may_be_command;
use read::{ReadCommand, near_track, read};
pub use show::notification;

/// Decides what a request leads to; changes nothing.
///
/// The events of the decision are to be recorded in a [`Journal`](crate::Journal) and then applied with
/// [`Board::apply`]; only then may the answer be told.
///
/// ```
/// use ptgbot_core::{Ask, Board, Folding, Network, Outcome, Person, Request, Role, decide};
/// let oftc = Network::parse("oftc").unwrap();
/// let said = Ask::Said("~add swift nova".into());
/// let request = Request::new(&oftc, "2026-10-19T09:00:00Z".parse().unwrap(), said)
///     .by(Person::new(&oftc, "jane", Folding::Rfc1459), Role::Op)
///     .in_room("#ptg");
/// let decision = decide(&Board::default(), &request).unwrap();
/// assert_eq!(decision.outcome(), Outcome::Changed);
/// ```
///
/// A message that has changed this board is only acknowledged when it is delivered again.
///
/// # Errors
/// A [`Refusal`] when the rules say no; it says what is true now and what would work.
pub fn decide(board: &Board, request: &Request) -> Result<Decision, Refusal> {
    if request.message.as_ref().is_some_and(|message| board.has_recorded(message)) {
        return Ok(Decision::repeated());
    }
    match &request.ask {
        Ask::Said(_) | Ask::Edited { .. } | Ask::Deleted { .. } if is_own(request) => Ok(Decision::ignored()),
        Ask::Said(text) => lines::said(board, request, text),
        Ask::Edited { original, was, text } => edits::edit(board, request, original, was.as_deref(), text),
        Ask::Deleted { original } => edits::delete(board, request, original),
        Ask::Load { document, source } => {
            data::load(board, request, document, source.as_deref(), data::Errors::Refused)
        }
        Ask::Begin { document, source } => data::load(board, request, document, source.as_deref(), data::Errors::Told),
        Ask::LoadFailed { reason } => Err(Refusal::NoDocument { reason: reason.clone() }),
        Ask::AdoptNames(form) => Ok(people::adopt_names(board, &request.network, *form)),
        Ask::Tick => Ok(due::time_has_passed(board, request.at)),
    }
}

/// The bot does not talk to itself.
fn is_own(request: &Request) -> bool {
    request.from.as_ref().is_some_and(|person| person.id.key() == request.folding.fold(&request.bot))
}

/// One line of what was said.
fn line(board: &Board, request: &Request, line: &str) -> Result<Decision, Refusal> {
    match read(board, request, line)? {
        Some(order) => obey(board, request, &order),
        None => Ok(Decision::ignored()),
    }
}

fn obey(board: &Board, request: &Request, order: &ReadCommand) -> Result<Decision, Refusal> {
    may(board, request, order.spec, order.track.as_ref())?;
    let decision = match (&order.command, &order.track) {
        (Command::User(command), _) => for_anyone(board, request, command),
        (Command::Track(command), Some(track)) => about_track(board, request, track, command),
        (Command::Track(_), None) => Ok(Decision::ignored()),
        (Command::Admin(command), _) => for_ops(board, request, command),
    }?;
    Ok(match (decision.answer, &order.in_private) {
        (Answer::Say(reply), Some(command)) => {
            Decision { answer: Answer::Say(reply.or_in_private(command)), ..decision }
        }
        (answer, _) => Decision { answer, ..decision },
    })
}

fn for_anyone(board: &Board, request: &Request, command: &UserCommand) -> Result<Decision, Refusal> {
    let at = request.at;
    match command {
        UserCommand::CheckIn(place) => people::check_in(board, who(request)?, place),
        UserCommand::CheckOut => people::check_out(board, who(request)?),
        UserCommand::Seen(name) => people::seen(board, name, request),
        UserCommand::Subscribe(None) => Ok(people::subscription(board, who(request)?)),
        UserCommand::Subscribe(Some(pattern)) => people::subscribe(board, who(request)?, pattern),
        UserCommand::Unsubscribe => Ok(people::unsubscribe(board, who(request)?)),
        UserCommand::Forget => Ok(people::forget(board, who(request)?)),
        UserCommand::WhatIsNow(track) => show::what_is_now(board, track.as_deref(), at),
        UserCommand::WhatIsNext(track) => show::what_is_next(board, track.as_deref(), at),
        UserCommand::Where(track) => Ok(show::where_is(board, &known_track(board, track)?, at)),
        UserCommand::Who(track) => Ok(show::who_is_in(board, &known_track(board, track)?)),
        UserCommand::Free(day) => booking::free(board, request, day.as_deref()),
        UserCommand::Remind(command) => reminders::remind(board, who(request)?, command, at),
        UserCommand::When(track) => Ok(coming::when(board, &known_track(board, track)?, at)),
        UserCommand::Log(rest) => discussed::log(board, request, rest.as_deref().unwrap_or_default()),
        UserCommand::Help(word) => show::help(board, request, word.as_deref()),
    }
}

fn about_track(
    board: &Board,
    request: &Request,
    track: &TrackName,
    command: &TrackCommand,
) -> Result<Decision, Refusal> {
    let at = request.at;
    match command {
        TrackCommand::Now(topic) => Ok(topics::now(board, track, topic, at)),
        TrackCommand::Next(topic) => topics::next(board, track, topic, at),
        TrackCommand::Advance => Ok(topics::advance(board, track, at)),
        TrackCommand::Drop(number) => topics::drop(board, track, *number),
        TrackCommand::Clean => Ok(topics::clean(board, track)),
        TrackCommand::Etherpad(url) => Ok(settings::etherpad(board, track, url.as_ref())),
        TrackCommand::Url(url) => Ok(settings::url(board, track, url.as_ref())),
        TrackCommand::Color(color) => settings::color(board, track, color),
        TrackCommand::Location(place) => Ok(settings::location(board, track, place)),
        TrackCommand::Book(code) => booking::book(board, request, track, code),
        TrackCommand::Unbook(code) => booking::unbook(board, track, code, at),
        TrackCommand::Move(codes) => moving::move_booking(board, request, track, codes),
        TrackCommand::Undo => undo::track(board, request, track),
        TrackCommand::Show => Ok(show::track(board, track, at)),
    }
}

fn for_ops(board: &Board, request: &Request, command: &AdminCommand) -> Result<Decision, Refusal> {
    match command {
        AdminCommand::List => Ok(tracks::list(board)),
        AdminCommand::Add(names) => tracks::add(board, names),
        AdminCommand::Del(names) => tracks::del(board, names),
        AdminCommand::CleanTracks(names) => tracks::clean(board, names),
        AdminCommand::NewDay => Ok(data::new_day(board)),
        AdminCommand::MotdAdd(level, message) => motd::add(board, *level, message),
        AdminCommand::MotdDel(number) => motd::del(board, *number),
        AdminCommand::MotdReorder(order) => motd::reorder(board, order),
        AdminCommand::MotdClean => Ok(motd::clean(board)),
        AdminCommand::EmptyDb => Ok(data::empty(board)),
        AdminCommand::FetchDb(url) => Ok(Decision::task(Task::Fetch { url: url.to_string() })),
        AdminCommand::RequireVoice => Ok(moderate(board, Moderation::VoicedOnly)),
        AdminCommand::AllowEveryone => Ok(moderate(board, Moderation::Anyone)),
        AdminCommand::Policy(command) => policy::policy(board, command, request.at),
        AdminCommand::Moderators(names) => moderators::moderators(board, request, names),
        AdminCommand::Announcing => Ok(announcing::tell(board, request)),
        AdminCommand::Announce(what, on) => announcing::set(board, request, *what, *on),
        AdminCommand::UndoBoard => undo::board(board, request),
        AdminCommand::History(count) => Ok(undo::history(board, *count)),
    }
}

fn may(board: &Board, request: &Request, spec: &'static Spec, track: Option<&TrackName>) -> Result<(), Refusal> {
    let moderated = track.filter(|track| request.role < Role::Op && board.moderators().contains_key(*track));
    match spec.scope {
        Scope::Track if let Some(track) = moderated.filter(|_| !spec.read_only) => {
            let is_named = request.from.as_ref().is_some_and(|person| board.moderates(person, track));
            if is_named { Ok(()) } else { Err(Refusal::NotModerator { track: track.clone() }) }
        }
        Scope::Track if !spec.read_only && request.role < board.contents().moderation.least_role() => {
            Err(Refusal::NeedsVoice)
        }
        Scope::Admin if request.role < Role::Op => Err(Refusal::NeedsOp { spec }),
        Scope::User | Scope::Track | Scope::Admin => Ok(()),
    }
}

fn moderate(board: &Board, moderation: Moderation) -> Decision {
    if board.contents().moderation != moderation {
        return Decision::event(BoardEvent::ModerationSet { moderation });
    }
    Decision::reply(match moderation {
        Moderation::Anyone => "Everyone may give track commands already.",
        Moderation::VoicedOnly => "Only people with voice and ops may give track commands already.",
    })
}

fn who(request: &Request) -> Result<&Person, Refusal> {
    request.from.as_ref().ok_or(Refusal::NeedsName)
}

/// The known track that a word names, with or without `#`.
fn known_track(board: &Board, word: &str) -> Result<TrackName, Refusal> {
    let name = TrackName::parse(word).map_err(Refusal::BadTrackName)?;
    if board.knows(&name) {
        return Ok(name);
    }
    let near = near_track(board, &name).cloned();
    Err(Refusal::UnknownTrack { name, near })
}
