//! What is remembered of deliveries.

use super::records::{network, person};
use crate::testing::broken::{Fact, equal};
use ptgbot_core::{Delivered, Journal, Mark};

pub(super) async fn deliveries_remember_how_far_they_have_come<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    journal.mark_delivered(&network("one"), Mark::Everyone(7)).await?;
    journal.mark_delivered(&network("one"), Mark::Everyone(5)).await?;
    journal.mark_delivered(&network("two"), Mark::Everyone(0)).await?;
    drop(journal);
    let mut journal = open().await;
    equal("what one network was told", &journal.delivered(&network("one")).await?.everyone, &Some(7))?;
    equal("what another was told", &journal.delivered(&network("two")).await?.everyone, &Some(0))?;
    equal("what a third was told", &journal.delivered(&network("three")).await?, &Delivered::default())
}

pub(super) async fn everyone_is_told_where_single_people_were_ahead<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    let [ann, bob, eve] = ["ann", "bob", "eve"].map(|name| person(name).id);
    let mut wanted = Delivered::default();
    let marks = [
        Mark::People(vec![(ann.clone(), 3), (bob.clone(), 8)]),
        Mark::People(vec![(ann.clone(), 6), (bob.clone(), 4)]),
        Mark::Everyone(5),
        Mark::People(vec![(eve.clone(), 4), (ann.clone(), 7)]),
        Mark::Everyone(7),
    ];
    for mark in marks {
        let what = format!("what was told after {mark:?}");
        wanted.mark(mark.clone());
        journal.mark_delivered(&network("one"), mark).await?;
        equal(&what, &journal.delivered(&network("one")).await?, &wanted)?;
    }
    drop(journal);
    let mut journal = open().await;
    equal("what was told after a start", &journal.delivered(&network("one")).await?, &wanted)?;
    equal("what another network was told", &journal.delivered(&network("two")).await?, &Delivered::default())
}
