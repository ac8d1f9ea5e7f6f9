//! What Kafka takes and nobody should want: findings over the desired state, with what the cluster says of it where
//! that has been seen.

mod durability;
mod effective;
mod files;
mod groups;
mod names;
mod pinned;
mod retention;
#[cfg(test)]
mod tests;

pub use files::{FileFinding, findings_of_files};

use super::{DiffOptions, Finding, Severity, access};
use crate::topology::Topology;
use crate::values::{Origin, Resource};
use crate::world::World;
use durability::MIN_ISR;
use effective::{Effective, Inherited};

/// Everything unwise about what a topology asks for, in the order of resources. Without a world it is what can be told
/// offline.
pub fn desired_findings(want: &Topology, have: Option<&World>, options: &DiffOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    let topics = want.topics.values().filter(|topic| options.covers_topic(&topic.name));
    let named = topics.clone().flat_map(|topic| topic.configs.keys()).map(String::as_str);
    let inherited = Inherited::seen(named.chain([MIN_ISR]), have);
    for topic in topics {
        let effective = Effective::of(topic, want, have).beside(&inherited);
        durability::findings(&effective, &mut findings);
        pinned::findings(&effective, &mut findings);
        retention::findings(&effective, &mut findings);
    }
    names::findings(want, have, options, &mut findings);
    for contract in want.groups.values().filter(|contract| options.covers_group(&contract.group)) {
        groups::findings(contract, want, have, &mut findings);
    }
    for (principal, access) in &want.access {
        if options.covers_principal(principal, Some(&access.name)) {
            access::of_hosts(principal, access, &mut findings);
        }
    }
    findings.sort_by(|a, b| (&a.resource, a.code, &a.message).cmp(&(&b.resource, b.code, &b.message)));
    findings
}

/// A finding about a topic.
fn of_topic(name: &str, severity: Severity, code: &'static str, message: String, origin: &Origin) -> Finding {
    Finding { severity, code, message, resource: Resource::topic(name), origin: Some(origin.clone()) }
}
