//! Replies: what the bot says, as lines of spans.
//!
//! A span says what its words are: a command to type, a link to follow, a track. IRC prints them plain, Matrix makes
//! HTML of them. Whoever shows a reply maps its spans and never reads the sentence.

mod cut;
mod fold;

pub use fold::Fold;

use crate::slot::SlotCode;
use crate::text::{Text, isolated};
use crate::track::TrackName;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::fmt;

/// What the bot says: at least one line.
///
/// Printed, its lines are separated by `\n`; nothing else in it is a control character.
///
/// ```
/// use ptgbot_core::{Line, Reply, Span, TrackName};
/// let swift = TrackName::parse("swift").unwrap();
/// let reply = Reply::from(Line::new([Span::from("There is no track "), Span::from(&swift), Span::from(".")]));
/// assert_eq!(reply.to_string(), "There is no track #swift.");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    lines: Vec<Line>,
    in_private: Option<String>,
}

/// One line of a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    is_item: bool,
    spans: Vec<Span>,
}

/// A piece of a line, with what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Span {
    /// Running words.
    Text(String),
    /// Something to type: `+free`, `#swift book Ballroom A-MonA2`.
    Command(String),
    /// A web address.
    Link(String),
    /// A track.
    Track(TrackName),
    /// A room's slot.
    Slot(SlotCode),
    /// A person, under the name that is shown.
    Person(String),
    /// A moment: when it is (UTC), and how it reads with its zone.
    Time {
        /// When.
        at: DateTime<Utc>,
        /// How it reads: `2026-10-19 16:05 CEST`.
        text: String,
    },
}

/// A line of spans: `spans!["There is no track ", &name, "."]`.
macro_rules! spans {
    ($($span:expr),* $(,)?) => {
        $crate::reply::Line::new([$($crate::reply::Span::from($span)),*])
    };
}

/// A reply of one line: `say![&track, " now holds ", &code, "."]`.
macro_rules! say {
    ($($span:expr),* $(,)?) => {
        $crate::reply::Reply::from($crate::reply::spans![$($span),*])
    };
}

pub(crate) use {say, spans};

impl Reply {
    /// The lines, top first.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The private message that asks for the same, where there is one: a channel gets only the beginning of what is
    /// long.
    pub fn in_private(&self) -> Option<&str> {
        self.in_private.as_deref()
    }

    /// The same reply, which `command` asks for in private.
    #[must_use]
    pub fn or_in_private(self, command: impl Into<String>) -> Self {
        Self { in_private: Some(command.into()), ..self }
    }

    /// The same reply to who asks in private already.
    #[must_use]
    pub fn without_private(self) -> Self {
        Self { in_private: None, ..self }
    }

    /// Another line below.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// The lines of another reply below.
    pub fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    /// The same words on one line after the last one.
    #[must_use]
    pub(crate) fn then(mut self, line: Line) -> Self {
        match self.lines.last_mut() {
            Some(last) => line.spans.into_iter().for_each(|span| last.push(span)),
            None => self.lines.push(line),
        }
        self
    }
}

impl Line {
    /// A line of running words.
    pub fn new(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut line = Self::default();
        line.extend(spans);
        line
    }

    /// The same line as one entry of a list.
    #[must_use]
    pub fn item(self) -> Self {
        Self { is_item: true, ..self }
    }

    /// True for an entry of a list.
    pub fn is_item(&self) -> bool {
        self.is_item
    }

    /// The spans, in reading order; no two of them in a row are [`Span::Text`].
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The spans for another line.
    pub(crate) fn into_spans(self) -> Vec<Span> {
        self.spans
    }

    /// The same line with more at its end.
    #[must_use]
    pub fn and(mut self, spans: impl IntoIterator<Item = Span>) -> Self {
        self.extend(spans);
        self
    }

    /// The same line with things in a row, separated by words.
    #[must_use]
    pub(crate) fn and_row(mut self, row: impl IntoIterator<Item: Into<Span>>, between: &str) -> Self {
        for (place, one) in row.into_iter().enumerate() {
            if place > 0 {
                self.push(between.into());
            }
            self.push(one.into());
        }
        self
    }

