//! Faults that older versions had, put back at the seams of the bot.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldFault {
    None,
    /// The store takes what any process writes.
    NoFencing,
    /// What is announced counts as delivered at once.
    DeliveredBeforeSent,
    /// The network's adapter sends one thing after the other, to whomever.
    OneQueue,
    /// A lost connection takes the right to send with it.
    LostPermit,
    /// What the store does not take is tried for ever.
    EndlessRetry,
}
