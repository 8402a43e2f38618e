//! What the listener does before anything is heard, and at a fault.

use super::*;
use crate::position::Position;
use crate::stream_place::StreamPlace;
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::ruma::{device_id, user_id};
use matrix_sdk::{Client, SessionMeta, SessionTokens};

/// A listener that began on the device `OLD` and is the device `NEW`, and what it hands on.
struct Bench {
    listener: Listener,
    heard: mpsc::Receiver<Incoming>,
    _outside: tempfile::TempDir,
}

impl Bench {
    async fn began_as(device: &str) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let folder = Arc::new(Folder::open(data.path()).expect("the folder"));
        let homeserver = "example.org".parse().expect("a server");
        let settings = Settings::new(homeserver, "ptgbot".parse().expect("a user"), data.path()).expect("settings");
        let settings = Arc::new(settings);
        let client = Client::builder().homeserver_url("http://127.0.0.1:9").build().await.expect("a client");
        let us = user_id!("@ptgbot:example.org").to_owned();
        let meta = SessionMeta { user_id: us.clone(), device_id: device_id!("NEW").to_owned() };
        let tokens = SessionTokens { access_token: "token".into(), refresh_token: None };
        client.restore_session(MatrixSession { meta, tokens }).await.expect("a session");
        let (to_inbox, heard) = mpsc::channel(8);
        let account = SharedClient::new(client, us, settings.clone(), folder.clone());
        account.open();
        let with = Context {
            account,
            network: Network::nearest("example.org"),
            settings,
            pending: PendingReplies::new(folder.clone(), at("s1")),
            names: RoomNames::open(folder.clone(), &[]).expect("names"),
            changes: RoomChanges::default(),
            heartbeat: Heartbeat::default(),
            voice: Voice::default(),
            connection: Connection::default(),
            before: Before::default(),
            board: BoardNews::default(),
            to_inbox,
        };
        Self { listener: Listener::new(with, folder, device.into()), heard, _outside: data }
    }

    /// Begins to act where a device was; gives who was before, and where in the stream we go on.
    async fn goes_on(&mut self, device: &str, token: &str) -> (Predecessor, Option<String>) {
        let from = StreamPlace::new(device.into(), at(token)).expect("a place");
        self.listener.begin_to_act(Some(from)).await;
        (self.listener.with.before.predecessor().await, self.listener.with.pending.since())
    }
}

fn at(token: &str) -> Position {
    Position { since: Some(token.into()), ..Position::default() }
}

#[tokio::test]
async fn a_device_that_was_given_up_since_the_start_is_another_one() {
    let mut anew = Bench::began_as("OLD").await;
    assert_eq!(anew.goes_on("OLD", "s7").await, (Predecessor::Another, Some("s7".into())));
    let mut anew = Bench::began_as("OLD").await;
    anew.listener.begin_to_act(None).await;
    assert_eq!(anew.listener.with.before.predecessor().await, Predecessor::Another);
    let mut same = Bench::began_as("NEW").await;
    assert_eq!(same.goes_on("NEW", "s7").await, (Predecessor::Us, Some("s1".into())), "the folder is never behind");
}

#[tokio::test]
async fn the_first_that_is_handed_on_says_which_device_acts() {
    let mut bench = Bench::began_as("NEW").await;
    bench.goes_on("OTHER", "s7").await;
    let first = bench.heard.try_recv().expect("it is told at once");
    let place = first.place.as_deref().and_then(StreamPlace::parse).expect("a place");
    assert_eq!((place.device(), first.request.ask), (device_id!("NEW"), ptgbot_core::Ask::Tick));
    assert_eq!(place.of_another(device_id!("OTHER")), Some(at("s7")));
}

#[tokio::test]
async fn a_task_that_panics_ends_the_listener_with_an_error() {
    let mut bench = Bench::began_as("NEW").await;
    bench.listener.tasks.spawn(async { panic!("a fault in a reader") });
    let ended = bench.listener.while_reading(std::future::pending::<()>()).await;
    assert!(matches!(ended, Err(MatrixError::Panicked(_))), "{ended:?}");
}
