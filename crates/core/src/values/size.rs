use super::duration::scaled;
use super::number::{NotAnInteger, Thousands, integer, without_underscores};
use std::fmt;
use std::str::FromStr;

/// A number of bytes, as Kafka counts them; −1 means without limit.
///
/// Written with a unit (`1GiB`, `100MB`) or as a bare number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub i64);

/// The units that are read, largest first, each with its bytes.
const UNITS: [(&str, i64); 6] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1000),
];

impl ByteSize {
    /// For people: in a unit and exact, `1 GiB (1073741824)`; without a unit that fits exactly, `1,048,588`.
    pub fn described(self) -> String {
        match self.in_unit() {
            Some((count, unit)) => format!("{} {unit} ({})", Thousands(count), self.0),
            None if self.0 == -1 => "unlimited (-1)".to_owned(),
            None => Thousands(self.0).to_string(),
        }
    }

    /// The count and the unit that say it exactly in the smallest number.
    fn in_unit(self) -> Option<(i64, &'static str)> {
        UNITS
            .iter()
            .filter(|(_, size)| self.0 > 0 && self.0 % size == 0)
            .map(|(unit, size)| (self.0 / size, *unit))
            .min_by_key(|(count, _)| *count)
    }
}

impl fmt::Display for ByteSize {
    /// As a topology takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_unit() {
            Some((count, unit)) => f.pad(&format!("{count}{unit}")),
            None => f.pad(&self.0.to_string()),
        }
    }
}

impl FromStr for ByteSize {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |reason, fix| InvalidSize { text: text.to_owned(), reason, fix };
        match integer(text) {
            Ok(value) => return Ok(ByteSize(value)),
            Err(NotAnInteger::TooLarge) => return Err(invalid(SizeReason::TooLarge, None)),
            Err(NotAnInteger::Fractional) => return Err(invalid(SizeReason::Fractional, None)),
            Err(NotAnInteger::NotANumber) => {}
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, word) = text.split_at(end);
        if number.is_empty() {
            return Err(invalid(SizeReason::NotASize, None));
        }
        let Some((_, size)) = UNITS.iter().find(|(unit, _)| *unit == word) else {
            let fix = meant(number, word.trim()).or_else(|| without_underscores(text));
            return Err(invalid(SizeReason::UnknownUnit(word.trim().to_owned()), fix));
        };
        if number.contains('.') {
            let fix = scaled(number, *size).map(|bytes| ByteSize(bytes).to_string());
            return Err(invalid(SizeReason::Fractional, fix));
        }
        match scaled(number, *size) {
            Some(bytes) => Ok(ByteSize(bytes)),
            None => Err(invalid(SizeReason::TooLarge, None)),
        }
    }
}

/// What was probably meant by another spelling. Where it may mean a power of 1000 or of 1024, both are named.
fn meant(number: &str, word: &str) -> Option<String> {
    let number = number.trim_start_matches('0');
    if number.is_empty() || number.contains('.') {
        return None;
    }
    let fix = match word.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => number.to_owned(),
        "kib" | "mib" | "gib" | "kb" | "mb" | "gb" => {
            let unit =
                UNITS.iter().find(|(unit, _)| unit.eq_ignore_ascii_case(word)).map(|(unit, _)| *unit)?;
            format!("{number}{unit}")
        }
        "k" => format!("{number}kB or {number}KiB"),
        "m" => format!("{number}MB or {number}MiB"),
        "g" => format!("{number}GB or {number}GiB"),
        "t" | "tb" => format!("{number}000GB"),
        "tib" => format!("{}GiB", number.parse::<i64>().ok()?.checked_mul(1024)?),
        _ => return None,
    };
    Some(fix)
}

/// A text that is not a size, why, and what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a size: {reason}")]
pub struct InvalidSize {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub reason: SizeReason,
    /// How to write what was probably meant.
    pub fix: Option<String>,
}

/// Why a text is not a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SizeReason {
    /// There is no number where one belongs.
    #[error("write a number with kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024)")]
    NotASize,
    /// The unit is not one of those read.
    #[error(
        "'{0}' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024)"
    )]
    UnknownUnit(String),
    /// There is a fraction.
    #[error("the number has to be whole")]
    Fractional,
    /// It does not fit.
    #[error("it is more than 64 bits of bytes hold")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_units_and_numbers() {
        let good = [
            ("1GiB", 1_073_741_824),
            ("1GB", 1_000_000_000),
            ("100MB", 100_000_000),
            ("64KiB", 65_536),
            ("5kB", 5000),
            ("1048588", 1_048_588),
            ("-1", -1),
            ("1.024E8", 102_400_000),
        ];
        for (text, value) in good {
            assert_eq!(text.parse(), Ok(ByteSize(value)), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest_with_what_was_meant() {
        let told = |text: &str| {
            let error = text.parse::<ByteSize>().unwrap_err();
            format!("{error} → {}", error.fix.as_deref().unwrap_or("?"))
        };
        insta::assert_snapshot!(
            [
                "", "1KB", "1kb", "1 MB", "1k", "1m", "1gib", "1TB", "2TiB", "1.5GiB", "100B", "7d", "MB",
                "99999999999GiB", "1_000", "0.5",
            ]
            .map(told)
            .join("\n"),
            @r#"
            '' is not a size: write a number with kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024) → ?
            '1KB' is not a size: 'KB' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1kB
            '1kb' is not a size: 'kb' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1kB
            '1 MB' is not a size: 'MB' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1MB
            '1k' is not a size: 'k' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1kB or 1KiB
            '1m' is not a size: 'm' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1MB or 1MiB
            '1gib' is not a size: 'gib' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1GiB
            '1TB' is not a size: 'TB' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1000GB
            '2TiB' is not a size: 'TiB' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 2048GiB
            '1.5GiB' is not a size: the number has to be whole → 1536MiB
            '100B' is not a size: 'B' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 100
            '7d' is not a size: 'd' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → ?
            'MB' is not a size: write a number with kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024) → ?
            '99999999999GiB' is not a size: it is more than 64 bits of bytes hold → ?
            '1_000' is not a size: '_000' is not a unit of size; the units are kB, MB, GB (powers of 1000) and KiB, MiB, GiB (powers of 1024) → 1000
            '0.5' is not a size: the number has to be whole → ?
            "#
        );
    }

    #[test]
    fn people_read_units_and_the_exact_number() {
        assert_eq!(ByteSize(1_073_741_824).described(), "1 GiB (1073741824)");
        assert_eq!(ByteSize(1_000_000).described(), "1 MB (1000000)");
        assert_eq!(ByteSize(1_048_588).described(), "1,048,588");
        assert_eq!(ByteSize(-1).described(), "unlimited (-1)");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value: i64) {
            prop_assert_eq!(ByteSize(value).to_string().parse(), Ok(ByteSize(value)));
        }

        #[test]
        fn units_are_read_back(count in 1_i64..5000, unit in 0_usize..6) {
            let value = count * UNITS[unit].1;
            prop_assert_eq!(ByteSize(value).to_string().parse(), Ok(ByteSize(value)));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = text.parse::<ByteSize>();
        }
    }
}
