use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, Zoned};

/// A text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoment {
    /// A date and time without a zone.
    #[error("'{0}' has no time zone: end it with Z or an offset such as +02:00, or name the zone with --tz")]
    WithoutZone(String),
    /// A zone in the text and another one beside it.
    #[error("'{0}' has a zone of its own: leave --tz out")]
    TwoZones(String),
    /// The zone's clocks never show this time, or show it twice.
    #[error("'{text}' is not one moment in {zone}: {why}; write it with an offset such as +02:00")]
    Ambiguous {
        /// The text.
        text: String,
        /// The zone's name.
        zone: String,
        /// What is wrong.
        why: String,
    },
    /// Not a date and time at all.
    #[error("'{text}' is not a date and time such as 2026-11-21T10:00:00Z: {why}")]
    Unreadable {
        /// The text.
        text: String,
        /// What is wrong.
        why: String,
    },
}

/// Reads an RFC 3339 date and time as milliseconds since the epoch. A text without a zone is read in `zone`; without
/// one it is refused, because the machine's own zone is seldom the one that was meant.
pub fn parse_moment_ms(text: &str, zone: Option<&TimeZone>) -> Result<i64, InvalidMoment> {
    let text = text.trim();
    let own = text.parse::<Timestamp>().or_else(|_| text.parse::<Zoned>().map(|zoned| zoned.timestamp()));
    if let Ok(moment) = own {
        return match zone {
            None => Ok(moment.as_millisecond()),
            Some(_) => Err(InvalidMoment::TwoZones(text.to_owned())),
        };
    }
    let civil: DateTime = text.parse().map_err(|why: jiff::Error| InvalidMoment::Unreadable {
        text: text.to_owned(),
        why: match text.bytes().take_while(u8::is_ascii_digit).count() {
            4 => why.to_string(),
            _ => "the year is to come first, in four digits".to_owned(),
        },
    })?;
    let zone = zone.ok_or_else(|| InvalidMoment::WithoutZone(text.to_owned()))?;
    zone.to_ambiguous_zoned(civil).unambiguous().map(|zoned| zoned.timestamp().as_millisecond()).map_err(
        |why| InvalidMoment::Ambiguous {
            text: text.to_owned(),
            zone: zone.iana_name().unwrap_or("this zone").to_owned(),
            why: why.to_string(),
        },
    )
}

/// A text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDuration {
    /// Not a duration at all.
    #[error("'{text}' is not a duration such as 90m, 1h30m, PT90M or P1D: {why}")]
    Unreadable {
        /// The text.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// Months and years differ in length.
    #[error("'{0}' has months or years, which differ in length: use days")]
    Calendar(String),
    /// Back in time is what is meant already.
    #[error("'{0}' is negative: the duration counts back from now already")]
    Negative(String),
    /// Nothing could be done in it.
    #[error(
        "'{0}' leaves no time for anything: give at least 1ms, such as 90s, or leave it out to wait without a bound"
    )]
    Nothing(String),
}

/// Reads `90m`, `1h30m`, `7d` or ISO 8601 (`PT90M`, `P1D`) as milliseconds; a day is 24 hours.
pub fn parse_duration_ms(text: &str) -> Result<i64, InvalidDuration> {
    let text = text.trim();
    let unreadable = |why: String| InvalidDuration::Unreadable { text: text.to_owned(), why };
    let span: Span = text.parse().map_err(|_: jiff::Error| {
        let is_bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        unreadable(
            if is_bare { "it lacks a unit" } else { "a number with ms, s, m, h or d is expected" }.to_owned(),
        )
    })?;
    if span.get_months() != 0 || span.get_years() != 0 {
        return Err(InvalidDuration::Calendar(text.to_owned()));
    }
    let duration: SignedDuration =
        span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|why| unreadable(why.to_string()))?;
    if duration.is_negative() {
        return Err(InvalidDuration::Negative(text.to_owned()));
    }
    i64::try_from(duration.as_millis()).map_err(|_| unreadable("it is too long".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_need_a_zone_and_take_it_from_the_text_or_beside_it() {
        let ten_utc = 1_795_255_200_000;
        for text in [
            "2026-11-21T10:00:00Z",
            "2026-11-21T12:00:00+02:00",
            "2026-11-21T10:00:00.000+0000",
            "2026-11-21 10:00Z",
            "2026-11-21T11:00:00[Europe/Berlin]",
        ] {
            assert_eq!(parse_moment_ms(text, None), Ok(ten_utc), "{text}");
        }
        let fixed = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(parse_moment_ms("2026-11-21T12:00:00", Some(&fixed)), Ok(ten_utc));
        assert_eq!(
            parse_moment_ms("2026-11-21T12:00:00", None).unwrap_err().to_string(),
            "'2026-11-21T12:00:00' has no time zone: end it with Z or an offset such as +02:00, or name the zone with --tz"
        );
        assert!(matches!(
            parse_moment_ms("2026-11-21T12:00:00Z", Some(&fixed)),
            Err(InvalidMoment::TwoZones(_))
        ));
        for text in ["yesterday", "", "2026-13-01T00:00:00Z", "1795255200000"] {
            assert!(matches!(parse_moment_ms(text, None), Err(InvalidMoment::Unreadable { .. })), "{text}");
        }
    }

    #[test]
    fn an_hour_that_a_zone_shows_twice_is_refused() {
        // Central Europe by the POSIX rule, so that the test needs no zone database.
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for text in ["2026-10-25T02:30:00", "2026-03-29T02:30:00"] {
            assert!(
                matches!(parse_moment_ms(text, Some(&zone)), Err(InvalidMoment::Ambiguous { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn durations_in_both_spellings() {
        for (text, ms) in [
            ("90m", 5_400_000),
            ("1h30m", 5_400_000),
            ("PT90M", 5_400_000),
            ("P1D", 86_400_000),
            ("7d", 604_800_000),
            ("P1DT1H", 90_000_000),
            ("250ms", 250),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration_ms(text), Ok(ms), "{text}");
        }
        assert!(matches!(parse_duration_ms("P1M"), Err(InvalidDuration::Calendar(_))));
        assert!(matches!(parse_duration_ms("-PT1H"), Err(InvalidDuration::Negative(_))));
        for text in ["", "10", "soon", "1 fortnight"] {
            assert!(matches!(parse_duration_ms(text), Err(InvalidDuration::Unreadable { .. })), "{text}");
        }
    }
}
