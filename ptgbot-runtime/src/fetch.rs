//! Fetching a data document for `~fetchdb`, without becoming a way into the network the bot lives in.
//!
//! Every hop is checked: its scheme, its host where that is an address, and else the addresses its name resolves
//! to. The connection goes to the very addresses that were checked, so a name that changes its mind between
//! check and connection gains nothing.

mod address;
mod resolver;

use crate::document_text::read_document;
use crate::fetch_policy::FetchPolicy;
use address::is_public;
use ptgbot_core::{HttpUrl, InvalidUrl, clean};
use reqwest::header::{ACCEPT, LOCATION};
use reqwest::{Client, Response, StatusCode, redirect};
use resolver::{NotPublic, PublicResolver, Unknown};
use serde_json::Value;
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;
use url::Host;

impl FetchPolicy {
    fn permits(&self, address: IpAddr) -> bool {
        self.allow_private || is_public(address) || self.allow.contains(&address.to_canonical())
    }
}

/// Fetches a JSON document. What its keys mean is for the importer to check.
///
/// # Errors
/// One sentence for the person who asked, free of control characters.
pub(crate) async fn fetch_json(url: &str, policy: FetchPolicy) -> Result<Value, FetchError> {
    let time = policy.time;
    match tokio::time::timeout(time, fetch(url, policy)).await {
        Ok(result) => result,
        Err(_) => Err(FetchError::Slow(time)),
    }
}

/// Why a document was not fetched, as a chat sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The address itself is unusable.
    #[error("{0}")]
    Url(InvalidUrl),
    /// The server points to an unusable address.
    #[error("the server redirects to an address that is not taken: {0}")]
    Redirect(InvalidUrl),
    /// A redirect without a target, or with one that is no address.
    #[error("the server redirects to nowhere")]
    Nowhere,
    /// Too many hops.
    #[error("more than {MAX_REDIRECTS} redirects")]
    TooManyRedirects,
    /// A host in the bot's own network.
    #[error("{0} is not a public address")]
    NotPublic(String),
    /// A name that no one knows.
    #[error("there is no host named {0}")]
    UnknownHost(String),
    /// No connection, a broken one, a certificate that does not fit.
    #[error("cannot fetch from {host}: {reason}")]
    Connection {
        /// From where.
        host: String,
        /// The innermost reason.
        reason: String,
    },
    /// The server has no such document, or keeps it to itself.
    #[error("the server answered {0}")]
    Status(u16),
    /// It took too long.
    #[error("the document did not arrive within {} s", .0.as_secs_f32())]
    Slow(Duration),
    /// Too much.
    #[error("the document is larger than {}", size(*.0))]
    TooLarge(usize),
    /// Something else than JSON.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    /// The bot's own side failed.
    #[error("cannot fetch at all: {0}")]
    Setup(String),
}

async fn fetch(url: &str, policy: FetchPolicy) -> Result<Value, FetchError> {
    let mut url = HttpUrl::parse(url).map_err(FetchError::Url)?;
    let limit = policy.bytes;
    let client = client(&policy)?;
    for _ in 0..=MAX_REDIRECTS {
        check_host(&url, &policy)?;
        let request = client.get(url.as_url().clone()).header(ACCEPT, "application/json, */*;q=0.1");
        let response = request.send().await.map_err(|error| explain(&url, &error))?;
        match response.status() {
            StatusCode::OK => {
                let body = read(response, limit).await.map_err(|error| match error {
                    ReadError::TooLarge => FetchError::TooLarge(limit),
                    ReadError::Broken(error) => explain(&url, &error),
                })?;
                return parse(body).await;
            }
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => url = next_hop(&url, &response)?,
            other => return Err(FetchError::Status(other.as_u16())),
        }
    }
    Err(FetchError::TooManyRedirects)
}

fn client(policy: &FetchPolicy) -> Result<Client, FetchError> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .dns_resolver(PublicResolver::new(policy.clone()))
        .connect_timeout(policy.time)
        .timeout(policy.time)
        .pool_max_idle_per_host(0)
        .user_agent(concat!("ptgbot/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| FetchError::Setup(innermost(&error)))
}

/// Checks a host that is written as an address: no resolver is asked for those. The parser has already read
/// `0x7f.1` and `2130706433` as the addresses they are.
fn check_host(url: &HttpUrl, policy: &FetchPolicy) -> Result<(), FetchError> {
    let address = match url.as_url().host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    if policy.permits(address) { Ok(()) } else { Err(FetchError::NotPublic(address.to_canonical().to_string())) }
}

fn next_hop(from: &HttpUrl, response: &Response) -> Result<HttpUrl, FetchError> {
    let target = response.headers().get(LOCATION).ok_or(FetchError::Nowhere)?;
    let target = target.to_str().map_err(|_| FetchError::Nowhere)?;
    let joined = from.as_url().join(target).map_err(|_| FetchError::Nowhere)?;
    HttpUrl::parse(joined.as_str()).map_err(FetchError::Redirect)
}

enum ReadError {
    TooLarge,
    Broken(reqwest::Error),
}

/// Reads the body as it is after decompression, and never more than one chunk above the limit.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, ReadError> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(ReadError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Broken)? {
        if body.len() + chunk.len() > limit {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Several megabytes take a while to parse: that must not hold up the chat.
async fn parse(body: Vec<u8>) -> Result<Value, FetchError> {
    let parsed = tokio::task::spawn_blocking(move || {
        read_document(&body).map_err(|error| FetchError::NotJson(error.to_string()))
    });
    parsed.await.unwrap_or_else(|error| Err(FetchError::Setup(error.to_string())))
}

fn explain(url: &HttpUrl, error: &reqwest::Error) -> FetchError {
    let host = url.as_url().host_str().unwrap_or_default().to_owned();
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<NotPublic>() {
            return FetchError::NotPublic(host);
        }
        if inner.is::<Unknown>() {
            return FetchError::UnknownHost(host);
        }
        cause = inner.source();
    }
    FetchError::Connection { host, reason: innermost(error) }
}

/// The last cause in the chain, cut and cleaned: parts of it may come from the other side.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    clean(&last.to_string()).chars().take(MAX_REASON).collect()
}

fn size(bytes: usize) -> String {
    if bytes.is_multiple_of(1 << 20) { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}

const MAX_REDIRECTS: usize = 5;
const MAX_REASON: usize = 160;

#[cfg(test)]
mod tests;
