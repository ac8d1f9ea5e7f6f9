use crate::values::{Known, first_few};
use std::collections::BTreeSet;
use std::fmt;

/// The log of KRaft, which is no topic that anybody is told of.
pub const METADATA_LOG: &str = "__cluster_metadata";

/// So many names are told before the rest is counted.
const NAMED: usize = 5;

/// Topics that are there and may not be described. Kafka leaves them out of lists in silence; whoever may describe the cluster
/// learns their names from the replicas that brokers carry (KIP-113). `NotAsked` where nobody has said who one is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HiddenTopics(pub Known<BTreeSet<String>>);

impl HiddenTopics {
    /// Whether there may be more topics than are seen; `None` where nobody can tell.
    pub fn visible_only(&self) -> Option<bool> {
        match &self.0 {
            Known::Known(hidden) => Some(!hidden.is_empty()),
            Known::Denied(_) => Some(true),
            Known::Absent | Known::Unavailable(_) | Known::Failed(_) | Known::NotAsked => None,
        }
    }

    /// Those among them that are meant.
    #[must_use]
    pub fn among(self, is_meant: impl Fn(&str) -> bool) -> HiddenTopics {
        HiddenTopics(self.0.map(|mut hidden| {
            hidden.retain(|name| is_meant(name));
            hidden
        }))
    }

    /// The same in words, where there are or may be any.
    pub fn note(&self) -> Option<String> {
        let silence = "only topics that may be described are seen: Kafka leaves out others in silence";
        match &self.0 {
            Known::Known(hidden) if hidden.is_empty() => None,
            Known::Known(hidden) => Some(Named(hidden).to_string()),
            Known::Denied(_) => {
                Some(format!("{silence}, and tells who may describe the cluster which they are"))
            }
            Known::Unavailable(why) => Some(format!("{silence}; which they are is not available: {why}")),
            Known::Failed(why) => Some(format!("{silence}; which they are could not be read: {why}")),
            Known::Absent | Known::NotAsked => None,
        }
    }
}

struct Named<'a>(&'a BTreeSet<String>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, noun) = (self.0.len(), if self.0.len() == 1 { "topic" } else { "topics" });
        write!(f, "{count} {noun} may not be described and ")?;
        write!(f, "{} left out: ", if count == 1 { "is" } else { "are" })?;
        f.write_str(&first_few(self.0.iter(), NAMED).join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Failure;

    fn hidden(names: &[&str]) -> HiddenTopics {
        HiddenTopics(Known::Known(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    #[test]
    fn what_is_hidden_is_counted_and_named() {
        let told = |of: &HiddenTopics| (of.visible_only(), of.note().unwrap_or_default());
        assert_eq!(told(&hidden(&[])), (Some(false), String::new()));
        let one = (Some(true), "1 topic may not be described and is left out: a".to_owned());
        assert_eq!(told(&hidden(&["a"])), one);
        let many = hidden(&["a", "b", "c", "d", "e", "f"]);
        let words = "6 topics may not be described and are left out: a, b, c, d, e, and 1 more";
        assert_eq!(told(&many), (Some(true), words.to_owned()));
        assert_eq!(many.among(|name| name == "a").note(), Some(one.1));
    }

    #[test]
    fn what_nobody_tells_is_not_nothing() {
        let denied = HiddenTopics(Known::Denied(Failure::without_reply("DENIED", "")));
        assert_eq!(denied.visible_only(), Some(true));
        assert!(denied.note().is_some_and(|note| note.ends_with("describe the cluster which they are")));
        let silent = HiddenTopics(Known::Unavailable("a managed service".to_owned()));
        assert_eq!(silent.visible_only(), None);
        assert!(silent.note().is_some_and(|note| note.ends_with("not available: a managed service")));
        assert_eq!(HiddenTopics::default().note(), None);
    }
}
