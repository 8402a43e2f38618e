//! What was asked and is not answered yet, and so how far the stream of messages is dealt with.
//!
//! The place in the stream is kept for each room by itself, and moves only behind messages that are answered. After a
//! kill each room is read again from its place: what was not recorded is run, what was recorded is known by its event
//! ID (the board remembers), and an answer that had left is not sent twice, because its transaction ID is made of the
//! message that it answers. A room that cannot be read holds up nobody but itself.

use crate::folder::Folder;
use crate::position::{Moves, Position, PositionFile, Unread};
use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by those who hear and those who answer.
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

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answering {
    /// The message that asked.
    pub(crate) message: OwnedEventId,
    /// How it is answered.
    pub(crate) reply: PendingReply,
    /// The number of the piece, from 0.
    pub(crate) piece: usize,
}

struct State {
    file: PositionFile,
    /// The last sync that was taken in.
    since: Option<String>,
    /// What of each room is not dealt with, oldest first; no entry where nothing is.
    rooms: BTreeMap<OwnedRoomId, VecDeque<Stretch>>,
    unread: Vec<Unread>,
    open: HashMap<String, Open>,
}

/// What was said in a room between two places in the stream.
struct Stretch {
    since: String,
    until: String,
    progress: Progress,
}

enum Progress {
    /// It is still to be read.
    Unread,
    /// It is read; these messages wait for their answers.
    Read(HashSet<String>),
}

struct Open {
    message: OwnedEventId,
    reply: PendingReply,
    /// How many pieces of the answer have left.
    said: usize,
}

