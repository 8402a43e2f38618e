//! Makes of the sources in `assets` what browsers load: the files of the board's script in one, and all without
//! comments and indentation, so that a page with all that it needs weighs less than 60 KB before it is compressed.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a build script reads and writes files")]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// The files of `assets/board` in the order in which they are one script, in one scope.
const BOARD: [&str; 10] =
    ["page", "times", "days", "view", "booking", "subscribing", "morph", "show", "follow", "reader"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=assets");
    let read = |name: &str| fs::read_to_string(Path::new("assets").join(name));
    let out = env::var_os("OUT_DIR").ok_or("cargo says where files go")?;
    let write = |name: &str, text: String| fs::write(Path::new(&out).join(name), text);
    let parts = BOARD.iter().map(|part| read(&format!("board/{part}.js")));
    let board = parts.collect::<Result<Vec<_>, _>>()?.concat();
    write("board.js", minifier::js::minify(&format!("\"use strict\";\n{{\n{board}}}\n"))?.to_string())?;
    write("wall.js", minifier::js::minify(&read("wall.js")?)?.to_string())?;
    for name in ["style.css", "wall.css"] {
        // The last sign of a rule is of no use. No text in our sheets holds this pair.
        write(name, minifier::css::minify(&read(name)?)?.to_string().replace(";}", "}"))?;
    }
    Ok(())
}
