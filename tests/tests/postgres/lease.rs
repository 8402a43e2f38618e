//! Leases whose rows somebody has edited by hand.

use crate::journal::open;
use ptgbot_core::{Claim, Folding, Journal, JournalError, Lease, Network, PersonId, Taken};
use ptgbot_tests::Database;

#[tokio::test]
async fn a_row_that_was_edited_or_removed_lets_nobody_act_who_may_not() {
    let Some(database) = Database::start().await else { return };
    let mut bot = open(&database.board("main")).await;
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = |holder: &str| Claim { account: account.clone(), holder: holder.into(), ended: None };
    assert!(matches!(bot.take_lease(&claim("one")).await, Ok(Taken::Ours(Lease { number: 1, .. }))));

    database.sql("UPDATE ptgbot.lease SET number = 7").await;
    let fenced = bot.renew_lease(None).await.expect_err("it is another lease").to_string();
    assert_eq!(fenced, "another process acts for oftc/ptgbot now");

    // One that never ends is still its holder's, and nobody else's.
    database.sql("UPDATE ptgbot.lease SET until = 'infinity'").await;
    let mut other = open(&database.board("main")).await;
    let refused = other.take_lease(&claim("two")).await;
    assert!(matches!(&refused, Err(JournalError::Failed(_)) | Ok(Taken::Others { .. })), "{refused:?}");
    assert!(matches!(bot.take_lease(&claim("one")).await, Ok(Taken::Ours(Lease { number: 8, .. }))));

    database.sql("DELETE FROM ptgbot.lease").await;
    assert!(matches!(bot.renew_lease(None).await, Err(JournalError::Fenced { .. })));
    assert!(matches!(other.take_lease(&claim("two")).await, Ok(Taken::Ours(Lease { number: 1, .. }))));
    assert!(matches!(bot.renew_lease(None).await, Err(JournalError::Fenced { .. })));
}

#[tokio::test]
async fn the_time_of_a_lease_is_the_databases() {
    let Some(database) = Database::start().await else { return };
    let mut bot = open(&database.board("main")).await;
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = Claim { account, holder: "one".into(), ended: None };
    assert!(matches!(bot.take_lease(&claim).await, Ok(Taken::Ours(_))));
    let left = database.sql("SELECT until - clock_timestamp() BETWEEN '1 s' AND '10 s' FROM ptgbot.lease").await;
    assert_eq!(left, "t");
}
