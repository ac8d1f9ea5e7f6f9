//! The cluster's clock, which a test can move.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of the machine plus what a test has added to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    ahead: Duration,
}

impl Clock {
    /// Milliseconds since 1970 in UTC.
    pub fn now_ms(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.ahead;
        i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
    }

    /// Moves the clock on. It cannot go back, as no record may become younger.
    pub fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }
}
