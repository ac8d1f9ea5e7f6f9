use jiff::{Span, SpanRelativeTo};
use std::time::Duration;

/// The text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a duration: write a number with its unit, such as 500ms, 90s, 90m, 1h30m or 7d, or ISO 8601 (PT90M)"
)]
pub struct InvalidDuration(pub String);

/// Reads a duration of 0 or more as people write it (`90m`, `1h30m`, `7d`) or as ISO 8601 has it (`PT90M`, `P7D`).
/// A day is 24 hours. A number without a unit is refused, because half of its readers would guess another unit.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.to_owned());
    let span: Span = text.trim().parse().map_err(|_| invalid())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| invalid())?;
    Duration::try_from(duration).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units_and_iso_8601() {
        for (text, seconds) in [
            ("90s", 90.0),
            ("90m", 5400.0),
            ("1h30m", 5400.0),
            ("7d", 604_800.0),
            ("1w", 604_800.0),
            ("500ms", 0.5),
            ("PT90M", 5400.0),
            ("P7DT1H", 608_400.0),
            ("0s", 0.0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
    }

    #[test]
    fn refuses_what_could_mean_anything() {
        for text in ["", "90", "-5m", "soon", "5 parsecs", "1y", "P1M", "99999999999999999999h"] {
            assert_eq!(parse_duration(text), Err(InvalidDuration(text.to_owned())), "{text}");
        }
    }
}
