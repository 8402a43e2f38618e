//! Programs that read calendars, feeds and programmes, and say what they find.

use ptgbot_tests::{Stored, skip};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A program that reads a calendar and prints its events as JSON.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    program: PathBuf,
    script: Option<PathBuf>,
}

impl Reader {
    /// All of them; `None` where one is missing, which was said then.
    pub(crate) fn all() -> Option<Vec<Self>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = interpreter()?;
        if !folder.join("node_modules/ical.js").is_dir() {
            skip::missing("ical.js");
            return None;
        }
        let script = |name: &str| Some(folder.join("readers").join(name));
        Some(vec![
            Self { name: "icalendar", program: python.clone(), script: script("read_icalendar.py") },
            Self { name: "libical", program: libical(folder)?, script: None },
            Self { name: "ical.js", program: skip::needs("node")?, script: script("read_icaljs.mjs") },
            Self { name: "khal", program: python, script: script("read_khal.py") },
        ])
    }

    pub(crate) fn read(&self, stored: &Stored, calendar: &[u8]) -> Vec<Value> {
        let mut command = Command::new(&self.program);
        command.args(&self.script);
        let work = tempfile::tempdir_in(stored.folder()).expect("a temporary folder");
        if self.name == "khal" {
            command.arg(work.path()).args(["2026-10-01", "2026-11-01"]);
        }
        let output = feed(command, calendar);
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        found["events"].as_array().expect("events").clone()
    }
}

/// What a script in Python finds in a file; `None` when Python is not installed.
pub(crate) fn python(script: &str, file: &[u8]) -> Option<Value> {
    let mut command = Command::new(interpreter()?);
    command.arg(scripts().join(script));
    let output = feed(command, file);
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Whether data is as a schema says, or what is wrong; `None` when the validator is not installed.
pub(crate) fn validate(schema: &Path, data: &Value) -> Option<Result<(), String>> {
    let mut command = Command::new(interpreter()?);
    command.arg(scripts().join("validate.py")).arg(schema);
    let output = feed(command, data.to_string().as_bytes());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Some(Ok(())),
        Some(1) if output.stderr.is_empty() => Some(Err(said)),
        _ => panic!("the validator fails: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

fn feed(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("it runs");
    process.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    process.wait_with_output().expect("it ends")
}

/// Python with the packages that `.ci/install-test-readers` installs.
fn interpreter() -> Option<PathBuf> {
    let python = skip::readers().join("venv/bin/python");
    if !python.is_file() {
        skip::missing("icalendar");
        return None;
    }
    Some(python)
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("readers")
}

/// The reader that is written in C, compiled once.
fn libical(folder: &Path) -> Option<PathBuf> {
    let gcc = skip::needs("gcc")?;
    if !Path::new("/usr/include/libical/ical.h").is_file() {
        skip::missing("libical-dev");
        return None;
    }
    let program = skip::readers().join("read_libical");
    static COMPILED: std::sync::Once = std::sync::Once::new();
    COMPILED.call_once(|| {
        // Other processes may run the old one.
        let fresh = program.with_extension(std::process::id().to_string());
        let mut compile = Command::new(gcc);
        compile.args(["-Wall", "-Werror", "-o"]).arg(&fresh).arg(folder.join("readers/read_libical.c")).arg("-lical");
        assert!(compile.status().expect("gcc runs").success());
        std::fs::rename(fresh, &program).expect("the folder is ours");
    });
    Some(program)
}
