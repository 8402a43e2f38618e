//! Configurations, read by the program that they are for.

use crate::block::Block;
use crate::place::Place;
use ptgbot_tests::built;
use regex::Regex;
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
