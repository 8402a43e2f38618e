//! What was asked and is not answered yet, and so how far the stream of messages is dealt with.
//!
//! The place in the stream is kept only behind messages that are answered. After a kill the stream is read again
//! from there: what was not recorded is run, what was recorded is known by its event ID (the board remembers), and
//! an answer that had left is not sent twice, because its transaction ID is made of the message that it answers.

use crate::folder::Folder;
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by the half that hears and the half that answers.
#[derive(Clone)]
pub(crate) struct PendingReplies(Arc<Mutex<State>>);

/// A message that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingReply {
    /// Where it was said, and is answered.
    pub(crate) room: OwnedRoomId,
    /// Who alone is mentioned.
    pub(crate) sender: OwnedUserId,
    /// The message that the answer replies or reacts to: of an edit the edited one, of a deletion none.
    pub(crate) about: Option<OwnedEventId>,
    /// The thread in which it was said.
    pub(crate) thread: Option<OwnedEventId>,
}

/// How far the stream is dealt with; kept in the data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// The sync token up to which everything is answered; `None` before the first sync of a first start.
    #[serde(default)]
    pub(crate) since: Option<String>,
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

struct State {
    folder: Arc<Folder>,
    position: Position,
    open: HashMap<String, Open>,
    batches: VecDeque<Batch>,
}

struct Open {
    reply: PendingReply,
    /// How many pieces of the answer have left.
    said: usize,
}

/// What came with one sync.
struct Batch {
    next: String,
    open: HashSet<String>,
    unread: Vec<Unread>,
}

impl PendingReplies {
    /// Goes on where the folder says.
    pub(crate) fn new(folder: Arc<Folder>, position: Position) -> Self {
        Self(Arc::new(Mutex::new(State { folder, position, open: HashMap::new(), batches: VecDeque::new() })))
    }

    /// Takes in what came with a sync, before any of it is handed on.
    pub(crate) fn hear(&self, next: String, replies: Vec<(OwnedEventId, PendingReply)>, unread: Vec<Unread>) {
        let mut state = self.state();
        let open = replies.iter().map(|(id, _)| id.to_string()).collect();
        for (id, reply) in replies {
            state.open.insert(id.to_string(), Open { reply, said: 0 });
        }
        state.batches.push_back(Batch { next, open, unread });
        state.advance();
    }

    /// True while a message waits for its answer.
    pub(crate) fn is_open(&self, id: &str) -> bool {
        self.state().open.contains_key(id)
    }

    /// The message that an answer belongs to, and the number of the piece that leaves now, from 0.
    pub(crate) fn answering(&self, id: &str) -> Option<(PendingReply, usize)> {
        let mut state = self.state();
        let open = state.open.get_mut(id)?;
        let number = open.said;
        open.said += 1;
        Some((open.reply.clone(), number))
    }

    /// A message is dealt with, and its answer has left.
    pub(crate) fn done(&self, id: &str) {
        let mut state = self.state();
        state.open.remove(id);
        for batch in &mut state.batches {
            batch.open.remove(id);
        }
        state.advance();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn advance(&mut self) {
        let mut moved = false;
        while let Some(batch) = self.batches.pop_front_if(|batch| batch.open.is_empty()) {
            moved |= self.position.since.as_ref() != Some(&batch.next) || self.position.unread != batch.unread;
            self.position = Position { since: Some(batch.next), unread: batch.unread };
        }
        if moved && let Err(error) = self.folder.write(POSITION, &self.position) {
            tracing::error!(%error, "after a kill some messages would be read again");
        }
    }
}

/// The file of the position in the data folder.
pub(crate) const POSITION: &str = "position.json";

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::{event_id, room_id, user_id};

    fn pending() -> (PendingReplies, Arc<Folder>, tempfile::TempDir) {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = Arc::new(Folder::open(outside.path()).expect("the folder"));
        (PendingReplies::new(folder.clone(), Position::default()), folder, outside)
    }

    fn since(folder: &Folder) -> Option<String> {
        folder.read::<Position>(POSITION).expect("readable").and_then(|position| position.since)
    }

    fn reply() -> PendingReply {
        PendingReply {
            room: room_id!("!a:example.org").to_owned(),
            sender: user_id!("@jane:example.org").to_owned(),
            about: None,
            thread: None,
        }
    }

    #[test]
    fn the_place_moves_only_behind_what_is_answered() {
        let (pending, folder, _outside) = pending();
        let (first, second) = (event_id!("$1").to_owned(), event_id!("$2").to_owned());
        pending.hear("s1".into(), vec![(first, reply())], Vec::new());
        pending.hear("s2".into(), Vec::new(), Vec::new());
        pending.hear("s3".into(), vec![(second, reply())], Vec::new());
        assert_eq!(since(&folder), None);
        pending.done("$2");
        assert_eq!(since(&folder), None, "the first one still waits");
        pending.done("$1");
        assert_eq!(since(&folder).as_deref(), Some("s3"));
    }

    #[test]
    fn a_sync_without_questions_moves_at_once_and_keeps_what_is_unread() {
        let (pending, folder, _outside) = pending();
        let unread = Unread { room: room_id!("!a:b").to_owned(), event: event_id!("$u").to_owned(), at: 1 };
        pending.hear("s1".into(), Vec::new(), vec![unread.clone()]);
        let position = folder.read::<Position>(POSITION).expect("readable").expect("a position");
        assert_eq!(position, Position { since: Some("s1".into()), unread: vec![unread] });
    }

    #[test]
    fn pieces_of_an_answer_are_counted() {
        let (pending, _folder, _outside) = pending();
        pending.hear("s1".into(), vec![(event_id!("$1").to_owned(), reply())], Vec::new());
        assert_eq!(pending.answering("$1"), Some((reply(), 0)));
        assert_eq!(pending.answering("$1"), Some((reply(), 1)));
        assert!(pending.is_open("$1") && !pending.is_open("$2"));
        pending.done("$1");
        assert_eq!(pending.answering("$1"), None);
    }
}
