//! Answers that wait: whose turn it is in a room, and how much of everybody's time one person may take.

use super::budget::Budget;
use super::queues::Queues;
use ptgbot_core::{Outgoing, Outlet, PersonId, Reply, Role, Target};
use std::collections::{HashMap, HashSet, VecDeque};

/// The answers that have not left.
#[derive(Default)]
pub(super) struct Answers {
    rooms: Queues<Asker, Piece>,
    people: Queues<Asker, Piece>,
    /// In which rooms an answer of several pieces has begun, and to whom.
    begun: HashMap<Target, Asker>,
    budget: Budget,
    /// How many answers in words wait for each.
    counts: HashMap<Asker, usize>,
    /// Who was told to wait, until all is answered.
    told_to_wait: HashSet<Asker>,
    /// How many pieces have left for rooms since the last one in private.
    to_rooms: u32,
}

/// Who asked, and where the answer goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Asker {
    to: Target,
    /// `None` where `to` says it.
    who: Option<PersonId>,
}

/// One piece of an answer.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) request: u64,
    pub(super) piece: Outgoing,
    urgency: Urgency,
    /// How many pieces of the same answer come behind it.
    left: usize,
}

/// Whom a room lets go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// Those who run it.
    Moderator,
    /// An answer that has begun: what is said to members does not mix.
    Begun,
    Member,
    /// Nobody has asked for it.
    Announcement,
}

impl Answers {
    /// Takes a message that answers a request of somebody; gives how many pieces it is. Of a member who asks faster than
    /// the network takes the answers, only some wait.
    pub(super) fn push(
        &mut self,
        message: Outgoing,
        who: Option<&PersonId>,
        role: Role,
        request: u64,
        outlet: &dyn Outlet,
    ) -> usize {
        let asker = Asker::of(&message, who);
        let is_in_room = matches!(asker.to, Target::Room(_));
        let is_moderators = is_in_room && role >= Role::Voice;
        let message = if is_moderators { Some(message) } else { self.within_measure(message, &asker) };
        let Some(message) = message else { return 0 };
        let urgency = match &message {
            Outgoing::Announce { .. } => Urgency::Announcement,
            _ if is_moderators => Urgency::Moderator,
            _ => Urgency::Member,
        };
        let pieces = outlet.split(message);
        let last = pieces.len();
        let is_in_words = is_in_words(pieces.last());
        if is_in_words {
            *self.counts.entry(asker.clone()).or_default() += 1;
        }
        let queue = if is_in_room { &mut self.rooms } else { &mut self.people };
        for (number, piece) in (1..=last).zip(pieces) {
            queue.push(asker.clone(), Piece { request, piece, urgency, left: last - number });
        }
        last
    }

    fn within_measure(&mut self, message: Outgoing, asker: &Asker) -> Option<Outgoing> {
        let Outgoing::Reply { to, user, in_reply_to, reply } = message else { return Some(message) };
        let most = if asker.who.is_some() { MOST_IN_A_ROOM } else { MOST_IN_PRIVATE };
        let is_too_much = self.counts.get(asker).is_some_and(|waiting| *waiting >= most);
        let reply = match is_too_much {
            false => reply,
            true if self.told_to_wait.insert(asker.clone()) => Reply::from(TOO_MANY),
            true => return None,
        };
        Some(Outgoing::Reply { to, user, in_reply_to, reply })
    }

    /// The next piece for those who run a room.
    pub(super) fn next_of_moderators(&mut self, is_free: impl Fn(&Target) -> bool) -> Option<(Target, Piece)> {
        let moderators = |rank: &Rank| rank.0 == Urgency::Moderator;
        let first = self.rooms.lowest(|asker, pieces| self.rank(asker, pieces, &is_free).filter(moderators))?;
        let next = self.rooms.pop(|asker| *asker == first);
        self.left(next)
    }

    /// The next piece for somebody who was not told very much lately. Rooms come first, though not for ever: many who ask
    /// there keep nobody who asks in private waiting for all of their answers.
    pub(super) fn next_within_budget(&mut self, is_free: impl Fn(&Target) -> bool) -> Option<(Target, Piece)> {
        let in_a_room = self.rooms.lowest(|asker, pieces| self.rank(asker, pieces, &is_free));
        let budget = &self.budget;
        let in_private = |asker: &Asker| is_free(&asker.to) && !asker.is_spent(budget);
        let next = match in_a_room {
            Some(first) if self.to_rooms < ROOMS_IN_A_ROW || !self.people.has_free(in_private) => {
                self.to_rooms += 1;
                self.rooms.pop(|asker| *asker == first)
            }
            _ => {
                self.to_rooms = 0;
                self.people.pop(in_private)
            }
        };
        self.left(next)
    }

