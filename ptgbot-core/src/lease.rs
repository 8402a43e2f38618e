//! Leases: which one of several processes acts for an account.

use crate::person::PersonId;
use std::collections::BTreeMap;
use std::time::Duration;

/// A process wants to act for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The bot's own account on its network: `oftc/ptgbot`.
    pub account: PersonId,
    /// A name of the process that no other one ever has, for operators to read: a machine and a number.
    pub holder: String,
    /// A holder that is known to have ended: its lease is over, however long it would last.
    pub ended: Option<String>,
}

impl Claim {
    /// A claim of a process that knows of no other.
    pub fn new(account: PersonId, holder: impl Into<String>) -> Self {
        Self { account, holder: holder.into(), ended: None }
    }

    /// The same by one that knows a holder to have ended.
    #[must_use]
    pub fn after(self, ended: impl Into<String>) -> Self {
        Self { ended: Some(ended.into()), ..self }
    }
}

/// What a claim has led to.
///
/// Exhaustive: whoever asked for a lease has it or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The process acts for the account until [`Lease::SPAN`] after this was asked for, and on with each renewal.
    Ours(Lease),
    /// Another one does.
    Others {
        /// Which.
        holder: String,
        /// For how long yet, unless it is renewed.
        left: Duration,
        /// Where it is, in the words of the account's transport, as far as it has said.
        place: Option<String>,
    },
}

/// The right to act for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// Counts the leases of an account, from 1. All that is written carries it; nothing can be written any more with one
    /// that is not the newest.
    pub number: u64,
    /// Where the one before left off, in the words of the account's transport.
    pub place: Option<String>,
}

impl Lease {
    /// As a journal gives it: the account's next number, and where the holder before left off.
    pub fn new(number: u64, place: Option<String>) -> Self {
        Self { number, place }
    }

    /// How long a lease lasts from when it was taken or renewed.
    pub const SPAN: Duration = Duration::from_secs(10);
    /// How often whoever holds it renews it.
    pub const RENEW_EVERY: Duration = Duration::from_secs(3);
}

/// A lease as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseState {
    /// Whose.
    pub account: PersonId,
    /// The newest number.
    pub number: u64,
    /// The process that took it last.
    pub holder: String,
    /// For how long yet; nothing where nobody acts.
    pub left: Duration,
}

impl LeaseState {
    /// As a journal tells it.
    pub fn new(account: PersonId, number: u64, holder: impl Into<String>, left: Duration) -> Self {
        Self { account, number, holder: holder.into(), left }
    }

    /// True while somebody acts for the account.
    pub fn is_held(&self) -> bool {
        !self.left.is_zero()
    }
}

/// The leases of a board: all rules of taking, renewing and giving up, for journals that have no database to keep them.
/// Times are of one clock that never goes back, the same for all who take part.
///
/// ```
/// use ptgbot_core::{Claim, Folding, Lease, Leases, Network, PersonId, Taken};
/// use std::time::Duration;
/// let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
/// let claim = |holder: &str| Claim::new(account.clone(), holder);
/// let (mut leases, start) = (Leases::default(), Duration::ZERO);
/// let Taken::Ours(first) = leases.take(&claim("one"), start) else { panic!("nobody had it") };
/// assert!(leases.renew(&account, first.number, Some("line 7"), start));
/// assert!(matches!(leases.take(&claim("two"), start), Taken::Others { .. }));
/// let Taken::Ours(second) = leases.take(&claim("two"), start + Lease::SPAN) else { panic!("it is over") };
/// assert_eq!(second.place.as_deref(), Some("line 7"));
/// assert!(!leases.is_newest(&account, first.number));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Leases(BTreeMap<PersonId, Row>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    number: u64,
    holder: String,
    until: Duration,
    place: Option<String>,
}

impl Leases {
    /// Gives the lease to a process, unless another one has it. Whoever has it and takes it again gets a new one.
    pub fn take(&mut self, claim: &Claim, now: Duration) -> Taken {
        let before = self.0.get(&claim.account);
        if let Some(row) = before
            && row.until > now
            && row.holder != claim.holder
            && claim.ended.as_ref() != Some(&row.holder)
        {
            return Taken::Others { holder: row.holder.clone(), left: row.until - now, place: row.place.clone() };
        }
        let number = before.map_or(0, |row| row.number) + 1;
        let place = before.and_then(|row| row.place.clone());
        let row = Row { number, holder: claim.holder.clone(), until: now + Lease::SPAN, place: place.clone() };
        self.0.insert(claim.account.clone(), row);
        Taken::Ours(Lease { number, place })
    }

