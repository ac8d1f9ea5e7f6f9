/// The candidate that a mistyped word was probably meant for, where one is close enough to be worth naming.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and the kind of separator are the least of what tells names apart.
fn fold(word: &str) -> String {
    word.chars().map(|c| if matches!(c, '_' | '-' | ' ') { '.' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_was_meant() {
        let keys = ["partitions", "replication", "retention.ms", "key", "value"];
        let meant = |word| closest(word, keys);
        assert_eq!(meant("partition"), Some("partitions"));
        assert_eq!(meant("retention_ms"), Some("retention.ms"));
        assert_eq!(meant("Value"), Some("value"));
        assert_eq!(meant("vlaue"), Some("value"));
        assert_eq!(meant("colour"), None);
        assert_eq!(meant(""), None);
    }
}
