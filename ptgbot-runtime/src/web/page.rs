//! One file of the site, ready to be sent: packed, hashed, its headers made.

use super::conditional::{is_known, to_second};
use super::encoding::{Encoding, accepted};
use super::header::{is_shared, secure, share};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, VARY,
};
use hyper::{HeaderMap, Response, StatusCode};
use ptgbot_render::File;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::SystemTime;

/// A file with its encodings and validators. The same bytes always have the same entity tag, across changes of
/// other files and across restarts.
#[derive(Debug)]
pub(crate) struct Page {
    hash: Hash,
    shared: bool,
    modified: SystemTime,
    /// False when other bytes were served within the same second: the date cannot tell them apart.
    dated: bool,
    variants: Vec<Variant>,
}

/// The hash of a file's bytes and type.
pub(crate) type Hash = [u8; 32];

#[derive(Debug)]
struct Variant {
    encoding: Encoding,
    body: Bytes,
    etag: String,
    headers: HeaderMap,
}

impl Page {
    /// What the bytes of a file are known by.
    pub(crate) fn hash(file: &File) -> Hash {
        let mut hash = Sha256::new();
        hash.update(file.content_type);
        hash.update([0]);
        hash.update(&file.body);
        hash.finalize().into()
    }

    /// Packs a file that came to be `at`, in place of `before`.
    pub(crate) fn new(file: File, hash: Hash, at: SystemTime, before: Option<&Self>) -> Self {
        let modified = to_second(at);
        let dated = before.is_none_or(|before| before.modified < modified);
        let shared = is_shared(&file.path);
        let raw = Bytes::from(file.body);
        let variants = Encoding::ALL.into_iter().filter_map(|encoding| {
            let body = match encoding {
                Encoding::Brotli | Encoding::Gzip => encoding.pack(&raw)?,
                Encoding::Identity => raw.clone(),
            };
            let etag = etag(&hash, encoding);
            let headers = headers(file.content_type, encoding, &etag, body.len(), modified, shared);
            Some(Variant { encoding, body, etag, headers })
        });
        Self { hash, shared, modified, dated, variants: variants.collect() }
    }

    /// True when a file's bytes are still these.
    pub(crate) fn is(&self, hash: &Hash) -> bool {
        self.hash == *hash
    }

    /// True when pages of other sites may read it.
    pub(super) fn is_shared(&self) -> bool {
        self.shared
    }

    /// The bytes as they were rendered.
    pub(crate) fn raw(&self) -> Bytes {
        let plain = self.variants.iter().find(|variant| variant.encoding == Encoding::Identity);
        plain.map(|variant| variant.body.clone()).unwrap_or_default()
    }

    /// The answer to GET and HEAD.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response<Full<Bytes>> {
        let best = accepted(asked).find_map(|wish| self.variants.iter().find(|variant| variant.encoding == wish));
        let Some(variant) = best else { return Response::default() };
        let mut headers = variant.headers.clone();
        let known = is_known(asked, &variant.etag, self.dated.then_some(self.modified));
        let (status, body) = if known {
            for name in [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING] {
                headers.remove(name);
            }
            (StatusCode::NOT_MODIFIED, Bytes::new())
        } else {
            (StatusCode::OK, variant.body.clone())
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// Each encoding has a tag of its own, for its bytes differ.
fn etag(hash: &Hash, encoding: Encoding) -> String {
    let mut tag = String::from("\"");
    for byte in &hash[..16] {
        write!(tag, "{byte:02x}").expect("a string takes everything");
    }
    if let Some(name) = encoding.name() {
        tag.push('-');
        tag.push_str(name);
    }
    tag.push('"');
    tag
}

fn headers(
    content_type: &'static str,
    encoding: Encoding,
    etag: &str,
    length: usize,
    modified: SystemTime,
    shared: bool,
) -> HeaderMap {
    let text = |text: String| HeaderValue::from_maybe_shared(Bytes::from(text)).expect("digits, letters and blanks");
    let mut headers = HeaderMap::with_capacity(20);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_LENGTH, length.into());
    if let Some(name) = encoding.name() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, text(etag.to_owned()));
    headers.insert(LAST_MODIFIED, text(httpdate::fmt_http_date(modified)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if shared {
        share(&mut headers);
    }
    secure(&mut headers);
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{ACCEPT_ENCODING, IF_MODIFIED_SINCE, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
    use std::time::Duration;

    fn page(body: &str, second: u64, before: Option<&Page>) -> Page {
        let file = File { path: "ptg.json".into(), content_type: "application/json", body: body.into() };
        let hash = Page::hash(&file);
        Page::new(file, hash, SystemTime::UNIX_EPOCH + Duration::from_millis(second * 1000 + 500), before)
    }

    fn ask(page: &Page, pairs: &[(hyper::header::HeaderName, &str)]) -> Response<Full<Bytes>> {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect();
        page.answer(&headers)
    }

    #[test]
    fn each_encoding_has_a_strong_tag_of_its_own() {
        let page = page(&"x".repeat(1000), 0, None);
        let tags = ["br", "gzip", "identity"].map(|encoding| {
            let answer = ask(&page, &[(ACCEPT_ENCODING, encoding)]);
            assert_eq!(answer.headers()[VARY], "accept-encoding");
            assert_eq!(answer.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
            let tag = answer.headers()[ETAG].to_str().expect("text").to_owned();
            let again = ask(&page, &[(ACCEPT_ENCODING, encoding), (IF_NONE_MATCH, &tag)]);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert!(!again.headers().contains_key(CONTENT_LENGTH) && again.headers().contains_key(ETAG));
            tag
        });
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0].ends_with("-br\""));
    }

    #[test]
    fn bytes_that_replace_others_within_a_second_are_not_told_apart_by_date() {
        let first = page("1", 7, None);
        let date = ask(&first, &[]).headers()[LAST_MODIFIED].to_str().expect("text").to_owned();
        assert_eq!(ask(&first, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::NOT_MODIFIED);
        let second = page("2", 7, Some(&first));
        assert_eq!(ask(&second, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::OK);
        let third = page("3", 8, Some(&second));
        let date = ask(&third, &[]).headers()[LAST_MODIFIED].to_str().expect("text").to_owned();
        assert_eq!(ask(&third, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::NOT_MODIFIED);
    }
}
