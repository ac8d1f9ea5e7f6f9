use super::effective::Effective;
use crate::plan::{Finding, Severity};
use crate::topology::{Contract, Topology};
use crate::values::{Known, Origin, Resource, Sourced};
use crate::world::World;

/// Whether a contract can be kept.
pub(super) fn findings(
    contract: &Contract,
    want: &Topology,
    have: Option<&World>,
    findings: &mut Vec<Finding>,
) {
    let Some(topics) = &contract.topics else { return };
    let group = &contract.group;
    let mut find = |severity, code, message, origin: &Origin| {
        let resource = Resource::group(group.as_str());
        findings.push(Finding { severity, code, message, resource, origin: Some(origin.clone()) });
    };
    if let Some(world) = have {
        for written in topics.written.iter().filter(|written| want.external.has_topic(written.value.as_str()))
        {
            let name = written.value.literal();
            if let Some(name) =
                name.filter(|name| world.cluster.topics.get(*name).is_some_and(Known::is_absent))
            {
                let message = format!("'{group}' reads the external topic '{name}', which does not exist");
                find(Severity::Warning, "group/topic-missing", message, &written.origin);
            }
        }
    }
    let Some(partitions) = partitions(contract, want, have) else { return };
    if let Some(Sourced { value, origin }) = &contract.terms.members {
        let idle = |members: u32| i64::from(members) > partitions;
        let told = match (idle(*value.start()), idle(*value.end())) {
            (true, _) => Some((Severity::Warning, format!("{} members", value.start()))),
            (false, true) => Some((Severity::Info, format!("up to {} members", value.end()))),
            (false, false) => None,
        };
        if let Some((severity, members)) = told {
            let message = format!(
                "'{group}' is to have {members}, and its topics have {partitions} partitions in all: some members \
                 would have nothing to read"
            );
            find(severity, "group/members-above-partitions", message, origin);
        }
    }
    let seen = have.and_then(|world| world.groups.groups.get(group)).and_then(Known::known);
    let members = seen.and_then(|group| group.members.known()).map_or(0, Vec::len);
    if members as i64 > partitions {
        let message = format!(
            "'{group}' has {members} members now, and its topics have {partitions} partitions in all: some members \
             have nothing to read"
        );
        find(Severity::Warning, "group/members-above-partitions", message, &contract.origin);
    }
}

/// All partitions that a group may read; `None` where those of a topic are not known.
fn partitions(contract: &Contract, want: &Topology, have: Option<&World>) -> Option<i64> {
    let topics =
        contract.topics.as_ref().filter(|topics| topics.external.is_empty() && !topics.names.is_empty())?;
    let count = |name: &String| -> Option<i64> {
        let seen = have.and_then(|world| world.cluster.topics.get(name)).and_then(Known::known);
        match want.topics.get(name) {
            Some(topic) => Effective::of(topic, want, have).partitions(),
            None => seen.map(|view| view.partitions.len() as i64),
        }
    };
    topics.names.iter().map(count).sum()
}
