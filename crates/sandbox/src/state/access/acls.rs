//! Access control lists. Numbers are those of the protocol: 0 unknown, 1 any, and for patterns 2 match, 3 literal,
//! 4 prefixed.

use std::collections::BTreeSet;

const ANY: i8 = 1;
const MATCH: i8 = 2;
const LITERAL: i8 = 3;
const PREFIXED: i8 = 4;
const CLUSTER: i8 = 4;

/// The only name of a resource of the cluster's type.
const CLUSTER_NAME: &str = "kafka-cluster";

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acl {
    /// The resource's type: 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user.
    pub resource_type: i8,
    /// The resource's name, or the beginning of it.
    pub resource_name: String,
    /// 3 literal, 4 prefixed.
    pub pattern_type: i8,
    /// Who, as `User:name`.
    pub principal: String,
    /// From where; `*` from everywhere.
    pub host: String,
    /// The operation: 2 all, 3 read, 4 write, and so on.
    pub operation: i8,
    /// 2 deny, 3 allow.
    pub permission_type: i8,
}

/// What entries are looked for. What is not given, and what is "any", fits all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclFilter {
    /// The resource's type.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Option<String>,
    /// 1 any, 2 all that hold for a resource of this name, 3 literal, 4 prefixed.
    pub pattern_type: i8,
    /// Who.
    pub principal: Option<String>,
    /// From where.
    pub host: Option<String>,
    /// The operation.
    pub operation: i8,
    /// Denied or allowed.
    pub permission_type: i8,
}

/// All entries, and whether there is an authorizer to keep them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acls {
    /// Whether the cluster has an authorizer; without one, ACLs are refused with 54.
    pub authorizer: bool,
    entries: BTreeSet<Acl>,
}

impl Acls {
    /// Adds an entry; the same again changes nothing.
    ///
    /// # Errors
    /// When there can be no such entry.
    pub fn add(&mut self, acl: Acl) -> Result<(), AclError> {
        acl.check()?;
        self.entries.insert(acl);
        Ok(())
    }

    /// The entries that fit, in order.
    pub fn find(&self, filter: &AclFilter) -> Vec<Acl> {
        self.entries.iter().filter(|acl| filter.fits(acl)).cloned().collect()
    }

    /// Removes the entries that fit, and gives them.
    pub fn remove(&mut self, filter: &AclFilter) -> Vec<Acl> {
        let found = self.find(filter);
        self.entries.retain(|acl| !filter.fits(acl));
        found
    }
}

/// An entry that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AclError {
    /// "Any" or an unknown number where one thing has to be named, for which a broker has no words.
    #[error("an entry has to name one type, pattern, operation and permission")]
    Any,
    /// The resource has no name.
    #[error("Invalid empty resource name")]
    Nameless,
    /// There is one cluster, and it has a name.
    #[error("The only valid name for the CLUSTER resource is kafka-cluster")]
    Cluster,
    /// The type is none of Kafka's.
    #[error("Invalid resourceType UNKNOWN")]
    Type,
    /// The principal has no type.
    #[error(
        "Could not parse principal from `{0}` (no colon is present separating the principal type from the principal name)"
    )]
    Principal(String),
}

impl Acl {
    /// Whether there can be such an entry, judged in the order in which a broker does.
    fn check(&self) -> Result<(), AclError> {
        if self.resource_type == CLUSTER && self.resource_name != CLUSTER_NAME {
            return Err(AclError::Cluster);
        }
        if self.resource_name.is_empty() {
            return Err(AclError::Nameless);
        }
        match self.resource_type {
            2..=7 => {}
            0 | ANY => return Err(AclError::Any),
            _ => return Err(AclError::Type),
        }
        let one_pattern = matches!(self.pattern_type, LITERAL | PREFIXED);
        if !one_pattern || self.operation <= ANY || !matches!(self.permission_type, 2 | 3) {
            return Err(AclError::Any);
        }
        if !self.principal.contains(':') {
            return Err(AclError::Principal(self.principal.clone()));
        }
        Ok(())
    }
}

