//! How far the stream of messages is dealt with, kept in the data folder.

use crate::folder::Folder;
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How far the stream is dealt with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// The sync token up to which everything is answered, but for what is named below; `None` before the first sync
    /// of a first start.
    #[serde(default)]
    pub(crate) since: Option<String>,
    /// Rooms that are not as far, each with its own token: their past cannot be read yet, or a message waits for its
    /// answer.
    #[serde(default)]
    pub(crate) behind: BTreeMap<OwnedRoomId, String>,
    /// Messages before it that could not be decrypted so far.
    #[serde(default)]
    pub(crate) unread: Vec<Unread>,
}

/// A message that could not be decrypted so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unread {
    /// Where.
    pub(crate) room: OwnedRoomId,
    /// Which.
    pub(crate) event: OwnedEventId,
    /// When it was said (milliseconds since 1970, UTC).
    pub(crate) at: i64,
}

/// The file of the position, written by a task of its own: whoever moves the position never waits for the disk.
#[derive(Debug)]
pub(crate) struct PositionFile {
    newest: watch::Sender<Version>,
    written: watch::Receiver<u64>,
}

/// Sees that the position moves.
pub(crate) struct Moves(watch::Receiver<Version>);

/// A position and its number.
#[derive(Clone, Debug)]
struct Version {
    number: u64,
    position: Position,
}

impl PositionFile {
    /// The file in a folder as it is now. Must be called within a tokio runtime; the task ends with this.
    pub(crate) fn new(folder: Arc<Folder>, position: Position) -> Self {
        let (newest, positions) = watch::channel(Version { number: 0, position });
        let (done, written) = watch::channel(0);
        tokio::spawn(write_newest(folder, positions, done));
        Self { newest, written }
    }

    /// Moves the position. The file follows soon; of several positions at once it shows the last.
    pub(crate) fn set(&self, position: Position) {
        self.newest.send_if_modified(|newest| {
            let moved = newest.position != position;
            if moved {
                *newest = Version { number: newest.number + 1, position };
            }
            moved
        });
    }

    /// Sees each move from now on.
    pub(crate) fn moves(&self) -> Moves {
        Moves(self.newest.subscribe())
    }

    /// What to await until the file shows the position as it is now.
    pub(crate) fn written(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut written, number) = (self.written.clone(), self.newest.borrow().number);
        async move {
            // Only a runtime that ends stops the task before this.
            written.wait_for(|written| *written >= number).await.ok();
        }
    }

    /// What to await to see that the task has ended before its time.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut written = self.written.clone();
        async move { while written.changed().await.is_ok() {} }
    }
}

impl Moves {
    /// Waits for the next move; false when there will be none. Cancel safe.
    pub(crate) async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

async fn write_newest(folder: Arc<Folder>, mut positions: watch::Receiver<Version>, done: watch::Sender<u64>) {
    let mut failed = false;
    while failed || positions.changed().await.is_ok() {
        let Version { number, position } = positions.borrow_and_update().clone();
        let folder = folder.clone();
        let written = tokio::task::spawn_blocking(move || folder.write(POSITION, &position)).await;
        match written {
            Ok(Ok(())) => {
                failed = false;
                done.send_replace(number);
            }
            Ok(Err(error)) => {
                if !std::mem::replace(&mut failed, true) {
                    tracing::error!(%error, "until this can be written, some messages would be read again after a kill");
                }
                tokio::time::sleep(TRY_AGAIN).await;
            }
            // The runtime ends, or the disk's thread has failed in a way that nobody foresaw.
            Err(_) => return,
        }
    }
}

/// The file's name in the data folder.
pub(crate) const POSITION: &str = "position.json";
const TRY_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{event_id, room_id};

    fn folder() -> (Arc<Folder>, tempfile::TempDir) {
        let outside = tempfile::tempdir().expect("a folder");
        (Arc::new(Folder::open(outside.path()).expect("the folder")), outside)
    }

    fn at(token: &str) -> Position {
        Position { since: Some(token.to_owned()), ..Position::default() }
    }

    #[tokio::test]
    async fn the_last_of_many_positions_is_in_the_file() {
        let (folder, _outside) = folder();
        let file = PositionFile::new(folder.clone(), Position::default());
        for number in 0..100 {
            file.set(at(&format!("s{number}")));
        }
        file.written().await;
        assert_eq!(folder.read(POSITION).expect("readable"), Some(at("s99")));
    }

    #[tokio::test]
    async fn a_disk_that_is_full_for_a_while_loses_nothing() {
        let (folder, outside) = folder();
        let in_the_way = outside.path().join(format!("{POSITION}.new"));
        std::fs::create_dir(&in_the_way).expect("a folder where the file is written");
        let file = PositionFile::new(folder.clone(), Position::default());
        file.set(at("s1"));
        let written = file.written();
        tokio::task::yield_now().await;
        std::fs::remove_dir(&in_the_way).expect("it is empty");
        written.await;
        assert_eq!(folder.read(POSITION).expect("readable"), Some(at("s1")));
    }

    #[test]
    fn a_position_of_version_0_1_is_read() {
        let text = r#"{"since":"s1","unread":[{"room":"!a:b","event":"$u","at":1}]}"#;
        let unread = Unread { room: room_id!("!a:b").to_owned(), event: event_id!("$u").to_owned(), at: 1 };
        let position: Position = serde_json::from_str(text).expect("a position");
        assert_eq!(position, Position { unread: vec![unread], ..at("s1") });
    }
}
