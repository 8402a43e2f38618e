//! The programs of this workspace, for tests that run them as their users do.

use std::collections::HashMap;
use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{LazyLock, Mutex};

/// The program of a package, built in the profile of the running test. Cargo builds only a package's own programs
/// for its tests, so others are built here, once for each test process.
///
/// # Panics
/// When it cannot be built; shows why.
pub fn built(program: &str) -> PathBuf {
    let mut known = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.entry(program.to_owned()).or_insert_with(|| build(program)).clone()
}

fn build(program: &str) -> PathBuf {
    let program_itself = env::current_exe().expect("a running program has a file");
    // Tests are in target/PROFILE/deps, programs in target/PROFILE.
    let folder =
        program_itself.ancestors().skip(1).find(|folder| !folder.ends_with("deps")).expect("it lies in target");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--bin", program]);
    let is_release = folder.ends_with("release");
    match program {
        // As `cargo test --workspace` builds it: matrix-sdk takes minutes, and is not to be built twice.
        "ptgbot-matrix" if !is_release => cargo.args(["--workspace", "--tests"]),
        "ptgbot" => cargo.args(["--package", "ptgbot-runtime", "--features", "postgres"]),
        program => cargo.args(["--package", program, "--features", "postgres"]),
    };
    if is_release {
        cargo.arg("--release");
    }
    // `tests/timed` sets it for the test program, and whatever is built with it is built again.
    cargo.env_remove("RUSTC_BOOTSTRAP");
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs: it runs this test");
    assert!(output.status.success(), "{program} cannot be built: {}", String::from_utf8_lossy(&output.stderr));
    folder.join(program)
}

static BUILT: LazyLock<Mutex<HashMap<String, PathBuf>>> = LazyLock::new(Mutex::default);
