//! What each track will discuss.

use super::meets::Meets;
use crate::folded::Folded;
use crate::segment::Segment;
use ptgbot_core::TrackName;

/// What a track will discuss.
pub(super) struct NextCard<'a> {
    pub(super) track: &'a TrackName,
    pub(super) topics: Folded<Vec<Segment<'a>>>,
    pub(super) meets: Option<Meets<'a>>,
}
