//! Listening: syncs for ever, and has each room read by itself.

mod answered;
mod backlog;
mod catch_up;
mod gap;
mod own_device;
mod places;
mod reader;
mod recent;
mod undecrypted;
mod unencrypted;

use crate::board_message::BoardNews;
use crate::causes::causes;
use crate::duty::Duty;
use crate::error::MatrixError;
use crate::folder::Folder;
use crate::generation::{self, Age};
use crate::pending::PendingReplies;
use crate::predecessor::{Before, Predecessor};
use crate::removal::Removal;
use crate::retry::{Failure, Heartbeat, Pauses};
use crate::room_changes::{Change, RoomChanges};
use crate::room_manager::RoomManager;
use crate::room_names::RoomNames;
use crate::session::{Ended, end};
use crate::settings::Settings;
use crate::shared_client::SharedClient;
use crate::trust;
use crate::verification::{Verifications, asked_in};
use crate::voice::Voice;
use backlog::{Backlog, Update};
use gap::is_joining;
use matrix_sdk::Room;
use matrix_sdk::config::SyncSettings;
use matrix_sdk::ruma::api::client::filter::{Filter, FilterDefinition, LazyLoadOptions, RoomEventFilter};
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::events::{AnySyncStateEvent, AnySyncTimelineEvent, SyncStateEvent};
use matrix_sdk::ruma::{OwnedDeviceId, OwnedRoomId};
use matrix_sdk::sync::{JoinedRoomUpdate, SyncResponse};
use own_device::Owner;
use ptgbot_core::{Connection, Incoming, Network};
use reader::RoomReader;
use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::{JoinError, JoinSet};

/// What all who listen share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) account: SharedClient,
    pub(crate) network: Network,
    pub(crate) settings: Arc<Settings>,
    pub(crate) pending: PendingReplies,
    pub(crate) names: RoomNames,
    pub(crate) changes: RoomChanges,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) voice: Voice,
    pub(crate) connection: Connection,
    pub(crate) before: Before,
    pub(crate) board: BoardNews,
    pub(crate) to_inbox: mpsc::Sender<Incoming>,
}

/// The half that hears.
pub(crate) struct Listener {
    with: Context,
    folder: Arc<Folder>,
    rooms: HashMap<OwnedRoomId, Reading>,
    tasks: JoinSet<TaskEnd>,
    /// The device at the start: later it may be a new one.
    began_as: OwnedDeviceId,
    predecessor: Predecessor,
    verifications: Verifications,
    /// How many pages of the past are asked for at once.
    pages: Arc<Semaphore>,
}

/// The reading of a room.
struct Reading {
    /// `None` while it reads.
    reader: Option<Box<RoomReader>>,
    backlog: Backlog,
    /// Whether keys may have come for what could not be decrypted.
    try_again: bool,
}

/// What a task gives back at its end.
enum TaskEnd {
    Reader(Box<RoomReader>),
    /// The account cannot be used any more.
    Failed(MatrixError),
    Nothing,
}

/// What the next sync brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    /// Another process acts: what is said is that one's business.
    Others,
    /// A first start: everything in it was said before, and is only looked through for invitations.
    Ignored,
    /// The library is somewhere else than we are: what it shows was said before and after our place in the stream.
    Mixed,
    /// All of it is new.
    DealtWith,
}

impl Listener {
    /// For an account that has signed in on a device.
    pub(crate) fn new(with: Context, folder: Arc<Folder>, began_as: OwnedDeviceId) -> Self {
        let (rooms, tasks, predecessor) = (HashMap::new(), JoinSet::new(), Predecessor::Us);
        let Context { account, settings, voice, .. } = &with;
        let verifications = Verifications::new(account.clone(), settings.owner.clone(), voice.clone());
        Self {
            with,
            folder,
            rooms,
            tasks,
            began_as,
            predecessor,
            verifications,
            pages: Arc::new(Semaphore::new(PAGES_AT_ONCE)),
        }
    }

