//! A `ptgbot stdio` process to talk to.

use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Where the release builds are.
pub(crate) struct Programs {
    /// `ptgbot`
    pub(crate) bot: PathBuf,
    /// `ptgbot-irc`
    pub(crate) irc: PathBuf,
    /// A folder on a disk, for stores.
    pub(crate) scratch: tempfile::TempDir,
}

impl Programs {
    /// Builds both programs.
    pub(crate) fn build() -> Result<Self, Box<dyn Error>> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--release", "--locked", "--quiet", "-p", "ptgbot-runtime", "-p", "ptgbot-irc"]);
        build.args(["--features", "ptgbot-runtime/postgres"]);
        if !build.status()?.success() {
            return Err("the programs do not build".into());
        }
        let folder = std::env::current_exe()?.parent().ok_or("this program lies nowhere")?.to_owned();
        let scratch = tempfile::tempdir_in(&folder)?;
        Ok(Self { bot: folder.join("ptgbot"), irc: folder.join("ptgbot-irc"), scratch })
    }

    /// Where the programs lie: on a disk, and open to other users.
    pub(crate) fn folder(&self) -> Result<&Path, Box<dyn Error>> {
        self.bot.parent().ok_or_else(|| "the programs lie nowhere".into())
    }

    /// The address of a store of that name.
    pub(crate) fn store(&self, name: &str) -> String {
        format!("sqlite:{}", self.scratch.path().join(name).display())
    }

    /// Runs `ptgbot` with arguments and gives what it prints.
    pub(crate) fn print(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let output = Command::new(&self.bot).args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("ptgbot {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Loads a data file into a store.
    pub(crate) fn import(&self, store: &str, document: &Value) -> Result<(), Box<dyn Error>> {
        let file = self.scratch.path().join("import.json");
        std::fs::write(&file, document.to_string())?;
        self.print(&["import", "--store", store, path(&file)?]).map(drop)
    }
}

/// A running bot.
pub(crate) struct Bot {
    pub(crate) process: Child,
    pub(crate) input: ChildStdin,
    pub(crate) output: BufReader<ChildStdout>,
}

impl Bot {
    /// Starts it on a store.
    pub(crate) fn start(programs: &Programs, store: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(&programs.bot);
        command.args(["stdio", "--store", store]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let input = process.stdin.take().ok_or("no input")?;
        let output = BufReader::new(process.stdout.take().ok_or("no output")?);
        Ok(Self { process, input, output })
    }

    /// The next line it prints; none at its end.
    pub(crate) fn read(&mut self) -> Result<Option<Value>, Box<dyn Error>> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 || !line.ends_with('\n') {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&line)?))
    }

    /// Says a line and waits until it is done.
    pub(crate) fn say(&mut self, text: &str) -> Result<Value, Box<dyn Error>> {
        self.input.write_all(format!("{}\n", line(text)).as_bytes())?;
        loop {
            let said = self.read()?.ok_or("the bot ended")?;
            if said["type"] == "done" {
                return Ok(said);
            }
        }
    }

    /// Ends it and waits for its end.
    pub(crate) fn end(self) -> Result<(), Box<dyn Error>> {
        let Self { mut process, input, mut output } = self;
        drop(input);
        std::io::copy(&mut output, &mut std::io::sink())?;
        process.wait()?;
        Ok(())
    }
}

/// A line of an op in the channel.
pub(crate) fn line(text: &str) -> Value {
    json!({"id": "1", "room": "#ptg", "from": "jane", "role": "op", "text": text, "at": "2026-10-19T09:30:00Z"})
}

/// An event with so many tracks, and a room for each.
pub(crate) fn event(tracks: usize) -> Value {
    let names: Vec<_> = (0..tracks).map(|number| format!("track{number}")).collect();
    let slots =
        json!({"Monday": [{"name": "MonA1", "desc": "all day", "realtime": "2026-10-19T08:00:00Z", "duration": 600}]});
    let rooms: serde_json::Map<_, _> =
        names.iter().enumerate().map(|(number, name)| (format!("Room {number}"), json!({"MonA1": name}))).collect();
    json!({"eventid": "figures", "tracks": names, "slots": slots, "schedule": rooms})
}

pub(crate) fn path(path: &Path) -> Result<&str, Box<dyn Error>> {
    path.to_str().ok_or_else(|| "the folder's name is not UTF-8".into())
}
