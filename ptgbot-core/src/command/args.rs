//! Reading what follows a command's name.

use super::{AdminCommand, ArgError, PolicyCommand, RemindCommand, RuleTime};
use crate::announced::Announced;
use crate::limits::too_long;
use crate::link::HttpUrl;
use crate::motd::Level;
use crate::policy::{Enforcement, PastSlots};
use crate::reminder::Reminder;
use crate::text::{Text, clean_name};
use chrono::NaiveTime;

type Parsed<C> = Result<C, ArgError>;

/// Nothing may follow.
pub(super) fn nothing<C>(rest: &str, command: C) -> Parsed<C> {
    if rest.is_empty() { Ok(command) } else { Err(ArgError::Arity) }
}

/// Something must follow.
pub(super) fn words<C>(rest: &str, command: impl FnOnce(String) -> C) -> Parsed<C> {
    if rest.is_empty() { Err(ArgError::Arity) } else { Ok(command(rest.to_owned())) }
}

/// Something may follow.
pub(super) fn optional<C>(rest: &str, command: impl FnOnce(Option<String>) -> C) -> Parsed<C> {
    Ok(command((!rest.is_empty()).then(|| rest.to_owned())))
}

/// Exactly one word must follow.
pub(super) fn one<C>(rest: &str, command: impl FnOnce(String) -> C) -> Parsed<C> {
    if rest.is_empty() || rest.contains(' ') { Err(ArgError::Arity) } else { Ok(command(rest.to_owned())) }
}

/// At most one word may follow.
pub(super) fn at_most_one<C>(rest: &str, command: impl FnOnce(Option<String>) -> C) -> Parsed<C> {
    if rest.contains(' ') { Err(ArgError::Arity) } else { optional(rest, command) }
}

/// A track, a day, both or neither may follow; what is longer without a track is a sentence.
pub(super) fn track_and_day<C>(rest: &str, command: impl FnOnce(Option<String>) -> C) -> Parsed<C> {
    let is_sentence = !rest.starts_with('#') && rest.split(' ').count() > 2;
    if is_sentence { Err(ArgError::Arity) } else { optional(rest, command) }
}

/// One word or more must follow.
pub(super) fn many<C>(rest: &str, command: impl FnOnce(Vec<String>) -> C) -> Parsed<C> {
    if rest.is_empty() { Err(ArgError::Arity) } else { Ok(command(rest.split(' ').map(str::to_owned).collect())) }
}

/// Any number of words may follow.
pub(super) fn any_number<C>(rest: &str, command: impl FnOnce(Vec<String>) -> C) -> Parsed<C> {
    Ok(command(rest.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()))
}

/// A place in words must follow: a name, without characters that turn the line around.
pub(super) fn place<C>(rest: &str, command: impl FnOnce(Text) -> C) -> Parsed<C> {
    text(&clean_name(rest), command)
}

/// Running text must follow.
pub(super) fn text<C>(rest: &str, command: impl FnOnce(Text) -> C) -> Parsed<C> {
    let text = Text::new(rest);
    if text.is_empty() {
        Err(ArgError::Arity)
    } else if let Some(wrong) = too_long(&text) {
        Err(ArgError::Value(wrong))
    } else {
        Ok(command(text))
    }
}

/// A web address must follow.
pub(super) fn address<C>(rest: &str, command: impl FnOnce(HttpUrl) -> C) -> Parsed<C> {
    if rest.is_empty() || rest.contains(' ') {
        return Err(ArgError::Arity);
    }
    HttpUrl::parse(rest).map(command).map_err(|error| ArgError::Value(error.to_string()))
}

/// A web address, or the word that removes it, must follow.
pub(super) fn link<C>(rest: &str, none: &str, command: impl FnOnce(Option<HttpUrl>) -> C) -> Parsed<C> {
    if rest.eq_ignore_ascii_case(none) { Ok(command(None)) } else { address(rest, |url| command(Some(url))) }
}

/// A place in a list, from 1, must follow.
pub(super) fn number<C>(rest: &str, command: impl FnOnce(usize) -> C) -> Parsed<C> {
    if rest.is_empty() || rest.contains(' ') { Err(ArgError::Arity) } else { Ok(command(position(rest)?)) }
}

/// How many, from 1, may follow.
pub(super) fn count<C>(rest: &str, command: impl FnOnce(Option<usize>) -> C) -> Parsed<C> {
    match rest {
        "" => Ok(command(None)),
        _ if rest.contains(' ') => Err(ArgError::Arity),
        _ => match position(rest) {
            Ok(count @ 1..) => Ok(command(Some(count))),
            _ => Err(ArgError::Value("say how many, from 1".into())),
        },
    }
}

/// Nothing, `off`, `#TRACK`, `#TRACK MINUTES`, `#TRACK off`.
pub(super) fn remind(rest: &str) -> Parsed<RemindCommand> {
    let is_off = |word: &str| word.eq_ignore_ascii_case("off");
    let words: Vec<_> = rest.split(' ').collect();
    match words[..] {
        [""] => Ok(RemindCommand::List),
        [word] if is_off(word) => Ok(RemindCommand::CancelAll),
        [track] => Ok(RemindCommand::Set(track.to_owned(), Reminder::MINUTES)),
        [track, word] if is_off(word) => Ok(RemindCommand::Cancel(track.to_owned())),
        [track, minutes, ..] if minutes.contains(|c: char| c.is_ascii_digit()) => {
            match (minutes.parse(), words.len()) {
                (Ok(minutes @ 1..=Reminder::MOST_MINUTES), 2) => Ok(RemindCommand::Set(track.to_owned(), minutes)),
                _ => Err(ArgError::Value(format!("the minutes are a number from 1 to {}", Reminder::MOST_MINUTES))),
            }
        }
        _ => Err(ArgError::Arity),
    }
}

