//! What Kafka's `StandardAuthorizer` decides by its entries: what denies outweighs what allows, and without an entry that
//! fits nothing is allowed, or everything where the cluster says so and the resource has no entry at all.

use super::{Acl, AclResourceType, CLUSTER_NAME, EVERYBODY, Operation, Permission, WILDCARD};

/// Who wants to do what to what, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Who, as `User:name`.
    pub principal: &'a str,
    /// What.
    pub operation: Operation,
    /// The type of the resource.
    pub kind: AclResourceType,
    /// The name of the resource.
    pub name: &'a str,
    /// The address that the request comes from. Without one only entries for every host decide.
    pub host: Option<&'a str>,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// An entry allows it.
    Allowed,
    /// An entry denies it.
    Denied,
    /// The resource has entries, and none of them fits: it is denied.
    NoRule,
    /// The resource has no entry: `allow.everyone.if.no.acl.found` decides, which is false unless it was set.
    NoAcls,
}

impl Ruling {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Ruling::Allowed => "allowed",
            Ruling::Denied => "denied",
            Ruling::NoRule => "no-rule",
            Ruling::NoAcls => "no-acls",
        }
    }
}

/// What is decided, and by which entries. Super users are not among them: they may do everything, and no broker tells who
/// they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What is decided.
    pub ruling: Ruling,
    /// The entry that decides, the most particular one where several do.
    pub by: Option<&'a Acl>,
    /// The other entries that fit, in order: those that deny first.
    pub also: Vec<&'a Acl>,
    /// Entries that would fit from the address that they name, where none was given.
    pub elsewhere: Vec<&'a Acl>,
    /// Whether what is ruled of the cluster decides: whoever may create on it may create every topic.
    pub on_cluster: bool,
}

/// Decides as a broker would, which lets topics be created by whoever may create on the cluster, or on the topic.
pub fn decide<'a>(asked: &Asked<'_>, acls: impl IntoIterator<Item = &'a Acl> + Clone) -> Decision<'a> {
    let mut decision = authorize(asked, acls.clone());
    if asked.kind != AclResourceType::Topic || asked.operation != Operation::Create {
        return decision;
    }
    let cluster = Asked { kind: AclResourceType::Cluster, name: CLUSTER_NAME, ..*asked };
    let mut cluster = authorize(&cluster, acls);
    let decides = |ruling: Ruling| match ruling {
        Ruling::Allowed => 2,
        Ruling::NoAcls => 1,
        Ruling::Denied | Ruling::NoRule => 0,
    };
    if decides(cluster.ruling) > decides(decision.ruling) {
        std::mem::swap(&mut decision, &mut cluster);
        decision.on_cluster = true;
    }
    decision.also.extend(cluster.by.into_iter().chain(cluster.also));
    decision.elsewhere.extend(cluster.elsewhere);
    decision
}

/// Decides as an authorizer would of one resource.
fn authorize<'a>(asked: &Asked<'_>, acls: impl IntoIterator<Item = &'a Acl>) -> Decision<'a> {
    let mut has_acls = false;
    let mut fitting = Vec::new();
    let mut elsewhere = Vec::new();
    for acl in acls.into_iter().filter(|acl| acl.resource.covers(asked.kind, asked.name)) {
        has_acls = true;
        if !asked.is_of(acl) {
            continue;
        }
        match asked.host {
            _ if acl.host == WILDCARD => fitting.push(acl),
            Some(host) if host == acl.host => fitting.push(acl),
            Some(_) => {}
            None => elsewhere.push(acl),
        }
    }
    // `Deny` is less than `Allow`; among equals a name stands before a prefix, a longer prefix before a shorter one,
    // and everything last; an entry for the operation itself before one that implies it.
    let particular = |acl: &&Acl| {
        (
            acl.permission,
            acl.resource.is_wildcard(),
            acl.resource.pattern,
            usize::MAX - acl.resource.name.len(),
            acl.operation != asked.operation,
        )
    };
    fitting.sort_by_key(particular);
    elsewhere.sort_by_key(particular);
    let mut fitting = fitting.into_iter();
    let by = fitting.next();
    let ruling = match by {
        Some(acl) if acl.allows() => Ruling::Allowed,
        Some(_) => Ruling::Denied,
        None if has_acls => Ruling::NoRule,
        None => Ruling::NoAcls,
    };
    Decision { ruling, by, also: fitting.collect(), elsewhere, on_cluster: false }
}

