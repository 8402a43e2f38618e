//! Where the commands of a document are run: a folder, programs, ports and an IRC server of their own.

use crate::block::Block;
use crate::document::root;
use ptgbot_tests::process::free_port;
use ptgbot_tests::{Ircd, built, skip};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with all that commands may touch.
pub(crate) struct Place {
    folder: TempDir,
    ports: BTreeMap<u16, u16>,
    /// Where `ptgbot-irc` is sent; made when it is first needed.
    ircd: Option<Ircd>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place =
            Self { folder: tempfile::tempdir().expect("a temporary folder"), ports: BTreeMap::new(), ircd: None };
        for folder in [place.here(), place.programs()] {
            fs::create_dir_all(folder).expect("the folder is ours");
        }
        for system in SYSTEM {
            fs::create_dir_all(place.root().join(&system[1..])).expect("the folder is ours");
        }
        place.program("sudo", "while [ \"${1#-}\" != \"$1\" ]; do [ \"$1\" = -u ] && shift; shift; done\nexec \"$@\"");
        place
    }

    /// Where commands are run.
    pub(crate) fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    /// Where their programs are found first.
    pub(crate) fn programs(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// What stands for `/`.
    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// Makes the programs that a script names.
    pub(crate) async fn supply(&mut self, script: &str) {
        let has = |place: &Self, name: &str| place.programs().join(name).exists();
        if script.contains("ptgbot") && !has(self, "ptgbot") {
            // Without a word it takes the first port that is free, which is another one while others try theirs.
            let listen = self.inside("--listen 127.0.0.1:8000");
            self.program(
                "ptgbot",
                &format!(
                    "case \" $* \" in *' --listen '*) ;; ' rehearse '*) set -- \"$@\" {listen};; esac\nexec {} \"$@\"",
                    built("ptgbot").display()
                ),
            );
        }
        if script.contains("ptgbot-matrix") && !has(self, "ptgbot-matrix") {
            self.program("ptgbot-matrix", &looked_at(&built("ptgbot-matrix")));
        }
        if script.contains("ptgbot-irc") && !has(self, "ptgbot-irc") {
            let program = built("ptgbot-irc");
            let server = if skip::program("ircd-hybrid").is_some() { Ircd::hybrid().await } else { None };
            let body = match &server {
                Some(server) => format!(
                    "case \" $* \" in {ASKS}) exec {0} \"$@\";; esac\n\
                     flags=()\nwhile [ $# -gt 0 ]; do case $1 in --server|--port) shift 2;; \
                     *) flags+=(\"$1\"); shift;; esac; done\n\
                     exec {0} \"${{flags[@]}}\" --server 127.0.0.1 --port {1} --no-tls --timing line=0.05",
                    program.display(),
                    server.port()
                ),
                None => looked_at(&program),
            };
            self.program("ptgbot-irc", &body);
            self.ircd = server;
        }
    }

    fn program(&self, name: &str, body: &str) {
        let path = self.programs().join(name);
        fs::write(&path, format!("#!/bin/bash\n{body}\n")).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }

    /// Writes a block into its file.
    pub(crate) fn write(&mut self, block: &Block) {
        let Some(name) = &block.file else { return };
        let path = self.here().join(self.inside(name));
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder is ours");
        fs::write(path, self.inside(&block.text)).expect("the folder is ours");
    }

    /// A document's text with the folders and ports of this place.
    pub(crate) fn inside(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for system in SYSTEM {
            text = text.replace(system, &format!("{}{system}", self.root().display()));
        }
        let ports = &mut self.ports;
        let own = |found: &Captures<'_>| match found[1].parse() {
            Ok(port) => format!("127.0.0.1:{}", ports.entry(port).or_insert_with(free_port)),
            Err(_) => found[0].to_owned(),
        };
        local_port().replace_all(&text, own).into_owned()
    }

    /// What a command prints with the folders and ports of the document.
    pub(crate) fn outside(&self, text: &str) -> String {
        let mut text = text.replace(&self.root().display().to_string(), "");
        for (told, own) in &self.ports {
            text = text.replace(&format!("127.0.0.1:{own}"), &format!("127.0.0.1:{told}"));
        }
        text
    }
}

/// The folder of the sample data.
pub(crate) fn samples() -> PathBuf {
    root().join("ptgbot-core/tests/transcripts")
}

/// A program whose flags are read, and that does nothing.
fn looked_at(program: &Path) -> String {
    format!("case \" $* \" in {ASKS}) exec {0} \"$@\";; esac\nexec {0} \"$@\" --help >/dev/null", program.display())
}

fn local_port() -> Regex {
    Regex::new(r"127\.0\.0\.1:(\d{2,5})\b").expect("a valid pattern")
}

/// A program that is asked for such things reaches no network.
const ASKS: &str = "*' --help '*|*' --version '*|*' completions '*|*' man '*";
/// Folders of the system in which documents put things.
const SYSTEM: [&str; 7] =
    ["/var/lib/ptgbot", "/var/backups", "/var/www", "/etc/ptgbot", "/etc/systemd/system", "/srv/ptgbot", "/run/ptgbot"];
