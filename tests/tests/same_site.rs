//! One board, one site: whoever serves it, the bytes are the same.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::page::Page;
use ptgbot_tests::{Process, built};
use tokio::process::Command;

#[tokio::test]
async fn serve_shows_what_the_bot_shows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = format!("sqlite:{}", folder.path().join("board.sqlite").display());
    let data = folder.path().join("data.json");
    std::fs::write(&data, r#"{"eventid": "oct2026", "tracks": ["swift"], "now": {"swift": "rings"}}"#)
        .expect("written");
    let config = folder.path().join("ptgbot.toml");
    // No IRC server is there: the page does not need one.
    let text = format!(
        "store = '{store}'\n[site]\nbase_url = 'https://ptg.example'\netherpad_base = 'https://pad.example/p'\n\
         [irc]\nserver = '127.0.0.1'\nport = 1\ntls = false\n\
         nick = 'boardbot'\nchannel = '#ptg'\n"
    );
    std::fs::write(&config, text).expect("written");
    let import = Command::new(built("ptgbot")).args(["import", "--store", &store]).arg(&data).output().await;
    assert!(import.expect("ptgbot runs").status.success());

    let (bot, bots_page) = site("ptgbot-irc", &[], &config).await;
    let (server, servers_page) = site("ptgbot", &["serve"], &config).await;
    for path in ["/", "/etherpads.html", "/signage.html", "/ptg.json", "/ptg.ics", "/feed.atom", "/schedule.xml"] {
        // What is shown follows the clock; both have the same.
        let what = format!("the same {path}");
        let same = wait_until(&what, PATIENCE, || async {
            let (one, other) = (bots_page.document(path).await?, servers_page.document(path).await?);
            (one == other).then_some(one)
        });
        let page = same.await.unwrap_or_else(|late| panic!("{late}"));
        assert!(path != "/" || (page.contains("#ptg") && page.contains("boardbot")), "{page}");
    }
    drop((bot, server));
}

async fn site(program: &str, arguments: &[&str], config: &std::path::Path) -> (Process, Page) {
    let mut command = Command::new(built(program));
    command.args(arguments).arg("--config").arg(config).args(["--listen", "127.0.0.1:0"]).env_remove("PTGBOT_LOG");
    let process = Process::start(program, command);
    let line = process.wait_for_line("the page is at http://127.0.0.1:[0-9]+").await;
    let port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok()).expect("a port");
    (process, Page { port })
}
