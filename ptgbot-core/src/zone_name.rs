//! Which time zone a word means that is none's name.

use crate::nearest::nearest;
use chrono_tz::TZ_VARIANTS;

/// Up to three zones that somebody may mean: the one of that name in another case, those of a city or of an abbreviation,
/// else the nearest ones by name and by city.
///
/// ```
/// use ptgbot_core::zones_near;
/// assert_eq!(zones_near("europe/dublin "), ["Europe/Dublin"]);
/// assert_eq!(zones_near("PST"), ["America/Los_Angeles"]);
/// ```
pub fn zones_near(typed: &str) -> Vec<&'static str> {
    let typed = typed.trim().replace(' ', "_");
    let zones = || TZ_VARIANTS.iter().map(|zone| zone.name());
    if let Some(zone) = zones().find(|zone| zone.eq_ignore_ascii_case(&typed)) {
        return vec![zone];
    }
    if is_abbreviation(&typed) {
        let known = ABBREVIATIONS.iter().find(|(short, _)| *short == typed);
        return known.map(|(_, zone)| *zone).into_iter().collect();
    }
    let wanted = typed.rsplit('/').next().unwrap_or(&typed);
    let of_city = |city: &str| zones().filter(|zone| city_of(zone).eq_ignore_ascii_case(city)).collect::<Vec<_>>();
    let mut found = of_city(wanted);
    if found.is_empty() {
        found.extend(nearest(&typed, zones()));
        if let Some(city) = nearest(wanted, zones().filter(|zone| zone.contains('/')).map(city_of)) {
            found.extend(of_city(city));
        }
        found.dedup();
    }
    found.truncate(MOST);
    found
}

/// True for words of capitals and numbers: one letter off is another zone.
fn is_abbreviation(typed: &str) -> bool {
    typed.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | ':'))
}

fn city_of(zone: &str) -> &str {
    zone.rsplit('/').next().unwrap_or(zone)
}

/// Those that mean one zone.
const ABBREVIATIONS: [(&str, &str); 7] = [
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("MDT", "America/Denver"),
    ("CDT", "America/Chicago"),
    ("EDT", "America/New_York"),
    ("CEST", "Europe/Berlin"),
    ("JST", "Asia/Tokyo"),
];
/// How many are offered.
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abbreviation_is_no_misspelt_other_one() {
        assert_eq!(zones_near("GMT+2"), [""; 0]);
        assert_eq!(zones_near("XST"), [""; 0]);
        assert_eq!(zones_near("CEST"), ["Europe/Berlin"]);
        assert_eq!(zones_near("Vancuver"), ["America/Vancouver"]);
    }
}
