//! From a change to bytes that are served and written.

use super::*;
use crate::clock::SystemClock;
use ptgbot_core::{BoardEvent, Event, Record, Text, TrackEvent, TrackName};
use std::fs;

fn changed(board: &mut Board, event: Event) {
    let at = "2026-10-19T09:00:00Z".parse().expect("a time");
    board.apply(&Record::new(board.revision() + 1, at, event));
}

fn swift() -> TrackName {
    TrackName::parse("swift").expect("a name")
}

#[tokio::test]
async fn a_burst_of_changes_is_served_and_written_with_its_last() {
    let root = tempfile::tempdir().expect("a folder");
    let (folder, data_file) = (root.path().join("site"), root.path().join("ptg.json"));
    let options = PublishOptions {
        folder: Some(folder.clone()),
        data_file: Some(data_file.clone()),
        ..PublishOptions::default()
    };
    let mut board = Board::default();
    let (mut publisher, site) =
        Publisher::start(board.clone(), options, Metrics::default(), Arc::new(SystemClock)).await;
    assert_eq!(site.revision(), 0);
    let (owner, boards) = watch::channel(Board::default());
    changed(&mut board, Event::Board(BoardEvent::TracksAdded { tracks: vec![swift()] }));
    for number in 0..100 {
        changed(
            &mut board,
            Event::Track(TrackEvent::TopicSet { track: swift(), topic: Text::new(&format!("topic {number}")) }),
        );
        owner.send(board.clone()).expect("somebody looks");
    }
    drop(owner);
    publisher.follow(boards).await;
    assert_eq!(site.revision(), 101);
    publisher.finish().await;
    let data = fs::read_to_string(&data_file).expect("written");
    assert!(data.contains("topic 99"), "{data}");
    assert_eq!(data, fs::read_to_string(folder.join("ptg.json")).expect("written"));
    assert!(fs::read_to_string(folder.join("index.html")).expect("written").contains("topic 99"));
}

#[tokio::test]
async fn a_store_that_comes_back_with_fewer_changes_is_shown() {
    let mut restored = Board::default();
    changed(&mut restored, Event::Board(BoardEvent::TracksAdded { tracks: vec![swift()] }));
    let mut board = restored.clone();
    changed(&mut board, Event::Track(TrackEvent::TopicSet { track: swift(), topic: Text::new("rings") }));
    let (mut publisher, site) =
        Publisher::start(board, PublishOptions::default(), Metrics::default(), Arc::new(SystemClock)).await;
    assert_eq!(site.revision(), 2);
    let (owner, boards) = watch::channel(Board::default());
    owner.send(restored).expect("somebody looks");
    drop(owner);
    publisher.follow(boards).await;
    assert_eq!(site.revision(), 1);
}
