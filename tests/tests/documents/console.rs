//! Commands of a document, in their order.

use crate::block::Block;
use crate::place::Place;
use crate::printed::{is_line, is_told};
use crate::shell::Running;
use ptgbot_tests::deadline::PATIENCE;
use std::process::Command;

/// What a document has started and not ended.
#[derive(Default)]
pub(crate) struct Session {
    kept: Vec<Running>,
}

/// A command, and what follows it.
struct Step {
    script: String,
    follows: Vec<Line>,
}

enum Line {
    Printed(String),
    Typed(String),
}

impl Session {
    /// Runs the commands of a block.
    pub(crate) async fn play(&mut self, block: &Block, place: &mut Place) {
        let steps = steps(block);
        let last = steps.len() - 1;
        for (number, step) in steps.iter().enumerate() {
            let script = place.inside(&step.script);
            let at = format!("{}: {}", block.at, step.script);
            if is_only_read(&step.script) {
                read(&script, &at);
                continue;
            }
            place.supply(&script).await;
            let mut running = Running::start(&script, place);
            let (keep, fails) = (block.keep && number == last, block.fails && number == last);
            let is_asked = step.follows.iter().any(|line| matches!(line, Line::Typed(_)));
            if keep || is_asked || serves(&step.script) {
                converse(&mut running, step, place, &at).await;
            }
            if keep {
                self.kept.push(running);
                continue;
            }
            if serves(&step.script) {
                running.interrupt();
            }
            running.nothing_more();
            let status = running.ended(&at).await;
            if !serves(&step.script) {
                let printed: Vec<String> = running.printed().lines().iter().map(|line| place.outside(line)).collect();
                assert_eq!(status.success(), !fails, "{at}: {status}; it printed\n{}", printed.join("\n"));
                let told = told(step);
                let is_right = is_asked || told.is_empty() || is_unread(&step.script) || is_told(&told, &printed);
                assert!(is_right, "{at}: it printed\n{}", printed.join("\n"));
            }
        }
    }

    /// Ends what still runs.
    pub(crate) async fn end(self) {
        for mut running in self.kept {
            running.interrupt();
            running.ended("at the end").await;
        }
    }
}

/// Waits for each line in its turn, and types what is typed.
async fn converse(running: &mut Running, step: &Step, place: &Place, at: &str) {
    let mut from = 0;
    let printed = running.printed().clone();
    for line in &step.follows {
        match line {
            Line::Typed(words) => running.types(words).await,
            Line::Printed(words) if words.trim() == "…" => {}
            Line::Printed(words) => {
                let found = printed.wait_for(words, PATIENCE, from, |line| is_line(words, &place.outside(line))).await;
                from = match found {
                    Ok((line, _)) => line + 1,
                    Err(late) => panic!("{at}: {late}; it printed {}", place.outside(&printed.tail())),
                };
            }
        }
    }
}

fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_open = false;
    for line in block.text.lines() {
        if is_open {
            let script = &mut steps.last_mut().expect("it began").script;
            script.push('\n');
            script.push_str(line);
            is_open = line.ends_with('\\');
        } else if let Some(script) = line.strip_prefix("$ ") {
            steps.push(Step { script: script.to_owned(), follows: Vec::new() });
            is_open = line.ends_with('\\');
        } else {
            let step = steps.last_mut().unwrap_or_else(|| panic!("{}: a command begins with '$ '", block.at));
            step.follows.push(match line.strip_prefix("> ") {
                Some(words) => Line::Typed(words.to_owned()),
                None => Line::Printed(line.to_owned()),
            });
        }
    }
    assert!(!steps.is_empty(), "{}: no command", block.at);
    steps
}

fn told(step: &Step) -> Vec<String> {
    let printed = step.follows.iter().filter_map(|line| match line {
        Line::Printed(words) => Some(words.clone()),
        Line::Typed(_) => None,
    });
    printed.collect()
}

/// The words from its program on.
fn words(script: &str) -> impl Iterator<Item = &str> {
    let mut is_before = true;
    let mut words = script.split_whitespace().peekable();
    std::iter::from_fn(move || {
        while is_before {
            match words.peek()? {
                &"sudo" => {
                    words.next();
                    if words.next_if_eq(&"-u").is_some() {
                        words.next();
                    }
                }
                word if word.split_once('=').is_some_and(|(name, _)| name.chars().all(is_of_variable)) => {
                    words.next();
                }
                _ => is_before = false,
            }
        }
        words.next()
    })
}

fn is_of_variable(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

/// Whether a command goes on until it is ended.
fn serves(script: &str) -> bool {
    let mut words = words(script);
    match (words.next(), words.next()) {
        (Some("ptgbot"), None | Some("demo" | "serve" | "rehearse")) => true,
        (Some("ptgbot-irc"), _) => !ASKING.iter().any(|asking| script.contains(asking)),
        _ => false,
    }
}

/// Whether a command needs a machine of its own.
fn is_only_read(script: &str) -> bool {
    words(script).next().is_some_and(|program| READ_ONLY.contains(&program))
}

/// Whether what a command prints is not compared: the program's flags are looked at, and it does nothing.
fn is_unread(script: &str) -> bool {
    words(script).next() == Some("ptgbot-matrix")
}

/// Whether bash can read it, and cargo has what it names.
fn read(script: &str, at: &str) {
    let output = Command::new("bash").args(["-n", "-c", script]).output().expect("bash runs");
    assert!(output.status.success(), "{at}: {}", String::from_utf8_lossy(&output.stderr));
    let mut words = script.split_whitespace();
    while let Some(word) = words.next() {
        let package = (word == "-p" && script.contains("cargo ")).then(|| words.next()).flatten();
        if let Some(package) = package {
            assert!(crate::document::packages().iter().any(|name| name == package), "{at}: there is no {package}");
        }
    }
}

/// What asks a program for something and ends.
const ASKING: [&str; 5] = ["--help", "--version", "--check", "completions", " man"];
/// Programs that need a machine of their own, the network, or hours.
const READ_ONLY: &[&str] = &[
    "adduser",
    "apt",
    "apt-get",
    "cargo",
    "certbot",
    "chown",
    "createdb",
    "createuser",
    "curl",
    "docker",
    "dpkg",
    "git",
    "install",
    "journalctl",
    "mdbook",
    "nginx",
    "npm",
    "packaging/debian/build",
    "packaging/static",
    "pg_dump",
    "podman",
    "psql",
    "rustup",
    "setfacl",
    "sudoedit",
    "systemctl",
    "systemd-run",
    "tests/portable",
    "tests/run",
    "useradd",
];
