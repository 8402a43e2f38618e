//! The documents: every link leads somewhere, every command does what stands there, every conversation goes as it is told.
//!
//! What a block's info string means is told in CONTRIBUTING.md. A block that says nothing, or what is not known here, fails.

mod block;
mod book;
mod configuration;
mod console;
#[path = "../../../ptgbot-core/tests/conversation/mod.rs"]
mod conversation;
mod document;
mod excerpt;
mod formats;
mod links;
mod messages;
mod place;
mod printed;
mod shell;

use block::{Block, Kind};
use document::Document;
use place::Place;
use std::path::Path;

#[test]
fn every_link_leads_somewhere() {
    let documents = Document::all();
    let faults: Vec<String> = documents.iter().flat_map(|document| links::faults(document, &documents)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_two_headings_of_a_document_have_one_anchor() {
    // The sections of a changelog are called the same in each version.
    for document in Document::all().iter().filter(|document| !document.path.ends_with("CHANGELOG.md")) {
        let mut anchors: Vec<_> = document.anchors.iter().collect();
        anchors.sort();
        let twice = anchors.windows(2).find(|two| two[0] == two[1]).map(|two| two[0]);
        assert_eq!(twice, None, "{}: two headings have it", document.name());
    }
}

#[test]
fn every_block_says_what_it_is() {
    let faults: Vec<String> = Document::all().iter().flat_map(|document| document.faults.clone()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn few_blocks_are_untested() {
    let documents = Document::all();
    let untested = documents
        .iter()
        .flat_map(|document| &document.blocks)
        .filter(|block| block.kind == Kind::Text && block.file.is_none());
    assert_eq!(untested.count(), UNTESTED, "each needs a reason: change the number if there is one");
}

#[test]
fn every_document_with_tests_of_the_documentation_is_one() {
    for document in Document::all().iter().filter(|document| document.of(Kind::Doctest).next().is_some()) {
        let library = document::root().join(&document.path).with_file_name("src").join("lib.rs");
        let source = std::fs::read_to_string(library).unwrap_or_default();
        assert!(source.contains("include_str!(\"../README.md\")"), "{}: rustdoc does not know it", document.name());
    }
}

#[test]
fn every_excerpt_stands_in_its_file() {
    each(Kind::Excerpt, excerpt::stands_in_its_file);
}

#[test]
fn every_manifest_names_crates_and_features_that_there_are() {
    each(Kind::Toml, |block| {
        if block.file.as_deref() == Some("Cargo.toml") { excerpt::names_our_crates(block) } else { Ok(()) }
    });
}

#[test]
fn every_json_can_be_read() {
    each(Kind::Json, formats::json);
}

#[test]
fn nginx_takes_every_configuration_of_it() {
    let Some(nginx) = ptgbot_tests::skip::needs("nginx") else { return };
    each(Kind::Nginx, |block| formats::nginx(block, &nginx));
}

#[test]
fn systemd_takes_every_unit() {
    let Some(analyze) = ptgbot_tests::skip::needs("systemd-analyze") else { return };
    each(Kind::Ini, |block| formats::unit(block, &analyze));
}

#[test]
fn the_programs_take_every_configuration() {
    each(
        Kind::Toml,
        |block| {
            if block.file.as_deref() == Some("Cargo.toml") { Ok(()) } else { configuration::is_taken(block) }
        },
    );
}

#[test]
fn every_conversation_goes_as_it_is_told() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ptgbot-core/tests/transcripts");
    for document in Document::all() {
        let mut stage = conversation::Stage::new(&samples);
        for block in document.of(Kind::Chat) {
            let told = |text: &str| -> Vec<String> {
                text.lines().filter(|line| !line.starts_with("event: ")).map(str::to_owned).collect()
            };
            let (written, played) = (told(&block.text), told(&stage.play(&block.text)));
            assert!(written == played, "{}: it goes\n\n{}\n", block.at, played.join("\n"));
        }
    }
}

#[tokio::test]
async fn every_command_does_what_is_told() {
    let mut wrong = Vec::new();
    for document in Document::all() {
        let name = document.name();
        // What a command does otherwise is told by a panic; the other documents are tried all the same.
        if tokio::spawn(play(document)).await.is_err() {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "commands of these do something else: {}", wrong.join(", "));
}

/// Runs the commands of a document.
async fn play(document: Document) {
    let mut place = Place::new();
    let mut session = console::Session::default();
    for block in &document.blocks {
        if block.file.is_some() && block.kind != Kind::Excerpt {
            place.write(block);
        }
        if block.kind == Kind::Console {
            session.play(block, &mut place).await;
        }
    }
    session.end().await;
}

/// Tries all blocks of a kind, and tells of all that are wrong.
fn each(kind: Kind, mut tried: impl FnMut(&Block) -> Result<(), String>) {
    let mut faults = Vec::new();
    for document in Document::all() {
        let wrong = document.of(kind).filter_map(|block| Some(format!("{}: {}", block.at, tried(block).err()?)));
        faults.extend(wrong);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Three drawings and patterns, the output of a test that fails, and a line of somebody's own page.
const UNTESTED: usize = 5;