impl Asked<'_> {
    /// Whether the entry speaks of this principal and operation.
    fn is_of(&self, acl: &Acl) -> bool {
        let operation = match acl.permission {
            Permission::Allow => acl.operation.implies(self.operation),
            Permission::Deny => acl.operation == self.operation || acl.operation == Operation::All,
        };
        operation && (acl.principal == self.principal || acl.principal == EVERYBODY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::AclResource;

    fn acl(principal: &str, permission: Permission, operation: Operation, name: &str) -> Acl {
        let topic = AclResourceType::Topic;
        let resource = match name.strip_suffix('*') {
            Some(prefix) if !prefix.is_empty() => AclResource::prefixed(topic, prefix),
            _ => AclResource::literal(topic, name),
        };
        Acl { permission, ..Acl::allow(principal, operation, resource) }
    }

    fn asked(operation: Operation, name: &str) -> Asked<'_> {
        Asked { principal: "User:a", operation, kind: AclResourceType::Topic, name, host: None }
    }

    #[test]
    fn what_denies_outweighs_what_allows() {
        use Operation::{All, Describe, Read, Write};
        use Permission::{Allow, Deny};
        let acls = [
            acl("User:a", Allow, Read, "orders"),
            acl("User:a", Allow, All, "ord*"),
            acl("User:*", Deny, Write, "*"),
            acl("User:b", Deny, All, "*"),
        ];
        let read = decide(&asked(Read, "orders"), &acls);
        assert_eq!((read.ruling, read.by), (Ruling::Allowed, Some(&acls[0])));
        assert_eq!(read.also, [&acls[1]]);
        let write = decide(&asked(Write, "orders"), &acls);
        assert_eq!((write.ruling, write.by), (Ruling::Denied, Some(&acls[2])));
        assert_eq!(write.also, [&acls[1]]);
        // To deny writing is not to deny describing, and to allow reading is to allow it.
        let describe = decide(&asked(Describe, "orders"), &acls);
        assert_eq!((describe.ruling, describe.by), (Ruling::Allowed, Some(&acls[0])));
        let itself = acl("User:a", Allow, Describe, "orders");
        let describe = asked(Describe, "orders");
        assert_eq!(decide(&describe, acls.iter().chain([&itself])).by, Some(&itself));
        assert_eq!(decide(&asked(Read, "payments"), &acls).ruling, Ruling::NoRule);
        assert_eq!(decide(&asked(Read, "payments"), &acls[..2]).ruling, Ruling::NoAcls);
    }

    #[test]
    fn whoever_may_create_on_the_cluster_may_create_every_topic() {
        use Operation::{Create, Describe};
        use Permission::{Allow, Deny};
        let on = |permission, operation| {
            let resource = AclResource::literal(AclResourceType::Cluster, CLUSTER_NAME);
            Acl { permission, ..Acl::allow("User:a", operation, resource) }
        };
        let (cluster, topic) = (on(Allow, Create), acl("User:a", Allow, Create, "orders"));
        let (no_topic, no_cluster) = (acl("User:a", Deny, Create, "orders"), on(Deny, Create));
        let create = |acls: &[Acl]| {
            let decision = decide(&asked(Create, "orders"), acls);
            (decision.ruling, decision.by.cloned(), decision.also.len(), decision.on_cluster)
        };
        let allowed = |by: &Acl, also, on_cluster| (Ruling::Allowed, Some(by.clone()), also, on_cluster);
        assert_eq!(create(std::slice::from_ref(&cluster)), allowed(&cluster, 0, true));
        assert_eq!(create(std::slice::from_ref(&topic)), allowed(&topic, 0, false));
        assert_eq!(create(&[cluster.clone(), topic.clone()]), allowed(&topic, 1, false));
        // What denies on one of the two leaves the other.
        assert_eq!(create(&[cluster.clone(), no_topic.clone()]), allowed(&cluster, 1, true));
        assert_eq!(create(&[topic.clone(), no_cluster.clone()]), allowed(&topic, 1, false));
        assert_eq!(
            create(&[no_topic.clone(), no_cluster]),
            (Ruling::Denied, Some(no_topic.clone()), 1, false)
        );
        // A cluster without any entry is everybody's where the brokers are set so.
        assert_eq!(create(&[no_topic]), (Ruling::NoAcls, None, 1, true));
        assert_eq!(create(&[]), (Ruling::NoAcls, None, 0, false));
        assert_eq!(decide(&asked(Describe, "orders"), &[cluster]).ruling, Ruling::NoAcls);
    }

    #[test]
    fn a_host_decides_only_where_it_is_known() {
        let here =
            Acl { host: "10.0.0.1".to_owned(), ..acl("User:a", Permission::Allow, Operation::Read, "t") };
        let acls = [here.clone(), acl("User:a", Permission::Allow, Operation::Write, "t")];
        let nowhere = decide(&asked(Operation::Read, "t"), &acls);
        assert_eq!((nowhere.ruling, nowhere.elsewhere), (Ruling::NoRule, vec![&here]));
        let from = |host| decide(&Asked { host: Some(host), ..asked(Operation::Read, "t") }, &acls).ruling;
        assert_eq!((from("10.0.0.1"), from("10.0.0.2")), (Ruling::Allowed, Ruling::NoRule));
    }
}
