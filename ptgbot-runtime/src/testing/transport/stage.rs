//! A transport and its counterpart, and what passes between them.
//!
//! What is said is made of numbered words, each said once: what arrives shows by itself whether something was lost,
//! doubled, or has overtaken something else.

use super::counterpart::{Counterpart, Somebody};
use crate::testing::broken::{Fact, Flaw, holds};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ptgbot_core::{
    Ask, Inbox, Incoming, Line, Network, Options, Outgoing, Outlet, Person, PersonId, Place, Reply, Target, Transport,
};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) struct Stage<C> {
    pub(super) network: Network,
    pub(super) options: Options,
    pub(super) inbox: Inbox,
    pub(super) outlet: Box<dyn Outlet>,
    pub(super) people: [Somebody; 2],
    pub(super) room: String,
    pub(super) counterpart: C,
    pub(super) words: Words,
}

/// The words that were sent, and those that have arrived.
#[derive(Default)]
pub(super) struct Words {
    last: u32,
    sent: BTreeMap<Target, Vec<u32>>,
    seen: BTreeMap<Target, Vec<u32>>,
}

impl<C: Counterpart> Stage<C> {
    pub(super) async fn open(transport: Box<dyn Transport>, mut counterpart: C) -> Self {
        let (network, options) = (transport.network().clone(), transport.options());
        let (inbox, outlet) = transport.open();
        counterpart.joined().await;
        let (people, room) = (counterpart.people(), counterpart.room());
        Self { network, options, inbox, outlet, people, room, counterpart, words: Words::default() }
    }

    pub(super) fn in_room(&self) -> Target {
        Target::Room(self.room.clone())
    }

    pub(super) fn in_private(&self) -> Target {
        Target::Person(self.people[0].person.id.clone())
    }

    pub(super) async fn say(&mut self, place: &Place, line: &str) {
        let who = self.people[0].person.clone();
        self.counterpart.say(&who, place, line).await;
    }

    /// The next request of a person.
    pub(super) async fn hear(&mut self) -> Result<Incoming, Flaw> {
        in_time("a line that was said is not heard", next_of_a_person(&mut self.inbox)).await?
    }

    /// An answer of so many words.
    pub(super) fn reply(&mut self, to: &Target, words: usize) -> Outgoing {
        let user = Some(self.people[0].person.clone());
        let reply = self.words.say_to(to, words);
        Outgoing::Reply { to: to.clone(), user, in_reply_to: None, reply }
    }

    /// A notification of so many words.
    pub(super) fn notification(&mut self, to: &PersonId, words: usize) -> Outgoing {
        let reply = self.words.say_to(&Target::Person(to.clone()), words);
        Outgoing::Notify { to: to.clone(), revision: self.words.last.into(), reply }
    }

    /// Sends a message, and waits until it is taken.
    pub(super) async fn send(&mut self, message: Outgoing) -> Fact {
        let sending = send(self.outlet.as_mut(), self.options, message);
        in_time("a message is not taken", sending).await?
    }

    /// Holds where all that was sent has arrived, as it was sent.
    pub(super) async fn everything_arrives(&mut self) -> Fact {
        self.words.arrive(&mut self.counterpart).await
    }

    /// Holds where all that was sent arrives, and nothing of it twice: a last word at each place shows it.
    pub(super) async fn everything_arrives_once(&mut self) -> Fact {
        self.everything_arrives().await?;
        let targets: Vec<_> = self.words.sent.keys().cloned().collect();
        for target in targets {
            let last = self.reply(&target, 1);
            self.send(last).await?;
        }
        self.everything_arrives().await
    }
}

