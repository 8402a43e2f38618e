//! Makes of the sources in `assets` what browsers load: the files of the board's script in one, and all without
//! comments and indentation, so that a page with all that it needs weighs less than 60 KB before it is compressed.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a build script reads and writes files")]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// The files of `assets/board` in the order in which they are one script, in one scope.
const BOARD: &str = "page now times days grid view search narrow messages booking saying subscribing morph show follow \
     offline mine notify reader";

/// The files of `assets/style` in the order in which they are one sheet.
const STYLE: &str = "base bar messages badge now schedule grid tracks help mine print";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=assets");
    let read = |name: &str| fs::read_to_string(Path::new("assets").join(name));
    let out = env::var_os("OUT_DIR").ok_or("cargo says where files go")?;
    let mut version = FNV_OFFSET;
    let mut write = |name: &str, text: String| {
        version = text.bytes().fold(version, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME));
        fs::write(Path::new(&out).join(name), text)
    };
    let joined = |folder: &str, parts: &str, kind: &str| {
        let parts = parts.split(' ').map(|part| read(&format!("{folder}/{part}.{kind}")));
        parts.collect::<Result<Vec<_>, _>>().map(|parts| parts.concat())
    };
    // The last sign of a block or rule is of no use. No text in our scripts and sheets holds this pair, and no loop is empty.
    let short = |text: String| text.replace(";}", "}");
    let board = format!("\"use strict\";\n{{\n{}}}\n", joined("board", BOARD, "js")?);
    write("board.js", short(minifier::js::minify(&board)?.to_string()))?;
    for name in ["wall.js", "sw.js"] {
        write(name, short(minifier::js::minify(&read(name)?)?.to_string()))?;
    }
    let style = joined("style", STYLE, "css")?;
    for (name, style) in [("style.css", style), ("wall.css", read("wall.css")?), ("record.css", read("record.css")?)] {
        write(name, short(minifier::css::minify(&style)?.to_string()))?;
    }
    write("icon.svg", read("icon.svg")?)?;
    println!("cargo::rustc-env=ASSET_VERSION={version:08x}");
    Ok(())
}

/// FNV-1a: it tells versions apart, and is the same wherever it is built.
const FNV_OFFSET: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;
