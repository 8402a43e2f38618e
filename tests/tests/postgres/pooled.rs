//! Boards behind a pooler, where each transaction may have another connection and no news comes.

use crate::journal::open;
use crate::two_writers::two_writers;
use ptgbot_runtime::testing::journal_contract;
use ptgbot_tests::{Database, Pooler, Seed};
use std::sync::atomic::{AtomicU32, Ordering};

#[tokio::test]
async fn a_board_behind_a_pooler_keeps_the_contract() {
    let Some(database) = Database::start().await else { return };
    let Some(pooler) = Pooler::before(&database).await else { return };
    let boards = AtomicU32::new(0);
    let kept = journal_contract(|| {
        let name = format!("board-{}", boards.fetch_add(1, Ordering::Relaxed));
        let address = database.board_through(pooler.port(), &name);
        async move || open(&address).await
    });
    kept.await.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test]
async fn two_writers_of_whom_one_is_behind_a_pooler_write_each_change_once() {
    let Some(database) = Database::start().await else { return };
    let Some(pooler) = Pooler::before(&database).await else { return };
    for seed in Seed::each(10) {
        let name = format!("seed-{}", seed.number());
        let (direct, pooled) = (database.board(&name), database.board_through(pooler.port(), &name));
        two_writers(&direct, &pooled, &mut seed.chance()).await;
        let name = format!("both-{name}");
        let both = database.board_through(pooler.port(), &name);
        two_writers(&both, &both, &mut seed.chance()).await;
    }
}
