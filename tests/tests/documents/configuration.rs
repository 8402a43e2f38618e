//! Configurations, read by the program that they are for.

use crate::block::Block;
use crate::document::root;
use crate::place::Place;
use ptgbot_tests::built;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// Whether the program takes a configuration: it gets as far as the page's port, which is taken.
pub(crate) fn is_taken(block: &Block) -> Result<(), String> {
    let mut place = Place::new();
    let text = place.inside(&block.text);
    let file = place.here().join("ptgbot.toml");
    fs::write(&file, &text).map_err(|error| error.to_string())?;
    let files = Regex::new(r#"_file\s*=\s*"([^"]+)""#).expect("a valid pattern");
    for found in files.captures_iter(&text) {
        let file = Path::new(&found[1]);
        fs::create_dir_all(file.parent().unwrap_or(Path::new("/"))).map_err(|error| error.to_string())?;
        fs::write(file, "secret\n").map_err(|error| error.to_string())?;
    }
    let taken = TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr().map(|address| (taken, address)));
    let (_taken, address) = taken.map_err(|error| error.to_string())?;
    let is_matrix = text.contains("[matrix]");
    let mut command = Command::new(built(if is_matrix { "ptgbot-matrix" } else { "ptgbot-irc" }));
    command.arg("--config").arg(&file).args(["--listen", &address.to_string()]).current_dir(place.here());
    match is_matrix {
        true => command.args(["--room", "#ptg:example.org"]).env("PTGBOT_MATRIX_PASSWORD", "secret"),
        false => command.args(["--channel", "#ptg"]),
    };
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains(&format!("cannot listen on {address}")) { Ok(()) } else { Err(place.outside(&said)) }
}

#[test]
fn the_reference_names_every_setting_and_no_other() {
    let page = fs::read_to_string(root().join("docs/src/operators/configuration.md")).expect("a reference");
    let mut sections = page.split("<!-- settings:").skip(1).peekable();
    assert!(sections.peek().is_some(), "the reference has no sections");
    for section in sections {
        let (name, table) = section.split_once("-->").expect("the end of a comment");
        let named: BTreeSet<String> = rows(table).flat_map(|keys| coded(&keys)).collect();
        assert_eq!(named, known(name.trim()), "[{}]", name.trim());
    }
}

/// The first cells of the first table.
fn rows(text: &str) -> impl Iterator<Item = String> {
    let table = text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    table.skip(2).map(|row| row.split(" | ").next().unwrap_or_default().to_owned())
}

/// What stands between backticks.
fn coded(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What a program takes in a section, by its own word.
fn known(section: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("ptgbot.toml");
    let header = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
    fs::write(&file, format!("{header}{UNKNOWN} = 1\n")).expect("the folder is ours");
    let program = built(if section.starts_with("matrix") { "ptgbot-matrix" } else { "ptgbot-irc" });
    let output = Command::new(program).arg("--config").arg(&file).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, allowed) = said.split_once("expected").unwrap_or_else(|| panic!("[{section}]: {said}"));
    let allowed = allowed.split("; did you mean").next().unwrap_or_default();
    coded(allowed).into_iter().filter(|name| !["irc", "matrix"].contains(&name.as_str())).collect()
}

const UNKNOWN: &str = "no_such_setting";
