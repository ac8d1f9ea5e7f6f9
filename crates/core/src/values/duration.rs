use super::number::{NotAnInteger, integer, without_underscores};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A length of time in milliseconds, as Kafka counts it; −1 means without end.
///
/// Written with units (`7d`, `1h30m`), as `forever`, or as a bare number of milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

/// The units that are read, longest first, each with its milliseconds.
const UNITS: [(&str, i64); 6] =
    [("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Other spellings that people try, with the unit that they mean.
const SPELLINGS: [(&str, &str); 22] = [
    ("week", "w"),
    ("weeks", "w"),
    ("wk", "w"),
    ("day", "d"),
    ("days", "d"),
    ("hour", "h"),
    ("hours", "h"),
    ("hr", "h"),
    ("hrs", "h"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("milli", "ms"),
    ("millis", "ms"),
    ("msec", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
];

impl Millis {
    /// The value that Kafka takes for "without end".
    pub const FOREVER: Millis = Millis(-1);

    /// For people: in units and exact, `7d (604800000)`.
    pub fn described(self) -> String {
        let written = self.to_string();
        if written == self.0.to_string() { written } else { format!("{written} ({})", self.0) }
    }
}

impl fmt::Display for Millis {
    /// In the units that a topology takes. Weeks are shown as days, for `7d` is how retention is spoken of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            -1 => return f.pad("forever"),
            0 | i64::MIN..-1 | i64::MAX => return f.pad(&self.0.to_string()),
            _ => {}
        }
        let mut rest = self.0;
        let mut text = String::new();
        for (unit, size) in &UNITS[1..] {
            let count = rest / size;
            rest %= size;
            if count > 0 {
                text.push_str(&format!("{count}{unit}"));
            }
        }
        f.pad(&text)
    }
}

/// A wait, for messages: in the units that a topology takes, such as `1m30s` or `250ms`. What is shorter than a millisecond is
/// `0s`, and from ten seconds on parts of a second are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited(pub Duration);

impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX);
        match millis {
            0 => f.pad("0s"),
            10_000.. => Millis(millis - millis % 1000).fmt(f),
            _ => Millis(millis).fmt(f),
        }
    }
}

impl FromStr for Millis {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |reason| InvalidDuration { text: text.to_owned(), reason, fix: None };
        if text == "forever" {
            return Ok(Millis::FOREVER);
        }
        match integer(text) {
            Ok(value) => return Ok(Millis(value)),
            Err(NotAnInteger::TooLarge) => return Err(invalid(DurationReason::TooLarge)),
            Err(NotAnInteger::Fractional) => return Err(invalid(DurationReason::Fractional)),
            Err(NotAnInteger::NotANumber) => {}
        }
        match compound(text, false) {
            Ok(value) => Ok(Millis(value)),
            Err(reason) => {
                let fix = compound(text, true).ok().map(|value| Millis(value).to_string());
                let fix = fix.or_else(|| text.eq_ignore_ascii_case("forever").then(|| "forever".to_owned()));
                let fix = fix.or_else(|| without_underscores(text));
                Err(InvalidDuration { text: text.to_owned(), reason, fix })
            }
        }
    }
}

/// Adds up numbers with units. A lenient reading, from which only suggestions are made, takes other spellings,
/// fractions, blanks and any order.
fn compound(text: &str, lenient: bool) -> Result<i64, DurationReason> {
    let mut total = 0_i64;
    let mut longest = i64::MAX;
    let mut rest = text;
    if rest.is_empty() {
        return Err(DurationReason::NotADuration);
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let after = if lenient { after.trim_start() } else { after };
        let end = after.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(after.len());
        let (word, after) = after.split_at(end);
        rest = if lenient { after.trim_start() } else { after };

        if number.is_empty() {
            return Err(DurationReason::NotADuration);
        }
        if word.is_empty() {
            return Err(DurationReason::NoUnit);
        }
        let size = unit(word, lenient).ok_or_else(|| DurationReason::UnknownUnit(word.to_owned()))?;
        if !lenient && number.contains('.') {
            return Err(DurationReason::Fractional);
        }
        if !lenient && size >= longest {
            return Err(DurationReason::Order);
        }
        longest = size;
        total =
            scaled(number, size).and_then(|part| total.checked_add(part)).ok_or(DurationReason::TooLarge)?;
    }
    Ok(total)
}

fn unit(word: &str, lenient: bool) -> Option<i64> {
    let exact = |word: &str| UNITS.iter().find(|(name, _)| *name == word).map(|(_, size)| *size);
    if !lenient {
        return exact(word);
    }
    let word = word.to_lowercase();
    exact(&word)
        .or_else(|| SPELLINGS.iter().find(|(name, _)| *name == word).and_then(|(_, unit)| exact(unit)))
}

/// `number × size`, where that is a whole number that fits. The number may have a fraction.
pub(super) fn scaled(number: &str, size: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 12 {
        return None;
    }
    let digits = format!("{whole}{fraction}").parse::<i128>().ok()?;
    let product = digits.checked_mul(i128::from(size))?;
    let divisor = 10_i128.pow(fraction.len() as u32);
    (product % divisor == 0).then(|| i64::try_from(product / divisor).ok()).flatten()
}

