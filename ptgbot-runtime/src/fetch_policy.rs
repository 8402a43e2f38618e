//! The limits of `~fetchdb`.

use std::net::IpAddr;
use std::time::Duration;

/// From where, for how long and how much may be fetched.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FetchPolicy {
    /// Fetch also from this host and from local networks.
    pub allow_private: bool,
    /// Addresses that may be fetched from although they are not public.
    pub allow: Vec<IpAddr>,
    /// For everything together: names, redirects, the body.
    pub time: Duration,
    /// The document's size after decompression, in bytes.
    pub bytes: usize,
}

impl Default for FetchPolicy {
    fn default() -> Self {
        Self { allow_private: false, allow: Vec::new(), time: Duration::from_secs(10), bytes: 8 << 20 }
    }
}
