//! What a bot needs besides its network, from a configuration or put together by hand.

use crate::bridge::BridgeConfig;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::fetch_policy::FetchPolicy;
use crate::run_error::RunError;
use crate::store::StoreAddress;
use crate::supervision::Supervision;
use ptgbot_render::SiteOptions;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What a bot needs besides its network.
///
/// ```
/// use ptgbot_runtime::{Setup, store::StoreAddress};
/// let mut setup = Setup::new(StoreAddress::Memory);
/// setup.listener = Some(ptgbot_runtime::listen("127.0.0.1:0".parse()?)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```
/// use ptgbot_runtime::{InitialBoard, Setup, listen, store::StoreAddress};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut setup = Setup::new(StoreAddress::Memory);
/// setup.initial_board = InitialBoard::Document {
///     data: r#"{"timezone": "Europe/Berlin", "tracks": ["swift", "nova"]}"#.parse()?,
///     source: "the tutorial".into(),
/// };
/// setup.listener = Some(listen("127.0.0.1:0".parse()?)?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Setup {
    /// Where the board is kept.
    pub store: StoreAddress,
    /// From where `~fetchdb` may load.
    pub fetch: FetchPolicy,
    /// Who is brought from another network by a bridge.
    pub bridge: BridgeConfig,
    /// What an empty board starts with.
    pub initial_board: InitialBoard,
    /// Where the web server listens; without it there is none.
    pub listener: Option<TcpListener>,
    /// What the pages say, and where else they go.
    pub publish: PublishOptions,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whether a service manager hears how the bot is.
    pub supervision: Supervision,
}

impl Default for Setup {
    /// A bot by the system's clock that forgets when it ends, and has no page.
    fn default() -> Self {
        Self {
            store: StoreAddress::default(),
            fetch: FetchPolicy::default(),
            bridge: BridgeConfig::default(),
            initial_board: InitialBoard::default(),
            listener: None,
            publish: PublishOptions::default(),
            clock: clock::system(),
            supervision: Supervision::None,
        }
    }
}

/// Where the site goes besides the web server.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PublishOptions {
    /// What the pages say.
    pub site: SiteOptions,
    /// A folder that always holds the static site.
    pub folder: Option<PathBuf>,
    /// The older bot's `db_filename`: the public data as JSON.
    pub data_file: Option<PathBuf>,
}

/// What a board that never changed starts with.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum InitialBoard {
    /// Nothing.
    #[default]
    Empty,
    /// The older bot's data file, where there is one.
    File(PathBuf),
    /// A data document.
    Document {
        /// The document.
        data: Value,
        /// Where it is from: the history and the log say so.
        source: String,
    },
}

impl Setup {
    /// A bot by the system's clock that keeps its board there, and has no page.
    pub fn new(store: StoreAddress) -> Self {
        Self { store, ..Self::default() }
    }

    /// What a configuration says: a program that is a bot, of which the service manager hears. The web server's port is
    /// taken here already, so that a taken one is told before anything else begins: a bot that is just ending has five
    /// seconds to give it back, for which this thread waits. What the configuration's reader has to say goes to the log.
    ///
    /// # Errors
    /// When the web server's address cannot be listened on.
    pub fn from_config(config: &Config) -> Result<Self, RunError> {
        for note in &config.notes {
            tracing::warn!("{note}");
        }
        Ok(Self {
            store: config.store.clone().unwrap_or_default(),
            fetch: config.fetch.policy(),
            bridge: config.bridge.clone(),
            initial_board: config.db_filename.clone().map_or(InitialBoard::Empty, InitialBoard::File),
            listener: config.listen.map(|address| listen_when_free(address, waits(address))).transpose()?,
            publish: PublishOptions {
                site: config.site.options(),
                folder: config.publish.clone(),
                data_file: config.db_filename.clone(),
            },
            clock: clock::system(),
            supervision: Supervision::ServiceManager,
        })
    }
}

/// Takes a port for the web server.
///
/// ```
/// use ptgbot_runtime::listen;
///
/// let listener = listen("127.0.0.1:0".parse()?)?;
/// // Nobody else gets it as long as it is held.
/// let taken = listen(listener.local_addr()?).unwrap_err();
/// assert!(taken.to_string().starts_with("cannot listen on 127.0.0.1:"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Names the address.
pub fn listen(address: SocketAddr) -> Result<TcpListener, RunError> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| RunError::Listen { address, source })
}

/// Takes a port that somebody else may still have: tries again after each wait.
fn listen_when_free(address: SocketAddr, mut waits: impl Iterator<Item = ()>) -> Result<TcpListener, RunError> {
    loop {
        match listen(address) {
            Err(error) if error.is_taken() && waits.next().is_some() => {}
            listener => return listener,
        }
    }
}

/// Waits for an address, the first of which is told.
fn waits(address: SocketAddr) -> impl Iterator<Item = ()> {
    (0..WAITS).map(move |number| {
        if number == 0 {
            tracing::warn!("{address} is in use: waiting for a bot that may be ending");
        }
        thread::sleep(WAIT);
    })
}

/// Takes a port of this machine for a page that may have any: the usual one, or the next that is free.
///
/// # Errors
/// When none is.
pub(crate) fn first_free_port() -> Result<TcpListener, RunError> {
    let mut address = USUAL_ADDRESS;
    loop {
        match listen(address) {
            Err(error) if error.is_taken() && address.port() < LAST_PORT => address.set_port(address.port() + 1),
            listener => return listener,
        }
    }
}

/// Where a page is that may be anywhere.
pub(crate) const USUAL_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);
const LAST_PORT: u16 = 8099;
const WAIT: Duration = Duration::from_millis(100);
const WAITS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigFile;
    use std::path::Path;

    #[test]
    fn a_configuration_becomes_a_setup() {
        let text = "store = 'memory:'\nlisten = '127.0.0.1:0'\ndb_filename = 'ptg.json'\n\
                    [bridge]\nghosts = ['*[m]', '@irc_*']\n[site]\netherpad_base = 'https://pad.example/p'\n";
        let file = ConfigFile::parse(text, Path::new("ptgbot.toml")).expect("a file");
        let config = file.config(&[]).expect("a configuration");
        let setup = Setup::from_config(&config).expect("a setup");
        assert_eq!((setup.store, setup.bridge.ghosts.len()), (StoreAddress::Memory, 2));
        assert_eq!(setup.initial_board, InitialBoard::File("ptg.json".into()));
        assert_eq!(setup.publish.site.etherpad_base, "https://pad.example/p/");
        assert_eq!(setup.publish.data_file.as_deref(), Some(Path::new("ptg.json")));
        assert!(setup.listener.is_some());
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let first = listen(taken).expect("a port");
        let error = listen(taken).expect_err("taken").to_string();
        assert!(error.starts_with(&format!("cannot listen on {taken}: ")), "{error}");
        drop(first);
    }

    #[test]
    fn a_port_that_is_given_back_while_it_is_waited_for_is_taken() {
        let mut theirs = Some(TcpListener::bind("127.0.0.1:0").expect("a port"));
        let address = theirs.as_ref().and_then(|theirs| theirs.local_addr().ok()).expect("an address");
        let error = listen_when_free(address, std::iter::repeat_n((), 2)).expect_err("nobody gives it back");
        assert!(error.is_taken(), "{error}");
        let gives_back = std::iter::repeat_with(|| drop(theirs.take()));
        assert_eq!(listen_when_free(address, gives_back).expect("a port").local_addr().ok(), Some(address));
    }
}
