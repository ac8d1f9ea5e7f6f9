use super::beside::Beside;
use super::origins::origins;
use super::{
    Answers, Bounds, Change, Conflict, Expectation, Finding, Impact, Plan, Preflight, Proposal, Proposed,
    Risk, Step, StepId, access, cluster, group, order, policy, records, subject, topic,
};
use crate::topology::Topology;
use crate::values::Resource;
use crate::world::World;
use std::collections::BTreeSet;

/// What a plan is made from, beside the proposal and the answers.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The command that makes it, such as `plan` or `group reset`.
    pub command: &'a str,
    /// The environment of the topology, where one was chosen.
    pub environment: Option<&'a str>,
    /// The topology; `None` for a command that works without one, such as a reset.
    pub topology: Option<&'a Topology>,
    /// What was seen when the proposal was made.
    pub world: &'a World,
}

/// What a family says of one of its changes that can be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Standing {
    pub risks: BTreeSet<Risk>,
    pub impact: Impact,
    pub expects: Vec<Expectation>,
    pub findings: Vec<Finding>,
    /// Whether a server has said that it would accept the change.
    pub preflighted: bool,
}

/// Makes the plan: risks, impact and expectations of each change, refusals as conflicts, everything in order.
///
/// A change that a server refuses is not a step: it stands among the conflicts, and with it nothing of the plan may
/// be carried out.
pub fn assess(proposal: Proposal, answers: &Answers, basis: &Basis<'_>) -> Plan {
    let Proposal {
        changes,
        mut conflicts,
        questions: _,
        unmanaged,
        unchanged,
        mut findings,
        standing_throttles,
    } = proposal;
    let mut standing = Vec::with_capacity(changes.len());
    let beside = Beside { standing_throttles, ..Beside::of(&changes, answers, basis) };
    for mut proposed in changes {
        if let Some(conflict) = policy::out_of_scope(&proposed, basis.topology) {
            conflicts.push(conflict);
            continue;
        }
        let decided = topic::decide_rates(&mut proposed, answers, &beside.standing_throttles);
        match decided.and_then(|()| judge(&proposed, &beside, answers, basis)) {
            Ok(mut stands) => {
                stands.risks.extend(&proposed.risks);
                standing.push((proposed, stands));
            }
            Err(conflict) => conflicts.push(conflict),
        }
    }
    let mut steps = Vec::with_capacity(standing.len());
    let ordered = order::in_order(standing, |(proposed, _)| &proposed.change, &beside.lowered);
    for (index, (place, (proposed, stands))) in ordered.into_iter().enumerate() {
        findings.extend(stands.findings);
        steps.push(Step {
            id: StepId(index as u32 + 1),
            origins: origins(&proposed, basis.topology),
            change: proposed.change,
            origin: proposed.origin,
            risks: stands.risks,
            impact: stands.impact,
            expects: stands.expects,
            after: place.after.into_iter().map(|before| StepId(before as u32 + 1)).collect(),
            preflighted: stands.preflighted,
        });
    }
    let bounds = bounds(&steps, basis);
    if let Some(share) = &bounds.share {
        let policy = basis.topology.map(|topology| &topology.policy);
        let origin = policy.and_then(|policy| policy.max_change_share.as_ref()).map(|share| &share.origin);
        findings.extend(policy::too_many(share, &steps, &basis.world.cluster.id, origin));
    }
    conflicts.sort_by(|a, b| (&a.resource, a.reason, &a.message).cmp(&(&b.resource, b.reason, &b.message)));
    // Several changes of one resource may fail for one reason, such as the two mechanisms of a user for want of a password.
    conflicts.dedup();
    findings.sort_by(Finding::in_order);
    let touched: BTreeSet<Resource> = steps.iter().map(|step| step.change.resource()).collect();
    Plan {
        command: basis.command.to_owned(),
        cluster_id: basis.world.cluster.id.clone(),
        environment: basis.environment.map(str::to_owned),
        preflight: preflight(&steps),
        steps,
        unchanged: unchanged
            .into_iter()
            .filter(|resource| {
                !touched.contains(resource)
                    && !conflicts.iter().any(|conflict| conflict.resource == *resource)
            })
            .collect(),
        conflicts,
        unmanaged,
        findings,
        bounds,
        skips_blocked: false,
        against: None,
        visible_only: None,
    }
}

/// What the policy of the topology holds the plan to.
fn bounds(steps: &[Step], basis: &Basis<'_>) -> Bounds {
    let levels = basis.topology.into_iter().flat_map(|topology| &topology.policy.changes);
    Bounds {
        levels: levels.map(|(name, level)| (*name, level.value)).collect(),
        share: policy::share_bound(basis.topology, steps),
    }
}

/// What a change risks and rests on beside the other changes of its plan, or why it cannot be made.
pub(super) fn judge(
    proposed: &Proposed,
    beside: &Beside,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let origin = proposed.origin.as_ref();
    match &proposed.change {
        Change::Topic(change) => topic::judge(change, origin, beside, answers, basis),
        Change::Subject(change) => subject::judge(change, origin, &beside.going, answers, basis),
        Change::Group(change) => Ok(group::judge(change, proposed.rests_on_present, basis)),
        Change::Cluster(change) => cluster::judge(change, answers, basis),
        Change::Records(change) => records::judge(change, answers, basis),
        Change::Access(change) => access::judge(change, origin, answers, basis),
    }
}

/// A plan without steps has nothing that was left unasked.
fn preflight(steps: &[Step]) -> Preflight {
    match steps.iter().filter(|step| step.preflighted).count() {
        asked if asked == steps.len() => Preflight::Full,
        0 => Preflight::None,
        _ => Preflight::Partial,
    }
}
