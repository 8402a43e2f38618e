//! Other clients of the database that hang in the middle of something.

use crate::journal::{append, open};
use ptgbot_core::{Board, Journal, JournalError};
use ptgbot_runtime::store::{Access, PostgresJournal, boards};
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::{Cable, Database, Pooler};
use std::process::Stdio;
use tokio::process::{Child, Command};
use tokio::time::timeout;

#[tokio::test]
async fn an_append_that_fails_for_the_lock_of_somebody_else_is_not_done_later() {
    let Some(database) = Database::start().await else { return };
    let mut journal = open(&database.board("main")).await;
    for row in ["SELECT FROM ptgbot.board FOR UPDATE", "LOCK ptgbot.change"] {
        let hung = hang(&database, database.client("psql"), row).await;
        let failed = append(&mut journal, &mut Board::default()).await;
        assert!(matches!(failed, Err(JournalError::Failed(_))), "{failed:?}");
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        assert_eq!(database.sql(waiting).await, "0", "{row}");
        go_on(&database, [hung]).await;
        assert_eq!(journal.load().await.expect("it is read").revision(), 0, "{row}");
    }
    append(&mut journal, &mut Board::default()).await.expect("it is written");
}

#[tokio::test]
async fn a_pooler_that_has_no_connection_left_is_told_of_in_time() {
    let Some(database) = Database::start().await else { return };
    let Some(pooler) = Pooler::before(&database).await else { return };
    let cable = Cable::to(pooler.port()).await;
    let address = database.board_through(pooler.port(), "main");
    let mut journal = open(&database.board_through(cable.port(), "main")).await;
    let pooled = || {
        let mut psql = database.client("psql");
        psql.env("PGHOST", "127.0.0.1").env("PGPORT", pooler.port().to_string());
        psql
    };
    let hung = [hang(&database, pooled(), "SELECT").await, hang(&database, pooled(), "SELECT").await];
    // What the pooler has no connection for it would keep for two minutes.
    cable.cut();
    cable.mend();
    let again = async {
        loop {
            let error = journal.load().await.expect_err("it cannot be read").to_string();
            if error.contains(LATE) {
                return;
            }
        }
    };
    let opened = async {
        let refused = PostgresJournal::open(&address, Access::ReadOnly).await.expect_err("it cannot be opened");
        assert!(refused.to_string().contains(LATE), "{refused}");
    };
    let listed = async {
        let refused = boards(&address.parse().expect("an address")).await.expect_err("they cannot be listed");
        assert!(refused.to_string().contains(LATE), "{refused}");
    };
    timeout(PATIENCE * 2, async { tokio::join!(again, opened, listed) }).await.expect("all are told");
    go_on(&database, hung).await;
    let read = async { while journal.load().await.is_err() {} };
    timeout(PATIENCE, read).await.expect("it is there again");
}

/// A client that does something in a transaction, and then nothing more.
async fn hang(database: &Database, mut psql: Command, something: &str) -> Child {
    let before = hanging(database).await;
    psql.args(["--command", &format!("BEGIN; {something}; SELECT pg_sleep(600)")]);
    let hung = psql.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let hangs =
        wait_until("a client that hangs", PATIENCE, || async { (hanging(database).await > before).then_some(()) });
    hangs.await.unwrap_or_else(|late| panic!("{late}"));
    hung.expect("psql runs")
}

async fn hanging(database: &Database) -> usize {
    let hang = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    database.sql(hang).await.parse().expect("a number")
}

/// Ends them, and what they have begun.
async fn go_on<const N: usize>(database: &Database, hung: [Child; N]) {
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").await;
    for mut psql in hung {
        timeout(PATIENCE, psql.wait()).await.expect("it ends").expect("it ran");
    }
}

const LATE: &str = "the database does not answer";