/// A text that is not a duration, why, and what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a duration: {reason}")]
pub struct InvalidDuration {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub reason: DurationReason,
    /// How to write what was probably meant.
    pub fix: Option<String>,
}

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationReason {
    /// There is no number where one belongs.
    #[error("write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever'")]
    NotADuration,
    /// The unit is not one of those read.
    #[error("'{0}' is not a unit of time; the units are ms, s, m, h, d and w")]
    UnknownUnit(String),
    /// A number stands without a unit, or with a blank before it.
    #[error("a number lacks its unit (ms, s, m, h, d or w, without a blank before it)")]
    NoUnit,
    /// The units are not in falling order, or one is there twice.
    #[error("each unit may stand once, the longest first")]
    Order,
    /// There is a fraction.
    #[error("the number has to be whole")]
    Fractional,
    /// It does not fit.
    #[error("it is more than 64 bits of milliseconds hold")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_are_told_in_units() {
        let told = |millis: u64| Waited(Duration::from_millis(millis)).to_string();
        assert_eq!(
            [0, 250, 1500, 30_002, 90_000, 600_000].map(told),
            ["0s", "250ms", "1s500ms", "30s", "1m30s", "10m"]
        );
        assert_eq!(Waited(Duration::from_nanos(10)).to_string(), "0s");
        assert!(!Waited(Duration::MAX).to_string().is_empty());
    }

    #[test]
    fn reads_units_and_numbers() {
        let good = [
            ("7d", 604_800_000),
            ("1h30m", 5_400_000),
            ("500ms", 500),
            ("1w2d3h4m5s6ms", 788_645_006),
            ("90m", 5_400_000),
            ("0s", 0),
            ("forever", -1),
            ("-1", -1),
            ("604800000", 604_800_000),
            ("604800000.0", 604_800_000),
            ("3e+9", 3_000_000_000),
        ];
        for (text, value) in good {
            assert_eq!(text.parse(), Ok(Millis(value)), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest_with_what_was_meant() {
        let told = |text: &str| {
            let error = text.parse::<Millis>().unwrap_err();
            format!("{error} → {}", error.fix.as_deref().unwrap_or("?"))
        };
        insta::assert_snapshot!(
            [
                "", "7 d", "7 days", "7D", "1.5h", "30m1h", "1h1h", "7y", "d", "1h30", "0.5", "1GB", "-7d",
                "99999999999999999d", "1_000", "Forever", "7d-",
            ]
            .map(told)
            .join("\n"),
            @r#"
            '' is not a duration: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever' → ?
            '7 d' is not a duration: a number lacks its unit (ms, s, m, h, d or w, without a blank before it) → 7d
            '7 days' is not a duration: a number lacks its unit (ms, s, m, h, d or w, without a blank before it) → 7d
            '7D' is not a duration: 'D' is not a unit of time; the units are ms, s, m, h, d and w → 7d
            '1.5h' is not a duration: the number has to be whole → 1h30m
            '30m1h' is not a duration: each unit may stand once, the longest first → 1h30m
            '1h1h' is not a duration: each unit may stand once, the longest first → 2h
            '7y' is not a duration: 'y' is not a unit of time; the units are ms, s, m, h, d and w → ?
            'd' is not a duration: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever' → ?
            '1h30' is not a duration: a number lacks its unit (ms, s, m, h, d or w, without a blank before it) → ?
            '0.5' is not a duration: the number has to be whole → ?
            '1GB' is not a duration: 'GB' is not a unit of time; the units are ms, s, m, h, d and w → ?
            '-7d' is not a duration: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever' → ?
            '99999999999999999d' is not a duration: it is more than 64 bits of milliseconds hold → ?
            '1_000' is not a duration: '_' is not a unit of time; the units are ms, s, m, h, d and w → 1000
            'Forever' is not a duration: write a number with ms, s, m, h, d or w (7d, 1h30m), or 'forever' → forever
            '7d-' is not a duration: 'd-' is not a unit of time; the units are ms, s, m, h, d and w → ?
            "#
        );
    }

    #[test]
    fn people_read_units_and_the_exact_number() {
        assert_eq!(Millis(604_800_000).described(), "7d (604800000)");
        assert_eq!(Millis(5_400_000).described(), "1h30m (5400000)");
        assert_eq!(Millis(-1).described(), "forever (-1)");
        assert_eq!(Millis(i64::MAX).described(), "9223372036854775807");
        assert_eq!(Millis(0).described(), "0");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value: i64) {
            prop_assert_eq!(Millis(value).to_string().parse(), Ok(Millis(value)));
        }

        #[test]
        fn suggestions_are_durations(text in "[0-9.]{0,4} ?[a-zA-Z]{0,5}[0-9]{0,3}[a-z]{0,2}") {
            if let Err(InvalidDuration { fix: Some(fix), .. }) = text.parse::<Millis>() {
                prop_assert!(fix.parse::<Millis>().is_ok(), "{} → {}", text, fix);
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = text.parse::<Millis>();
        }
    }
}
