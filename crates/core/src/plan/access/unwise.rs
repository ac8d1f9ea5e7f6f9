//! What is unwise, or without effect, in what the file says that somebody may do.

use crate::access::{Acl, AclResourceType, EVERYBODY, Operation, PatternType, WILDCARD};
use crate::plan::{Finding, Severity};
use crate::topology::Access;
use crate::values::{Origin, Resource};
use core::net::IpAddr;
use std::collections::BTreeMap;

/// Findings on what a principal is to be allowed, given the entries of everybody that will be there.
pub(super) fn of(principal: &str, access: &Access, of_everybody: &[&Acl], findings: &mut Vec<Finding>) {
    let mut say = |severity, code, message: String, origin: &Origin| {
        findings.push(Finding {
            severity,
            code,
            message,
            resource: Resource::acl(principal),
            origin: Some(origin.clone()),
        });
    };
    for (message, origin) in &access.notes {
        say(Severity::Warning, "access/unknown-topics", message.clone(), origin);
    }
    let mut wide: BTreeMap<(AclResourceType, &Origin), Vec<Operation>> = BTreeMap::new();
    let mut public: BTreeMap<&Origin, Vec<String>> = BTreeMap::new();
    for (acl, asked) in &access.acls {
        if has_no_effect(acl) {
            let message =
                format!("{principal}: Kafka never looks for '{}' on a {}", acl.operation, acl.resource.kind);
            say(Severity::Warning, "access/no-effect", message, &asked.origin);
        }
        if acl.allows() {
            if principal == EVERYBODY {
                public.entry(&asked.origin).or_default().push(acl.rule());
            }
            if acl.operation == Operation::All {
                let message = format!("{principal} may do everything with {}", acl.resource);
                say(Severity::Warning, "access/all-operations", message, &asked.origin);
            }
            if acl.resource.is_wildcard() {
                wide.entry((acl.resource.kind, &asked.origin)).or_default().push(acl.operation);
            }
            if let Some(deny) = shadow(acl, access, of_everybody) {
                let message = format!("'{}' has no effect, since {deny}", acl.rule());
                say(Severity::Warning, "access/shadowed", message, &asked.origin);
            }
        }
    }
    for (origin, rules) in public {
        let message = format!("this is for every client, logged in or not: {}", rules.join(", "));
        say(Severity::Warning, "access/everybody", message, origin);
    }
    for ((kind, origin), operations) in wide {
        let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
        let own = if kind == AclResourceType::Topic { ", Kafka's own included" } else { "" };
        let message = format!("{principal} may {} every {kind}{own}", operations.join(" and "));
        say(Severity::Info, "access/every-resource", message, origin);
    }
}

/// Warns of hosts that no client can have. It is all that can be said without a look at the cluster.
pub(in crate::plan) fn of_hosts(principal: &str, access: &Access, findings: &mut Vec<Finding>) {
    let mut said: BTreeMap<(&str, &Origin), &Acl> = BTreeMap::new();
    for (acl, asked) in &access.acls {
        said.entry((&acl.host, &asked.origin)).or_insert(acl);
    }
    for ((host, origin), acl) in said {
        let Some(fix) = fix_of_host(host) else { continue };
        let effect = if acl.allows() { "allows nobody anything" } else { "keeps nobody out" };
        findings.push(Finding {
            severity: Severity::Warning,
            code: "access/host",
            message: format!(
                "{principal}: '{host}' is no address as brokers compare it, so that this {effect}: {fix}"
            ),
            resource: Resource::acl(principal),
            origin: Some(origin.clone()),
        });
    }
}

/// What to write instead of a host that equals no client's address; `None` for one that may. Brokers compare texts: the host
/// of an entry, and the client's address as Java's `InetAddress.getHostAddress` writes it, with every group of an IPv6 address
/// and without leading zeros. Names are never looked up.
fn fix_of_host(host: &str) -> Option<String> {
    if host == WILDCARD {
        return None;
    }
    // An address of one link alone ends in its interface: `fe80:0:0:0:0:0:0:1%eth0`.
    let (address, interface) = host.split_at(host.find('%').unwrap_or(host.len()));
    let written = match address.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => address.segments().map(|group| format!("{group:x}")).join(":") + interface,
        },
        Err(_) if host.contains('/') => {
            return Some("brokers know no ranges, so write an entry for each address".to_owned());
        }
        Err(_) => return Some("brokers look up no names, so write the client's IP address".to_owned()),
    };
    (written != host).then(|| format!("write {written}"))
}

fn has_no_effect(acl: &Acl) -> bool {
    let operations = acl.resource.kind.operations();
    let is_known = !operations.is_empty() && !matches!(acl.operation, Operation::Other(_));
    is_known && acl.operation != Operation::All && !operations.contains(&acl.operation)
}

/// An entry that denies, wholly, what another one allows: one that the file asks for too, or one of everybody.
fn shadow<'a>(acl: &Acl, access: &'a Access, of_everybody: &[&'a Acl]) -> Option<&'a Acl> {
    let asked = access.acls.keys();
    asked.chain(of_everybody.iter().copied()).find(|deny| {
        !deny.allows()
            && (deny.operation == Operation::All || deny.operation == acl.operation)
            && (deny.host == WILDCARD || deny.host == acl.host)
            && covers_all(deny, acl)
    })
}

/// Whether one entry speaks of every resource that the other one speaks of.
fn covers_all(wide: &Acl, narrow: &Acl) -> bool {
    wide.resource.kind == narrow.resource.kind
        && match (wide.resource.pattern, narrow.resource.pattern) {
            _ if wide.resource.is_wildcard() => true,
            (PatternType::Literal, PatternType::Prefixed) => false,
            (PatternType::Literal, PatternType::Literal) => wide.resource.name == narrow.resource.name,
            (PatternType::Prefixed, _) => {
                !narrow.resource.is_wildcard() && narrow.resource.name.starts_with(&wide.resource.name)
            }
        }
}
