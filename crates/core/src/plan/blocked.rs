//! Going on without what is blocked: a caller's own decision, never the default.

use super::model::TOO_MANY;
use super::{
    Change, Conflict, ConflictReason, Finding, GroupChange, Plan, Step, StepId, SubjectChange, policy,
};
use crate::values::Resource;
use std::collections::{BTreeMap, BTreeSet};

impl Plan {
    /// The plan that leaves out every resource with a conflict, whole, and what depends on one. What only depends on a
    /// blocked one becomes a conflict too, so that everything left out is named. Steps are numbered anew.
    pub fn without_blocked(mut self) -> Plan {
        let mut blocked: BTreeSet<Resource> =
            self.conflicts.iter().map(|conflict| conflict.resource.clone()).collect();
        let mut left_out: BTreeSet<StepId> = BTreeSet::new();
        loop {
            let before = (blocked.len(), left_out.len());
            for step in &self.steps {
                let resource = step.change.resource();
                let because = self.waits_for(step, &blocked, &left_out);
                if blocked.contains(&resource) {
                    left_out.insert(step.id);
                } else if let Some(other) = because {
                    left_out.insert(step.id);
                    self.conflicts.push(Conflict {
                        message: format!("it depends on {other}, which is blocked"),
                        reason: ConflictReason::DependsOnBlocked,
                        origin: step.origin.clone(),
                        resource: resource.clone(),
                    });
                    blocked.insert(resource);
                }
            }
            if before == (blocked.len(), left_out.len()) {
                break;
            }
        }
        self.steps.retain(|step| !left_out.contains(&step.id));
        renumber(&mut self.steps);
        self.recount();
        self.skips_blocked = true;
        self
    }

    /// Says anew how much of the estate the steps change, now that some of them are gone.
    fn recount(&mut self) {
        let Some(share) = &self.bounds.share else { return };
        let told = self.findings.iter().find(|finding| finding.code == TOO_MANY);
        let Some(origin) = told.map(|finding| finding.origin.clone()) else { return };
        self.findings.retain(|finding| finding.code != TOO_MANY);
        self.findings.extend(policy::too_many(share, &self.steps, &self.cluster_id, origin.as_ref()));
        self.findings.sort_by(Finding::in_order);
    }

    /// How many resources are left out.
    pub fn left_out(&self) -> usize {
        if self.skips_blocked { self.summary().blocked } else { 0 }
    }

    /// What is blocked and has to be done before the step.
    fn waits_for(
        &self,
        step: &Step,
        blocked: &BTreeSet<Resource>,
        left_out: &BTreeSet<StepId>,
    ) -> Option<Resource> {
        let earlier = step.after.iter().filter(|id| left_out.contains(id));
        let earlier = earlier.filter_map(|id| self.steps.iter().find(|step| step.id == *id));
        let rests_on = rests_on(&step.change).into_iter().filter(|resource| blocked.contains(resource));
        earlier.map(|step| step.change.resource()).chain(rests_on).next()
    }
}

/// What has to be as planned for the change to be possible, whether or not the plan has a step for it: a change that is
/// refused has none.
fn rests_on(change: &Change) -> BTreeSet<Resource> {
    match change {
        Change::Subject(SubjectChange::Register { references, .. }) => {
            references.iter().map(|reference| Resource::subject(&reference.subject)).collect()
        }
        // A commit begins on partitions that may only be there once the topic is as the file wants it.
        Change::Group(GroupChange::CommitOffsets { partitions, .. }) => {
            partitions.iter().map(|one| Resource::topic(&*one.partition.topic)).collect()
        }
        Change::Group(GroupChange::DeleteOffsets { .. })
        | Change::Subject(SubjectChange::SetCompatibility { .. } | SubjectChange::Delete { .. })
        | Change::Topic(_)
        | Change::Cluster(_)
        | Change::Records(_)
        | Change::Access(_) => BTreeSet::new(),
    }
}

fn renumber(steps: &mut [Step]) {
    let numbers: BTreeMap<StepId, StepId> =
        steps.iter().zip(1..).map(|(step, number)| (step.id, StepId(number))).collect();
    for step in steps {
        step.id = numbers.get(&step.id).copied().unwrap_or(step.id);
        step.after = step.after.iter().filter_map(|id| numbers.get(id).copied()).collect();
    }
}
