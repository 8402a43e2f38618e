//! The board's message in one room: made once, edited when the board changes, made anew when somebody deletes it.

use super::BoardMessages;
use super::kept::{Kept, find, stands};
use super::news::Happenings;
use super::pace::Pace;
use super::pin::{Pinning, pin};
use crate::content::{edit, notice};
use crate::levels::shown;
use crate::pieces::{LIMIT, pieces};
use crate::send::once;
use matrix_sdk::ruma::events::room::message::RoomMessageEventContent;
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId, OwnedTransactionId, TransactionId};
use matrix_sdk::{Client, Error, RoomState};
use ptgbot_core::{Reply, SendError};
use tokio::sync::watch;

/// The board's message in one room.
pub(super) struct RoomBoard {
    room: OwnedRoomId,
    with: BoardMessages,
    pace: Pace,
    words: watch::Receiver<Option<Reply>>,
    news: Happenings,
    kept: Kept,
    /// What it shows, as far as this run knows.
    shown: Option<Reply>,
    /// After how much that happened in the room it was looked at.
    looked_after: Option<u64>,
    /// Whether the room refuses it: then until something happens there.
    is_refused: bool,
    pinning: TryPin,
}

/// Whether it is tried to pin the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TryPin {
    Yes,
    /// It failed; the log says why.
    AfterNews,
}

impl RoomBoard {
    pub(super) fn new(
        room: OwnedRoomId,
        with: BoardMessages,
        pace: Pace,
        words: watch::Receiver<Option<Reply>>,
    ) -> Self {
        let news = with.news.subscribe();
        let (kept, shown, looked_after, is_refused) = Default::default();
        Self { room, with, pace, words, news, kept, shown, looked_after, is_refused, pinning: TryPin::Yes }
    }

    /// Shows the newest words until nobody tells any more or we are not in the room any more. Gives the room.
    pub(super) async fn follow(mut self) -> OwnedRoomId {
        while self.has_something_to_do().await {
            self.pace.turn().await;
            if !self.is_here().await {
                break;
            }
            self.is_refused = self.bring_up_to_date().await.is_err();
        }
        self.with.news.is(&self.room, None);
        self.room
    }

    /// Waits until there is something to do; false when nobody tells any more.
    async fn has_something_to_do(&mut self) -> bool {
        loop {
            let is_news = self.looked_after != Some(self.with.news.happened_in(&self.room));
            let is_shown = *self.words.borrow_and_update() == self.shown;
            if is_news || !(is_shown || self.is_refused) {
                return true;
            }
            tokio::select! {
                changed = self.words.changed() => if changed.is_err() { return false },
                () = self.news.changed() => {}
            }
        }
    }

    async fn is_here(&self) -> bool {
        let client = self.with.sender.account.client().await;
        client.get_room(&self.room).is_some_and(|room| room.state() == RoomState::Joined)
            && self.with.names.is_ours(&self.room)
    }

    async fn bring_up_to_date(&mut self) -> Result<(), SendError> {
        let happened = self.with.news.happened_in(&self.room);
        if self.looked_after != Some(happened) {
            self.look().await?;
            (self.looked_after, self.pinning) = (Some(happened), TryPin::Yes);
        }
        match self.kept.message.clone() {
            None => self.make().await?,
            Some(message) if *self.words.borrow() != self.shown => self.edit(message).await?,
            Some(_) => {}
        }
        if !self.kept.pinned && self.pinning == TryPin::Yes {
            self.pin().await?;
        }
        Ok(())
    }

    /// Finds out which message it is, and whether it still stands.
    async fn look(&mut self) -> Result<(), SendError> {
        let (us, room) = (self.with.sender.account.us().to_owned(), self.room.clone());
        let (us, room) = (&us, &room);
        let mut kept = self.ask(move |client| async move { Kept::read(&client, us, room).await }).await?;
        if let Some(name) = kept.begun.as_deref().filter(|_| kept.message.is_none()) {
            kept.message = self.ask(move |client| async move { find(&client, room, name).await }).await?;
        }
        if let Some(message) = kept.message.as_deref()
            && !self.ask(move |client| async move { stands(&client, room, message).await }).await?
        {
            tracing::info!(%room, "the board's message was deleted; there will be another one");
            kept = Kept { gone: kept.message, ..Kept::default() };
            self.shown = None;
        }
        self.kept = kept;
        self.with.news.is(&self.room, self.kept.message.as_ref());
        Ok(())
    }

