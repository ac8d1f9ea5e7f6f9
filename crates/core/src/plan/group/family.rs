use super::GroupChange;
use super::facts::{expectations, group_holds};
use super::settle::{changes, settle_group};
use super::start;
use super::step::group_risks;
use crate::apply::Settled;
use crate::plan::assess::Standing;
use crate::plan::{Basis, DiffOptions, Drift, Finding, Proposal, Risk, Severity, Sight, Step};
use crate::topology::Topology;
use crate::values::{Failure, Known, Resource, ResourceType};
use crate::world::{Wanted, World};
use std::collections::{BTreeMap, BTreeSet};

/// Notes the groups that no file names, and proposes commits for those whose contract says where they begin. All else of
/// a contract is checked, not applied.
pub(in crate::plan) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    start::propose(want, have, options, proposal);
    let have = &have.groups;
    let unlisted = have.groups.iter().filter(|(name, group)| {
        group.known().is_some()
            && options.covers_group(name)
            && !want.groups.contains_key(*name)
            && !want.external.has_group(name)
    });
    proposal.unmanaged.groups.extend(unlisted.map(|(name, _)| name.clone()));
    if options.families.groups {
        proposal.findings.extend(have.unlisted.iter().map(|(broker, failure)| Finding {
            severity: Severity::Warning,
            code: "group/not-listed",
            message: format!("the groups that broker {broker} coordinates could not be listed: {failure}"),
            resource: Resource { kind: ResourceType::Broker, name: broker.to_string() },
            origin: None,
        }));
    }
}

/// What a change of a group risks and rests on. No server can be asked beforehand whether it would accept one.
pub(in crate::plan) fn judge(change: &GroupChange, rests_on_present: bool, basis: &Basis<'_>) -> Standing {
    let mut risks: BTreeSet<Risk> = group_risks(change).into_iter().collect();
    let is_protected = basis.topology.is_some_and(|topology| topology.terms(change.group()).is_protected());
    if is_protected && !is_new(change.group(), basis.world) {
        risks.insert(Risk::Protected);
    }
    Standing { risks, expects: expectations(change, rests_on_present, basis.world), ..Standing::default() }
}

/// Whether the group is known to have no commit, so that there is nothing yet to protect.
fn is_new(group: &str, world: &World) -> bool {
    match world.groups.groups.get(group) {
        Some(Known::Absent) => true,
        Some(Known::Known(view)) => {
            let has_none = |commits: &BTreeMap<_, _>| commits.values().all(Known::is_absent);
            view.committed.known().is_some_and(has_none) && !world.groups.may_keep_commits_back()
        }
        _ => false,
    }
}

/// The facts of a step that no longer stand.
pub(in crate::plan) fn drifts(step: &Step, change: &GroupChange, now: &World) -> Vec<Drift> {
    let stale = group_holds(change, &step.expects, now);
    stale.into_iter().map(|stale| Drift::found(&stale.expected, stale.found)).collect()
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &GroupChange, wanted: &mut Wanted) {
    wanted.groups.add(change.group());
    wanted.committed.add(change.group());
    if let GroupChange::CommitOffsets { partitions, .. } = change {
        for one in partitions {
            wanted.topics.add(&*one.partition.topic);
            wanted.log_offsets.add(&*one.partition.topic);
        }
    }
}

/// What a look shows of a change of a group.
pub(in crate::plan) fn sight(change: &GroupChange, world: &World) -> Sight {
    let seen = settle_group(change, world);
    match seen.settled {
        None => {
            let message = "the committed offsets could not be read";
            Sight::Unreadable(Failure::without_reply("NOT_READABLE", message))
        }
        Some(Settled::AsAsked) => Sight::AsAsked,
        Some(Settled::MovedOnSince) => Sight::MovedOn(seen.differences),
        Some(Settled::NotAsAsked) if seen.differences.len() == changes(change) && seen.is_as_before => {
            Sight::NotYet(seen.differences)
        }
        Some(Settled::NotAsAsked) => Sight::Otherwise(seen.differences),
    }
}
