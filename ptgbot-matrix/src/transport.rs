//! The two halves that the bot sees: what is heard and what is said.

use crate::board_message::{BoardMessages, BoardNews};
use crate::direct_rooms::DirectRooms;
use crate::duty::Duty;
use crate::error::MatrixError;
use crate::folder::Folder;
use crate::listen::{Context, Listener};
use crate::pending::PendingReplies;
use crate::people::FOLDING;
use crate::pieces::{LIMIT, pieces};
use crate::position::{POSITION, Position};
use crate::predecessor::Before;
use crate::retry::Heartbeat;
use crate::room_changes::RoomChanges;
use crate::room_names::RoomNames;
use crate::said_before::SaidBefore;
use crate::send::Sender;
use crate::session::sign_in;
use crate::settings::Settings;
use crate::shared_client::SharedClient;
use crate::speak::Speaker;
use crate::stream_place::StreamPlace;
use crate::voice::Voice;
use async_trait::async_trait;
use futures_util::stream;
use matrix_sdk::ruma::{OwnedDeviceId, UserId};
use ptgbot_core::{
    Connection, Delivery, Handled, Inbox, Incoming, NameForm, Network, Options, Outgoing, Outlet, PersonId, Reply,
    Revision, Sending, Target, Transport, TransportError,
};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A Matrix account as a transport.
///
/// [`open`](Transport::open) must be called within a tokio runtime: it starts the tasks that listen and look after
/// the rooms. They end when the inbox is dropped.
///
/// ```no_run
/// #![recursion_limit = "256"]
/// use ptgbot_matrix::ptgbot_runtime::{Setup, run, store::StoreAddress};
/// use ptgbot_matrix::{MatrixTransport, Secret, Settings};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut settings = Settings::new("example.org".parse()?, "@board:example.org".parse()?, "board-session")?;
/// settings.secret = Some(Secret::Password(std::env::var("MATRIX_PASSWORD")?.into()));
/// settings.rooms.push("#my-event:example.org".parse()?);
/// let transport = MatrixTransport::connect(settings).await?;
/// run(Box::new(transport), Setup::new(StoreAddress::Memory)).await?;
/// # Ok(())
/// # }
/// ```
pub struct MatrixTransport {
    account: SharedClient,
    /// The device at the start.
    device: OwnedDeviceId,
    network: Network,
    settings: Arc<Settings>,
    folder: Arc<Folder>,
    names: RoomNames,
    /// Where this device was.
    position: Position,
    /// Where whoever acted last was, as the store says.
    place: Option<StreamPlace>,
    /// While it stands by.
    hearing: Option<Hearing>,
    connection: Connection,
}

/// The half that hears, at work.
struct Hearing {
    heard: mpsc::Receiver<Incoming>,
    listener: JoinHandle<Result<(), MatrixError>>,
    duty: watch::Sender<Duty>,
    pending: PendingReplies,
    heartbeat: Heartbeat,
    voice: Voice,
    before: Before,
    board: BoardNews,
}

/// What is said in Matrix.
struct MatrixOutlet {
    pending: PendingReplies,
    voice: Voice,
    speaker: Speaker,
    /// The board in words, for the messages that show it.
    board: watch::Sender<Option<Reply>>,
    /// The notification that each person was sent last, and how many pieces of it.
    notified: HashMap<PersonId, (Revision, usize)>,
}

impl MatrixTransport {
    /// Takes the data folder and signs in: from the session that is kept there, without the network, else with the
    /// password or token, waiting for the server as long as it takes.
    ///
    /// # Errors
    /// When a setting makes no sense, or the account or the folder cannot be used.
    pub async fn connect(settings: Settings) -> Result<Self, MatrixError> {
        let settings = Arc::new(settings);
        let folder = Arc::new(Folder::open(&settings.data)?);
        let position = folder.read(POSITION)?.unwrap_or_default();
        let names = RoomNames::open(folder.clone(), &settings.rooms)?;
        let client = sign_in(&settings, &folder).await?;
        let us = client.user_id().ok_or(MatrixError::NoSecret)?.to_owned();
        let network = settings.network.clone().unwrap_or_else(|| Network::nearest(us.server_name().as_str()));
        let device = client.device_id().ok_or(MatrixError::NoSecret)?.to_owned();
        let account = SharedClient::new(client, us, settings.clone(), folder.clone());
        let (place, hearing, connection) = Default::default();
        Ok(Self { account, device, network, settings, folder, names, position, place, hearing, connection })
    }

