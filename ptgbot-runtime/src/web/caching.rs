//! What browsers and shared caches may keep, and for how long (RFC 9111, RFC 5861).

use ptgbot_render::{ASSET_VERSION, SitePath};

/// What follows from the board: pages, data, calendars, the feed. A cache may answer with it for a second, so that
/// however many ask, each cache asks us once a second; a page that was told of a newer revision asks again until it has
/// it. While nobody of us can be reached a cache may go on for an hour. There is no `s-maxage`, which would forbid that
/// (RFC 9111 section 5.2.2.10), and no `stale-while-revalidate`: after a change those who were told of it ask at once.
pub(super) const BOARD: &str = "public, max-age=1, stale-if-error=3600";

/// Styles and scripts under an address that names their version.
pub(super) const VERSIONED: &str = "public, max-age=31536000, immutable";

/// That there is nothing: a track may be added at any time.
pub(super) const MISSING: &str = "public, max-age=1";

/// What is of this process and this moment. So are the pages of a rehearsal, in which a second may be an hour.
pub(super) const NEVER: &str = "no-store";

/// The event stream; nobody on the way is to keep it back in order to change or compress it.
pub(super) const EVENTS: &str = "no-store, no-transform";

/// True for the address of a style or script of this very version. Another version's address gives what we have, and
/// nobody keeps that: while replicas are upgraded a page of one may ask the other.
pub(super) fn is_versioned(path: &SitePath, query: Option<&str>) -> bool {
    path.is_asset() && query == Some(ASSET_VERSION)
}