    /// Listens until nobody wants to hear any more. While it stands by it only follows the account: keys come, and
    /// rooms are known. Then all that was said since the place in the stream is heard.
    ///
    /// # Errors
    /// When the account cannot be used any more.
    pub(crate) async fn run(mut self, duty: watch::Receiver<Duty>) -> Result<(), MatrixError> {
        let Context { account, settings, pending, names, changes, heartbeat, to_inbox, .. } = self.with.clone();
        let manager = RoomManager::new(account, settings, names, changes, heartbeat);
        self.tasks.spawn(async move { match manager.run().await {} });
        tokio::select! {
            () = to_inbox.closed() => Ok(()),
            () = pending.not_kept() => Err(MatrixError::NotKept),
            ended = self.listen(duty) => match ended? {},
        }
    }

    async fn listen(&mut self, mut duty: watch::Receiver<Duty>) -> Result<Infallible, MatrixError> {
        self.leave_to_the_acting_process(&mut duty).await?;
        self.replace_old_copy().await?;
        self.watch_the_device(duty.clone()).await;
        let news = Arc::new(Notify::new());
        let keeping_up = generation::keep_up(self.with.account.clone(), self.folder.clone(), news.clone());
        self.tasks.spawn(async move { TaskEnd::Failed(keeping_up.await) });
        let mut past = Past::Others;
        let mut settings = SyncSettings::new().filter(filter().into()).timeout(Duration::ZERO);
        let mut pauses = pauses();
        let (mut began, mut told) = (false, false);
        let mut silent = false;
        loop {
            let duty = duty.borrow().clone();
            if let (Past::Others, Duty::Act { from }) = (past, duty) {
                past = self.begin_to_act(from).await;
                settings = settings.timeout(Duration::ZERO);
            }
            let client = self.with.account.client().await;
            let synced = self.while_reading(client.sync_once(settings.clone())).await?;
            drop(client);
            let error = match synced {
                Ok(response) => {
                    if std::mem::take(&mut silent) {
                        tracing::info!("listening again");
                    }
                    pauses = self::pauses();
                    settings = settings.timeout(if past == Past::Others { SHORT_POLL } else { LONG_POLL });
                    self.with.heartbeat.beat();
                    self.with.connection.returns();
                    if !(response.rooms.joined.is_empty() && response.to_device.is_empty()) {
                        news.notify_one();
                    }
                    if past != Past::Others {
                        self.answer_verifications(&response);
                        self.take_in(response, std::mem::replace(&mut past, Past::DealtWith)).await;
                        if !std::mem::replace(&mut told, true) {
                            self.with.changes.tell(Change::Listening);
                        }
                    }
                    if !std::mem::replace(&mut began, true) {
                        self.establish_trust();
                    }
                    continue;
                }
                Err(error) => error,
            };
            self.unless_signed_out(&error)?;
            self.with.connection.breaks();
            let in_the_library = !matches!(error, matrix_sdk::Error::Http(_));
            if !std::mem::replace(&mut silent, true) {
                if in_the_library {
                    tracing::error!(%error, "cannot keep what the homeserver says; trying again");
                } else {
                    tracing::warn!(
                        error = causes(&error),
                        "the homeserver does not answer; trying again until it does"
                    );
                }
            }
            self.while_reading(tokio::time::sleep(pauses.next())).await?;
            if in_the_library {
                self.reopen().await?;
                if past == Past::DealtWith {
                    past = self.catch_up().await;
                }
                settings = settings.timeout(Duration::ZERO);
            }
        }
    }

    /// Ends a copy of the folder of the process that acts, before it has done that one any harm.
    async fn leave_to_the_acting_process(&self, duty: &mut watch::Receiver<Duty>) -> Result<(), MatrixError> {
        match own_device::owner(&self.device().await, duty).await {
            Owner::Us => Ok(()),
            Owner::ActingProcess => Err(MatrixError::SameDevice { path: self.folder.path().to_owned() }),
        }
    }

    /// The same beside the sync.
    async fn watch_the_device(&mut self, duty: watch::Receiver<Duty>) {
        let (device, path) = (self.device().await, self.folder.path().to_owned());
        self.tasks.spawn(async move {
            own_device::is_taken(&device, duty).await;
            TaskEnd::Failed(MatrixError::SameDevice { path })
        });
    }

    /// The library's memory and the disk may differ now: goes on with what the disk has.
    async fn reopen(&mut self) -> Result<(), MatrixError> {
        let account = self.with.account.clone();
        let mut pauses = pauses();
        while let Err(error) = self.while_reading(account.reopen()).await? {
            let pause = pauses.next();
            tracing::error!(%error, again_in = ?pause, "cannot read the data folder yet");
            self.while_reading(tokio::time::sleep(pause)).await?;
        }
        Ok(())
    }

