//! Questions of the kind "only if it is newer than what I have" (RFC 9110 section 13).

use std::time::{Duration, SystemTime};

/// What a client has, as its request says.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    /// The lists of entity tags.
    tags: Vec<&'a str>,
    /// The date, where it is one.
    since: Option<SystemTime>,
}

impl<'a> Known<'a> {
    pub(super) fn add_tags(&mut self, list: &'a str) {
        self.tags.push(list);
    }

    pub(super) fn set_since(&mut self, date: &str) {
        self.since = httpdate::parse_http_date(date).ok();
    }

    /// The tag among those that the client has for which `wanted` finds something. Tags are compared weakly; they come
    /// without quotes, and `*` for any. `None` where the client sent no tags.
    pub(super) fn tagged<T>(&self, wanted: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
        if self.tags.is_empty() {
            return None;
        }
        Some(self.tags.iter().flat_map(|list| names(list)).find_map(wanted))
    }

    /// True when what came to be at `time` is no news to the client by its date.
    pub(super) fn has_since(&self, time: SystemTime) -> bool {
        self.since.is_some_and(|since| time <= since)
    }
}

/// The whole second of a time, as HTTP dates have it.
pub(super) fn to_second(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

/// The tags of a list; a tag may hold commas.
fn names(list: &str) -> impl Iterator<Item = &str> {
    let all = (list.trim() == "*").then_some("*");
    // Between the first and second quote is a tag, between the third and fourth the next one.
    all.into_iter().chain(list.split('"').skip(1).step_by(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(list: &str) -> bool {
        let mut known = Known::default();
        known.add_tags(list);
        known.tagged(|tag| (tag == "abc-br" || tag == "*" && list.trim() == "*").then_some(())).flatten().is_some()
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
    fn a_date_tells_what_is_no_news() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_792_400_000);
        let ask = |date: &str| {
            let mut known = Known::default();
            known.set_since(date);
            known
        };
        let same = httpdate::fmt_http_date(then);
        assert!(ask(&same).has_since(then));
        assert!(!ask(&same).has_since(then + Duration::from_secs(1)));
        assert!(!ask("yesterday").has_since(then));
        assert!(!Known::default().has_since(then));
        assert_eq!(Known::default().tagged(|_| Some(())), None);
    }
}
