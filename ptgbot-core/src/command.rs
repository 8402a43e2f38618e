//! Commands (being written).
pub(crate) fn is_reserved(name: &str) -> bool {
    ["in", "out", "seen", "subscribe", "unsubscribe", "now", "next", "where", "who", "free", "forget", "help", "ptg"]
        .contains(&name)
}
