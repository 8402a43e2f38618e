//! Looking at the board without owning it: pages hear of each change and ask for a copy when they want one.
//!
//! One task owns the board. A copy that is alive makes the owner's next change copy too, so copies are made
//! only for those who ask, and whoever asks lets go of them soon.

use ptgbot_core::{Board, Revision};
use tokio::sync::{mpsc, oneshot, watch};

/// Makes the two ends: one for the task that owns the board, one to be cloned for everybody who looks.
pub fn board_watch(start: Revision) -> (BoardOwner, BoardWatch) {
    let (revision, revisions) = watch::channel(start);
    let (ask, questions) = mpsc::channel(QUESTIONS);
    (BoardOwner { revision, questions }, BoardWatch { revisions, ask })
}

/// The end of whoever owns the board.
#[derive(Debug)]
pub struct BoardOwner {
    revision: watch::Sender<Revision>,
    questions: mpsc::Receiver<oneshot::Sender<Board>>,
}

impl BoardOwner {
    /// Tells everybody who looks that the board is at `revision`; called after the change is durable.
    pub fn announce(&self, revision: Revision) {
        self.revision.send_if_modified(|current| std::mem::replace(current, revision) != revision);
    }

    /// Waits until somebody asks for a copy; `None` when nobody is left who could. Cancel safe.
    pub async fn asked(&mut self) -> Option<oneshot::Sender<Board>> {
        self.questions.recv().await
    }

    /// Somebody who is already waiting for a copy.
    pub fn try_asked(&mut self) -> Option<oneshot::Sender<Board>> {
        self.questions.try_recv().ok()
    }
}

/// The end of whoever looks at the board.
#[derive(Clone, Debug)]
pub struct BoardWatch {
    revisions: watch::Receiver<Revision>,
    ask: mpsc::Sender<oneshot::Sender<Board>>,
}

impl BoardWatch {
    /// Waits for a revision that this watch has not told yet; of many changes in between only the last is told.
    /// The revision at the start counts as told. Cancel safe.
    ///
    /// # Errors
    /// When the owner is gone and there is nothing new.
    pub async fn changed(&mut self) -> Result<Revision, Closed> {
        self.revisions.changed().await.map_err(|_| Closed)?;
        Ok(*self.revisions.borrow_and_update())
    }

    /// The revision told last.
    pub fn revision(&self) -> Revision {
        *self.revisions.borrow()
    }

    /// A copy of the board as it is now. Let go of it soon.
    ///
    /// # Errors
    /// When the owner is gone.
    pub async fn board(&self) -> Result<Board, Closed> {
        let (answer, board) = oneshot::channel();
        self.ask.send(answer).await.map_err(|_| Closed)?;
        board.await.map_err(|_| Closed)
    }
}

/// The task that owned the board has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the board is closed")]
pub struct Closed;

/// How many may wait for a copy before the next one waits to ask.
const QUESTIONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_looks_hears_of_the_last_change_and_gets_a_copy() {
        let (mut owner, mut watch) = board_watch(0);
        let answering = tokio::spawn(async move {
            owner.announce(1);
            owner.announce(2);
            while let Some(answer) = owner.asked().await {
                answer.send(Board::default()).ok();
            }
        });
        assert_eq!(watch.changed().await, Ok(2));
        assert_eq!(watch.board().await.map(|board| board.revision()), Ok(0));
        drop(watch);
        answering.await.expect("the owner ends when nobody looks any more");
    }

    #[tokio::test]
    async fn an_owner_that_is_gone_closes_the_watch() {
        let (owner, mut watch) = board_watch(5);
        owner.announce(5);
        drop(owner);
        assert_eq!(watch.revision(), 5);
        assert_eq!(watch.changed().await, Err(Closed));
        assert_eq!(watch.board().await.map(|board| board.revision()), Err(Closed));
    }
}
