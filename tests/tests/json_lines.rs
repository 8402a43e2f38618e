//! The examples in other languages, checked by the tools of their language and run against the program.

use ptgbot_tests::{built, skip};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How a client is run, and what its conversation is to hold.
struct Client {
    command: fn() -> Option<Command>,
    holds: &'static [&'static str],
}

const PYTHON: Client = Client {
    command: python,
    holds: &[
        "Ack(to={'room': '#ptg'}, in_reply_to='1')",
        "Notify(to={'user': 'john'}, text='#swift now: ring placement')",
        "Did you mean: #swift next cold storage",
        "refused at revision 3",
        "answered at revision 3",
        "not understood: `from` is empty",
    ],
};

const TYPESCRIPT: Client = Client {
    command: typescript,
    holds: &[
        r##"{"type":"ack","to":{"room":"#ptg"},"in_reply_to":"1"}"##,
        r##"{"type":"notify","to":{"user":"john"},"text":"#swift now: ring placement"}"##,
        "Did you mean: #swift next cold storage",
        "refused at revision 3",
        "answered at revision 3",
        "not understood: `from` is empty",
    ],
};

#[test]
fn a_conversation_ends_well_with_its_refusal_and_its_error_told() {
    for client in [PYTHON, TYPESCRIPT] {
        let Some(output) = client.run(&built("ptgbot"), &[]) else { return };
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
        client.holds_all(&output);
    }
}

#[test]
fn a_later_bot_with_the_same_protocol_is_understood() {
    for client in [PYTHON, TYPESCRIPT] {
        let Some(output) = client.run(&stand_in("later_fields"), &[]) else { return };
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
        let said = text(&output.stdout);
        assert!(said.contains("changed at revision 3") && said.contains("answered at revision 3"), "{said}");
    }
}

#[test]
fn a_bot_with_another_protocol_is_refused() {
    for client in [PYTHON, TYPESCRIPT] {
        let Some(output) = client.run(&stand_in("later_protocol"), &[]) else { return };
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(output.stdout.is_empty() && error.contains("version"), "{error}");
    }
}

#[test]
fn a_bot_that_ends_is_told_after_what_it_has_answered() {
    for client in [PYTHON, TYPESCRIPT] {
        let Some(output) = client.run(&stand_in("cut_short"), &[]) else { return };
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stdout).contains("changed at revision 2"), "{}", text(&output.stdout));
        assert!(text(&output.stderr).contains("the bot has ended with status 0"), "{}", text(&output.stderr));
    }
}

#[test]
fn a_bot_that_does_not_start_is_told_with_its_status() {
    for client in [PYTHON, TYPESCRIPT] {
        let Some(output) = client.run(&built("ptgbot"), &["sqlite:/nowhere/board.db"]) else { return };
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(!text(&output.stdout).contains("revision"), "{}", text(&output.stdout));
        assert!(error.contains("/nowhere") && error.contains("the bot has ended with status 1"), "{error}");
    }
}

#[test]
fn the_types_of_the_python_client_hold() {
    let mypy = skip::readers().join("venv/bin/mypy");
    if !mypy.is_file() {
        return skip::missing("mypy");
    }
    let work = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(mypy);
    command.arg("--strict").arg("--cache-dir").arg(work.path()).arg(example("json_lines.py"));
    let output = command.output().expect("mypy runs");
    assert!(output.status.success(), "{}", text(&output.stdout));
}

impl Client {
    /// Runs it with a program and what else it takes; `None` when its language is not installed, which was said then.
    fn run(&self, program: &Path, more: &[&str]) -> Option<Output> {
        let mut command = (self.command)()?;
        command.arg(program).args(more).env("PTGBOT", built("ptgbot"));
        Some(command.output().expect("it runs"))
    }

    fn holds_all(&self, output: &Output) {
        let said = text(&output.stdout);
        for words in self.holds {
            assert!(said.contains(words), "{words:?} is not in\n{said}");
        }
    }
}

fn python() -> Option<Command> {
    let mut command = Command::new(skip::needs("python3")?);
    command.arg("-B").arg(example("json_lines.py"));
    Some(command)
}

/// Compiled once in strict mode, which checks its types; any Node.js runs the outcome.
fn typescript() -> Option<Command> {
    static COMPILED: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let node = skip::needs("node")?;
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules");
    if !modules.join("typescript").is_dir() {
        skip::missing("typescript");
        return None;
    }
    let folder = COMPILED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut tsc = Command::new(&node);
        tsc.arg(modules.join("typescript/bin/tsc"));
        tsc.args(["--strict", "--erasableSyntaxOnly", "--target", "es2022", "--module", "nodenext", "--types", "node"]);
        tsc.arg("--typeRoots").arg(modules.join("@types")).arg("--outDir").arg(folder.path());
        let output = tsc.arg(example("json_lines.ts")).output().expect("tsc runs");
        assert!(output.status.success(), "{}", text(&output.stdout));
        folder
    });
    let mut command = Command::new(node);
    command.arg(folder.path().join("json_lines.js"));
    Some(command)
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

/// A script that runs the program and changes what passes.
fn stand_in(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("json_lines").join(name)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