    /// Goes on with a lease that nobody has taken meanwhile, and remembers where its holder is; false where somebody has.
    pub fn renew(&mut self, account: &PersonId, number: u64, place: Option<&str>, now: Duration) -> bool {
        let row = self.0.get_mut(account).filter(|row| row.number == number);
        row.map(|row| {
            row.until = now + Lease::SPAN;
            row.stand_at(place);
        })
        .is_some()
    }

    /// Remembers where the holder is; false where the lease is not the newest.
    pub fn stand_at(&mut self, account: &PersonId, number: u64, place: Option<&str>) -> bool {
        let row = self.0.get_mut(account).filter(|row| row.number == number);
        row.map(|row| row.stand_at(place)).is_some()
    }

    /// Lets others take it at once; nothing where somebody has.
    pub fn release(&mut self, account: &PersonId, number: u64) {
        if let Some(row) = self.0.get_mut(account).filter(|row| row.number == number) {
            row.until = Duration::ZERO;
        }
    }

    /// True while nobody has taken the account's lease after this one.
    pub fn is_newest(&self, account: &PersonId, number: u64) -> bool {
        self.0.get(account).is_some_and(|row| row.number == number)
    }

    /// All leases that were ever taken.
    pub fn states(&self, now: Duration) -> Vec<LeaseState> {
        let state = |(account, row): (&PersonId, &Row)| LeaseState {
            account: account.clone(),
            number: row.number,
            holder: row.holder.clone(),
            left: row.until.saturating_sub(now),
        };
        self.0.iter().map(state).collect()
    }
}

impl Row {
    fn stand_at(&mut self, place: Option<&str>) {
        if let Some(place) = place {
            self.place = Some(place.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::person::Folding;

    fn claim(holder: &str) -> Claim {
        let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
        Claim::new(account, holder)
    }

    fn taken(leases: &mut Leases, holder: &str, now: Duration) -> u64 {
        match leases.take(&claim(holder), now) {
            Taken::Ours(lease) => lease.number,
            Taken::Others { holder, .. } => panic!("{holder} has it"),
        }
    }

    #[test]
    fn a_lease_that_was_given_up_or_whose_holder_has_ended_is_free_at_once() {
        let (mut leases, account) = (Leases::default(), claim("").account);
        let first = taken(&mut leases, "one", NOON);
        leases.release(&account, first);
        assert!(!leases.states(NOON)[0].is_held());
        assert_eq!(taken(&mut leases, "two", NOON), 2);
        assert!(matches!(leases.take(&claim("three"), NOON), Taken::Others { left: Lease::SPAN, .. }));
        let knows = claim("three").after("two");
        assert!(matches!(leases.take(&knows, NOON), Taken::Ours(Lease { number: 3, .. })));
        leases.release(&account, first);
        assert!(leases.states(NOON)[0].is_held(), "an old one gives up nothing");
    }

    #[test]
    fn whoever_slept_past_a_lease_goes_on_only_where_nobody_took_it() {
        let (mut leases, account) = (Leases::default(), claim("").account);
        let first = taken(&mut leases, "one", NOON);
        let late = NOON + Lease::SPAN * 3;
        assert!(leases.renew(&account, first, None, late));
        let second = taken(&mut leases, "two", late + Lease::SPAN);
        assert!(!leases.renew(&account, first, Some("x"), late) && !leases.stand_at(&account, first, Some("x")));
        assert!(leases.is_newest(&account, second) && !leases.is_newest(&account, first));
    }

    #[test]
    fn whoever_takes_its_own_lease_again_gets_a_new_one() {
        let mut leases = Leases::default();
        let first = taken(&mut leases, "one", NOON);
        assert_eq!(taken(&mut leases, "one", NOON), first + 1);
        assert!(!leases.is_newest(&claim("").account, first));
    }

    const NOON: Duration = Duration::from_secs(12 * 3600);
}
