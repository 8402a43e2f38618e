//! Limits and waits of a connection.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::time::Duration;

/// Limits and waits. The defaults suit OFTC; tests make them short.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Timing {
    /// From the first packet to a connection, TLS included.
    #[serde(with = "seconds")]
    pub connect: Duration,
    /// From the connection to the welcome.
    #[serde(with = "seconds")]
    pub register: Duration,
    /// Silence after which we ask whether the server is there.
    #[serde(with = "seconds")]
    pub silence: Duration,
    /// How long it may take to answer that.
    #[serde(with = "seconds")]
    pub pong: Duration,
    /// How long services may take to identify us before channels are joined all the same; also the first wait before
    /// they are asked again, which doubles.
    #[serde(with = "seconds")]
    pub identify: Duration,
    /// The first wait before connecting again; doubles.
    #[serde(with = "seconds")]
    pub reconnect_first: Duration,
    /// The longest wait before connecting again.
    #[serde(with = "seconds")]
    pub reconnect_most: Duration,
    /// The first wait before joining again; doubles.
    #[serde(with = "seconds")]
    pub rejoin_first: Duration,
    /// The longest wait before joining again.
    #[serde(with = "seconds")]
    pub rejoin_most: Duration,
    /// Lines that may leave at once.
    pub burst: NonZeroU32,
    /// The time a line takes after that.
    #[serde(with = "seconds")]
    pub line: Duration,
    /// How long WHOIS or NAMES may take before a command is judged by what is certain.
    #[serde(with = "seconds")]
    pub question: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            register: Duration::from_secs(60),
            silence: Duration::from_secs(120),
            pong: Duration::from_secs(60),
            identify: Duration::from_secs(10),
            reconnect_first: Duration::from_secs(5),
            reconnect_most: Duration::from_secs(300),
            rejoin_first: Duration::from_secs(3),
            rejoin_most: Duration::from_secs(300),
            burst: FOUR,
            line: Duration::from_millis(1_050),
            question: Duration::from_secs(10),
        }
    }
}

/// A wait as the log tells it.
pub(crate) fn in_tenths(wait: Duration) -> Duration {
    Duration::from_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) / 100 * 100)
}

/// Lines that OFTC takes at once without counting them.
const FOUR: NonZeroU32 = NonZeroU32::new(4).expect("four is not zero");

/// Waits as they are written: in seconds.
mod seconds {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if seconds > 0.0 && seconds <= LONGEST {
            return Ok(Duration::from_secs_f64(seconds));
        }
        Err(D::Error::custom(format_args!("{seconds} is no wait: a number of seconds above 0 and up to {LONGEST} is")))
    }

    pub(super) fn serialize<S: Serializer>(wait: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(wait.as_secs_f64())
    }

    /// Nobody wants to wait for a network for longer than a day.
    const LONGEST: f64 = 86_400.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_a_wait_in_tenths_of_a_second() {
        assert_eq!(format!("{:?}", in_tenths(Duration::from_nanos(2_345_678_901))), "2.3s");
        assert_eq!(format!("{:?}", in_tenths(Duration::from_secs(600))), "600s");
    }
}