    /// Signs in on a new device if the data folder is an old copy; the client is for all to use then.
    async fn replace_old_copy(&mut self) -> Result<(), MatrixError> {
        let mut pauses = pauses();
        loop {
            let client = self.with.account.closed_client().await;
            let error = match generation::age(&client, &self.folder).await {
                Ok(Age::Newest) => break,
                Ok(Age::OldCopy) => {
                    drop(client);
                    let path = self.folder.path().display();
                    tracing::error!("{path} is an old copy, with whose keys nobody could read us: signing in anew");
                    self.with.account.sign_in_anew().await?;
                    break;
                }
                Err(error) => error,
            };
            drop(client);
            self.unless_signed_out(&error)?;
            if Failure::of(&error) == Failure::Final {
                tracing::warn!(%error, "cannot see whether the data folder is an old copy");
                break;
            }
            let pause = pauses.next();
            tracing::warn!(error = causes(&error), again_in = ?pause, "the homeserver does not answer yet");
            tokio::time::sleep(pause).await;
        }
        self.with.account.open();
        Ok(())
    }

    fn unless_signed_out(&self, error: &matrix_sdk::Error) -> Result<(), MatrixError> {
        let Some(ErrorKind::UnknownToken(token)) = error.client_api_error_kind() else {
            return Ok(());
        };
        let key_file = trust::key_file(&self.with.settings, self.folder.path());
        end(&self.folder, if token.soft_logout { Ended::Token } else { Ended::Device })?;
        Err(MatrixError::SignedOut { reason: error.to_string(), key_file })
    }

    /// Beside the sync: it may take some requests, and commands should not wait for it.
    fn establish_trust(&mut self) {
        let Context { account, settings, .. } = self.with.clone();
        let (folder, verifications) = (self.folder.clone(), self.verifications.clone());
        self.tasks.spawn(async move {
            let client = account.client().await;
            if let Err(error) = trust::establish(&client, &settings, folder.path()).await {
                tracing::error!(%error, "this device may not be trusted by others");
            }
            drop(client);
            verifications.meet_the_owner().await;
            TaskEnd::Nothing
        });
    }

    /// Beside the sync: its answers come with the next ones.
    fn answer_verifications(&mut self, response: &SyncResponse) {
        for asked in asked_in(response, self.with.account.us()) {
            let verifications = self.verifications.clone();
            self.tasks.spawn(async move {
                verifications.answer(asked).await;
                TaskEnd::Nothing
            });
        }
    }

    /// Has read what came with a sync.
    async fn take_in(&mut self, response: SyncResponse, past: Past) {
        let until = response.next_batch;
        let client = self.with.account.client().await;
        match (past, self.with.pending.since()) {
            (Past::Others, _) => return,
            (Past::Ignored, _) | (_, None) => self.with.pending.synced(&until, std::iter::empty()),
            (Past::Mixed, Some(_)) => {
                self.with.board.anywhere();
                self.read_meanwhile(client.joined_rooms(), &until, true).await;
            }
            (Past::DealtWith, Some(since)) => {
                let mut updates = Vec::new();
                for (id, update) in response.rooms.joined {
                    let Some(room) = client.get_room(&id) else { continue };
                    self.notice_changes(&room, &update);
                    let (since, until) = (since.clone(), until.clone());
                    updates.extend(self.update(&room, update, since, until).await.map(|update| (id, update)));
                }
                self.with.pending.synced(&until, updates.iter().map(|(id, _)| &**id));
                for (id, update) in updates {
                    self.reading(id).backlog.push(update);
                }
                for id in self.rooms.keys().cloned().collect::<Vec<_>>() {
                    self.reading(id.clone()).try_again = true;
                    self.go_on(id);
                }
            }
        }
        response.rooms.invited.into_keys().for_each(|room| self.with.changes.tell(Change::Invited(room)));
        for (room, update) in response.rooms.left {
            let removal = Removal::of(self.with.account.us(), &update.timeline.events);
            self.with.pending.leave(&room);
            self.with.changes.tell(Change::RemovedFromRoom(room, removal));
        }
    }

