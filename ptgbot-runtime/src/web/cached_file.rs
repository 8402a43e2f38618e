//! One file of the site, ready to be sent: compressed, hashed, its headers made.

use super::accept_encoding::AcceptEncoding;
use super::caching;
use super::compress::Encoding;
use super::security::{secure, share};
use bytes::Bytes;
use headers::{ETag, HeaderMapExt, IfModifiedSince, IfNoneMatch, LastModified};
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use hyper::{HeaderMap, Response, StatusCode};
use ptgbot_render::{File, SitePath};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A file with its encodings and validators. The same bytes always have the same entity tag, across changes of
/// other files, restarts and processes; each encoding has a tag of its own, for its bytes differ.
#[derive(Debug)]
pub(crate) struct CachedFile {
    path: SitePath,
    hash: Hash,
    /// When its bytes became these, where that follows from the board: what a process knows only by itself would differ
    /// from replica to replica.
    modified: Option<SystemTime>,
    /// False when other bytes were served within the same second: the date cannot tell them apart.
    dated: bool,
    raw: Bytes,
    /// The best encodings first; the last is the plain one.
    bodies: Vec<EncodedBody>,
}

/// Of a file's bytes and type.
type Hash = [u8; 16];

/// The bytes of a file in one encoding, with the headers of an answer that sends them.
#[derive(Debug)]
struct EncodedBody {
    encoding: Encoding,
    bytes: Bytes,
    etag: ETag,
    headers: HeaderMap,
}

impl CachedFile {
    /// Takes over and compresses a file, in place of `before`. Where the bytes are still the same, so is the file, with
    /// its date. Takes a while.
    pub(crate) fn new(file: File, modified: Option<SystemTime>, before: Option<&Arc<Self>>) -> Arc<Self> {
        Self::kept(file, modified, caching::BOARD, before)
    }

    /// The same where caches may keep it for another while, as `Cache-Control` says it.
    pub(super) fn kept(
        file: File,
        modified: Option<SystemTime>,
        caching: &'static str,
        before: Option<&Arc<Self>>,
    ) -> Arc<Self> {
        let (path, raw) = (file.path, Bytes::from(file.body));
        let hash = hash(path.content_type(), &raw);
        if let Some(same) = before.filter(|before| before.hash == hash) {
            return same.clone();
        }
        let modified = modified.map(whole_second);
        let dated = before.is_none_or(|before| before.modified < modified);
        let encoded = |encoding: Encoding| {
            let bytes = encoding.compress(&raw)?;
            let etag = etag(hash, encoding);
            let headers = headers(&path, modified, encoding, &etag, bytes.len(), caching);
            Some(EncodedBody { encoding, bytes, etag, headers })
        };
        let bodies = Encoding::ALL.into_iter().filter_map(encoded).collect();
        Arc::new(Self { path, hash, modified, dated, raw, bodies })
    }

    /// Which file it is.
    pub(super) fn path(&self) -> &SitePath {
        &self.path
    }

    /// The bytes as they were rendered.
    pub(crate) fn raw(&self) -> Bytes {
        self.raw.clone()
    }

    /// How much memory it takes, about.
    pub(super) fn size(&self) -> usize {
        self.bodies.iter().map(|body| body.bytes.len() + HEADERS_SIZE).sum()
    }

    /// The answer to GET and HEAD at an address with this query: where that names the version, it may be kept for ever.
    pub(super) fn answer_at(&self, query: Option<&str>, request: &HeaderMap) -> Response<Full<Bytes>> {
        let mut answer = self.answer(request);
        if caching::is_versioned(&self.path, query) {
            answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(caching::VERSIONED));
        }
        answer
    }

    /// The answer to GET and HEAD.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response<Full<Bytes>> {
        let accepted = AcceptEncoding::of(request);
        let best = accepted.best(self.bodies.iter().map(|body| body.encoding));
        let best = self.bodies.iter().find(|body| body.encoding == best).expect("it is one of them");
        match self.known(request, &accepted, best) {
            None => respond(StatusCode::OK, best.headers.clone(), best.bytes.clone()),
            Some(body) => {
                let mut headers = body.headers.clone();
                for name in ONLY_WHOLE {
                    headers.remove(name);
                }
                respond(StatusCode::NOT_MODIFIED, headers, Bytes::new())
            }
        }
    }

    /// What the client has already: the same file in any encoding that it takes, even if it would get another one now.
    fn known<'a>(
        &'a self,
        request: &HeaderMap,
        accepted: &AcceptEncoding,
        best: &'a EncodedBody,
    ) -> Option<&'a EncodedBody> {
        let has = |tags: &IfNoneMatch, body: &EncodedBody| {
            accepted.takes(body.encoding) && !tags.precondition_passes(&body.etag)
        };
        match request.typed_get::<IfNoneMatch>() {
            Some(tags) if tags == IfNoneMatch::any() => Some(best),
            Some(tags) => self.bodies.iter().find(|body| has(&tags, body)),
            None => {
                let since = request.typed_get::<IfModifiedSince>().filter(|_| self.dated)?;
                (!since.is_modified(self.modified?)).then_some(best)
            }
        }
    }
}

