//! Links: what may be followed, and what stays text.

use ptgbot_core::HttpUrl;
use std::fmt;
use url::Url;

/// An address that is safe in `href`: http, https or mailto, parsed and serialised again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Href(String);

/// An address that somebody gave: a link where it can be one, else only its words.
#[derive(Clone, Debug)]
pub(crate) struct UserLink<'a> {
    pub(crate) href: Option<Href>,
    pub(crate) text: &'a str,
}

impl Href {
    /// A meeting link or a pad.
    pub(crate) fn web(raw: &str) -> Option<Self> {
        HttpUrl::parse(raw.trim()).ok().map(|url| Self(url.as_str().to_owned()))
    }

    /// A link of the links page, which may also be a mail address.
    pub(crate) fn web_or_mail(raw: &str) -> Option<Self> {
        Self::web(raw).or_else(|| {
            let raw = raw.trim();
            let url = Url::parse(raw).ok()?;
            let plain = !raw.chars().any(|c| c.is_control() || c.is_whitespace());
            (url.scheme() == "mailto" && plain && url.path().contains('@')).then(|| Self(url.into()))
        })
    }
}

impl Href {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same address with more of its last part: only what [`Encoded`] lets through.
    pub(crate) fn followed_by(&self, part: Encoded) -> Self {
        Self(format!("{}{part}", self.0))
    }
}

impl fmt::Display for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> UserLink<'a> {
    pub(crate) fn web(text: &'a str) -> Self {
        Self { href: Href::web(text), text }
    }

    pub(crate) fn web_or_mail(text: &'a str) -> Self {
        Self { href: Href::web_or_mail(text), text }
    }
}

/// The absolute address of a file of the site.
pub(crate) fn absolute(base: &HttpUrl, path: &str) -> Option<Url> {
    let mut url = base.as_url().clone();
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url.join(path).ok()
}

/// The address under which calendar programs subscribe.
pub(crate) fn webcal(url: &Url) -> String {
    match url.as_str().split_once(':') {
        Some((_, rest)) => format!("webcal:{rest}"),
        None => String::new(),
    }
}

/// The page on which Google's calendar offers to subscribe. It reads the calendar from its own machines, so that
/// only an address on the open web is of use to it.
pub(crate) fn google(url: &Url) -> String {
    let address = webcal(url).replace('+', "%2B");
    format!("https://calendar.google.com/calendar/r?cid={}", Encoded(&address))
}

/// A name as part of an address or identity: everything but letters, digits and `-._~+` is percent-encoded, so
/// two names never become one.
pub(crate) struct Encoded<'a>(pub(crate) &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+') {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_become_links() {
        for raw in
            ["javascript:alert(1)", "data:text/html,x", " JAVASCRIPT:x", "//evil", "/x", "ftp://a/", "mailto:", ""]
        {
            assert_eq!(Href::web_or_mail(raw), None, "{raw}");
        }
        assert!(Href::web_or_mail("mailto:a@example.org").is_some());
        assert!(Href::web("mailto:a@example.org").is_none());
        assert!(Href::web("https://example.org/a?b=\"c\"").is_some_and(|href| !href.to_string().contains('"')));
    }

    #[test]
    fn absolute_addresses_keep_the_folder_of_the_base() {
        let base = HttpUrl::parse("https://example.org/oct?x#y").expect("an address");
        let url = absolute(&base, "c++.ics").expect("an address");
        assert_eq!(url.as_str(), "https://example.org/oct/c++.ics");
        assert_eq!(webcal(&url), "webcal://example.org/oct/c++.ics");
        let google = google(&url);
        assert!(google.ends_with("?cid=webcal%3A%2F%2Fexample.org%2Foct%2Fc%252B%252B.ics"), "{google}");
    }
}
