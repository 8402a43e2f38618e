//! One file of the site, ready to be sent: packed, hashed, its headers made.

use super::asked::Asked;
use super::conditional::to_second;
use super::encoding::{Effort, Encoding, WORTH_TWO};
use super::header::{head, secure, share};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED, VARY,
};
use hyper::{HeaderMap, Response, StatusCode};
use rustix::fs::{MemfdFlags, memfd_create};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::SystemTime;

/// A file with its encodings and validators. The same bytes always have the same entity tag, across changes of
/// other files and across restarts; each way of packing has a tag of its own, for its bytes differ.
#[derive(Debug)]
pub(crate) struct Page {
    hash: Hash,
    content_type: &'static str,
    shared: bool,
    modified: SystemTime,
    /// False when other bytes were served within the same second: the date cannot tell them apart.
    dated: bool,
    plain: Variant,
    /// What is quickly packed is there from the start.
    quick: Option<Variant>,
    /// What takes longer comes when there is time.
    thorough: OnceLock<Vec<Variant>>,
}

/// The hash of a file's bytes and type.
type Hash = [u8; 32];

/// A file packed in one way.
#[derive(Debug)]
pub(super) struct Variant {
    encoding: Encoding,
    pub(super) body: Bytes,
    etag: String,
    headers: HeaderMap,
    /// The heads of the answers, but for the date and the blank line.
    pub(super) whole: Bytes,
    pub(super) not_modified: Bytes,
    /// The second in which it was last sent.
    sent: AtomicU64,
    answer: ArcSwapOption<Answer>,
}

/// The whole answer as it is within one second: head, date and body, as a file in memory, from which the system sends
/// it in one call and without a copy.
#[derive(Debug)]
pub(super) struct Answer {
    second: u64,
    pub(super) file: OwnedFd,
    pub(super) length: u64,
}

/// What a client gets.
#[derive(Debug)]
pub(super) enum Choice<'a> {
    /// The bytes.
    Whole(&'a Variant),
    /// It has these already.
    Known(&'a Variant),
}

impl Page {
    /// Packs a file that came to be `at`, in place of `before`; quickly. Where the bytes are still the same, so is the
    /// page.
    pub(crate) fn new(file: ptgbot_render::File, at: SystemTime, before: Option<&Arc<Self>>) -> Arc<Self> {
        let modified = to_second(at);
        let dated = before.is_none_or(|before| before.modified < modified);
        let shared = file.path.is_shared();
        let content_type = file.path.content_type();
        let kind = Kind { content_type, shared, modified };
        let raw = Bytes::from(file.body);
        let pack = || Encoding::Gzip.pack(&raw, Effort::Quick);
        let (hash, quick) = if raw.len() < WORTH_TWO {
            let hash = hash(content_type, &raw);
            let same = before.is_some_and(|before| before.hash == hash);
            (hash, if same { None } else { pack() })
        } else {
            // Somebody waits: both at the same time.
            thread::scope(|scope| {
                let quick = scope.spawn(pack);
                (hash(content_type, &raw), quick.join().ok().flatten())
            })
        };
        if let Some(same) = before.filter(|before| before.hash == hash) {
            return same.clone();
        }
        let quick = quick.map(|body| Variant::new(&kind, &hash, Encoding::Gzip, Effort::Quick, body));
        let plain = Variant::new(&kind, &hash, Encoding::Identity, Effort::Thorough, raw);
        Arc::new(Self { hash, content_type, shared, modified, dated, plain, quick, thorough: OnceLock::new() })
    }

    /// Packs it well, if that has not been done. Takes a while.
    pub(crate) fn pack_well(&self) {
        self.thorough.get_or_init(|| {
            let kind = Kind { content_type: self.content_type, shared: self.shared, modified: self.modified };
            let packed = [Encoding::Brotli, Encoding::Gzip].into_iter().filter_map(|encoding| {
                let body = encoding.pack(&self.plain.body, Effort::Thorough)?;
                Some(Variant::new(&kind, &self.hash, encoding, Effort::Thorough, body))
            });
            packed.collect()
        });
    }

    /// True when pages of other sites may read it.
    pub(super) fn is_shared(&self) -> bool {
        self.shared
    }

    /// The bytes as they were rendered.
    pub(crate) fn raw(&self) -> Bytes {
        self.plain.body.clone()
    }

    /// How much memory it takes, about.
    pub(super) fn size(&self) -> usize {
        self.variants().map(|variant| variant.body.len() + HEADERS_SIZE).sum()
    }

    /// Which bytes are the answer to GET and HEAD, if any. Whoever has the same page in any packing that it takes has
    /// it, even if it would get a better packing now.
    pub(super) fn choose(&self, asked: &Asked) -> Choice<'_> {
        let best = || {
            let best = asked.wishes.ranked().find_map(|wish| self.variants().find(|packed| packed.encoding == wish));
            best.unwrap_or(&self.plain)
        };
        let known = asked.known.tagged(|tag| match tag {
            "*" => Some(best()),
            tag => self.variants().find(|variant| variant.is_tagged(tag) && asked.wishes.takes(variant.encoding)),
        });
        match known {
            Some(Some(variant)) => Choice::Known(variant),
            None if self.dated && asked.known.has_since(self.modified) => Choice::Known(best()),
            Some(None) | None => Choice::Whole(best()),
        }
    }

    /// The answer to GET and HEAD.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response<Full<Bytes>> {
        let (status, variant, body) = match self.choose(&Asked::from(asked)) {
            Choice::Whole(variant) => (StatusCode::OK, variant, variant.body.clone()),
            Choice::Known(variant) => (StatusCode::NOT_MODIFIED, variant, Bytes::new()),
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() = variant.headers.clone();
        if status == StatusCode::NOT_MODIFIED {
            for name in ONLY_WHOLE {
                response.headers_mut().remove(name);
            }
        }
        response
    }

    /// The best packings first.
    fn variants(&self) -> impl Iterator<Item = &Variant> {
        self.thorough.get().into_iter().flatten().chain(&self.quick).chain([&self.plain])
    }
}

