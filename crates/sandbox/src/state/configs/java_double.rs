//! Floating point numbers as Java reads and prints them.

/// Reads a number as `Double.parseDouble` does, but for hexadecimal ones.
pub(super) fn parse(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { -1.0 } else { 1.0 }, rest),
        None => (1.0, text),
    };
    match digits {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(sign * f64::INFINITY),
        _ => {}
    }
    let digits = digits.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(digits);
    // Rust reads names of numbers that Java does not.
    let plain = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    digits.parse::<f64>().ok().filter(|_| plain).map(|number| sign * number)
}

/// Prints a number as `Double.toString` does: plainly from 10⁻³ to 10⁷, and with an exponent beyond.
pub(super) fn print(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let size = number.abs();
    if size.is_infinite() {
        return format!("{sign}Infinity");
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{sign}{size:?}");
    }
    let scientific = format!("{size:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{sign}{digits}{point}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_java_prints_them() {
        let printed = |text: &str| parse(text).map(print);
        for (text, java) in [
            ("0.5", "0.5"),
            (".5", "0.5"),
            ("1", "1.0"),
            ("0.10", "0.1"),
            ("1e-3", "0.001"),
            ("1E-4", "1.0E-4"),
            ("1e-5", "1.0E-5"),
            ("0.0009999", "9.999E-4"),
            ("0", "0.0"),
            ("-0.0", "-0.0"),
            ("0.123456789012345678", "0.12345678901234568"),
            ("1d", "1.0"),
            ("-1e300", "-1.0E300"),
            ("9999999", "9999999.0"),
            ("1e7", "1.0E7"),
            ("NaN", "NaN"),
            ("-Infinity", "-Infinity"),
        ] {
            assert_eq!(printed(text).as_deref(), Some(java), "{text}");
        }
        for text in ["", "x", "inf", "nan", "infinity", "1,5", "--1", "d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