    /// Makes the message. Its name is remembered first: whoever goes on after a crash finds by it whether it stands there.
    async fn make(&mut self) -> Result<(), SendError> {
        let is_new = self.kept.begun.is_none();
        let name = self.kept.begun.get_or_insert_with(TransactionId::new).clone();
        self.keep().await?;
        let words = self.words.borrow().clone().unwrap_or_default();
        let made = || Said { name: name.clone(), words: words.clone(), content: notice(&first(&words), None, None) };
        let (words, message) = self.say(made).await?;
        // One that was begun before may be there with other words.
        self.shown = is_new.then_some(words);
        self.kept = Kept { message: Some(message), gone: self.kept.gone.take(), ..Kept::default() };
        self.with.news.is(&self.room, self.kept.message.as_ref());
        self.keep().await?;
        tracing::info!(room = %self.room, "the board stands in the room");
        Ok(())
    }

    /// Changes the message to the newest words, each time anew that it is tried.
    async fn edit(&mut self, message: OwnedEventId) -> Result<(), SendError> {
        let edited = || {
            let words = self.words.borrow().clone().unwrap_or_default();
            let content = edit(&first(&words), message.clone());
            Said { name: TransactionId::new(), words, content }
        };
        let (words, _) = self.say(edited).await?;
        self.shown = Some(words);
        Ok(())
    }

    async fn pin(&mut self) -> Result<(), SendError> {
        let (room, kept) = (self.room.clone(), self.kept.clone());
        let Some(message) = kept.message.as_deref() else { return Ok(()) };
        let pinning = {
            let client = self.with.sender.account.client().await;
            match client.get_room(&room) {
                Some(room) => pin(&room, message, kept.gone.as_deref()).await,
                None => return Ok(()),
            }
        };
        match pinning {
            Ok(Pinning::Done) => {
                (self.kept.pinned, self.kept.gone) = (true, None);
                return self.keep().await;
            }
            Ok(Pinning::Lacks { needed, ours }) => tracing::warn!(
                %room,
                %message,
                "cannot pin the board's message: that needs power level {needed} (m.room.pinned_events), and the bot has \
                 {}. It goes on unpinned; give the bot that level, or pin it yourself",
                shown(ours)
            ),
            Err(error) => tracing::warn!(%room, %error, "cannot pin the board's message; it goes on unpinned"),
        }
        self.pinning = TryPin::AfterNews;
        Ok(())
    }

    async fn keep(&self) -> Result<(), SendError> {
        let (us, room, kept) = (self.with.sender.account.us(), &self.room, &self.kept);
        self.ask(move |client| async move { kept.write(&client, us, room).await }).await
    }

    /// Asks the server until it answers.
    async fn ask<T, F>(&self, question: impl Fn(Client) -> F) -> Result<T, SendError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let what = format!("the board's message in {}", self.room);
        let attempt = || async {
            let client = self.with.sender.account.client().await;
            question(client.clone()).await
        };
        self.with.sender.until_done(&what, None, attempt).await
    }

    /// Says something until the server has it. Gives the words and the event.
    async fn say(&self, said: impl Fn() -> Said) -> Result<(Reply, OwnedEventId), SendError> {
        let what = format!("the board's message in {}", self.room);
        let attempt = || async {
            if !self.with.voice.may_speak() {
                return Err(Error::InsufficientData);
            }
            let Said { name, words, content } = said();
            let client = self.with.sender.account.client().await;
            let room = client.get_room(&self.room).ok_or(Error::InsufficientData)?;
            let event = once(&room, content, name).await?;
            Ok((words, event.ok_or(Error::InsufficientData)?))
        };
        self.with.sender.until_done(&what, Some(&self.with.sender.messages), attempt).await
    }
}

/// One try to say something.
struct Said {
    name: OwnedTransactionId,
    words: Reply,
    content: RoomMessageEventContent,
}

/// As many of the words as one event takes.
fn first(words: &Reply) -> Reply {
    pieces(words, LONGEST).into_iter().next().unwrap_or_default()
}

/// An edit holds its words twice.
const LONGEST: usize = LIMIT / 2;