impl PendingReplies {
    /// Goes on where the folder says. Must be called within a tokio runtime.
    pub(crate) fn new(folder: Arc<Folder>, position: Position) -> Self {
        let file = PositionFile::new(folder, position.clone());
        let rooms = behind(&position);
        let state = State { file, since: position.since, rooms, unread: position.unread, open: HashMap::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Goes on where another device was, before anything is read.
    pub(crate) fn go_on_from(&self, position: Position) {
        let mut state = self.state();
        state.rooms = behind(&position);
        (state.since, state.unread) = (position.since, position.unread);
        state.keep();
    }

    /// How far the stream is dealt with.
    pub(crate) fn position(&self) -> Position {
        self.state().position()
    }

    /// Sees each move of the position from now on.
    pub(crate) fn moves(&self) -> Moves {
        self.state().file.moves()
    }

    /// Where the stream has been taken in.
    pub(crate) fn since(&self) -> Option<String> {
        self.state().since.clone()
    }

    /// From where a room is to be read: its own place if it is behind, else that of all.
    pub(crate) fn since_in(&self, room: &RoomId) -> Option<String> {
        let state = self.state();
        let own = state.rooms.get(room).and_then(|stretches| stretches.front());
        own.map(|stretch| stretch.since.clone()).or_else(|| state.since.clone())
    }

    /// The rooms that are behind.
    pub(crate) fn behind(&self) -> Vec<OwnedRoomId> {
        self.state().rooms.keys().cloned().collect()
    }

    /// A room's messages that could not be decrypted so far.
    pub(crate) fn unread_in(&self, room: &RoomId) -> Vec<Unread> {
        self.state().unread.iter().filter(|unread| unread.room == room).cloned().collect()
    }

    /// The stream has moved on to `until`, and something was said in these rooms.
    pub(crate) fn synced<'a>(&self, until: &str, rooms: impl Iterator<Item = &'a RoomId>) {
        let mut state = self.state();
        if let Some(since) = state.since.replace(until.to_owned()) {
            for room in rooms {
                let (since, until) = (since.clone(), until.to_owned());
                let stretch = Stretch { since, until, progress: Progress::Unread };
                state.rooms.entry(room.to_owned()).or_default().push_back(stretch);
            }
        }
        state.keep();
    }

    /// A room is read up to `until`: these messages wait for answers, those cannot be decrypted yet.
    pub(crate) fn read(
        &self,
        room: &RoomId,
        until: &str,
        replies: Vec<(OwnedEventId, PendingReply)>,
        unread: &[Unread],
    ) {
        let mut state = self.state();
        let open = replies.iter().map(|(id, _)| id.to_string()).collect();
        state.unread.extend_from_slice(unread);
        if let Some(stretches) = state.rooms.get_mut(room)
            && let Some(last) = stretches.iter().rposition(|stretch| stretch.until == until)
            && let Some(first) = stretches.iter().position(|stretch| matches!(stretch.progress, Progress::Unread))
            && first <= last
        {
            // Of several that were read in one go the first place counts.
            stretches.drain(first + 1..=last);
            stretches[first].until = until.to_owned();
            stretches[first].progress = Progress::Read(open);
        }
        for (id, reply) in replies {
            state.open.insert(id.to_string(), Open { message: id, reply, said: 0 });
        }
        state.advance(room);
        state.keep();
    }

    /// A message that could not be decrypted for a while waits for its answer.
    pub(crate) fn decrypted(&self, id: &EventId, reply: PendingReply) {
        self.state().open.insert(id.to_string(), Open { message: id.to_owned(), reply, said: 0 });
    }

    /// A message is no longer tried: it cannot be decrypted, or asks for nothing.
    pub(crate) fn give_up(&self, id: &EventId) {
        let mut state = self.state();
        state.unread.retain(|unread| unread.event != id);
        state.keep();
    }

    /// A room that we are no longer in: nothing of it will be read or answered.
    pub(crate) fn leave(&self, room: &RoomId) {
        let mut state = self.state();
        state.rooms.remove(room);
        state.unread.retain(|unread| unread.room != room);
        state.keep();
    }

    /// True while a message waits for its answer.
    pub(crate) fn is_open(&self, id: &str) -> bool {
        self.state().open.contains_key(id)
    }

    /// The message that an answer belongs to, one piece of which leaves now.
    pub(crate) fn answering(&self, id: &str) -> Option<Answering> {
        let mut state = self.state();
        let open = state.open.get_mut(id)?;
        let piece = open.said;
        open.said += 1;
        Some(Answering { message: open.message.clone(), reply: open.reply.clone(), piece })
    }

    /// A message is dealt with, and its answer has left.
    pub(crate) fn done(&self, id: &str) {
        let mut state = self.state();
        let Some(Open { reply, .. }) = state.open.remove(id) else { return };
        state.unread.retain(|unread| unread.event != id);
        for stretch in state.rooms.get_mut(&reply.room).into_iter().flatten() {
            if let Progress::Read(open) = &mut stretch.progress {
                open.remove(id);
            }
        }
        state.advance(&reply.room);
        state.keep();
    }

    /// What to await until the disk has the place in the stream as it is now.
    pub(crate) fn kept(&self) -> impl Future<Output = ()> + Send + use<> {
        self.state().file.written()
    }

    /// Ends when the disk does not follow any more, which is a fault.
    pub(crate) fn not_kept(&self) -> impl Future<Output = ()> + Send + use<> {
        self.state().file.ended()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Drops what is dealt with from the beginning of a room.
    fn advance(&mut self, room: &RoomId) {
        let Some(stretches) = self.rooms.get_mut(room) else { return };
        let is_done = |stretch: &mut Stretch| matches!(&stretch.progress, Progress::Read(open) if open.is_empty());
        while stretches.pop_front_if(is_done).is_some() {}
        if stretches.is_empty() {
            self.rooms.remove(room);
        }
    }

    fn keep(&self) {
        self.file.set(self.position());
    }

    fn position(&self) -> Position {
        let place = |(room, stretches): (&OwnedRoomId, &VecDeque<Stretch>)| {
            Some((room.clone(), stretches.front()?.since.clone()))
        };
        let behind = self.rooms.iter().filter_map(place).collect();
        Position { since: self.since.clone(), behind, unread: self.unread.clone() }
    }
}

/// What is not dealt with of the rooms that are behind a position.
fn behind(position: &Position) -> BTreeMap<OwnedRoomId, VecDeque<Stretch>> {
    let until = position.since.clone().unwrap_or_default();
    let stretch = |since: &String| Stretch { since: since.clone(), until: until.clone(), progress: Progress::Unread };
    position.behind.iter().map(|(room, since)| (room.clone(), VecDeque::from([stretch(since)]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::POSITION;
    use matrix_sdk::ruma::{event_id, room_id, user_id};

    struct Kept {
        pending: PendingReplies,
        folder: Arc<Folder>,
        _outside: tempfile::TempDir,
    }

    impl Kept {
        fn at(token: &str) -> Self {
            let outside = tempfile::tempdir().expect("a folder");
            let folder = Arc::new(Folder::open(outside.path()).expect("the folder"));
            let position = Position { since: Some(token.into()), ..Position::default() };
            Self { pending: PendingReplies::new(folder.clone(), position), folder, _outside: outside }
        }

        /// The token of all, and those of the rooms that are behind.
        async fn places(&self) -> (String, Vec<(String, String)>) {
            self.pending.kept().await;
            let position: Position = self.folder.read(POSITION).expect("readable").expect("a position");
            let behind = position.behind.into_iter().map(|(room, since)| (room.to_string(), since)).collect();
            (position.since.expect("a token"), behind)
        }
    }

    fn reply(room: &RoomId) -> PendingReply {
        let sender = user_id!("@jane:example.org").to_owned();
        PendingReply { room: room.to_owned(), sender, about: None, thread: None }
    }

    fn behind(places: &[(&str, &str)]) -> Vec<(String, String)> {
        places.iter().map(|(room, since)| ((*room).to_owned(), (*since).to_owned())).collect()
    }

    #[tokio::test]
    async fn the_place_of_a_room_moves_only_behind_what_is_answered() {
        let kept = Kept::at("s0");
        let room = room_id!("!a:b");
        kept.pending.synced("s1", [room].into_iter());
        kept.pending.read(room, "s1", vec![(event_id!("$1").to_owned(), reply(room))], &[]);
        kept.pending.synced("s2", std::iter::empty());
        kept.pending.synced("s3", [room].into_iter());
        kept.pending.read(room, "s3", vec![(event_id!("$2").to_owned(), reply(room))], &[]);
        assert_eq!(kept.places().await, ("s3".into(), behind(&[("!a:b", "s0")])));
        kept.pending.done("$2");
        assert_eq!(kept.places().await.1, behind(&[("!a:b", "s0")]), "the first one still waits");
        kept.pending.done("$1");
        assert_eq!(kept.places().await, ("s3".into(), Vec::new()));
    }

    #[tokio::test]
    async fn a_room_that_cannot_be_read_is_remembered_by_itself() {
        let kept = Kept::at("s0");
        let (dead, alive) = (room_id!("!dead:b"), room_id!("!alive:b"));
        for (number, until) in ["s1", "s2", "s3"].into_iter().enumerate() {
            kept.pending.synced(until, [dead, alive].into_iter());
            let id = EventId::parse(format!("${number}")).expect("an ID");
            kept.pending.read(alive, until, vec![(id.clone(), reply(alive))], &[]);
            kept.pending.done(id.as_str());
        }
        assert_eq!(kept.places().await, ("s3".into(), behind(&[("!dead:b", "s0")])));
        assert_eq!(kept.pending.since_in(dead).as_deref(), Some("s0"));
        assert_eq!(kept.pending.since_in(alive).as_deref(), Some("s3"));
        kept.pending.read(dead, "s2", vec![(event_id!("$x").to_owned(), reply(dead))], &[]);
        assert_eq!(kept.places().await.1, behind(&[("!dead:b", "s0")]));
        kept.pending.done("$x");
        assert_eq!(kept.places().await.1, behind(&[("!dead:b", "s2")]), "the third is still to be read");
    }

    #[tokio::test]
    async fn a_room_that_was_behind_before_a_restart_is_read_with_what_follows() {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = Arc::new(Folder::open(outside.path()).expect("the folder"));
        let room = room_id!("!a:b");
        let behind = BTreeMap::from([(room.to_owned(), "s1".to_owned())]);
        let position = Position { since: Some("s5".into()), behind, unread: Vec::new() };
        let pending = PendingReplies::new(folder.clone(), position);
        pending.synced("s6", [room].into_iter());
        assert_eq!((pending.behind(), pending.since_in(room)), (vec![room.to_owned()], Some("s1".into())));
        pending.read(room, "s6", Vec::new(), &[]);
        pending.kept().await;
        let position = folder.read::<Position>(POSITION).expect("readable").expect("a position");
        assert_eq!(position, Position { since: Some("s6".into()), ..Position::default() });
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_decrypted_is_kept_until_it_is_answered() {
        let kept = Kept::at("s0");
        let room = room_id!("!a:b");
        let unread = Unread { room: room.to_owned(), event: event_id!("$u").to_owned(), at: 1 };
        kept.pending.synced("s1", [room].into_iter());
        kept.pending.read(room, "s1", Vec::new(), std::slice::from_ref(&unread));
        assert_eq!((kept.places().await.1, kept.pending.unread_in(room)), (Vec::new(), vec![unread.clone()]));
        kept.pending.decrypted(event_id!("$u"), reply(room));
        assert_eq!(kept.pending.unread_in(room), [unread], "a kill now loses nothing");
        kept.pending.done("$u");
        assert!(kept.pending.unread_in(room).is_empty());
    }

    #[tokio::test]
    async fn pieces_of_an_answer_are_counted() {
        let kept = Kept::at("s0");
        let (pending, room) = (&kept.pending, room_id!("!a:b"));
        pending.synced("s1", [room].into_iter());
        pending.read(room, "s1", vec![(event_id!("$1").to_owned(), reply(room))], &[]);
        let message = event_id!("$1").to_owned();
        for piece in 0..2 {
            let expected = Answering { message: message.clone(), reply: reply(room), piece };
            assert_eq!(pending.answering("$1"), Some(expected));
        }
        assert!(pending.is_open("$1") && !pending.is_open("$2"));
        pending.done("$1");
        assert_eq!(pending.answering("$1"), None);
    }
}
