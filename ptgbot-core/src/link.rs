//! Links that are safe to follow.

use std::fmt;
use std::str::FromStr;
use url::Url;

/// A web address: http or https, with a host and without a user name or password in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(Url);

impl HttpUrl {
    /// Reads an address as a person types it.
    ///
    /// ```
    /// use ptgbot_core::HttpUrl;
    /// assert_eq!(HttpUrl::parse("https://Meet.example.org/a").unwrap().as_str(), "https://meet.example.org/a");
    /// assert_eq!(HttpUrl::parse("mailto:a@example.org").unwrap_err().to_string(), "only http and https links are taken");
    /// ```
    ///
    /// # Errors
    /// Says in a phrase what is wrong with it.
    pub fn parse(raw: &str) -> Result<Self, InvalidUrl> {
        if raw.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidUrl::Blank);
        }
        if raw.len() > MAX_LEN {
            return Err(InvalidUrl::TooLong);
        }
        let url = Url::parse(raw).map_err(|_| InvalidUrl::Form)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidUrl::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(InvalidUrl::Form);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::UserInfo);
        }
        Ok(Self(url))
    }

    /// The serialised form: ASCII, percent-encoded, fit for an attribute or a calendar property.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

/// True for an address that a page may make a link of: of the web, or of mail.
pub(crate) fn is_followable(address: &str) -> bool {
    let is_mail = || Url::parse(address).is_ok_and(|url| url.scheme() == "mailto" && url.path().contains('@'));
    HttpUrl::parse(address).is_ok() || is_mail()
}

impl FromStr for HttpUrl {
    type Err = InvalidUrl;

    fn from_str(raw: &str) -> Result<Self, InvalidUrl> {
        Self::parse(raw)
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// What is wrong with a web address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It cannot be read as an address.
    #[error("it is no web address; write it like https://example.org/room")]
    Form,
    /// It is a `mailto:`, `javascript:` or the like.
    #[error("only http and https links are taken")]
    Scheme,
    /// It carries a user name or a password.
    #[error("a link may not hold a user name or password")]
    UserInfo,
    /// There is a blank in it.
    #[error("there is a blank in it")]
    Blank,
    /// It is longer than any browser likes.
    #[error("it has more than 2000 bytes")]
    TooLong,
}

const MAX_LEN: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_are_taken() {
        assert_eq!(HttpUrl::parse("HTTPS://Meet.example/a b").err(), Some(InvalidUrl::Blank));
        assert_eq!(HttpUrl::parse("javascript:alert(1)").err(), Some(InvalidUrl::Scheme));
        assert_eq!(HttpUrl::parse("mailto:a@example.org").err(), Some(InvalidUrl::Scheme));
        assert_eq!(HttpUrl::parse("https://u:p@example.org/").err(), Some(InvalidUrl::UserInfo));
        assert_eq!(HttpUrl::parse("example.org").err(), Some(InvalidUrl::Form));
        assert_eq!(HttpUrl::parse("https://").err(), Some(InvalidUrl::Form));
        assert_eq!(HttpUrl::parse("HTTPS://Meet.example").map(|u| u.to_string()), Ok("https://meet.example/".into()));
    }
}
