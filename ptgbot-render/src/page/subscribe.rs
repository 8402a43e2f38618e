//! The links under which calendar programs and feed readers subscribe to what a page shows.

use crate::link::{absolute, google, webcal};
use crate::site::Site;
use crate::site_path::SitePath;

/// Addresses of the calendar and of the feed, with the page's view.
pub(super) struct Subscribe {
    pub(super) calendar: String,
    pub(super) feed: String,
    /// Where the site knows its own address: for programs that open `webcal:`, and for Google's.
    pub(super) webcal: Option<String>,
    pub(super) google: Option<String>,
}

impl Subscribe {
    pub(super) fn to(site: &Site) -> Self {
        let calendar = site.address(&SitePath::Calendar);
        let known = site.options.base_url.as_ref().and_then(|base| absolute(base, &calendar));
        Self {
            webcal: known.as_ref().map(webcal),
            google: known.as_ref().map(google),
            feed: site.address(&SitePath::Feed),
            calendar,
        }
    }
}