    /// Whose account it is.
    pub fn user(&self) -> &UserId {
        self.account.us()
    }

    fn hear(&self) -> Hearing {
        let (to_inbox, heard) = mpsc::channel(HEARD_AT_ONCE);
        let pending = PendingReplies::new(self.folder.clone(), self.position.clone());
        let (heartbeat, voice, before) = (Heartbeat::default(), Voice::default(), Before::default());
        let board = BoardNews::default();
        let context = Context {
            account: self.account.clone(),
            network: self.network.clone(),
            settings: self.settings.clone(),
            pending: pending.clone(),
            names: self.names.clone(),
            changes: RoomChanges::default(),
            heartbeat: heartbeat.clone(),
            voice: voice.clone(),
            connection: self.connection.clone(),
            before: before.clone(),
            board: board.clone(),
            to_inbox,
        };
        let (duty, told) = watch::channel(Duty::StandBy { acting: None });
        let listener = Listener::new(context, self.folder.clone(), self.device.clone());
        Hearing { heard, listener: tokio::spawn(listener.run(told)), duty, pending, heartbeat, voice, before, board }
    }
}

impl Transport for MatrixTransport {
    fn network(&self) -> &Network {
        &self.network
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        options.names = NameForm::MatrixId;
        options.line_bytes = LINE_BYTES;
        options.told_at_once = TOLD_AT_ONCE;
        options.delivery = Delivery::WhenTaken;
        options.shows_board = self.settings.board_message;
        options
    }

    fn account(&self) -> Option<PersonId> {
        Some(PersonId::new(&self.network, self.account.us().as_str(), FOLDING))
    }

    /// From one answer to a sync to the first that fails.
    fn connection(&self) -> Connection {
        self.connection.clone()
    }

    fn stand_by(&mut self) {
        self.hearing = Some(self.hear());
    }

    fn acts_at(&mut self, place: &str) {
        if let (Some(hearing), Some(place)) = (&self.hearing, StreamPlace::parse(place)) {
            hearing.duty.send_replace(Duty::StandBy { acting: Some(place.device().to_owned()) });
        }
    }

    fn fails(&mut self) -> Pin<Box<dyn Future<Output = TransportError> + Send + '_>> {
        Box::pin(async {
            if let Some(hearing) = &mut self.hearing
                && let Err(error) = (&mut hearing.listener).await.map_err(MatrixError::panicked).flatten()
            {
                return TransportError::new(error);
            }
            std::future::pending().await
        })
    }

    fn go_on_from(&mut self, place: &str) {
        self.place = StreamPlace::parse(place);
    }

    fn open(mut self: Box<Self>) -> (Inbox, Box<dyn Outlet>) {
        let hearing = self.hearing.take().unwrap_or_else(|| self.hear());
        let Self { account, names, place, settings, .. } = *self;
        let Hearing { heard, listener, duty, pending, heartbeat, voice, before, board } = hearing;
        duty.send_replace(Duty::Act { from: place });
        let direct = DirectRooms::new(account.clone(), names.clone(), heartbeat.clone());
        let said = SaidBefore::default();
        let sender = Sender::new(account, heartbeat);
        let (words, shown) = watch::channel(None);
        if settings.board_message {
            let (sender, names, voice, before) = (sender.clone(), names.clone(), voice.clone(), before.clone());
            tokio::spawn(BoardMessages { sender, names, voice, before, news: board }.follow(shown));
        }
        let speaker = Speaker { names, direct, sender, before, said };
        let outlet = MatrixOutlet { pending, voice, speaker, board: words, notified: HashMap::new() };
        (inbox(heard, listener), Box::new(outlet))
    }
}

