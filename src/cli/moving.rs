use clap::Args;
use klerk_core::values::ByteSize;

/// How replicas are moved.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Moves of replicas")]
pub struct Moving {
    /// The most that each broker may send, and may receive, for copies of replicas, such as 50MB/s
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub throttle: Option<i64>,
    /// Do not wait for replicas that are on their way; the brokers go on by themselves
    #[arg(long)]
    pub no_wait: bool,
}

/// The slowest rate that is taken, in bytes a second. What is slower is a slip: a single batch of records that brokers
/// take as they come, 1 MiB, would be on its way for minutes, and replicas would fall out of sync for good.
const SLOWEST: i64 = 10_000;

/// Reads bytes a second: a size as topologies have it, with or without `/s`.
///
/// # Errors
/// For anything else, and for a rate at which no move would ever end.
pub fn parse_rate(text: &str) -> Result<i64, String> {
    let size = text.strip_suffix("/s").unwrap_or(text).trim_end();
    match size.parse::<ByteSize>() {
        Ok(ByteSize(rate)) if rate >= SLOWEST => Ok(rate),
        Ok(ByteSize(rate)) if rate > 0 && text.bytes().all(|letter| letter.is_ascii_digit()) => Err(format!(
            "{rate} is {rate} bytes a second, at which no move would ever end; with a unit it is {rate}MB/s"
        )),
        Ok(_) => Err("a rate is at least 10kB/s, or no move would ever end, such as 50MB/s".to_owned()),
        Err(invalid) => Err(format!("{invalid}; a rate is a size a second, such as 50MB/s")),
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
        assert!(parse_rate("5").is_err_and(|why| why.contains("5 bytes a second") && why.ends_with("5MB/s")));
        for wrong in ["0", "-1", "9kB/s", "50MB/h", "fast", ""] {
            assert!(parse_rate(wrong).is_err_and(|why| why.contains("50MB/s")), "{wrong}");
        }
    }
}
