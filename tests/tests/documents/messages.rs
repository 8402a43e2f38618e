//! What the programs say, where a document tells what to do about it.

use crate::document::root;
use std::fs;
use std::path::Path;

#[test]
fn every_message_that_trouble_is_told_by_is_one_of_the_programs() {
    let mut sources = String::new();
    for member in ["ptgbot-core", "ptgbot-runtime", "ptgbot-irc", "ptgbot-matrix"] {
        read(&root().join(member).join("src"), &mut sources);
    }
    let page = fs::read_to_string(root().join("docs/src/operators/trouble.md")).expect("a page");
    let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` "));
    let messages: Vec<&str> = cells.map(|(message, _)| message).filter(|message| message.contains(' ')).collect();
    assert!(messages.len() > 20, "{messages:?}");
    for message in messages {
        for part in message.split('…').map(|part| part.trim().trim_end_matches(':')) {
            assert!(sources.contains(part), "no program says {part:?}");
        }
    }
}

fn read(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            read(&path, into);
        } else if path.extension().is_some_and(|name| name == "rs") {
            into.push_str(&fs::read_to_string(&path).expect("a source can be read"));
        }
    }
}
