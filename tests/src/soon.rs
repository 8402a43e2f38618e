//! A board on which something begins soon.

use chrono::Utc;
use serde_json::{Value, json};
use std::time::Duration;

/// Tracks nova and swift: nova meets in a few seconds and in three hours, swift in three hours.
pub fn soon() -> Value {
    let slot = |name: &str, from_now: Duration| {
        let start = Utc::now() + from_now;
        json!({"name": name, "desc": name, "realtime": start.to_rfc3339()})
    };
    let slots = [slot("Soon", SOON), slot("Later", Duration::from_secs(3 * 3600))];
    json!({
        "tracks": ["cinder", "nova", "swift"],
        "slots": {"Today": slots},
        "schedule": {"Attic": {"Soon": "nova", "Later": "nova"}, "Hall": {"Soon": "", "Later": "swift"}},
    })
}

/// Enough to say what is to be told when it begins.
const SOON: Duration = Duration::from_secs(10);
