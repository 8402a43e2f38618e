//! Boards in a real PostgreSQL database.

use ptgbot_core::{Board, BoardEvent, Document, Folding, Journal, JournalError, Record, Text, TrackEvent, TrackName};
use ptgbot_runtime::store::{Access, PostgresJournal};
use ptgbot_runtime::testing::journal_contract;
use ptgbot_tests::Database;
use ptgbot_tests::deadline::PATIENCE;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::time::timeout;

pub(crate) async fn open(address: &str) -> PostgresJournal {
    PostgresJournal::open(address, Access::ReadWrite).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Why it cannot be opened.
async fn refusal(address: &str, access: Access) -> String {
    match PostgresJournal::open(address, access).await {
        Ok(_) => panic!("it can be opened"),
        Err(error) => error.to_string(),
    }
}

/// The next change of a board: a topic.
fn change(board: &Board) -> Record {
    let track = TrackName::parse("swift").expect("a name");
    let event = TrackEvent::TopicSet { track, topic: Text::new(&format!("topic {}", board.revision())) };
    let (revision, at) = (board.revision() + 1, "2026-10-19T09:30:00Z".parse().expect("a time"));
    Record::new(revision, at, event)
}

pub(crate) async fn append(journal: &mut PostgresJournal, board: &mut Board) -> Result<(), JournalError> {
    let record = change(board);
    let mut after = board.clone();
    after.apply(&record);
    journal.append(board.revision(), &[record], &after, None).await?;
    *board = after;
    Ok(())
}

#[tokio::test]
async fn a_board_in_a_database_keeps_the_contract() {
    let Some(database) = Database::start().await else { return };
    let boards = AtomicU32::new(0);
    let kept = journal_contract(|| {
        let address = database.board(&format!("board-{}", boards.fetch_add(1, Ordering::Relaxed)));
        async move || open(&address).await
    });
    kept.await.unwrap_or_else(|broken| panic!("{broken}"));
}

#[tokio::test]
async fn boards_of_one_database_do_not_meet() {
    let Some(database) = Database::start().await else { return };
    let (mut spring, mut autumn) = (open(&database.board("spring")).await, open(&database.board("autumn")).await);
    let mut board = Board::default();
    append(&mut spring, &mut board).await.expect("it is written");
    assert_eq!(autumn.load().await.expect("it is read"), Board::default());
    assert_eq!(spring.load().await.expect("it is read"), board);
}

#[tokio::test]
async fn the_order_of_rooms_in_a_data_file_is_kept() {
    let Some(database) = Database::start().await else { return };
    let mut journal = open(&database.board("main")).await;
    let document = serde_json::json!({"schedule": {"Zebra": {}, "Aardvark room": {}, "Mole": {}}});
    let mut board = Board::default();
    let document = Document::check(&document, &board, Folding::Ascii).unwrap_or_else(|error| panic!("{error}"));
    let event = BoardEvent::DocumentLoaded { document: Box::new(document), source: None };
    let mut record = change(&board);
    record.event = event.into();
    board.apply(&record);
    journal.append(0, &[record], &board, None).await.expect("it is written");
    assert_eq!(journal.load().await.expect("it is read"), board);
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_nothing_is_lost() {
    let Some(mut database) = Database::start().await else { return };
    let mut journal = open(&database.board("main")).await;
    let mut board = Board::default();
    append(&mut journal, &mut board).await.expect("it is written");
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ptgbot'").await;
    while append(&mut journal, &mut board).await.is_err() {
        board = journal.load().await.expect("the server is there");
    }
    database.stop_at_once().await;
    assert!(matches!(append(&mut journal, &mut board).await, Err(JournalError::Failed(_))));
    assert!(journal.load().await.is_err());
    database.start_again().await;
    assert_eq!(journal.load().await.expect("it is read"), board);
    append(&mut journal, &mut board).await.expect("it is written");
}

#[tokio::test]
async fn a_change_is_heard_of_after_the_connection_was_lost() {
    let Some(database) = Database::start().await else { return };
    let (mut one, mut two) = (open(&database.board("main")).await, open(&database.board("main")).await);
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ptgbot'").await;
    let mut board = Board::default();
    while append(&mut one, &mut board).await.is_err() {
        board = one.load().await.expect("the server is there");
    }
    let heard = async {
        while two.read_after(0, 1).await.unwrap_or_default().is_empty() {
            two.changed().await;
        }
    };
    timeout(PATIENCE, heard).await.expect("it is heard of");
}

#[tokio::test]
async fn what_the_database_tells_is_heard_and_need_not_be_true() {
    let Some(database) = Database::start().await else { return };
    let (mut one, mut two) = (open(&database.board("main")).await, open(&database.board("main")).await);
    for told in ["7", "9223372036854775807"] {
        database.sql(&format!("SELECT pg_notify('ptgbot_' || id, '{told}') FROM ptgbot.board")).await;
        timeout(PATIENCE, two.changed()).await.expect("it is heard of");
        assert_eq!(two.read_after(0, 1).await.expect("it is read"), []);
    }
    database.sql("SELECT pg_notify('ptgbot_' || id, 'nonsense') FROM ptgbot.board").await;
    append(&mut one, &mut Board::default()).await.expect("it is written");
    timeout(PATIENCE, two.changed()).await.expect("it is heard of");
    assert_eq!(two.read_after(0, 2).await.expect("it is read").len(), 1);
}

#[tokio::test]
async fn tables_of_earlier_versions_are_carried_over_with_what_they_hold() {
    let Some(database) = Database::start().await else { return };
    let mut board = Board::default();
    for (version, later) in
        [("1", "DROP TABLE ptgbot.lease; DROP FUNCTION ptgbot.append"), ("2", "DROP FUNCTION ptgbot.append")]
    {
        let mut journal = open(&database.board("main")).await;
        append(&mut journal, &mut board).await.expect("it is written");
        drop(journal);
        database.sql(&format!("{later}; UPDATE ptgbot.version SET version = {version}")).await;

        let mut journal = open(&database.board("main")).await;
        assert_eq!(journal.load().await.expect("it is read"), board);
        append(&mut journal, &mut board).await.expect("it is written");
        assert_eq!(journal.leases().await.expect("they are read"), []);
        assert_eq!(database.sql("SELECT version FROM ptgbot.version").await, "3");
    }
}

#[tokio::test]
async fn a_certificate_is_verified_as_the_address_says() {
    let Some(database) = Database::start().await else { return };
    let verified = format!("&sslmode=verify-full&sslrootcert={}", database.authority().display());
    drop(open(&database.board_by_port("main", &verified)).await);
    drop(open(&database.board_by_port("main", "&sslmode=require")).await);
    let said = refusal(&database.board_by_port("main", "&sslmode=verify-full"), Access::ReadWrite).await;
    assert!(said.contains("certificate"), "{said}");
}

#[tokio::test]
async fn the_boards_of_a_database_are_listed() {
    let Some(database) = Database::start().await else { return };
    let mut journal = open(&database.board("spring")).await;
    append(&mut journal, &mut Board::default()).await.expect("it is written");
    drop(open(&database.board("autumn")).await);
    let address = database.board("any").parse().expect("an address");
    let boards = ptgbot_runtime::store::boards(&address).await.unwrap_or_else(|error| panic!("{error}"));
    let told: Vec<_> = boards.iter().map(|board| (board.name.as_str(), board.revision)).collect();
    assert_eq!(told, [("autumn", 0), ("spring", 1)]);
    assert!(boards[0].last_change.is_none() && boards[1].last_change.is_some() && boards[1].bytes > 0);
}
