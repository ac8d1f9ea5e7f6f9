//! What `--explain-requests` tells.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The number of requests: a line by API, then all.
pub fn human(counts: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    for (api, count) in counts {
        let _ = writeln!(text, "{api} {count}");
    }
    let _ = writeln!(text, "requests {}", counts.values().sum::<u64>());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_comes_last() {
        let counts = BTreeMap::from([("OffsetFetch".to_owned(), 3), ("Metadata".to_owned(), 1)]);
        assert_eq!(human(&counts), "Metadata 1\nOffsetFetch 3\nrequests 4\n");
    }
}
