//! What a bot needs besides its network, from a configuration or put together by hand.

use crate::config::Config;
use crate::fetch::FetchPolicy;
use crate::publish::PublishOptions;
use crate::run::RunError;
use crate::store::StoreAddress;
use ptgbot_render::SiteOptions;
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

/// What a bot needs besides its network.
#[derive(Debug, Default)]
pub struct Setup {
    /// Where the board is kept.
    pub store: StoreAddress,
    /// From where `~fetchdb` may load.
    pub fetch: FetchPolicy,
    /// What an empty board starts with.
    pub first: First,
    /// Where the web server listens; without it there is none.
    pub listener: Option<TcpListener>,
    /// What the pages say, and where else they go.
    pub publish: PublishOptions,
}

/// What a board that never changed starts with.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum First {
    /// Nothing.
    #[default]
    Empty,
    /// The older bot's data file, where there is one.
    File(PathBuf),
    /// A data document.
    Document(Value),
}

impl Setup {
    /// What a configuration says. The web server's port is taken here already, so that a taken one is told before
    /// anything else begins.
    ///
    /// # Errors
    /// When the store's address cannot be one, or the web server's cannot be listened on.
    pub fn from_config(config: &Config) -> Result<Self, RunError> {
        let store = config.store.as_deref().map(str::parse).transpose()?.unwrap_or_default();
        let mut site = SiteOptions { base_url: config.site.base_url.clone(), ..SiteOptions::default() };
        if let Some(base) = &config.site.etherpad_base {
            site.etherpad_base = format!("{}/", base.as_str().trim_end_matches('/'));
        }
        Ok(Self {
            store,
            fetch: config.fetch.policy(),
            first: config.db_filename.clone().map_or(First::Empty, First::File),
            listener: config.listen.map(listen).transpose()?,
            publish: PublishOptions { site, folder: config.publish.clone(), data_file: config.db_filename.clone() },
        })
    }
}

/// Takes a port for the web server.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_configuration_becomes_a_setup() {
        let text = "store = 'memory:'\nlisten = '127.0.0.1:0'\ndb_filename = 'ptg.json'\n\
                    [site]\netherpad_base = 'https://pad.example/p'\n";
        let config = Config::parse(text, Path::new("ptgbot.toml")).expect("a configuration");
        let setup = Setup::from_config(&config).expect("a setup");
        assert_eq!(setup.store, StoreAddress::Memory);
        assert_eq!(setup.first, First::File("ptg.json".into()));
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
}
