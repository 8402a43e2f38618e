//! Leases whose rows somebody has edited by hand, and the clock by which they end.

use crate::journal::open;
use ptgbot_core::{Claim, Folding, Journal, JournalError, Lease, Network, PersonId, Taken};
use ptgbot_tests::Database;

#[tokio::test]
async fn a_row_that_was_edited_or_removed_lets_nobody_act_who_may_not() {
    let Some(database) = Database::start().await else { return };
    let mut bot = open(&database.board("main")).await;
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = |holder: &str| Claim::new(account.clone(), holder);
    assert!(matches!(bot.take_lease(&claim("one")).await, Ok(Taken::Ours(Lease { number: 1, .. }))));

    database.sql("UPDATE ptgbot.lease SET number = 7").await;
    let fenced = bot.renew_lease(None).await.expect_err("it is another lease").to_string();
    assert_eq!(fenced, "another process acts for oftc/ptgbot now");

    // One that never ends is still its holder's, and nobody else's, for as long as a lease lasts.
    database.sql("UPDATE ptgbot.lease SET until = 'infinity'").await;
    let mut other = open(&database.board("main")).await;
    let refused = other.take_lease(&claim("two")).await;
    assert!(matches!(&refused, Ok(Taken::Others { .. })), "{refused:?}");
    assert!(matches!(&other.leases().await.expect("they are read")[..], [state] if state.is_held()));
    assert!(matches!(bot.take_lease(&claim("one")).await, Ok(Taken::Ours(Lease { number: 8, .. }))));

    database.sql("UPDATE ptgbot.lease SET until = '-infinity'").await;
    assert!(matches!(other.take_lease(&claim("two")).await, Ok(Taken::Ours(Lease { number: 9, .. }))));

    database.sql("DELETE FROM ptgbot.lease").await;
    assert!(matches!(bot.renew_lease(None).await, Err(JournalError::Fenced { .. })));
    assert!(matches!(other.take_lease(&claim("two")).await, Ok(Taken::Ours(Lease { number: 1, .. }))));
    assert!(matches!(bot.renew_lease(None).await, Err(JournalError::Fenced { .. })));
}

#[tokio::test]
async fn a_lease_runs_out_by_the_databases_clock_whatever_that_of_its_holder_says() {
    let Some(database) = Database::start().await else { return };
    drop(open(&database.board("main")).await);
    database.sql(OWN_CLOCK).await;
    for (name, time) in [("early", "2001-01-01 09:00:00 UTC"), ("late", "2101-01-01 09:00:00 UTC")] {
        let (mut one, mut two) = (open(&database.board(name)).await, open(&database.board(name)).await);
        let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
        let claim = |holder: &str| Claim::new(account.clone(), holder);
        let clock = async |since: &str| {
            database.sql(&format!("UPDATE clock.face SET shows = timestamptz '{time}' + interval '{since}'")).await
        };
        let left = |taken| match taken {
            Ok(Taken::Others { left, .. }) => left.as_millis(),
            taken => panic!("{name}: {taken:?}"),
        };
        clock("0").await;
        assert!(matches!(one.take_lease(&claim("one")).await, Ok(Taken::Ours(Lease { number: 1, .. }))));
        assert_eq!(left(two.take_lease(&claim("two")).await), 10_000);
        clock("8 s").await;
        one.renew_lease(None).await.expect("it is the holder's");
        clock("17999 ms").await;
        assert_eq!(left(two.take_lease(&claim("two")).await), 1);
        clock("18 s").await;
        assert!(matches!(two.take_lease(&claim("two")).await, Ok(Taken::Ours(Lease { number: 2, .. }))));
        assert!(matches!(one.renew_lease(None).await, Err(JournalError::Fenced { .. })));
    }
}

#[tokio::test]
async fn a_lease_from_before_the_clock_was_set_back_lasts_as_long_as_any_other() {
    let Some(database) = Database::start().await else { return };
    drop(open(&database.board("main")).await);
    database.sql(OWN_CLOCK).await;
    let (mut one, mut two) = (open(&database.board("main")).await, open(&database.board("main")).await);
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = |holder: &str| Claim::new(account.clone(), holder);
    assert!(matches!(one.take_lease(&claim("one")).await, Ok(Taken::Ours(Lease { number: 1, .. }))));
    let passes = async |time: &str| database.sql(&format!("UPDATE clock.face SET shows = shows + '{time}'")).await;
    passes("-1 hour").await;
    for (time, wanted) in [("0", 10_000), ("9999 ms", 1)] {
        passes(time).await;
        let taken = two.take_lease(&claim("two")).await;
        assert!(matches!(&taken, Ok(Taken::Others { left, .. }) if left.as_millis() == wanted), "{taken:?}");
    }
    passes("1 ms").await;
    assert!(matches!(two.take_lease(&claim("two")).await, Ok(Taken::Ours(Lease { number: 2, .. }))));
}

#[tokio::test]
async fn whoever_stands_by_locks_and_writes_nothing() {
    let Some(database) = Database::start().await else { return };
    let (mut one, mut two) = (open(&database.board("main")).await, open(&database.board("main")).await);
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = |holder: &str| Claim::new(account.clone(), holder);
    assert!(matches!(one.take_lease(&claim("one")).await, Ok(Taken::Ours(_))));
    // Transactions that have written the row, and locked it.
    let touched = async || database.sql("SELECT xmin, xmax FROM ptgbot.lease").await;
    let before = touched().await;
    assert!(matches!(two.take_lease(&claim("two")).await, Ok(Taken::Others { .. })));
    assert_eq!(touched().await, before);
    one.renew_lease(None).await.expect("it is the holder's");
    assert_ne!(touched().await, before);
}

/// Whoever connects from then on is told by the server the time that a row shows.
const OWN_CLOCK: &str = "
    CREATE SCHEMA clock;
    CREATE TABLE clock.face AS SELECT now() AS shows;
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT shows FROM clock.face';
    CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT shows FROM clock.face';
    ALTER ROLE ALL SET search_path = clock, pg_catalog, public";
