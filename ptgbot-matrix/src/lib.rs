//! The Matrix side of ptgbot.
