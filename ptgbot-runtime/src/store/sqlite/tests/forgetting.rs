//! Forgetting, as far as the file shows it.

use super::*;
use crate::testing::records::{by, checked_in, forgotten, person};
use ptgbot_core::Person;

#[tokio::test]
async fn no_byte_of_a_forgotten_person_stays_on_disk() {
    let (folder, path) = place();
    let (jane, john) = (person("Janezebra"), person("John"));
    let mut journal = open(&path).await;
    let mut board = Board::default();
    for revision in 1..=300 {
        let who = if revision % 3 == 0 { &jane } else { &john };
        let record = match revision % 4 {
            0 => by(who, checked_in(revision, who)),
            _ => by(who, topic(revision, "swift", &"word ".repeat(revision as usize % 40))),
        };
        board.apply(&record);
        journal.append(revision - 1, &[record], &board, None).await.expect("appended");
        if revision % 70 == 0 {
            journal.snapshot(&board).await.expect("a snapshot");
        }
    }
    assert!(bytes_of(folder.path()).contains("janezebra"));
    let gone = [by(&jane, forgotten(301, &jane.id))];
    journal.append(300, &gone, &applied(&board, &gone), None).await.expect("appended");
    assert!(!bytes_of(folder.path()).contains("janezebra"));
    journal.snapshot(&board).await.expect("a late snapshot is not kept");
    assert!(!bytes_of(folder.path()).contains("janezebra"));
}

#[tokio::test]
async fn whoever_must_read_anew_finds_a_snapshot_without_the_forgotten() {
    let (_folder, path) = place();
    let (mut journal, board) = with_jane_and_a_snapshot(&path).await;
    let snapshot = "SELECT coalesce(max(revision), 0) FROM snapshot";
    assert_eq!(number(&database(&path), snapshot), 2);
    let board = forget_jane(&mut journal, board).await;
    assert_eq!(number(&database(&path), snapshot), 3);
    database(&path).execute("UPDATE change SET record = '{' WHERE revision < 3", []).expect("damaged");
    assert_eq!(open(&path).await.load().await.expect("a board"), board);
}

#[tokio::test]
async fn a_snapshot_from_before_somebody_came_is_as_good_as_ever() {
    let (_folder, path) = place();
    fill(&path, 10).await;
    let mut journal = open(&path).await;
    let mut board = journal.load().await.expect("a board");
    journal.snapshot(&board).await.expect("a snapshot");
    let jane = jane();
    for records in [[by(&jane, checked_in(11, &jane))], [by(&jane, forgotten(12, &jane.id))]] {
        board = applied(&board, &records);
        journal.append(board.revision() - 1, &records, &board, None).await.expect("appended");
    }
    assert_eq!(number(&database(&path), "SELECT max(revision) FROM snapshot"), 10);
    assert_eq!(open(&path).await.load().await.expect("a board"), board);
}

#[tokio::test]
async fn a_damaged_change_does_not_keep_anybody_from_being_forgotten() {
    let (folder, path) = place();
    let (mut journal, board) = with_jane_and_a_snapshot(&path).await;
    let damage = "UPDATE change SET record = substr(record, 1, length(record) - 1)";
    database(&path).execute(damage, []).expect("damaged");
    let board = forget_jane(&mut journal, board).await;
    let left = bytes_of(folder.path());
    assert!(!left.contains("janezebra"), "{left}");
    assert_eq!(open(&path).await.load().await.expect("a board"), board);
}

async fn with_jane_and_a_snapshot(path: &Path) -> (SqliteJournal, Board) {
    let (jane, mut journal) = (jane(), open(path).await);
    let records = [by(&jane, checked_in(1, &jane)), added(2, "swift")];
    let board = applied(&Board::default(), &records);
    journal.append(0, &records, &board, None).await.expect("appended");
    journal.snapshot(&board).await.expect("a snapshot");
    (journal, board)
}

async fn forget_jane(journal: &mut SqliteJournal, board: Board) -> Board {
    let records = [by(&jane(), forgotten(board.revision() + 1, &jane().id))];
    let after = applied(&board, &records);
    journal.append(board.revision(), &records, &after, None).await.expect("appended");
    after
}

fn jane() -> Person {
    person("Janezebra")
}

/// All that the folder's files hold, in lower case.
fn bytes_of(folder: &Path) -> String {
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    files.map(|file| String::from_utf8_lossy(&fs::read(file).expect("a file")).to_lowercase()).collect()
}