    /// The next piece for anybody.
    pub(super) fn next_of_anybody(&mut self, is_free: impl Fn(&Target) -> bool) -> Option<(Target, Piece)> {
        let free = |asker: &Asker| is_free(&asker.to);
        let next = self.rooms.pop(free).or_else(|| self.people.pop(free));
        self.left(next)
    }

    /// True when there is a piece for somebody who was not told very much lately.
    pub(super) fn has_within_budget(&self, is_free: impl Fn(&Target) -> bool) -> bool {
        self.rooms.lowest(|asker, pieces| self.rank(asker, pieces, &is_free)).is_some()
            || self.people.has_free(|asker| is_free(&asker.to) && !asker.is_spent(&self.budget))
    }

    /// True when there is a piece for anybody.
    pub(super) fn has_of_anybody(&self, is_free: impl Fn(&Target) -> bool) -> bool {
        let free = |asker: &Asker| is_free(&asker.to);
        self.rooms.has_free(free) || self.people.has_free(free)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.people.is_empty()
    }

    /// How many pieces wait.
    pub(super) fn len(&self) -> usize {
        self.rooms.len() + self.people.len()
    }

    /// Drops what waits for somebody in private whom nothing reaches any more; gives the request of each piece.
    pub(super) fn give_up(&mut self, to: &Target) -> Vec<u64> {
        let asker = Asker { to: to.clone(), who: None };
        self.counts.remove(&asker);
        self.told_to_wait.remove(&asker);
        self.begun.remove(to);
        self.people.remove(&asker).into_iter().map(|piece| piece.request).collect()
    }

    /// In a room the moderators come first, then what has begun, then whoever was told least lately, and of those short
    /// answers before long ones, and who asked first. `None` for who must wait; an acknowledgement need not.
    fn rank(&self, asker: &Asker, pieces: &VecDeque<Piece>, is_free: impl Fn(&Target) -> bool) -> Option<Rank> {
        let next = pieces.front()?;
        let urgency = match next.urgency {
            Urgency::Member if self.begun.get(&asker.to) == Some(asker) => Urgency::Begun,
            urgency => urgency,
        };
        let waits = urgency == Urgency::Member && is_in_words(Some(&next.piece)) && asker.is_spent(&self.budget);
        let told = asker.person().map_or(0, |who| self.budget.lines(who));
        (is_free(&asker.to) && !waits).then_some((urgency, told, next.left, next.request))
    }

    /// A piece leaves. Whether the network has it is known later.
    fn left(&mut self, next: Option<(Asker, Piece)>) -> Option<(Target, Piece)> {
        let (asker, piece) = next?;
        if let Some(who) = asker.person() {
            self.budget.charge(who);
        }
        if piece.left > 0 {
            if piece.urgency == Urgency::Member {
                self.begun.insert(asker.to.clone(), asker.clone());
            }
            return Some((asker.to, piece));
        }
        if self.begun.get(&asker.to) == Some(&asker) {
            self.begun.remove(&asker.to);
        }
        if is_in_words(Some(&piece.piece))
            && let Some(waiting) = self.counts.get_mut(&asker)
        {
            *waiting -= 1;
            if *waiting == 0 {
                self.counts.remove(&asker);
                self.told_to_wait.remove(&asker);
            }
        }
        Some((asker.to, piece))
    }
}

/// Lowest first.
type Rank = (Urgency, u128, usize, u64);

impl Asker {
    fn of(message: &Outgoing, who: Option<&PersonId>) -> Self {
        let to = message.target();
        let who = who.filter(|_| matches!(to, Target::Room(_))).cloned();
        Self { to, who }
    }

    fn person(&self) -> Option<&PersonId> {
        match (&self.who, &self.to) {
            (Some(who), _) | (None, Target::Person(who)) => Some(who),
            (None, Target::Room(_) | Target::Unnamed) => None,
        }
    }

    fn is_spent(&self, budget: &Budget) -> bool {
        self.person().is_some_and(|who| budget.is_spent(who))
    }
}

/// An acknowledgement takes nobody's time.
fn is_in_words(piece: Option<&Outgoing>) -> bool {
    matches!(piece, Some(Outgoing::Reply { .. } | Outgoing::Notify { .. } | Outgoing::Announce { .. }))
}

/// How many answers may wait for a member of a room; they come after those of others anyway.
const MOST_IN_A_ROOM: usize = 20;
/// How many answers may wait for one person.
const MOST_IN_PRIVATE: usize = 5;
/// How many pieces leave for rooms before one in private does.
const ROOMS_IN_A_ROW: u32 = 3;
const TOO_MANY: &str = "You ask faster than I may answer here: wait for these answers, then ask again.";
