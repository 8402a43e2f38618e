//! The file is taken away, emptied or replaced while it is open, and before.

use super::*;

#[tokio::test]
async fn a_store_that_is_taken_away_is_missed_and_found_again() {
    let (_folder, path) = place();
    let (mut journal, board) = filled(&path).await;
    let aside = path.with_extension("aside");
    fs::rename(&path, &aside).expect("moved");
    misses(&mut journal, &board, "is gone").await;
    assert!(journal.load().await.is_err() && !path.exists(), "nothing new is made");
    fs::rename(&aside, &path).expect("moved");
    finds(&mut journal, &board).await;
}

#[tokio::test]
async fn a_store_in_the_place_of_the_one_that_was_opened_is_read_before_it_is_written() {
    let (_folder, path) = place();
    let (mut journal, board) = filled(&path).await;
    let copy = path.with_extension("copy");
    fs::copy(&path, &copy).expect("copied");
    fs::rename(&copy, &path).expect("moved");
    misses(&mut journal, &board, "is another file").await;
    misses(&mut journal, &board, "is another file").await;
    finds(&mut journal, &board).await;
}

#[tokio::test]
async fn a_store_that_is_emptied_is_told_and_read_anew_once_it_is_back() {
    let (_folder, path) = place();
    let (mut journal, board) = filled(&path).await;
    let whole = fs::read(&path).expect("a file");
    fs::write(&path, "").expect("emptied");
    misses(&mut journal, &board, "is empty (0 bytes)").await;
    assert!(journal.load().await.is_err());
    assert_eq!(fs::read(&path).expect("a file"), b"");
    fs::write(&path, whole).expect("back");
    finds(&mut journal, &board).await;
}

#[tokio::test]
async fn whoever_waits_for_changes_hears_that_the_store_is_gone() {
    let (_folder, path) = place();
    let (mut journal, _) = filled(&path).await;
    fs::remove_file(&path).expect("removed");
    journal.changed().await;
    assert!(journal.read_after(0, 1).await.is_err());
}

#[tokio::test]
async fn no_new_board_begins_where_a_store_was() {
    for taken_away in [true, false] {
        let (_folder, path) = place();
        fill(&path, 3).await;
        if taken_away { fs::remove_file(&path) } else { fs::write(&path, "") }.expect("lost");
        let opened = SqliteJournal::open(&path, Access::ReadWrite, Blocking::Thread).await;
        let error = opened.err().expect("no store").to_string();
        assert!(error.contains("is missing or empty, though"), "{error}");
        fs::remove_file(path.with_extension("db-journal")).expect("removed");
        assert_eq!(open(&path).await.load().await.expect("a board"), Board::default());
    }
}

async fn filled(path: &Path) -> (SqliteJournal, Board) {
    fill(path, 3).await;
    let mut journal = open(path).await;
    let board = journal.load().await.expect("a board");
    (journal, board)
}

/// Neither reading nor writing works.
async fn misses(journal: &mut SqliteJournal, board: &Board, words: &str) {
    let error = journal.read_after(0, 10).await.expect_err("nothing is read").to_string();
    assert!(error.contains(words), "{error}");
    let records = [added(4, "nova")];
    let error = journal.append(3, &records, board, None).await.expect_err("nothing is written").to_string();
    assert!(error.contains("board.db is "), "{error}");
}

/// The board is there again, and can be changed.
async fn finds(journal: &mut SqliteJournal, board: &Board) {
    assert_eq!(&journal.load().await.expect("a board"), board);
    let records = [added(4, "nova")];
    journal.append(3, &records, &applied(board, &records), None).await.expect("appended");
    assert_eq!(journal.read_after(3, 10).await.expect("records"), records);
}
