//! Which names a topic may have.

use crate::state::Refusal;
use kafka_protocol::error::ResponseError;
use std::collections::BTreeMap;

/// The longest name, in characters, so that a log's directory stays within the limits of file systems.
const LONGEST: usize = 249;

/// The topic of KRaft's own log, which nobody may create.
pub(crate) const CLUSTER_METADATA: &str = "__cluster_metadata";

/// Checks a name by itself.
///
/// # Errors
/// 17 with the broker's words.
pub(crate) fn check(name: &str) -> Result<(), Refusal> {
    let fault = if name.is_empty() {
        "the empty string is not allowed".to_owned()
    } else if name == "." || name == ".." {
        format!("'{name}' is not allowed")
    } else if name.chars().count() > LONGEST {
        format!("the length of '{name}' is longer than the max allowed length {LONGEST}")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        format!("'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")
    } else {
        return Ok(());
    };
    Err(Refusal::new(ResponseError::InvalidTopicException, format!("Topic name is invalid: {fault}")))
}

/// Whether a topic belongs to Kafka itself.
pub(crate) fn is_internal(name: &str) -> bool {
    matches!(name, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

/// The names that a new topic may not resemble: a dot and an underscore become the same in the names of metrics.
#[derive(Debug)]
pub(crate) struct Collisions<'a> {
    by_metric: BTreeMap<String, &'a str>,
}

impl<'a> Collisions<'a> {
    /// Of the topics that are there.
    pub(crate) fn of(names: impl Iterator<Item = &'a str>) -> Collisions<'a> {
        let mut by_metric = BTreeMap::new();
        for name in names.filter(|name| name.contains(['.', '_'])) {
            by_metric.entry(name.replace('.', "_")).or_insert(name);
        }
        Collisions { by_metric }
    }

    /// Checks a name that is not taken yet.
    ///
    /// # Errors
    /// 17 when another topic's name differs by dots and underscores only.
    pub(crate) fn check(&self, name: &str) -> Result<(), Refusal> {
        if !name.contains(['.', '_']) {
            return Ok(());
        }
        match self.by_metric.get(&name.replace('.', "_")) {
            Some(other) if *other != name => {
                let words = format!("Topic '{name}' collides with existing topic: {other}");
                Err(Refusal::new(ResponseError::InvalidTopicException, words))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> String {
        check(name).expect_err("refused").words.unwrap_or_default()
    }

    #[test]
    fn names_are_refused_with_kafkas_words() {
        insta::assert_snapshot!(["", ".", "..", "a b", "a/b", "ä"].map(words).join("\n"), @r"
        Topic name is invalid: the empty string is not allowed
        Topic name is invalid: '.' is not allowed
        Topic name is invalid: '..' is not allowed
        Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'
        Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'
        Topic name is invalid: 'ä' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'
        ");
        assert_eq!(check(&"x".repeat(LONGEST)), Ok(()));
        assert!(words(&"x".repeat(LONGEST + 1)).ends_with("is longer than the max allowed length 249"));
    }

    #[test]
    fn a_dot_and_an_underscore_collide() {
        let collisions = Collisions::of(["a.b", "ab", "c"].into_iter());
        let refusal = collisions.check("a_b").expect_err("collides");
        assert_eq!(refusal.code, 17);
        assert_eq!(refusal.words.as_deref(), Some("Topic 'a_b' collides with existing topic: a.b"));
        assert_eq!(collisions.check("a.b"), Ok(()));
        assert_eq!(collisions.check("a-b"), Ok(()));
    }
}