    async fn update(&self, room: &Room, update: JoinedRoomUpdate, since: String, until: String) -> Option<Update> {
        let (events, us) = (update.timeline.events, self.with.account.us());
        let joined = events.iter().any(|event| is_joining(event, us));
        let missing_until = update.timeline.prev_batch.filter(|_| update.timeline.limited && !joined);
        if events.is_empty() && missing_until.is_none() {
            return None;
        }
        let powers = room.power_levels_or_default().await;
        Some(Update { since, until, missing_until, events, powers, predecessor: Predecessor::Us })
    }

    fn reading(&mut self, room: OwnedRoomId) -> &mut Reading {
        let (with, pages) = (&self.with, &self.pages);
        self.rooms.entry(room).or_insert_with_key(|room| {
            let reader = RoomReader::new(room.clone(), with.clone(), pages.clone());
            Reading { reader: Some(Box::new(reader)), backlog: Backlog::default(), try_again: true }
        })
    }

    /// Has a room's reader do what is next for it, if it has time.
    fn go_on(&mut self, room: OwnedRoomId) {
        let reading = self.reading(room);
        let Some(mut reader) = reading.reader.take() else { return };
        if let Some(update) = reading.backlog.pop() {
            self.tasks.spawn(async move {
                reader.take_in(update).await;
                TaskEnd::Reader(reader)
            });
        } else if std::mem::take(&mut reading.try_again) && reader.has_unread() {
            self.tasks.spawn(async move {
                reader.try_again().await;
                TaskEnd::Reader(reader)
            });
        } else {
            reading.reader = Some(reader);
        }
    }

    /// Waits for something, and meanwhile keeps the readers going.
    async fn while_reading<T>(&mut self, work: impl IntoFuture<Output = T>) -> Result<T, MatrixError> {
        let mut work = pin!(work.into_future());
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                Some(ended) = self.tasks.join_next() => self.task_ended(ended)?,
            }
        }
    }

    fn task_ended(&mut self, ended: Result<TaskEnd, JoinError>) -> Result<(), MatrixError> {
        match ended.map_err(MatrixError::panicked)? {
            TaskEnd::Reader(reader) => {
                let room = reader.room().to_owned();
                self.reading(room.clone()).reader = Some(reader);
                self.go_on(room);
            }
            TaskEnd::Failed(error) => return Err(error),
            TaskEnd::Nothing => {}
        }
        Ok(())
    }

    fn notice_changes(&self, room: &Room, update: &JoinedRoomUpdate) {
        let (changes, id) = (&self.with.changes, room.room_id());
        if room.is_tombstoned() {
            changes.tell(Change::Replaced(id.to_owned()));
        }
        if update.timeline.limited {
            // Whoever left meanwhile is not shown.
            changes.tell(Change::MemberLeft(id.to_owned()));
        }
        let in_timeline = update.timeline.events.iter().filter_map(|event| event.raw().deserialize().ok());
        let in_timeline: Vec<AnySyncTimelineEvent> = in_timeline.collect();
        self.with.board.notice(room, &in_timeline, update.timeline.limited);
        for event in in_timeline {
            if let AnySyncTimelineEvent::State(AnySyncStateEvent::RoomMember(SyncStateEvent::Original(member))) = event
                && matches!(member.content.membership, MembershipState::Leave | MembershipState::Ban)
            {
                changes.tell(Change::MemberLeft(id.to_owned()));
            }
        }
    }
}

/// What we want of a sync: as many messages as servers give, no presence, no receipts, members as they speak.
fn filter() -> FilterDefinition {
    let as_they_speak = LazyLoadOptions::Enabled { include_redundant_members: false };
    let mut filter = FilterDefinition::default();
    filter.presence = Filter::ignore_all();
    filter.room.ephemeral = RoomEventFilter::ignore_all();
    filter.room.state.lazy_load_options = as_they_speak;
    filter.room.timeline.lazy_load_options = as_they_speak;
    filter.room.timeline.limit = Some(PAGE.into());
    filter
}

fn pauses() -> Pauses {
    Pauses::new(FIRST_PAUSE, LONGEST_PAUSE)
}

/// How many messages are asked for at once.
const PAGE: u8 = 100;
const PAGES_AT_ONCE: usize = 8;
/// How long the server may hold an answer back when there is nothing new.
const LONG_POLL: Duration = Duration::from_secs(30);
/// The same while another process acts: who takes over first waits for that answer.
const SHORT_POLL: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
