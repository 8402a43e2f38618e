//! What every bot stands on, whatever its network: its store, its page, its folder.

use super::Checklist;
use crate::config::Config;
use crate::holder;
use crate::setup::listen;
use crate::store::{self, Access, Blocking, StoreAddress, StoreError};
use crate::system::permissions::try_to_write_in;
use std::error::Error;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

impl Checklist {
    /// Looks at what a bot of this configuration stands on, and changes nothing of it: the store is read, the page's
    /// address taken and given back.
    pub async fn surroundings(&mut self, config: &Config) {
        for note in &config.notes {
            self.advise("configuration", note);
        }
        let at_work = self.store(&config.store.clone().unwrap_or_default()).await;
        self.page(config.listen, config.site.base_url.is_some(), at_work);
        if let Some(folder) = &config.publish {
            self.folder("publish", folder);
        }
        if let Some(folder) = config.db_filename.as_deref().and_then(Path::parent) {
            self.folder("db_filename", folder);
        }
    }

    async fn store(&mut self, address: &StoreAddress) -> AtWork {
        if *address == StoreAddress::Memory {
            self.advise("store", "memory: what the bot knows is gone when it ends; --store sqlite:PATH keeps it");
            return AtWork::Nobody;
        }
        match self.bots_of(address).await {
            Ok(bots) => {
                for bot in &bots {
                    self.ok("store", format_args!("a bot is at work with it: {bot}; it is not disturbed"));
                }
                if bots.is_empty() { AtWork::Nobody } else { AtWork::Bot }
            }
            Err(error) => {
                self.fault("store", error);
                AtWork::Nobody
            }
        }
    }

    /// Who is at work with a store, which is read and told of.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn bots_of(&mut self, address: &StoreAddress) -> Result<Vec<String>, Box<dyn Error>> {
        let mut journal = match store::open(address, Access::ReadOnly, Blocking::Inline).await {
            Ok(journal) => journal,
            Err(StoreError::Missing { path }) => {
                self.ok("store", format_args!("there is none yet: {} is made on the first start", path.display()));
                self.folder("store", path.parent().unwrap_or(Path::new("")));
                return Ok(Vec::new());
            }
            Err(StoreError::MissingBoard { store }) => {
                self.ok("store", format_args!("there is no {store} yet: it is made on the first start"));
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let board = journal.load().await?;
        self.ok("store", format_args!("{address} can be read; it is at revision {}", board.revision()));
        let leases = journal.leases().await?;
        let held = leases.iter().filter(|lease| lease.is_held());
        Ok(held.map(|lease| format!("{}, {}", lease.account.key(), holder::told(&lease.holder))).collect())
    }

    fn page(&mut self, address: Option<SocketAddr>, is_reached_elsewhere: bool, at_work: AtWork) {
        let Some(address) = address else {
            return self.advise("page", NO_PAGE);
        };
        match (listen(address), at_work) {
            (Ok(_), _) => self.ok("page", format_args!("{address} is free to listen on")),
            (Err(error), AtWork::Bot) if error.is_taken() => {
                self.ok("page", format_args!("{address} is in use, as it is while the bot is at work"));
            }
            (Err(error), _) => return self.fault("page", error),
        }
        if !is_reached_elsewhere {
            self.advise("page", NO_BASE_URL);
        }
    }

    /// A folder that must be there, or in one that is.
    fn folder(&mut self, subject: &str, folder: &Path) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        match writable(there) {
            Ok(()) => self.ok(subject, format_args!("the folder {} can be written", folder.display())),
            Err(error) => self.fault(subject, format_args!("cannot write to the folder {}: {error}", folder.display())),
        }
    }
}

/// Who is at work with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtWork {
    Nobody,
    Bot,
}

/// Whether files can be made in a folder, as far as can be said without making one.
fn writable(folder: &Path) -> io::Result<()> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    try_to_write_in(folder)
}

const NO_PAGE: &str = "there is none: --listen 127.0.0.1:8000, or listen = \"127.0.0.1:8000\" in the file";
const NO_BASE_URL: &str = "links in feeds and calendars name no host: base_url = \"https://…\" under [site] says where everybody reaches the page";

#[cfg(test)]
mod tests {
    use super::super::ChecklistForm;
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::process::ExitCode;
    use std::sync::{Arc, Mutex};

    /// What was told.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn told(config: &Config, form: ChecklistForm) -> (ExitCode, String) {
        let told = Told::default();
        let mut checklist = Checklist::new(form, Box::new(told.clone()));
        checklist.surroundings(config).await;
        let status = checklist.finish();
        let text = String::from_utf8(told.0.lock().expect("no panic").clone()).expect("text");
        (status, text)
    }

    #[tokio::test]
    async fn nothing_is_made_by_looking() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = StoreAddress::Sqlite(folder.path().join("board.sqlite"));
        let listen = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let config = Config { store: Some(store), listen: Some(listen), ..Config::default() };
        let (status, text) = told(&config, ChecklistForm::Text).await;
        assert_eq!(status, ExitCode::SUCCESS, "{text}");
        assert!(text.starts_with("ok      store: there is none yet: "), "{text}");
        assert!(text.contains(&format!("ok      page: {listen} is free to listen on\nadvice  page: ")), "{text}");
        assert!(text.ends_with("\nno faults, 1 thing to consider.\n"), "{text}");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[tokio::test]
    async fn a_fault_is_the_status_and_scripts_can_read_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "my diary, which is no database and longer than a header of one".repeat(3))
            .expect("written");
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let config = Config {
            store: Some(StoreAddress::Sqlite(file.path().to_owned())),
            listen: taken.local_addr().ok(),
            ..Config::default()
        };
        let (status, text) = told(&config, ChecklistForm::Json).await;
        assert_eq!(status, ExitCode::FAILURE, "{text}");
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!((&lines[0]["result"], &lines[0]["subject"]), (&"fault".into(), &"store".into()), "{text}");
        assert!(lines[1]["text"].as_str().is_some_and(|text| text.starts_with("cannot listen on")), "{text}");
        assert_eq!(lines.last(), Some(&serde_json::json!({"advice": 0, "faults": 2})));
    }
}
