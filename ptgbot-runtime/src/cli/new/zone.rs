//! Time zones as people name them.

use ptgbot_core::chrono_tz::{TZ_VARIANTS, Tz};
use ptgbot_core::zones_near;

/// Reads a zone's name in any case; of a misspelt one, or of a city alone, the reason says which it may be.
pub(super) fn read(answer: &str) -> Result<Tz, String> {
    let typed = answer.trim().replace(' ', "_");
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&typed)) {
        return Ok(*zone);
    }
    let shown: String = answer.trim().chars().filter(|c| !c.is_control()).take(40).collect();
    let near = zones_near(&typed);
    Err(if near.is_empty() {
        format!("'{shown}' is no time zone: name a continent and a city, such as Europe/Dublin or America/New_York")
    } else {
        format!("'{shown}' is no time zone: did you mean {}?", near.join(" or "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_read_in_any_case_and_a_near_one_is_offered() {
        assert_eq!(read(" europe/dublin "), Ok(Tz::Europe__Dublin));
        assert_eq!(read("America/New York"), Ok(Tz::America__New_York));
        for (typed, offered) in [
            ("Europe/Dubln", "Europe/Dublin"),
            ("dublin", "Europe/Dublin"),
            ("new york", "America/New_York"),
            ("Asia/Tokio", "Asia/Tokyo"),
            ("Vancuver", "America/Vancouver"),
        ] {
            let reason = read(typed).expect_err("no zone");
            assert!(reason.contains(&format!("did you mean {offered}")), "{reason}");
        }
        let reason = read("the moon\u{7}").expect_err("no zone");
        assert!(reason.contains("such as Europe/Dublin") && !reason.contains('\u{7}'), "{reason}");
    }
}