/// What is heard until the listener ends, and why it ended.
fn inbox(heard: mpsc::Receiver<Incoming>, listener: JoinHandle<Result<(), MatrixError>>) -> Inbox {
    Box::pin(stream::unfold((heard, Some(listener)), |(mut heard, mut listener)| async move {
        if let Some(message) = heard.recv().await {
            return Some((Ok(message), (heard, listener)));
        }
        let ended = listener.take()?.await;
        let error = ended.map_err(MatrixError::panicked).flatten().err()?;
        Some((Err(TransportError::new(error)), (heard, None)))
    }))
}

#[async_trait]
impl Outlet for MatrixOutlet {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        message.cut_by(|reply| pieces(reply, LIMIT))
    }

    fn send(&mut self, piece: Outgoing) -> Sending {
        let speaker = self.speaker.clone();
        match piece {
            Outgoing::Reply { to, in_reply_to, reply, .. } => {
                let asked = in_reply_to.and_then(|id| self.pending.answering(&id));
                Box::pin(async move {
                    match asked {
                        Some(asked) => speaker.answer(&asked, &reply).await,
                        None => speaker.say(&to, &reply).await,
                    }
                })
            }
            Outgoing::Ack { in_reply_to, .. } => {
                let asked = in_reply_to.and_then(|id| self.pending.answering(&id));
                Box::pin(async move {
                    match asked {
                        Some(asked) => speaker.acknowledge(&asked).await,
                        None => Ok(()),
                    }
                })
            }
            Outgoing::Notify { to, revision, reply } => {
                let number = self.piece_of_notification(&to, revision);
                Box::pin(async move { speaker.notify(&to, (revision, number), &reply).await })
            }
            Outgoing::Announce { room, reply } => {
                Box::pin(async move { speaker.say(&Target::Room(room), &reply).await })
            }
        }
    }

    fn speak_for(&mut self, left: Option<Duration>) {
        self.voice.lasts(left);
    }

    fn show(&mut self, board: &Reply) {
        self.board.send_replace(Some(board.clone()));
    }

    async fn handled(&mut self, handled: Handled) {
        handled.id.iter().for_each(|id| self.pending.done(id));
    }

    /// The place in the stream is on the disk then.
    async fn close(self: Box<Self>) -> Result<(), TransportError> {
        self.pending.kept().await;
        Ok(())
    }
}

impl MatrixOutlet {
    /// The number of the piece that leaves now, from 0: the pieces of a notification leave one after the other.
    fn piece_of_notification(&mut self, to: &PersonId, revision: Revision) -> usize {
        let (last, pieces) = self.notified.entry(to.clone()).or_insert((revision, 0));
        if *last != revision {
            (*last, *pieces) = (revision, 0);
        }
        *pieces += 1;
        *pieces - 1
    }
}

/// Nobody reads more at once in a room: by this the four lines of an answer there are counted.
const LINE_BYTES: usize = 4_000;
/// Many, because those whose rooms are out of order hold up nobody else.
const TOLD_AT_ONCE: usize = 256;
/// How many messages wait for the bot before rooms are no longer read.
const HEARD_AT_ONCE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;

    async fn faulty(_to_inbox: mpsc::Sender<Incoming>) -> Result<(), MatrixError> {
        panic!("a fault in the adapter")
    }

    #[tokio::test]
    async fn a_listener_that_panics_is_a_failure_and_no_end() {
        let (to_inbox, heard) = mpsc::channel(1);
        let mut inbox = inbox(heard, tokio::spawn(faulty(to_inbox)));
        let error = inbox.next().await.expect("no clean end").expect_err("a failure").to_string();
        assert!(error.starts_with("a task of the Matrix adapter failed"), "{error}");
        assert!(inbox.next().await.is_none());
    }
}
