//! The board in words, for networks where it stands by itself: it follows each change, whoever made it, and time.

use crate::clock::Clock;
use ptgbot_core::{Board, HttpUrl, Reply, board_words};
use ptgbot_render::next_change;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Follows the board until its owner is gone. Words that are as before are not sent again.
pub(crate) async fn follow(
    mut board: Board,
    mut boards: watch::Receiver<Board>,
    shown: watch::Sender<Reply>,
    page: Option<HttpUrl>,
    clock: Arc<dyn Clock>,
) {
    loop {
        let at = clock.now();
        let words = board_words(&board, at, page.as_ref());
        shown.send_if_modified(|before| {
            let is_news = *before != words;
            *before = words;
            is_news
        });
        let wake = async {
            match next_change(&board, at) {
                Some(time) => clock.until(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            sent = boards.changed() => if sent.is_err() { return },
            () = wake => {}
        }
        tokio::time::sleep(DEBOUNCE).await;
        board = boards.borrow_and_update().clone();
    }
}

/// Changes often come several in a row.
const DEBOUNCE: Duration = Duration::from_secs(1);
