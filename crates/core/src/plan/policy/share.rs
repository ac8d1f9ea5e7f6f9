use crate::plan::model::TOO_MANY;
use crate::plan::{Finding, Severity, Step};
use crate::topology::Topology;
use crate::values::{Origin, Resource, ResourceType};
use std::collections::{BTreeMap, BTreeSet};

/// How much of an estate one plan may change: a share of the topics, of the subjects, and of the groups that its
/// topology names. One of each is always within it, or a small estate could never be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareBound {
    /// The share, in percent.
    pub percent: u8,
    /// How many resources of each type the topology names, and the plan touches beyond them.
    pub estate: BTreeMap<ResourceType, usize>,
}

/// The types that the share is of. Of the others nobody could say how many there are: access, quotas and users that no
/// file names are not part of the estate.
const SHARED: [ResourceType; 3] = [ResourceType::Topic, ResourceType::Subject, ResourceType::Group];

impl ShareBound {
    /// The resources that steps change or delete, by type. What they create does not count.
    fn changed(steps: &[Step]) -> BTreeMap<ResourceType, BTreeSet<Resource>> {
        let created: BTreeSet<Resource> =
            steps.iter().filter(|step| step.change.creates()).map(|step| step.change.resource()).collect();
        let mut changed: BTreeMap<ResourceType, BTreeSet<Resource>> = BTreeMap::new();
        let changes = |step: &&Step| !step.change.is_unchanged() && !step.change.only_begins();
        for step in steps.iter().filter(changes) {
            let resource = step.change.resource();
            if SHARED.contains(&resource.kind) && !created.contains(&resource) {
                changed.entry(resource.kind).or_default().insert(resource);
            }
        }
        changed
    }

    /// How many resources of a type one plan may change or delete.
    fn allowed(&self, kind: ResourceType) -> usize {
        let named = self.estate.get(&kind).copied().unwrap_or_default();
        (named * usize::from(self.percent) / 100).max(1)
    }

    /// The types of which the steps change or delete more than the share, each with how many they change.
    fn exceeded(&self, steps: &[Step]) -> Vec<(ResourceType, usize)> {
        let changed = ShareBound::changed(steps).into_iter().map(|(kind, changed)| (kind, changed.len()));
        changed.filter(|(kind, changed)| *changed > self.allowed(*kind)).collect()
    }

    /// Whether the steps change or delete more than the share.
    pub fn is_exceeded(&self, steps: &[Step]) -> bool {
        !self.exceeded(steps).is_empty()
    }
}

/// The share that a policy sets, with the size of the estate that it is a share of.
pub(in crate::plan) fn share_bound(topology: Option<&Topology>, steps: &[Step]) -> Option<ShareBound> {
    let topology = topology?;
    let share = topology.policy.max_change_share.as_ref()?;
    let topics = topology.topics.keys().chain(topology.absent.topics.keys()).map(Resource::topic);
    let subjects = topology.subjects.keys().chain(topology.absent.subjects.keys()).map(Resource::subject);
    let groups = topology.groups.keys().map(Resource::group);
    let touched = steps.iter().map(|step| step.change.resource()).filter(|one| SHARED.contains(&one.kind));
    let named: BTreeSet<Resource> = topics.chain(subjects).chain(groups).chain(touched).collect();
    let mut estate = BTreeMap::new();
    for resource in named {
        *estate.entry(resource.kind).or_default() += 1;
    }
    Some(ShareBound { percent: share.value, estate })
}

/// What is said of a plan that changes more than its share.
pub(in crate::plan) fn too_many(
    share: &ShareBound,
    steps: &[Step],
    cluster_id: &str,
    origin: Option<&Origin>,
) -> Vec<Finding> {
    let told = share.exceeded(steps).into_iter().map(|(kind, changed)| {
        let estate = share.estate.get(&kind).copied().unwrap_or_default();
        Finding {
            severity: Severity::Warning,
            code: TOO_MANY,
            message: format!(
                "{changed} of {estate} {kind}s are changed or deleted, and the policy's share of {}% lets one plan \
                 do so to {}",
                share.percent,
                share.allowed(kind)
            ),
            resource: Resource { kind: ResourceType::Cluster, name: cluster_id.to_owned() },
            origin: origin.cloned(),
        }
    });
    told.collect()
}
