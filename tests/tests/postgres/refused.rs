//! Bad days of operators: what `ptgbot` says of a database that it cannot use.

use ptgbot_core::{Claim, Folding, Journal, Network, PersonId, Taken};
use ptgbot_tests::process::free_port;
use ptgbot_tests::{Database, built};
use std::process::{Command, Output, Stdio};

/// What a command says that cannot do its work: one line.
fn refusal(command: &[&str], store: &str) -> String {
    let output = run(command, store);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{command:?} {said}");
    let lines: Vec<_> = said.lines().collect();
    let [line] = lines.as_slice() else { panic!("{command:?} says {said:?}") };
    assert!(!line.contains(PASSWORD) && !line.contains("postgres://"), "{line}");
    (*line).to_owned()
}

fn run(command: &[&str], store: &str) -> Output {
    let mut ptgbot = Command::new(built("ptgbot"));
    ptgbot.args(command).args(["--store", store]).stdin(Stdio::null()).env_remove("PTGBOT_LOG");
    ptgbot.output().expect("ptgbot runs")
}

const PASSWORD: &str = "hunter2";
/// What begins a board where there is none.
const BOT: &[&str] = &["stdio"];
/// What reads one that is there.
const READS: [&[&str]; 4] = [&["serve", "--listen", "127.0.0.1:0"], &["export"], &["history"], &["verify"]];

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_named_in_one_line() {
    let Some(database) = Database::start().await else { return };
    let board = database.board_by_port("main", "");
    drop(crate::journal::open(&board).await);
    let (user, place) = board.split_once('@').expect("an address");
    let wrong = format!("{}:{PASSWORD}@{place}", user.rsplit_once(':').expect("a password").0);
    for command in READS.iter().chain(&[BOT, &["boards"]]) {
        let said = refusal(command, &wrong);
        assert!(said.contains("password authentication failed for user"), "{said}");
        let nobody = database.board_through(free_port(), "main");
        assert!(refusal(command, &nobody).contains("Connection refused"), "{}", refusal(command, &nobody));
        let nothing = board.replace("/postgres?", "/nothing?");
        assert!(refusal(command, &nothing).contains("database \"nothing\" does not exist"));
    }
}

#[tokio::test]
async fn a_role_without_rights_is_told_what_it_may_not() {
    let Some(database) = Database::start().await else { return };
    database.sql(&format!("CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")).await;
    let board = database.board_by_port("main", "");
    let (_, place) = board.split_once('@').expect("an address");
    let guest = format!("postgres://guest:{PASSWORD}@{place}");
    // There is nothing yet, and the guest may make nothing.
    assert!(refusal(BOT, &guest).contains("permission denied for database"));
    drop(crate::journal::open(&database.board("main")).await);
    for command in READS.iter().chain(&[BOT]) {
        assert!(refusal(command, &guest).contains("permission denied for schema ptgbot"), "{command:?}");
    }
    database.sql("GRANT USAGE ON SCHEMA ptgbot TO guest").await;
    database.sql("GRANT SELECT ON ALL TABLES IN SCHEMA ptgbot TO guest").await;
    for command in [&["export"][..], &["history"], &["verify"], &["boards"]] {
        let output = run(command, &guest);
        assert!(output.status.success(), "{command:?} {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(refusal(BOT, &guest).contains("permission denied for table"));
    database.sql("GRANT ALL ON ALL TABLES IN SCHEMA ptgbot TO guest").await;
    database.sql("ALTER ROLE guest SET default_transaction_read_only = on").await;
    assert!(refusal(BOT, &guest).contains("read-only transaction"));
}

#[tokio::test]
async fn a_board_that_is_not_there_is_named() {
    let Some(database) = Database::start().await else { return };
    let nobody = database.board("winter");
    for command in READS {
        assert!(refusal(command, &nobody).contains("there is no board \"winter\" in database \"postgres\""));
    }
    drop(crate::journal::open(&database.board("main")).await);
    for command in READS {
        assert!(refusal(command, &nobody).contains("there is no board \"winter\" in database \"postgres\""));
    }
}

#[tokio::test]
async fn tables_of_a_later_version_are_left_alone() {
    let Some(database) = Database::start().await else { return };
    let board = database.board("main");
    let mut open = crate::journal::open(&board).await;
    let account = PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii);
    let claim = |holder: &str| Claim::new(account.clone(), holder);
    assert!(matches!(open.take_lease(&claim("one")).await, Ok(Taken::Ours(_))));
    database.sql("UPDATE ptgbot.version SET version = 99").await;
    for holder in ["one", "two"] {
        let said = open.take_lease(&claim(holder)).await.expect_err("it is not known").to_string();
        assert!(said.contains("format 99, and this version reads formats up to 3: use a newer ptgbot"), "{said}");
    }
    let boards: &[&str] = &["boards"];
    for command in READS.iter().chain(&[BOT, boards, &["serve", "--boards", "--listen", "127.0.0.1:0"]]) {
        let said = refusal(command, &board);
        assert!(said.contains("format 99") && said.contains("use a newer ptgbot"), "{said}");
    }
}
