/// The most characters that Kafka takes for a topic's name.
pub const LONGEST_TOPIC_NAME: usize = 249;

/// Why Kafka can never take a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// `.` or `..`, which would be a folder on the broker's disk.
    #[error("'.' and '..' cannot be topics")]
    Dots,
    /// It is too long.
    #[error("it has {0} characters; Kafka takes {LONGEST_TOPIC_NAME}")]
    TooLong(usize),
    /// A character that Kafka does not take.
    #[error("'{}' is not one of a-z, A-Z, 0-9, '.', '_' and '-'", .0.escape_default())]
    Character(char),
    /// A control character.
    #[error("it has a control character")]
    Control,
    /// A topic that Kafka itself makes and uses.
    #[error("Kafka itself owns this topic")]
    Internal,
}

/// Checks a topic's name by Kafka's own rule (`Topic.validate`), and that Kafka does not own it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_topic_name(name: &str) -> Result<(), InvalidName> {
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    if name == "." || name == ".." {
        return Err(InvalidName::Dots);
    }
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if let Some(character) = name.chars().find(|c| !fits(c)) {
        return Err(InvalidName::Character(character));
    }
    if name.len() > LONGEST_TOPIC_NAME {
        return Err(InvalidName::TooLong(name.len()));
    }
    if is_kafkas_topic(name) { Err(InvalidName::Internal) } else { Ok(()) }
}

/// Whether it is the name of a topic that Kafka makes and rules itself. Other names with two underscores in front are
/// anybody's: tools like to hide their topics that way.
pub fn is_kafkas_topic(name: &str) -> bool {
    ["__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"].contains(&name)
}

/// The name that Kafka's metrics make of a topic's; topics for which it is the same cannot both exist.
pub fn metric_name(topic: &str) -> String {
    topic.replace('.', "_")
}

/// Checks a group id or a subject's name.
///
/// # Errors
/// When it is empty or has a control character.
pub fn check_plain_name(name: &str) -> Result<(), InvalidName> {
    if name.trim().is_empty() {
        return Err(InvalidName::Empty);
    }
    if name.chars().any(char::is_control) { Err(InvalidName::Control) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_names_follow_kafka() {
        for name in ["a", "A.b_c-9", "...", &"x".repeat(249)] {
            assert_eq!(check_topic_name(name), Ok(()), "{name}");
        }
        assert_eq!(check_topic_name(""), Err(InvalidName::Empty));
        assert_eq!(check_topic_name(".."), Err(InvalidName::Dots));
        assert_eq!(check_topic_name(&"x".repeat(250)), Err(InvalidName::TooLong(250)));
        assert_eq!(check_topic_name("a b"), Err(InvalidName::Character(' ')));
        assert_eq!(check_topic_name("é"), Err(InvalidName::Character('é')));
        assert_eq!(check_topic_name("__consumer_offsets"), Err(InvalidName::Internal));
        assert_eq!(metric_name("a.b_c"), "a_b_c");
    }
}
