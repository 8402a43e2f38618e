//! What a request says about the bytes that its sender can take and has already.

use super::conditional::Known;
use super::encoding::Wishes;
use hyper::HeaderMap;

/// The headers that decide which bytes are the answer.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) wishes: Wishes,
    pub(super) known: Known<'a>,
}

impl<'a> Asked<'a> {
    /// Takes note of a header; most mean nothing here. Values that are no text are passed over.
    pub(super) fn add(&mut self, name: &str, value: &'a [u8]) {
        let value = || std::str::from_utf8(value).ok();
        if name.eq_ignore_ascii_case("accept-encoding") {
            value().into_iter().for_each(|list| self.wishes.add(list));
        } else if name.eq_ignore_ascii_case("if-none-match") {
            value().into_iter().for_each(|list| self.known.add_tags(list));
        } else if name.eq_ignore_ascii_case("if-modified-since") {
            value().into_iter().for_each(|date| self.known.set_since(date));
        }
    }
}

impl<'a> From<&'a HeaderMap> for Asked<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        let mut asked = Self::default();
        headers.iter().for_each(|(name, value)| asked.add(name.as_str(), value.as_bytes()));
        asked
    }
}
