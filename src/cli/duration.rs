use klerk_core::group::{InvalidDuration, parse_duration_ms};
use std::time::Duration;

/// Reads a duration of 0 or more as people write it (`90m`, `1h30m`, `7d`) or as ISO 8601 has it (`PT90M`).
///
/// # Errors
/// For anything else, a number without a unit among it: half of its readers would guess another unit.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    parse_duration_ms(text).map(|milliseconds| Duration::from_millis(milliseconds.unsigned_abs()))
}

/// The same, of more than nothing: a bound in which something can be done.
///
/// # Errors
/// For what is no duration, and for one that is less than a millisecond.
pub fn parse_bound(text: &str) -> Result<Duration, InvalidDuration> {
    match parse_duration(text)? {
        Duration::ZERO => Err(InvalidDuration::Nothing(text.to_owned())),
        bound => Ok(bound),
    }
}

/// Reads how many.
///
/// # Errors
/// For what is no whole number, or below 0.
pub fn parse_count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("'{text}' is not a whole number of 0 or more, such as 10"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_needed() {
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert!(parse_duration("90").is_err());
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        assert_eq!(parse_count("10"), Ok(10));
        assert!(["x", "-1", "1.5", ""].iter().all(|text| parse_count(text).is_err()));
        assert_eq!(parse_bound("1ms"), Ok(Duration::from_millis(1)));
        for nothing in ["0s", "0h", "PT0S", "5us"] {
            assert_eq!(parse_bound(nothing), Err(InvalidDuration::Nothing(nothing.to_owned())));
        }
    }
}
