//! What the crates offer is listed in `tests/public-api`, one item a line: a change of it is a decision that shows in the
//! diff. Run with `UPDATE_PUBLIC_API=1` to list it anew, and read the difference.

use public_api::Builder;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATES: [&str; 5] = ["ptgbot-core", "ptgbot-render", "ptgbot-runtime", "ptgbot-irc", "ptgbot-matrix"];

#[test]
fn the_public_api_is_the_one_that_is_listed() {
    let target = described();
    let update = std::env::var_os("UPDATE_PUBLIC_API").is_some();
    let mut stale = String::new();
    for name in CRATES {
        let description = target.join("doc").join(name.replace('-', "_")).with_extension("json");
        let builder = Builder::from_rustdoc_json(description).omit_blanket_impls(true).omit_auto_trait_impls(true);
        let offered = builder.omit_auto_derived_impls(true).build().expect("a description").to_string();
        let file = root().join("tests/public-api").join(name).with_extension("txt");
        if update {
            fs::write(&file, &offered).expect("written");
        } else {
            compare(name, &fs::read_to_string(&file).unwrap_or_default(), &offered, &mut stale);
        }
    }
    assert!(stale.is_empty(), "the public API has changed; list it with UPDATE_PUBLIC_API=1:\n{stale}");
}

/// Has rustdoc describe all crates for machines; gives the folder in which it did.
fn described() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    // With the examples, so that it is built on what everything else is built on.
    let output = Command::new(env!("CARGO"))
        .args(["doc", "--workspace", "--lib", "--examples", "--all-features", "--no-deps", "--locked", "--quiet"])
        .current_dir(root())
        // What sets it for the test program would have everything built again.
        .env_remove("RUSTC_BOOTSTRAP")
        .env("RUSTDOC", root().join("tests/rustdoc-json"))
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target
}

fn compare(name: &str, listed: &str, offered: &str, stale: &mut String) {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let (listed, offered) = (lines(listed), lines(offered));
    for (sign, line) in
        listed.difference(&offered).map(|line| ('-', line)).chain(offered.difference(&listed).map(|line| ('+', line)))
    {
        writeln!(stale, "{name}: {sign}{line}").expect("a string takes all");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}