/// Nothing, or a rule and its value.
pub(super) fn policy(rest: &str) -> Parsed<PolicyCommand> {
    let words: Vec<_> = rest.split(' ').collect();
    let is_off = |word: &str| word.eq_ignore_ascii_case("off");
    let rule = words[0].to_ascii_lowercase();
    match (rule.as_str(), &words[1..]) {
        ("", []) => Ok(PolicyCommand::Show),
        ("day", [hours]) => minutes(hours).map(PolicyCommand::Day),
        ("total", [hours]) => minutes(hours).map(PolicyCommand::Total),
        ("opens", [word]) if is_off(word) => Ok(PolicyCommand::Opens(None)),
        ("opens", [day @ .., time]) => {
            let clock = clock_time(time).ok_or_else(|| ArgError::Value("a time is such as 14:00".into()))?;
            let day = (!day.is_empty()).then(|| day.join(" "));
            Ok(PolicyCommand::Opens(Some(RuleTime { day, clock })))
        }
        ("clash", [one, other]) => Ok(PolicyCommand::Clash((*one).to_owned(), (*other).to_owned(), true)),
        ("clash", [one, other, word]) if is_off(word) => {
            Ok(PolicyCommand::Clash((*one).to_owned(), (*other).to_owned(), false))
        }
        ("past", [word]) if is_off(word) => Ok(PolicyCommand::Past(PastSlots::Closed)),
        ("past", [word]) if word.eq_ignore_ascii_case("on") => Ok(PolicyCommand::Past(PastSlots::Bookable)),
        ("warn", []) => Ok(PolicyCommand::Enforcement(Enforcement::Warn)),
        ("enforce", []) => Ok(PolicyCommand::Enforcement(Enforcement::Enforce)),
        _ => Err(ArgError::Arity),
    }
}

/// Hours such as `4` or `1.5`, in minutes; nothing for `off`.
fn minutes(word: &str) -> Parsed<Option<u32>> {
    if word.eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    let (whole, part) = word.split_once('.').unwrap_or((word, "0"));
    let digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let minutes = (digits(whole, 3) && digits(part, 2)).then(|| {
        let whole: u32 = whole.parse().unwrap_or_default();
        let part: u32 = format!("{part:0<2}").parse().unwrap_or_default();
        whole * 60 + part * 60 / 100
    });
    minutes.map(Some).ok_or_else(|| ArgError::Value("hours are a number such as 4 or 1.5".into()))
}

/// `9:30`, `14:00`, `14.00`, `2pm`, `2:30pm`
pub(crate) fn clock_time(word: &str) -> Option<NaiveTime> {
    let number = |part: &str| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok())?
    };
    let word = word.to_ascii_lowercase();
    let half = word.strip_suffix("am").map(|clock| (clock, 0)).or(word.strip_suffix("pm").map(|clock| (clock, 12)));
    let (hours, minutes) = match half {
        Some((clock, noon)) => {
            let (hours, minutes) = clock.split_once(':').unwrap_or((clock, "0"));
            (number(hours).filter(|hours| (1..=12).contains(hours))? % 12 + noon, minutes)
        }
        None => {
            let (hours, minutes) = word.split_once([':', '.'])?;
            (number(hours)?, minutes)
        }
    };
    NaiveTime::from_hms_opt(hours, number(minutes)?, 0)
}

/// Nothing, or what and `on` or `off`.
pub(super) fn announce(rest: &str) -> Parsed<AdminCommand> {
    let (what, on) = rest.split_once(' ').unwrap_or((rest, ""));
    let what = match what.to_ascii_lowercase().as_str() {
        "" => return Ok(AdminCommand::Announcing),
        "slots" => Announced::Slots,
        "changes" => Announced::Changes,
        _ => return Err(ArgError::Arity),
    };
    match on.to_ascii_lowercase().as_str() {
        "on" => Ok(AdminCommand::Announce(what, true)),
        "off" => Ok(AdminCommand::Announce(what, false)),
        _ => Err(ArgError::Arity),
    }
}

/// `add LEVEL TEXT`, `del N`, `reorder X [Y…]`, `clean`.
pub(super) fn motd(rest: &str) -> Parsed<AdminCommand> {
    let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    match verb.to_ascii_lowercase().as_str() {
        "add" => {
            let (level, message) = rest.split_once(' ').ok_or(ArgError::Arity)?;
            let level = Level::parse(level)
                .ok_or_else(|| ArgError::Value("the level is info, success, warning or danger".into()))?;
            text(message, |message| AdminCommand::MotdAdd(level, message))
        }
        "del" => number(rest, AdminCommand::MotdDel),
        "reorder" if !rest.is_empty() => {
            Ok(AdminCommand::MotdReorder(rest.split(' ').map(position).collect::<Result<_, _>>()?))
        }
        "clean" | "clear" => nothing(rest, AdminCommand::MotdClean),
        _ => Err(ArgError::Arity),
    }
}

fn position(word: &str) -> Result<usize, ArgError> {
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return Err(ArgError::Value("a place in the list is a number, from 1".into()));
    }
    word.parse().map_err(|_| ArgError::Value("no list is that long".into()))
}
