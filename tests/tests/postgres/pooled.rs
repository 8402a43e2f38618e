//! Boards behind a pooler, where each transaction may have another connection and no news comes.

use crate::journal::{append, open};
use crate::two_writers::two_writers;
use ptgbot_core::{Board, Journal};
use ptgbot_runtime::testing::journal_contract;
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Database, Pooler, Seed};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::timeout;

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

#[tokio::test]
async fn whoever_gives_up_each_wait_soon_hears_of_a_change_all_the_same() {
    let Some(database) = Database::start().await else { return };
    let Some(pooler) = Pooler::before(&database).await else { return };
    let mut writer = open(&database.board("main")).await;
    let mut busy = open(&database.board_through(pooler.port(), "main")).await;
    let mut board = Board::default();
    for _ in 0..2 {
        append(&mut writer, &mut board).await.expect("it is written");
        let heard = async { while timeout(SOON, busy.changed()).await.is_err() {} };
        timeout(PATIENCE, heard).await.expect("it is heard of");
        assert_eq!(busy.read_after(board.revision() - 1, 2).await.expect("it is read").len(), 1);
    }
}

/// How long a bot waits for changes where it is spoken to all the time.
const SOON: Duration = Duration::from_millis(300);
