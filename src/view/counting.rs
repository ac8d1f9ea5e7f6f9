//! Numbers with their nouns, and names in a row.

use klerk_core::values::{ResourceType, Thousands, first_few, printable};

/// A number with its thousands separated.
pub fn thousands(number: usize) -> Thousands {
    Thousands(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A number with its noun.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// How many of what.
pub fn of_type(number: usize, kind: ResourceType) -> String {
    let (one, several) = match kind {
        ResourceType::Topic => ("topic", "topics"),
        ResourceType::Subject => ("subject", "subjects"),
        ResourceType::Group => ("group", "groups"),
        ResourceType::Acl => ("principal", "principals"),
        ResourceType::Quota => ("quota", "quotas"),
        ResourceType::User => ("user", "users"),
        ResourceType::Broker => ("broker", "brokers"),
        ResourceType::Cluster => ("cluster", "clusters"),
    };
    counted(number, one, several)
}

/// Names in a row, no more than `most` of them, with the number of the others.
pub fn some_of<'a>(names: impl ExactSizeIterator<Item = &'a String>, most: usize) -> String {
    first_few(names.map(|name| printable(name)), most).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_say_how_long_they_are() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(some_of(names.iter(), 3), "a, b, c");
        assert_eq!(some_of(names.iter(), 2), "a, b, and 1 more");
        assert_eq!(counted(1000, "topic", "topics"), "1,000 topics");
    }
}