/// Hands a message over piece by piece, as the outbox does.
pub(super) async fn send(outlet: &mut dyn Outlet, options: Options, message: Outgoing) -> Fact {
    let mut under_way = FuturesUnordered::new();
    for piece in outlet.split(message) {
        while under_way.len() >= options.under_way.max(1) {
            under_way.next().await.transpose()?;
        }
        let mut ready = outlet.ready();
        loop {
            tokio::select! {
                () = &mut ready => break,
                Some(taken) = under_way.next(), if !under_way.is_empty() => taken?,
            }
        }
        drop(ready);
        under_way.push(outlet.send(piece));
    }
    while under_way.next().await.transpose()?.is_some() {}
    Ok(())
}

/// The next request that somebody made.
pub(super) async fn next_of_a_person(inbox: &mut Inbox) -> Result<Incoming, Flaw> {
    loop {
        let heard = inbox.next().await.ok_or_else(|| Flaw("the inbox has ended".into()))??;
        if matches!(heard.request.ask, Ask::Said(_) | Ask::Edited { .. } | Ask::Deleted { .. }) {
            return Ok(heard);
        }
    }
}

/// What a future gives, where it does so before a test's patience ends.
pub(super) async fn in_time<T>(otherwise: &str, future: impl Future<Output = T>) -> Result<T, Flaw> {
    tokio::time::timeout(DEADLINE, future).await.map_err(|_| Flaw(format!("{otherwise} for {DEADLINE:?}")))
}

/// Holds where a request is a line that somebody said there.
pub(super) fn is_line(incoming: &Incoming, network: &Network, who: &Person, place: &Place, line: &str) -> Fact {
    let request = &incoming.request;
    let said = Ask::Said(line.to_owned());
    holds(request.ask == said, || format!("of {line:?} {:?} is heard", request.ask))?;
    holds(request.place == *place, || format!("what was said at {place:?} is heard at {:?}", request.place))?;
    holds(request.network == *network, || format!("a line of {network} is heard of {}", request.network))?;
    let from = request.from.as_ref();
    holds(from == Some(who), || format!("what {who:?} said is heard from {from:?}"))?;
    holds(who.id.network() == Some(network), || format!("{who:?} is not of {network}"))
}

impl Words {
    /// So many words for a target, none of them said before, on two lines if there are several.
    fn say_to(&mut self, to: &Target, count: usize) -> Reply {
        let sent = self.sent.entry(to.clone()).or_default();
        let words: Vec<_> = (1..).zip(0..count).map(|(number, _)| self.last + number).collect();
        self.last = words.last().copied().unwrap_or(self.last);
        sent.extend(&words);
        let words: Vec<_> = words.iter().map(|number| format!("{WORD}{number}")).collect();
        let lines = words.chunks(count.div_ceil(2).max(1)).map(|line| Line::new([line.join(" ").into()]));
        Reply::from(lines.collect::<Vec<_>>())
    }

    /// Holds where all that was sent arrives, as it was sent.
    pub(super) async fn arrive(&mut self, counterpart: &mut impl Counterpart) -> Fact {
        while self.sent.iter().any(|(target, sent)| self.seen.get(target) != Some(sent)) {
            let arrived = in_time("words that were sent do not arrive", counterpart.arrived()).await;
            let missing = |Flaw(told)| Flaw(format!("{told}; sent were {:?}, seen {:?}", self.sent, self.seen));
            let arrived = arrived.map_err(missing)?;
            self.see(arrived.at, &arrived.text)?;
        }
        Ok(())
    }

    fn see(&mut self, at: Target, text: &str) -> Fact {
        let sent = self.sent.get(&at).map(Vec::as_slice).unwrap_or_default();
        let seen = self.seen.entry(at.clone()).or_default();
        seen.extend(numbers(text));
        holds(sent.starts_with(seen), || format!("at {at:?} the words {sent:?} are seen as {seen:?}"))
    }
}

/// The numbers of the words in a text.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.split_whitespace().filter_map(|word| word.strip_prefix(WORD)?.parse().ok())
}

const WORD: &str = "word";
const DEADLINE: Duration = Duration::from_secs(60);
