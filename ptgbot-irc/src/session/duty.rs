//! Standing by and acting: what is kept, what is given out once, and the nick that is taken over.

use super::Session;
use super::judge::Where;
use crate::duty::{Duty, is_a_nick_of};
use crate::likely_command::is_addressed;
use crate::marks::{Mark, Marks};
use crate::takeover::{APART, Fate, takeover};
use crate::tally::Tally;
use ptgbot_core::{Incoming, may_be_command};
use std::time::Instant;

/// What the process before has handled, and this one hears later.
#[derive(Debug, Default)]
pub(super) struct Expected {
    marks: Vec<Mark>,
    until: Option<Instant>,
}

impl Session {
    /// From now on the bot acts. What it has kept and the process before has not handled is given out, in the order in
    /// which it was heard; the nick is taken over.
    pub(crate) fn act(&mut self, place: Option<&str>, now: Instant) {
        self.given = Marks::read(place.unwrap_or_default());
        if std::mem::replace(&mut self.duty, Duty::Acts) == Duty::Acts {
            return;
        }
        let kept = self.kept.take(now);
        // What waits for the server's word about its author was heard, too.
        let held = self.held.iter().filter_map(|held| Some((held.mark?, held.heard)));
        let heard: Vec<_> = kept.iter().map(|kept| (kept.mark, kept.heard)).chain(held).collect();
        let compared = takeover(&self.given.since(&self.before), &heard);
        let (of_kept, of_held) = compared.fates.split_at(kept.len());
        let (mut overtaken, mut lost, mut news) = (Tally::default(), Tally::default(), Vec::new());
        let mut of_held = of_held.iter();
        self.held.retain(|held| match held.mark.and_then(|_| of_held.next()) {
            None | Some(Fate::Left) => true,
            Some(Fate::Handled) => false,
            Some(Fate::Overtaken) => {
                overtaken.add(&held.nick);
                false
            }
        });
        for (mut command, fate) in kept.into_iter().zip(of_kept) {
            match (fate, command.incoming.take()) {
                (Fate::Handled, _) => {}
                (Fate::Left, Some(incoming)) => news.push((command.mark, incoming, command.heard)),
                (Fate::Overtaken, Some(_)) => overtaken.add(command.who()),
                (Fate::Left | Fate::Overtaken, None) if command.is_lost => lost.add(command.who()),
                (Fate::Left | Fate::Overtaken, None) => {}
            }
        }
        tracing::info!(heard = heard.len(), not_handled = news.len(), "the bot takes over");
        for (tally, why) in [(overtaken, OVERTAKEN), (lost, LOST)].into_iter().filter(|(tally, _)| tally.count() > 0) {
            tracing::warn!(count = tally.count(), people = %tally, "commands are not done: {why}");
        }
        news.into_iter().for_each(|(mark, incoming, heard)| self.give(mark, incoming, heard));
        self.expected = Expected { marks: compared.expected, until: Some(now + APART) };
        let is_seen = self.roster.sees(self.login.wanted(), &self.isupport);
        self.login.act(&self.nick, is_seen, now);
        let channels: Vec<String> = self.roster.channels().map(str::to_owned).collect();
        channels.iter().for_each(|channel| self.voice.joined(channel, now));
    }

    /// The process that acts has come to a place.
    pub(crate) fn acts_at(&mut self, place: &str) {
        let hears_nothing = self.roster.channels().next().is_none();
        if hears_nothing && self.kept.is_empty() && self.held.is_empty() {
            self.before = Marks::read(place);
        }
    }

    /// Until when the bot may speak; `None` where nobody else can ever speak for it.
    pub(crate) fn speak_until(&mut self, until: Option<Instant>) {
        self.speaks_until = until;
    }

    /// True while nobody else can speak for the bot.
    pub(crate) fn may_speak(&self, now: Instant) -> bool {
        self.duty == Duty::Acts && self.speaks_until.is_none_or(|until| now < until)
    }

    /// Gives a command out, unless the process before has handled it.
    pub(super) fn give(&mut self, mark: Mark, incoming: Incoming, heard: Instant) {
        if self.expected.until.is_some_and(|until| heard < until)
            && let Some(at) = self.expected.marks.iter().position(|expected| *expected == mark)
        {
            self.expected.marks.remove(at);
            return;
        }
        self.given.push(mark);
        self.incoming.push_back(incoming.with_place(self.given.to_string()));
    }

    /// The mark of words that may be a command; nothing for others, and in private.
    pub(super) fn mark_of(&self, place: &Where, nick: &str, text: &str) -> Option<Mark> {
        let Where::Channel(channel) = place else { return None };
        let folding = self.isupport.folding();
        let may_be = [self.login.wanted(), &self.nick].iter().any(|name| may_be_command(text, name, folding));
        may_be.then(|| Mark::of(channel, nick, text, folding))
    }

    /// The name under which words may address the bot: its own also while it has another nick.
    pub(super) fn name_in(&self, text: &str) -> &str {
        let wanted = self.login.wanted();
        match self.duty {
            Duty::Acts if !self.calls(text, wanted) => &self.nick,
            Duty::Acts | Duty::StandsBy => wanted,
        }
    }

    /// Somebody has ended or has another nick now; they may have had ours.
    pub(super) fn has_left_nick(&mut self, nick: &str, now: Instant) {
        if self.isupport.fold(nick) == self.isupport.fold(self.login.wanted()) {
            self.login.nick_is_free(now);
        }
    }

    /// True for our nick, and for those of other processes of this bot: what they say is never for it.
    pub(super) fn is_one_of_us(&self, nick: &str) -> bool {
        let folding = self.isupport.folding();
        self.is_me(nick)
            || [self.settings.nick.as_str(), self.login.wanted()].iter().any(|own| is_a_nick_of(own, nick, folding))
    }

    fn calls(&self, text: &str, name: &str) -> bool {
        is_addressed(text, name, self.isupport.folding())
    }
}

const OVERTAKEN: &str = "the bot before has missed them, and has obeyed what was said later";
const LOST: &str = "there was no room for all while this one stood by, and nobody has handled them";