fn respond(status: StatusCode, headers: HeaderMap, bytes: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn headers(
    path: &SitePath,
    modified: Option<SystemTime>,
    encoding: Encoding,
    etag: &ETag,
    length: usize,
    caching: &'static str,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(20);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(path.content_type()));
    headers.insert(CONTENT_LENGTH, length.into());
    if let Some(name) = encoding.name() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.typed_insert(etag.clone());
    if let Some(modified) = modified {
        headers.typed_insert(LastModified::from(modified));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if path.is_shared() {
        share(&mut headers);
    }
    secure(&mut headers);
    headers
}

fn hash(content_type: &str, body: &[u8]) -> Hash {
    let hash = Sha256::new().chain_update(content_type).chain_update([0]).chain_update(body).finalize();
    *hash.first_chunk().expect("it has 32 bytes")
}

fn etag(hash: Hash, encoding: Encoding) -> ETag {
    let hash = u128::from_be_bytes(hash);
    let tag = match encoding.name() {
        Some(name) => format!("\"{hash:032x}-{name}\""),
        None => format!("\"{hash:032x}\""),
    };
    tag.parse().expect("digits and letters in quotes are a tag")
}

/// As HTTP dates have it.
fn whole_second(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// What "not modified" does not say again.
const ONLY_WHOLE: [HeaderName; 3] = [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING];
/// What the headers of one encoding take, about.
const HEADERS_SIZE: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{
        ACCEPT_ENCODING, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
    };

    fn file(body: &str, second: u64, before: Option<&Arc<CachedFile>>) -> Arc<CachedFile> {
        let file = File { path: SitePath::Data, body: body.into() };
        CachedFile::new(file, Some(SystemTime::UNIX_EPOCH + Duration::from_millis(second * 1000 + 500)), before)
    }

    fn ask(file: &CachedFile, pairs: &[(HeaderName, &str)]) -> Response<Full<Bytes>> {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect();
        file.answer(&headers)
    }

    #[test]
    fn each_encoding_has_a_strong_tag_of_its_own() {
        let file = file(&"x".repeat(1000), 0, None);
        let tags = ["br", "gzip", "identity"].map(|encoding| {
            let answer = ask(&file, &[(ACCEPT_ENCODING, encoding)]);
            assert_eq!(answer.headers()[VARY], "accept-encoding");
            assert_eq!(answer.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
            let tag = answer.headers()[ETAG].to_str().expect("text").to_owned();
            let again = ask(&file, &[(ACCEPT_ENCODING, encoding), (IF_NONE_MATCH, &tag)]);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert!(!again.headers().contains_key(CONTENT_LENGTH) && again.headers().contains_key(ETAG));
            tag
        });
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0].ends_with("-br\""));
    }

    #[test]
    fn a_tag_is_found_in_a_list_strong_or_weak() {
        let file = file("x", 0, None);
        let tag = ask(&file, &[]).headers()[ETAG].to_str().expect("text").to_owned();
        for list in [tag.clone(), format!("W/{tag}"), format!("\"x\", W/{tag}"), format!("\"a,b\",{tag}"), "*".into()] {
            assert_eq!(ask(&file, &[(IF_NONE_MATCH, &list)]).status(), StatusCode::NOT_MODIFIED, "{list}");
        }
        for list in ["\"x\"", tag.trim_matches('"'), "\"\"", "", "\"*\"", ",\""] {
            assert_eq!(ask(&file, &[(IF_NONE_MATCH, list)]).status(), StatusCode::OK, "{list}");
        }
    }

    #[test]
    fn bytes_that_replace_others_within_a_second_are_not_told_apart_by_date() {
        let first = file("1", 7, None);
        let date = ask(&first, &[]).headers()[LAST_MODIFIED].to_str().expect("text").to_owned();
        assert_eq!(ask(&first, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(&first, &[(IF_MODIFIED_SINCE, "yesterday")]).status(), StatusCode::OK);
        let second = file("2", 7, Some(&first));
        assert_eq!(ask(&second, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::OK);
        let third = file("3", 8, Some(&second));
        assert_eq!(ask(&third, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::OK);
        let date = ask(&third, &[]).headers()[LAST_MODIFIED].to_str().expect("text").to_owned();
        assert_eq!(ask(&third, &[(IF_MODIFIED_SINCE, &date)]).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_file_whose_date_is_not_known_has_none() {
        let file = CachedFile::new(File { path: SitePath::Data, body: b"x".into() }, None, None);
        assert!(!ask(&file, &[]).headers().contains_key(LAST_MODIFIED));
        let since = (IF_MODIFIED_SINCE, "Fri, 31 Dec 2100 00:00:00 GMT");
        assert_eq!(ask(&file, &[since]).status(), StatusCode::OK);
    }

    #[test]
    fn whoever_has_a_file_in_another_encoding_has_it_if_it_can_read_that() {
        let file = file(&"all the same ".repeat(100), 0, None);
        let tag = ask(&file, &[(ACCEPT_ENCODING, "gzip")]).headers()[ETAG].to_str().expect("text").to_owned();
        let again = ask(&file, &[(ACCEPT_ENCODING, "br, gzip"), (IF_NONE_MATCH, &tag)]);
        assert_eq!(
            (again.status(), &again.headers()[ETAG]),
            (StatusCode::NOT_MODIFIED, &tag.parse().expect("a value"))
        );
        // A shared cache asks for somebody who cannot read what it has.
        assert_eq!(ask(&file, &[(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, &tag)]).status(), StatusCode::OK);
    }
}
