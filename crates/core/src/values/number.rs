use std::fmt;

/// Reads an integer as people and YAML tools write it: `42`, `-1`, `+7`, and also `3e+9` and `604800000.0`, which
/// other tools make of large integers. Nothing is rounded.
///
/// # Errors
/// [`NotAnInteger::Fractional`] when there is something behind the point, [`NotAnInteger::TooLarge`] when it does
/// not fit 64 bits, and [`NotAnInteger::NotANumber`] for everything else, `1_000` and `0x10` included.
pub fn integer(text: &str) -> Result<i64, NotAnInteger> {
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(NotAnInteger::NotANumber);
    }
    let exponent = match exponent {
        None => 0,
        Some(text) => shift(text)?,
    };

    let digits: String = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let power = exponent + trailing as i64 - fraction.len() as i64;
    if power < 0 {
        return Err(NotAnInteger::Fractional);
    }
    if power > 19 || significant.len() > 19 {
        return Err(NotAnInteger::TooLarge);
    }
    let value = significant.parse::<i128>().map_err(|_| NotAnInteger::TooLarge)? * 10_i128.pow(power as u32);
    i64::try_from(if negative { -value } else { value }).map_err(|_| NotAnInteger::TooLarge)
}

/// The exponent of a number, held within what can matter.
fn shift(text: &str) -> Result<i64, NotAnInteger> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotAnInteger::NotANumber);
    }
    let far = 1_000_000;
    let size = digits.parse::<i64>().map_or(far, |size| size.min(far));
    Ok(if text.starts_with('-') { -size } else { size })
}

/// The integer that a text with `_` between its digits was meant for, which Kafka would refuse as it stands.
pub(crate) fn without_underscores(text: &str) -> Option<String> {
    let digits = text.replace('_', "");
    (digits.len() < text.len() && integer(&digits).is_ok()).then_some(digits)
}

/// Why a text is not an integer of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnInteger {
    /// It is no number at all.
    #[error("is not a number")]
    NotANumber,
    /// It is not whole.
    #[error("is not a whole number")]
    Fractional,
    /// It is out of range.
    #[error("does not fit a 64-bit integer")]
    TooLarge,
}

/// An integer with a comma between each three digits, for people.
///
/// ```
/// assert_eq!(klerk_core::values::Thousands(-1234567).to_string(), "-1,234,567");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thousands(pub i64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad_integral(self.0 >= 0, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_tools_make_of_integers() {
        let good = [
            ("0", 0),
            ("-1", -1),
            ("+7", 7),
            ("0005", 5),
            ("3e+9", 3_000_000_000),
            ("3E9", 3_000_000_000),
            ("604800000.0", 604_800_000),
            ("1.024E8", 102_400_000),
            ("100e-2", 1),
            ("0e999999999999999999999", 0),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ];
        for (text, value) in good {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
        let bad = [
            ("", NotAnInteger::NotANumber),
            (".", NotAnInteger::NotANumber),
            ("-", NotAnInteger::NotANumber),
            ("1_000", NotAnInteger::NotANumber),
            ("0x10", NotAnInteger::NotANumber),
            ("١", NotAnInteger::NotANumber),
            ("1e", NotAnInteger::NotANumber),
            ("0.5", NotAnInteger::Fractional),
            ("5e-1", NotAnInteger::Fractional),
            ("9223372036854775808", NotAnInteger::TooLarge),
            ("1e19", NotAnInteger::TooLarge),
            ("1e999999999999999999999", NotAnInteger::TooLarge),
        ];
        for (text, why) in bad {
            assert_eq!(integer(text), Err(why), "{text}");
        }
    }

    #[test]
    fn separates_thousands() {
        let shown = [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")];
        for (value, text) in shown {
            assert_eq!(Thousands(value).to_string(), text);
        }
        assert_eq!(format!("{:>8}", Thousands(1000)), "   1,000");
    }

    proptest! {
        #[test]
        fn integers_are_read_back(value: i64) {
            prop_assert_eq!(integer(&value.to_string()), Ok(value));
            prop_assert_eq!(integer(&format!("{value}.000")), Ok(value));
            prop_assert_eq!(integer(&Thousands(value).to_string().replace(',', "")), Ok(value));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC*") {
            let _ = integer(&text);
        }
    }
}
