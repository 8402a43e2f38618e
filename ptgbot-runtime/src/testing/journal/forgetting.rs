//! Forgetting: whoever asks for it is named nowhere any more.

use super::records::{added, append, by, checked_in, forgotten, network, person, record};
use crate::testing::broken::{Fact, equal, holds};
use ptgbot_core::{Board, Event, Journal, Mark, PersonEvent};

pub(super) async fn a_forgotten_person_is_nowhere<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let (mut journal, mut other) = (open().await, open().await);
    let (jane, john) = (person("Ja\\ne\""), person("John"));
    let mut board = Board::default();
    let records = vec![
        by(&jane, added(1, "swift")),
        by(&jane, checked_in(2, &jane)),
        by(&john, checked_in(3, &john)),
        by(
            &jane,
            record(4, Event::Person(PersonEvent::Subscribed { person: jane.id.clone(), pattern: "#swift".into() })),
        ),
    ];
    append(&mut journal, &mut board, records.clone()).await?;
    journal.snapshot(&board).await?;
    let marks = vec![(jane.id.clone(), 9), (john.id.clone(), 9)];
    journal.mark_delivered(&network("one"), Mark::People(marks)).await?;
    equal("the board of another handle", &other.load().await?, &board)?;
    append(&mut journal, &mut board, vec![by(&jane, forgotten(5, &jane.id))]).await?;
    drop(journal);
    for mut journal in [other, open().await] {
        let kept = journal.read_after(0, 10).await?;
        let told = format!("{kept:?}").to_lowercase();
        holds(!told.contains("ja\\"), || format!("a forgotten person is named in {kept:?}"))?;
        holds(kept.len() == 5 && kept[2] == records[2], || format!("the records of others are {kept:?}"))?;
        holds(kept[4].forgotten().is_none() && kept[4].by.is_none(), || format!("the last record is {:?}", kept[4]))?;
        equal("the board", &journal.load().await?, &board)?;
        let told = journal.delivered(&network("one")).await?;
        equal("who was told", &told.people.keys().collect(), &vec![&john.id])?;
    }
    Ok(())
}

pub(super) async fn a_snapshot_from_before_somebody_was_forgotten_is_not_kept<J: Journal>(
    open: impl AsyncFn() -> J,
) -> Fact {
    let mut journal = open().await;
    let jane = person("jane");
    let mut board = Board::default();
    append(&mut journal, &mut board, vec![by(&jane, checked_in(1, &jane))]).await?;
    let old = board.clone();
    append(&mut journal, &mut board, vec![by(&jane, forgotten(2, &jane.id)), added(3, "swift")]).await?;
    journal.snapshot(&old).await?;
    equal("the board", &journal.load().await?, &board)?;
    drop(journal);
    equal("the board after a start", &open().await.load().await?, &board)
}

pub(super) async fn whoever_comes_back_after_being_forgotten_is_kept<J: Journal>(open: impl AsyncFn() -> J) -> Fact {
    let mut journal = open().await;
    let jane = person("jane");
    let mut board = Board::default();
    let records =
        vec![by(&jane, checked_in(1, &jane)), by(&jane, forgotten(2, &jane.id)), by(&jane, checked_in(3, &jane))];
    append(&mut journal, &mut board, records.clone()).await?;
    let kept = journal.read_after(0, 10).await?;
    holds(kept.len() == 3 && kept[0].event == Event::Person(PersonEvent::Erased), || {
        format!("the records are {kept:?}")
    })?;
    equal("what was done after coming back", &kept[2], &records[2])?;
    equal("the board", &journal.load().await?, &board)?;
    append(&mut journal, &mut board, vec![by(&jane, forgotten(4, &jane.id))]).await?;
    let kept = journal.read_after(0, 10).await?;
    holds(kept.iter().all(|record| record.people().next().is_none()), || format!("the records are {kept:?}"))?;
    equal("the board", &open().await.load().await?, &board)
}