/// What the headers of a file say besides its packing.
struct Kind {
    content_type: &'static str,
    shared: bool,
    modified: SystemTime,
}

impl Variant {
    fn new(kind: &Kind, hash: &Hash, encoding: Encoding, effort: Effort, body: Bytes) -> Self {
        let etag = etag(hash, encoding, effort);
        let headers = headers(kind, encoding, &etag, body.len());
        let whole = head("200 OK", headers.iter());
        let not_modified = head("304 Not Modified", headers.iter().filter(|(name, _)| !ONLY_WHOLE.contains(name)));
        Self {
            encoding,
            body,
            etag,
            headers,
            whole,
            not_modified,
            sent: AtomicU64::new(0),
            answer: ArcSwapOption::empty(),
        }
    }

    /// The answer of this second with its date line, where it is large and was sent in this second before: whatever is
    /// asked for once in a while is not worth a file.
    pub(super) fn answer(&self, second: u64, date: &str) -> Option<Arc<Answer>> {
        if self.body.len() < LARGE {
            return None;
        }
        if self.sent.swap(second, Ordering::Relaxed) != second {
            self.answer.store(None);
            return None;
        }
        if let Some(answer) = self.answer.load_full().filter(|answer| answer.second == second) {
            return Some(answer);
        }
        let file = memfd_create("ptgbot-page", MemfdFlags::CLOEXEC).ok()?;
        let mut file = File::from(file);
        let parts = [&self.whole, date.as_bytes(), &self.body];
        parts.iter().try_for_each(|part| file.write_all(part)).ok()?;
        let length = parts.iter().map(|part| part.len() as u64).sum();
        let answer = Arc::new(Answer { second, file: file.into(), length });
        self.answer.store(Some(answer.clone()));
        Some(answer)
    }

    /// The tag comes without its quotes.
    fn is_tagged(&self, tag: &str) -> bool {
        self.etag.trim_matches('"') == tag
    }
}

fn hash(content_type: &str, body: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(content_type);
    hash.update([0]);
    hash.update(body);
    hash.finalize().into()
}

fn etag(hash: &Hash, encoding: Encoding, effort: Effort) -> String {
    let mut tag = String::from("\"");
    for byte in &hash[..16] {
        write!(tag, "{byte:02x}").expect("a string takes everything");
    }
    if let Some(name) = encoding.name() {
        tag.push('-');
        tag.push_str(name);
    }
    match effort {
        Effort::Quick => tag.push('1'),
        Effort::Thorough => {}
    }
    tag.push('"');
    tag
}

fn headers(kind: &Kind, encoding: Encoding, etag: &str, length: usize) -> HeaderMap {
    let text = |text: String| HeaderValue::from_maybe_shared(Bytes::from(text)).expect("digits, letters and blanks");
    let mut headers = HeaderMap::with_capacity(20);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind.content_type));
    headers.insert(CONTENT_LENGTH, length.into());
    if let Some(name) = encoding.name() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, text(etag.to_owned()));
    headers.insert(LAST_MODIFIED, text(httpdate::fmt_http_date(kind.modified)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if kind.shared {
        share(&mut headers);
    }
    secure(&mut headers);
    headers
}

/// What "not modified" does not say again.
const ONLY_WHOLE: [HeaderName; 3] = [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING];
/// What the headers of one variant take, about.
const HEADERS_SIZE: usize = 4096;
/// From here on a copy costs more than the file.
const LARGE: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{ACCEPT_ENCODING, IF_MODIFIED_SINCE, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
    use ptgbot_render::{File, SitePath};
    use std::time::Duration;

    fn page(body: &str, second: u64, before: Option<&Arc<Page>>) -> Arc<Page> {
        let file = File { path: SitePath::Data, body: body.into() };
        let page = Page::new(file, SystemTime::UNIX_EPOCH + Duration::from_millis(second * 1000 + 500), before);
        page.pack_well();
        page
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

    #[test]
    fn what_is_packed_better_later_has_a_tag_of_its_own_and_is_no_news() {
        let body = "all the same ".repeat(100);
        let file = File { path: SitePath::Data, body: body.into() };
        let page = Page::new(file, SystemTime::UNIX_EPOCH, None);
        let quick = ask(&page, &[(ACCEPT_ENCODING, "br, gzip")]);
        assert_eq!(quick.headers()[CONTENT_ENCODING], "gzip");
        let tag = quick.headers()[ETAG].to_str().expect("text").to_owned();
        page.pack_well();
        let better = ask(&page, &[(ACCEPT_ENCODING, "br, gzip")]);
        assert_eq!(better.headers()[CONTENT_ENCODING], "br");
        assert_ne!(better.headers()[ETAG], tag);
        let again = ask(&page, &[(ACCEPT_ENCODING, "br, gzip"), (IF_NONE_MATCH, &tag)]);
        assert_eq!(
            (again.status(), &again.headers()[ETAG]),
            (StatusCode::NOT_MODIFIED, &tag.parse().expect("a value"))
        );
        // A shared cache asks for somebody who cannot read what it has.
        assert_eq!(ask(&page, &[(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, &tag)]).status(), StatusCode::OK);
    }
}
