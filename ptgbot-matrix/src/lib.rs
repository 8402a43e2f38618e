//! The Matrix side of ptgbot.

mod levels;
mod settings;

pub use levels::Levels;
pub use settings::{Allowed, RoomSetting, Secret, SettingError, Settings};
