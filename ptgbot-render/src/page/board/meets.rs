//! When and where a track meets, as the page says it.

use crate::clock::Stamp;
use ptgbot_core::RoomName;

/// When a track meets, and where.
#[derive(Clone)]
pub(super) struct Meets<'a> {
    pub(super) when: MeetsWhen,
    pub(super) room: &'a RoomName,
}

#[derive(Clone)]
pub(super) enum MeetsWhen {
    /// It is at it, until then.
    Now(Stamp),
    /// It begins then.
    At(Stamp),
}

impl Meets<'_> {
    pub(super) fn is_now(&self) -> bool {
        match self.when {
            MeetsWhen::Now(_) => true,
            MeetsWhen::At(_) => false,
        }
    }
}