    /// Several lines as one, separated by words.
    pub(crate) fn joined(lines: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut joined = Self::default();
        for (place, line) in lines.into_iter().enumerate() {
            if place > 0 {
                joined.push(between.into());
            }
            joined.extend(line.spans);
        }
        joined
    }

    fn push(&mut self, span: Span) {
        match (self.spans.last_mut(), span) {
            (Some(Span::Text(before)), Span::Text(more)) => before.push_str(&more),
            (_, Span::Text(nothing)) if nothing.is_empty() => {}
            (_, span) => self.spans.push(span),
        }
    }
}

impl Extend<Span> for Line {
    fn extend<I: IntoIterator<Item = Span>>(&mut self, spans: I) {
        spans.into_iter().for_each(|span| self.push(span));
    }
}

impl Span {
    /// Something to type.
    pub fn command(typed: impl Into<String>) -> Self {
        Self::Command(typed.into())
    }

    /// A web address. Addresses come from data files as they were written there.
    pub fn link(address: &str) -> Self {
        Self::Link(address.to_owned())
    }

    /// A person's shown name.
    pub fn person(name: &str) -> Self {
        Self::Person(name.to_owned())
    }

    /// What somebody typed, quoted: controls of its direction end with it.
    pub fn quoted(typed: &str) -> Self {
        Self::Text(isolated(typed).into_owned())
    }

    /// How it reads.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text)
            | Self::Command(text)
            | Self::Link(text)
            | Self::Person(text)
            | Self::Time { text, .. } => Cow::Borrowed(text),
            Self::Track(track) => Cow::Owned(track.to_string()),
            Self::Slot(code) => Cow::Owned(code.to_string()),
        }
    }

    /// True for what a row of things is made of: of a row that is cut it is said how many are left.
    fn is_thing(&self) -> bool {
        match self {
            Self::Track(_) | Self::Slot(_) | Self::Person(_) => true,
            Self::Text(_) | Self::Command(_) | Self::Link(_) | Self::Time { .. } => false,
        }
    }
}

impl From<Line> for Reply {
    fn from(line: Line) -> Self {
        Self { lines: vec![line], in_private: None }
    }
}

impl From<Vec<Line>> for Reply {
    fn from(lines: Vec<Line>) -> Self {
        Self { lines, in_private: None }
    }
}

impl From<&str> for Reply {
    fn from(words: &str) -> Self {
        Line::new([words.into()]).into()
    }
}

impl From<String> for Reply {
    fn from(words: String) -> Self {
        Line::new([words.into()]).into()
    }
}

impl From<&str> for Span {
    fn from(words: &str) -> Self {
        Self::Text(words.to_owned())
    }
}

impl From<String> for Span {
    fn from(words: String) -> Self {
        Self::Text(words)
    }
}

impl From<usize> for Span {
    fn from(number: usize) -> Self {
        Self::Text(number.to_string())
    }
}

/// A topic or a place, as [`Span::quoted`].
impl From<&Text> for Span {
    fn from(text: &Text) -> Self {
        Self::quoted(text.as_str())
    }
}

impl From<&TrackName> for Span {
    fn from(track: &TrackName) -> Self {
        Self::Track(track.clone())
    }
}

impl From<&SlotCode> for Span {
    fn from(code: &SlotCode) -> Self {
        Self::Slot(code.clone())
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, line) in self.lines.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            line.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans.iter().try_for_each(|span| f.write_str(&span.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_follow_each_other_are_one_span() {
        let line = spans!["a", "", "b", Span::command("+free"), "", "c"];
        assert_eq!(line.spans(), [Span::from("ab"), Span::command("+free"), Span::from("c")]);
        assert_eq!(line.to_string(), "ab+freec");
    }

    #[test]
    fn what_was_typed_cannot_turn_the_rest_of_the_line() {
        let topic = Text::new("rings\u{202e}sgnir");
        assert_eq!(say![&topic, " (since 10:00)"].to_string(), "\u{2068}rings\u{202e}sgnir\u{2069} (since 10:00)");
    }
}
