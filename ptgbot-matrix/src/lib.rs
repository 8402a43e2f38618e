//! The Matrix side of ptgbot.

#[allow(dead_code)]
mod answer;
#[allow(dead_code)]
mod heard;
mod levels;
#[allow(dead_code)]
mod markup;
#[allow(dead_code)]
mod name;
#[allow(dead_code)]
mod people;
mod settings;
#[allow(dead_code)]
mod transaction;

pub use levels::Levels;
pub use settings::{Allowed, RoomSetting, Secret, SettingError, Settings};
