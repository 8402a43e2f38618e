//! Leases: who acts for an account, and what those can still do who do no more.

use super::records::{added, append, applied, network, person, topic};
use crate::testing::broken::{Fact, Flaw, equal, holds};
use ptgbot_core::{Claim, Journal, JournalError, Lease, LeaseState, Mark, PersonId, Revision, Taken};

pub(super) async fn a_lease_is_given_to_one_and_told_to_others<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    equal("the list of leases of a new journal", &one.leases().await?, &Vec::new())?;
    let first = taken(&mut one, &claim("one")).await?;
    equal("the first lease", &first, &Lease::new(1, None))?;
    let told = two.take_lease(&claim("two")).await?;
    let is_told = |told: &Taken, at: Option<&str>| match told {
        Taken::Others { holder, left, place } => holder == "one" && *left <= Lease::SPAN && place.as_deref() == at,
        Taken::Ours(_) => false,
    };
    holds(is_told(&told, None), || format!("a claim to what another has gives {told:?}"))?;
    one.renew_lease(Some("line 7")).await?;
    let told = two.take_lease(&claim("two")).await?;
    holds(is_told(&told, Some("line 7")), || format!("a claim to what another has at line 7 gives {told:?}"))?;
    let states = two.leases().await?;
    let is_known = |state: &LeaseState| state.holder == "one" && state.account == account() && state.is_held();
    holds(states.len() == 1 && is_known(&states[0]), || format!("the leases are {states:?}"))?;
    let other = Claim::new(person("other").id, "two");
    equal("the lease of another account", &taken(&mut two, &other).await?.number, &1)
}

pub(super) async fn a_lease_that_is_given_up_is_free_at_once_and_its_place_remains<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    taken(&mut one, &claim("one")).await?;
    one.renew_lease(Some("line 7")).await?;
    one.renew_lease(None).await?;
    one.release_lease().await?;
    let states = two.leases().await?;
    holds(states.iter().all(|state| !state.is_held()), || format!("the leases are {states:?}"))?;
    let second = taken(&mut two, &claim("two")).await?;
    equal("the second lease", &second, &Lease::new(2, Some("line 7".into())))
}

pub(super) async fn a_lease_whose_holder_is_known_to_have_ended_is_free_at_once<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    taken(&mut one, &claim("one")).await?;
    let knows = |ended: &str| claim("two").after(ended);
    let told = two.take_lease(&knows("three")).await?;
    holds(matches!(told, Taken::Others { .. }), || format!("a claim by the end of somebody else gives {told:?}"))?;
    equal("the second lease", &taken(&mut two, &knows("one")).await?.number, &2)
}

pub(super) async fn whoever_lost_a_lease_writes_nothing<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut one, mut two) = (open().await, open().await);
    let mut board = one.load().await?;
    taken(&mut one, &claim("one")).await?;
    append(&mut one, &mut board, vec![added(1, "swift")]).await?;
    one.mark_delivered(&network("test"), Mark::Everyone(1)).await?;
    let knows = claim("two").after("one");
    taken(&mut two, &knows).await?;
    let late = vec![added(2, "nova")];
    is_fenced("an append", one.append(1, &late, &applied(&board, &late), Some("x")).await)?;
    is_fenced("a mark for everyone", one.mark_delivered(&network("test"), Mark::Everyone(2)).await)?;
    let people = Mark::People(vec![(person("jane").id, 9)]);
    is_fenced("a mark for people", one.mark_delivered(&network("test"), people).await)?;
    is_fenced("a renewal", one.renew_lease(Some("x")).await)?;
    one.release_lease().await?;
    let states = two.leases().await?;
    holds(states.iter().all(LeaseState::is_held), || format!("an old lease gave up the new one: {states:?}"))?;
    two.load().await?;
    append(&mut two, &mut board, vec![added(2, "cinder")]).await?;
    let delivered = two.delivered(&network("test")).await?;
    equal("what was delivered", &(delivered.everyone, delivered.people.len()), &(Some(1), 0))?;
    two.release_lease().await?;
    equal("the place", &taken(&mut two, &claim("three")).await?.place, &None)
}

pub(super) async fn a_place_is_kept_with_the_changes_before_it_and_not_without<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let mut one = open().await;
    let mut board = one.load().await?;
    taken(&mut one, &claim("one")).await?;
    let records = vec![added(1, "swift")];
    let after = applied(&board, &records);
    one.append(0, &records, &after, Some("after 1")).await?;
    board = after;
    let late = vec![topic(1, "swift", "rings")];
    let conflict = one.append(0, &late, &applied(&board, &late), Some("after 2")).await;
    holds(matches!(conflict, Err(JournalError::Conflict { .. })), || format!("a late append gives {conflict:?}"))?;
    let mut two = open().await;
    let knows = claim("two").after("one");
    equal("the place", &taken(&mut two, &knows).await?.place.as_deref(), &Some("after 1"))
}

pub(super) async fn a_lease_that_is_taken_while_its_holder_writes_is_taken_before_or_after<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let mut one = open().await;
    let mut board = one.load().await?;
    taken(&mut one, &claim("0")).await?;
    for round in 1..=ROUNDS {
        let mut two = open().await;
        let records = vec![added(board.revision() + 1, &format!("t{round}"))];
        let after = applied(&board, &records);
        let knows = claim(&round.to_string()).after((round - 1).to_string());
        let place = round.to_string();
        let (written, given) =
            tokio::join!(one.append(board.revision(), &records, &after, Some(&place)), taken(&mut two, &knows));
        let is_written = match written {
            Ok(()) => true,
            Err(JournalError::Fenced { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        let place = given?.place;
        equal("whether the next holder goes on behind it", &(place == Some(round.to_string())), &is_written)?;
        board = two.load().await?;
        equal("whether it is in the journal", &(board.revision() == after.revision()), &is_written)?;
        one = two;
    }
    Ok(())
}

fn account() -> PersonId {
    person("ptgbot").id
}

fn claim(holder: &str) -> Claim {
    Claim::new(account(), holder)
}

async fn taken(journal: &mut impl Journal, claim: &Claim) -> Result<Lease, Flaw> {
    match journal.take_lease(claim).await? {
        Taken::Ours(lease) => Ok(lease),
        others @ Taken::Others { .. } => Err(Flaw(format!("a claim to a free lease gives {others:?}"))),
    }
}

fn is_fenced(what: &str, tried: Result<(), JournalError>) -> Fact {
    let is_fenced = matches!(&tried, Err(JournalError::Fenced { account: of }) if *of == account());
    holds(is_fenced, || format!("{what} with a lease that another has taken gives {tried:?}"))
}

const ROUNDS: Revision = 20;
