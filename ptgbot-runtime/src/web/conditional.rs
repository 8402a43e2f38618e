//! Questions of the kind "only if it is newer than what I have" (RFC 9110 section 13).

use hyper::HeaderMap;
use hyper::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use std::time::{Duration, SystemTime};

/// True when the client has these bytes already. The entity tag alone decides where the client sends one.
///
/// `since` is when the bytes came to be; `None` where a second is too coarse to tell them from the ones before.
pub(super) fn is_known(headers: &HeaderMap, etag: &str, since: Option<SystemTime>) -> bool {
    let mut tags = headers.get_all(IF_NONE_MATCH).into_iter().peekable();
    if tags.peek().is_some() {
        return tags.filter_map(|list| list.to_str().ok()).any(|list| names(list, etag));
    }
    let Some(since) = since else { return false };
    let Some(known) = headers.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok()) else { return false };
    httpdate::parse_http_date(known).is_ok_and(|known| since <= known)
}

/// The whole second of a time, as HTTP dates have it.
pub(super) fn to_second(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// Weak comparison with each tag of a list; a tag may hold commas.
fn names(list: &str, etag: &str) -> bool {
    if list.trim() == "*" {
        return true;
    }
    // Between the first and second quote is a tag, between the third and fourth the next one.
    list.split('"').skip(1).step_by(2).any(|tag| tag == etag.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(list: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, list.parse().expect("a value"));
        headers.insert(IF_MODIFIED_SINCE, "Thu, 01 Jan 2037 00:00:00 GMT".parse().expect("a value"));
        is_known(&headers, "\"abc-br\"", Some(SystemTime::UNIX_EPOCH))
    }

    #[test]
    fn a_tag_is_found_in_a_list_strong_or_weak() {
        for list in ["\"abc-br\"", "W/\"abc-br\"", "\"x\", W/\"abc-br\"", "\"a,b\",\"abc-br\"", "*", " * "] {
            assert!(tags(list), "{list}");
        }
        for list in ["\"abc\"", "abc-br", "\"\"", "", "\"abc-br,\"", "\"*\"", ",\""] {
            assert!(!tags(list), "{list}");
        }
    }

    #[test]
    fn a_date_decides_only_without_a_tag() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_792_400_000);
        let ask = |date: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_MODIFIED_SINCE, date.parse().expect("a value"));
            headers
        };
        let same = ask(&httpdate::fmt_http_date(then));
        assert!(is_known(&same, "\"a\"", Some(then)));
        assert!(!is_known(&same, "\"a\"", Some(then + Duration::from_secs(1))));
        assert!(!is_known(&same, "\"a\"", None));
        assert!(!is_known(&ask("yesterday"), "\"a\"", Some(then)));
        assert!(!is_known(&HeaderMap::new(), "\"a\"", Some(then)));
    }
}
