use clap::Args;
use klerk_core::values::{ByteSize, InvalidSize};

/// How replicas are moved.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Moves of replicas")]
pub struct Moving {
    /// The most that each broker may send, and may receive, for copies of replicas, such as 50MB/s or 400KiB/s; a number
    /// without a unit counts bytes a second. It holds also for those that are on their way already
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub throttle: Option<i64>,
    /// Do not wait for replicas that are on their way; the brokers go on by themselves
    #[arg(long)]
    pub no_wait: bool,
}

/// The slowest rate that is taken, in bytes a second. What is slower is a slip: a single batch of records that brokers
/// take as they come, 1 MiB, would be on its way for minutes, and replicas would fall out of sync for good.
const SLOWEST: i64 = 10_000;

/// What is taken, for refusals.
const FORM: &str = "a rate is a number with kB/s, MB/s or GB/s (powers of 1000), or with KiB/s, MiB/s or GiB/s (powers of 1024), \
                    such as 50MB/s; a bare number counts bytes a second";

/// Reads bytes a second: a size as topologies have it, with or without `/s`. `KB` is taken for `kB`, and `B` is a byte.
///
/// # Errors
/// For anything else, and for a rate at which no move would ever end.
pub fn parse_rate(text: &str) -> Result<i64, String> {
    let size = text.trim().strip_suffix("/s").unwrap_or(text.trim()).trim_end();
    let (number, unit) =
        size.split_at(size.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(size.len()));
    let (number, unit) = match (number.trim_end(), unit) {
        (number, "B") => (number, ""),
        (number, "KB") => (number, "kB"),
        other => other,
    };
    match format!("{number}{unit}").parse::<ByteSize>() {
        Ok(ByteSize(rate)) if rate >= SLOWEST => Ok(rate),
        Ok(ByteSize(rate)) if rate > 0 && text.bytes().all(|letter| letter.is_ascii_digit()) => Err(format!(
            "{rate} is {rate} bytes a second, at which no move would ever end; with a unit it is {rate}MB/s"
        )),
        Ok(_) => Err("a rate is at least 10kB/s, or no move would ever end, such as 50MB/s".to_owned()),
        Err(InvalidSize { fix: Some(fix), .. }) => Err(format!("{FORM}; did you mean {fix}/s?")),
        Err(_) => Err(FORM.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_size_a_second() {
        assert_eq!(parse_rate("50MB/s"), Ok(50_000_000));
        assert_eq!(parse_rate("1GiB"), Ok(1 << 30));
        assert_eq!(parse_rate("10000"), Ok(10_000));
        for (text, rate) in [
            ("400KB/s", 400_000),
            ("400kB", 400_000),
            ("400KiB/s", 409_600),
            ("400 KiB/s", 409_600),
            ("1GB/s", 1_000_000_000),
            ("20000/s", 20_000),
            ("20000B/s", 20_000),
        ] {
            assert_eq!(parse_rate(text), Ok(rate), "{text}");
        }
        for (text, fix) in [("1.5MB/s", "1500kB/s"), ("50Mb/s", "50MB/s"), ("50m", "50MB or 50MiB/s")] {
            let why = parse_rate(text).unwrap_err();
            assert!(why.contains("KiB/s") && why.ends_with(&format!("did you mean {fix}?")), "{why}");
        }
        assert!(parse_rate("5").is_err_and(|why| why.contains("5 bytes a second") && why.ends_with("5MB/s")));
        for wrong in ["0", "-1", "9kB/s", "50MB/h", "fast", ""] {
            assert!(parse_rate(wrong).is_err_and(|why| why.contains("50MB/s")), "{wrong}");
        }
    }
}
