//! Name resolution that gives only addresses one may connect to.

use super::FetchPolicy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// Resolves names and refuses those that lead into the bot's own network.
pub(super) struct PublicResolver {
    policy: FetchPolicy,
}

impl PublicResolver {
    pub(super) fn new(policy: FetchPolicy) -> Self {
        Self { policy }
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy.clone();
        Box::pin(async move {
            // The port is the connector's to fill in.
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unknown)?.collect();
            if found.is_empty() {
                return Err(Unknown.into());
            }
            // One private address among public ones is refused too: which one is used would be left to chance.
            if !found.iter().all(|address| policy.permits(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The name leads to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("not a public address")]
pub(super) struct NotPublic;

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("no such host")]
pub(super) struct Unknown;
