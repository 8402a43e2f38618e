//! The kind of request that nearly all are: GET or HEAD of HTTP/1.1 without a body. Whatever is any different in form
//! is left to hyper.

use super::asked::Asked;
use httparse::{EMPTY_HEADER, Request, Status};

/// A plain request.
#[derive(Debug)]
pub(super) struct Plain<'a> {
    pub(super) method: Method,
    /// Without the leading slash, percent signs as they came.
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) asked: Asked<'a>,
    /// What a listener that comes back heard last.
    pub(super) last_event: Option<&'a str>,
    /// How many bytes it takes.
    pub(super) length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Head,
}

/// What the bytes from a client begin with.
#[derive(Debug)]
pub(super) enum Begun<'a> {
    /// The rest is to come.
    Partial,
    /// A plain request.
    Plain(Plain<'a>),
    /// Anything else.
    Other,
}

/// Reads the first request of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Begun<'_> {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut request = Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Begun::Partial,
        Err(_) => return Begun::Other,
    };
    let method = match (request.method, request.version) {
        (Some("GET"), Some(1)) => Method::Get,
        (Some("HEAD"), Some(1)) => Method::Head,
        _ => return Begun::Other,
    };
    let Some(target) = request.path.and_then(|target| target.strip_prefix('/')) else { return Begun::Other };
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut plain = Plain { method, path, query, asked: Asked::default(), last_event: None, length };
    for header in request.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("connection") {
            if !header.value.eq_ignore_ascii_case(b"keep-alive") {
                return Begun::Other;
            }
        } else if BODY.iter().any(|name| is(name)) {
            return Begun::Other;
        } else if is("last-event-id") {
            plain.last_event = std::str::from_utf8(header.value).ok();
        } else {
            plain.asked.add(header.name, header.value);
        }
    }
    Begun::Plain(plain)
}

/// Headers of requests that have a body, or want another protocol.
const BODY: [&str; 4] = ["content-length", "transfer-encoding", "expect", "upgrade"];
const MOST_HEADERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &str) -> &'static str {
        match read(bytes.as_bytes()) {
            Begun::Partial => "partial",
            Begun::Plain(_) => "plain",
            Begun::Other => "other",
        }
    }

    #[test]
    fn only_what_is_plain_is_answered_here() {
        for (request, expected) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "plain"),
            ("HEAD /a?b HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\nGET", "plain"),
            ("GET / HTTP/1.1\r\nHost: x\r\n", "partial"),
            ("", "partial"),
            ("GET / HTTP/1.0\r\n\r\n", "other"),
            ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "other"),
            ("GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\n\r\n", "other"),
            ("GET / HTTP/1.1\r\ncontent-LENGTH: 0\r\n\r\n", "other"),
            ("GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", "other"),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "other"),
            ("POST / HTTP/1.1\r\n\r\n", "other"),
            ("GET http://x/ HTTP/1.1\r\n\r\n", "other"),
            ("OPTIONS * HTTP/1.1\r\n\r\n", "other"),
            ("\u{1}\r\n\r\n", "other"),
        ] {
            assert_eq!(kind(request), expected, "{request:?}");
        }
    }

    #[test]
    fn a_request_ends_where_the_next_begins() {
        let bytes = b"GET /a?b=c HTTP/1.1\r\nLast-Event-ID: 7\r\n\r\nGET /d HTTP/1.1\r\n\r\n";
        let Begun::Plain(plain) = read(bytes) else { panic!("it is plain") };
        assert_eq!((plain.path, plain.query, plain.last_event), ("a", Some("b=c"), Some("7")));
        assert!(bytes[plain.length..].starts_with(b"GET /d"));
    }
}
