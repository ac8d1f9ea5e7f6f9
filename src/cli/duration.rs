use klerk_core::group::{InvalidDuration, parse_duration_ms};
use std::time::Duration;

/// Reads a duration of 0 or more as people write it (`90m`, `1h30m`, `7d`) or as ISO 8601 has it (`PT90M`).
///
/// # Errors
/// For anything else, a number without a unit among it: half of its readers would guess another unit.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    parse_duration_ms(text).map(|milliseconds| Duration::from_millis(milliseconds.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_needed() {
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert!(parse_duration("90").is_err());
    }
}
