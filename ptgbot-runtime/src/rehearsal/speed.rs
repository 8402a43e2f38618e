//! How fast a rehearsal goes, as organizers write it.

use std::fmt;
use std::str::FromStr;

/// How many times as fast as everybody's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    /// So many.
    Times(f64),
    /// A replay waits for nothing.
    Full,
}

impl Default for Speed {
    /// A minute takes a second.
    fn default() -> Self {
        Self::Times(60.0)
    }
}

impl FromStr for Speed {
    type Err = &'static str;

    /// `600`, `1.5`, `600x`, and `max` for a replay.
    fn from_str(written: &str) -> Result<Self, Self::Err> {
        if written.eq_ignore_ascii_case("max") {
            return Ok(Self::Full);
        }
        let number = written.trim_end_matches(['x', 'X', '×']);
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let times = number.parse().ok().filter(|times| is_number && (1.0..=MOST).contains(times));
        times.map(Self::Times).ok_or("expected a number from 1 to 100000, such as 60 or 600, or for a replay max")
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(times) => write!(f, "{times}"),
            Self::Full => f.write_str("max"),
        }
    }
}

/// A day in less than a second: nobody sees more.
const MOST: f64 = 100_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_of_times() {
        for (written, times) in [("1", 1.0), ("600", 600.0), ("1.5", 1.5), ("600x", 600.0), ("100000", 100_000.0)] {
            assert_eq!(written.parse(), Ok(Speed::Times(times)), "{written}");
            assert_eq!(Speed::Times(times).to_string().parse(), Ok(Speed::Times(times)));
        }
        assert_eq!("max".parse(), Ok(Speed::Full));
    }

    #[test]
    fn what_is_no_speed_is_refused_with_what_is_one() {
        for written in
            ["0", "0.5", "-1", "nan", "inf", "infinity", "1e3", "100001", "", "x", "fast", "6 0", "1.5.2", "٦٠"]
        {
            let refused = written.parse::<Speed>().expect_err(written);
            assert!(refused.contains("from 1 to 100000"), "{written}: {refused}");
        }
    }
}
