use super::{AclResource, AclResourceType, CLUSTER_NAME, EVERYBODY, Operation};
use std::fmt;
use std::str::FromStr;

/// One resource, or all of a type, as one types it: `topic:orders`, `group:billing`, `topic`, `cluster`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The type.
    pub kind: AclResourceType,
    /// The name; `None` where only the type was typed. The cluster has its own.
    pub name: Option<String>,
}

/// A text that names no resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{written}' is not TYPE:NAME, such as topic:orders; types are {}", known(&AclResourceType::KNOWN))]
pub struct NotNamed {
    written: String,
}

/// A text that is not an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{written}' is not an operation; there are {}", known(&Operation::KNOWN))]
pub struct NotAnOperation {
    written: String,
}

fn known(words: &[impl fmt::Display]) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl FromStr for Named {
    type Err = NotNamed;

    fn from_str(text: &str) -> Result<Self, NotNamed> {
        let unknown = || NotNamed { written: text.to_owned() };
        let (word, name) = match text.split_once(':') {
            Some((_, "")) => return Err(unknown()),
            Some((word, name)) => (word, Some(name.to_owned())),
            None => (text, None),
        };
        let kind = AclResourceType::from_word(word).ok_or_else(unknown)?;
        let name = match kind {
            AclResourceType::Cluster => Some(CLUSTER_NAME.to_owned()),
            _ => name,
        };
        Ok(Named { kind, name })
    }
}

impl Named {
    /// Whether an entry for these resources says something of it.
    pub fn is_in(&self, resource: &AclResource) -> bool {
        match &self.name {
            Some(name) => resource.covers(self.kind, name),
            None => resource.kind == self.kind,
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) if self.kind != AclResourceType::Cluster => write!(f, "{} {name}", self.kind),
            _ => write!(f, "the {}", self.kind),
        }
    }
}

/// Reads an operation as one types it, in a topology's spelling or in Kafka's.
///
/// # Errors
/// When there is none of that name.
pub fn parse_operation(text: &str) -> Result<Operation, NotAnOperation> {
    let word = text.to_ascii_lowercase().replace('_', "-");
    Operation::from_word(&word).ok_or_else(|| NotAnOperation { written: text.to_owned() })
}

/// A principal in full: a plain name is that of a user, and `*` is everybody.
pub fn principal(text: &str) -> String {
    match text {
        "*" => EVERYBODY.to_owned(),
        _ if text.contains(':') => text.to_owned(),
        _ => format!("User:{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_named_by_type_and_name() {
        let orders: Named = "topic:orders".parse().unwrap();
        assert!(orders.is_in(&AclResource::prefixed(AclResourceType::Topic, "ord")));
        assert!(!orders.is_in(&AclResource::prefixed(AclResourceType::Group, "ord")));
        let topics: Named = "topic".parse().unwrap();
        assert!(topics.is_in(&AclResource::literal(AclResourceType::Topic, "payments")));
        let cluster: Named = "cluster".parse().unwrap();
        assert!(cluster.is_in(&AclResource::cluster()));
        // A principal's name may have a colon, and so may a group's.
        assert_eq!("group:a:b".parse::<Named>().unwrap().name.as_deref(), Some("a:b"));
        assert_eq!(orders.to_string(), "topic orders");
        assert_eq!(cluster.to_string(), "the cluster");
        for wrong in ["orders", "topic:", ""] {
            assert!(wrong.parse::<Named>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn operations_and_principals_are_read_as_people_type_them() {
        assert_eq!(parse_operation("DESCRIBE_CONFIGS"), Ok(Operation::DescribeConfigs));
        assert_eq!(parse_operation("read"), Ok(Operation::Read));
        assert!(parse_operation("fly").unwrap_err().to_string().contains("describe-configs"));
        assert_eq!(["a", "User:a", "*"].map(principal), ["User:a", "User:a", "User:*"]);
    }
}