impl AclFilter {
    fn fits(&self, acl: &Acl) -> bool {
        fn number(wanted: i8, is: i8) -> bool {
            wanted == ANY || wanted == is
        }
        fn text(wanted: Option<&String>, is: &String) -> bool {
            wanted.is_none_or(|wanted| wanted == is)
        }
        number(self.resource_type, acl.resource_type)
            && self.fits_name(acl)
            && text(self.principal.as_ref(), &acl.principal)
            && text(self.host.as_ref(), &acl.host)
            && number(self.operation, acl.operation)
            && number(self.permission_type, acl.permission_type)
    }

    fn fits_name(&self, acl: &Acl) -> bool {
        let pattern = matches!(self.pattern_type, ANY | MATCH) || self.pattern_type == acl.pattern_type;
        let name = self.resource_name.as_ref().is_none_or(|wanted| {
            let holds_for = self.pattern_type == MATCH
                && match acl.pattern_type {
                    PREFIXED => wanted.starts_with(&acl.resource_name),
                    _ => acl.resource_name == "*",
                };
            *wanted == acl.resource_name || holds_for
        });
        pattern && name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl(name: &str, pattern_type: i8, principal: &str) -> Acl {
        Acl {
            resource_type: 2,
            resource_name: name.to_owned(),
            pattern_type,
            principal: principal.to_owned(),
            host: "*".to_owned(),
            operation: 3,
            permission_type: 3,
        }
    }

    fn filter(name: Option<&str>, pattern_type: i8) -> AclFilter {
        AclFilter {
            resource_type: ANY,
            resource_name: name.map(str::to_owned),
            pattern_type,
            principal: None,
            host: None,
            operation: ANY,
            permission_type: ANY,
        }
    }

    #[test]
    fn a_filter_finds_by_pattern() {
        let mut acls = Acls::default();
        for (name, pattern) in [("orders", LITERAL), ("ord", PREFIXED), ("*", LITERAL), ("pay", PREFIXED)] {
            acls.add(acl(name, pattern, "User:a")).expect("a valid entry");
            acls.add(acl(name, pattern, "User:a")).expect("the same again");
        }
        let found = |filter: &AclFilter| -> Vec<(String, i8)> {
            acls.find(filter).into_iter().map(|acl| (acl.resource_name, acl.pattern_type)).collect()
        };
        let names = |all: &[(&str, i8)]| -> Vec<(String, i8)> {
            all.iter().map(|(name, pattern)| ((*name).to_owned(), *pattern)).collect()
        };
        assert_eq!(found(&filter(None, ANY)).len(), 4);
        assert_eq!(
            found(&filter(Some("orders"), MATCH)),
            names(&[("*", LITERAL), ("ord", PREFIXED), ("orders", LITERAL)])
        );
        assert_eq!(found(&filter(Some("orders"), LITERAL)), names(&[("orders", LITERAL)]));
        assert_eq!(found(&filter(Some("ord"), ANY)), names(&[("ord", PREFIXED)]));
        assert_eq!(found(&filter(None, PREFIXED)), names(&[("ord", PREFIXED), ("pay", PREFIXED)]));
        assert_eq!(acls.remove(&filter(Some("orders"), MATCH)).len(), 3);
        assert_eq!(acls.find(&filter(None, ANY)), [acl("pay", PREFIXED, "User:a")]);
    }

    #[test]
    fn entries_that_cannot_be_are_refused() {
        let refused = |acl: Acl| Acls::default().add(acl);
        assert_eq!(refused(acl("", LITERAL, "User:a")), Err(AclError::Nameless));
        assert_eq!(refused(acl("a", MATCH, "User:a")), Err(AclError::Any));
        assert_eq!(refused(acl("a", LITERAL, "me")), Err(AclError::Principal("me".to_owned())));
        assert_eq!(
            refused(Acl { resource_type: CLUSTER, ..acl("a", LITERAL, "User:a") }),
            Err(AclError::Cluster)
        );
        assert_eq!(refused(Acl { resource_type: 99, ..acl("a", LITERAL, "User:a") }), Err(AclError::Type));
        assert_eq!(refused(Acl { operation: ANY, ..acl("a", LITERAL, "User:a") }), Err(AclError::Any));
    }
}
