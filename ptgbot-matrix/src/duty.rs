//! What the bot has to do for the account: stand by, or act.

use crate::stream_place::StreamPlace;
use matrix_sdk::ruma::OwnedDeviceId;

/// What the bot has to do for the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Another process acts: on this device, as far as it has said.
    StandBy { acting: Option<OwnedDeviceId> },
    /// To act, from where the store says that somebody was.
    Act { from: Option<StreamPlace> },
}
