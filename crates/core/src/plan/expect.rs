use super::{Change, Expectation, Plan, Step, cluster, group, records, subject, topic};
use crate::values::{Resource, ResourceType};
use crate::world::World;
use std::fmt;

/// A fact that a plan rests on and that no longer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// What the fact is about.
    pub resource: Resource,
    /// Which fact.
    pub field: String,
    /// What was seen when the plan was made; `None` for what was absent.
    pub expected: Option<String>,
    /// What is there now; `None` for what is absent, and where it could not be read.
    pub found: Option<String>,
    /// Why it could not be read. A fact that cannot be checked does not stand.
    pub unreadable: Option<String>,
}

impl Drift {
    /// The fact is another one now.
    pub fn found(expectation: &Expectation, found: Option<String>) -> Self {
        Drift {
            resource: expectation.resource.clone(),
            field: expectation.field.clone(),
            expected: expectation.value.clone(),
            found,
            unreadable: None,
        }
    }

    /// The fact could not be read.
    pub fn unreadable(expectation: &Expectation, why: impl Into<String>) -> Self {
        Drift { unreadable: Some(why.into()), ..Drift::found(expectation, None) }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
        write!(f, "{}: {} was {}", self.resource, self.field, word(&self.expected))?;
        match &self.unreadable {
            Some(why) => write!(f, " and cannot be read now: {why}"),
            None => write!(f, " and is {} now", word(&self.found)),
        }
    }
}

/// The facts that a step was planned on and that no longer stand in what was seen now. What could not be read again
/// does not stand either.
pub fn step_drifts(step: &Step, world: &World) -> Vec<Drift> {
    let failing = |drift: fn(&Expectation, &World) -> Option<Drift>| {
        step.expects.iter().filter_map(|fact| drift(fact, world)).collect()
    };
    match &step.change {
        Change::Topic(_) => failing(topic::drift),
        Change::Subject(_) => failing(subject::drift),
        Change::Group(change) => group::drifts(step, change, world),
        Change::Cluster(_) => failing(cluster::drift),
        Change::Records(_) => failing(records::drift),
    }
}

/// Every fact of these steps that no longer stands, that of the cluster itself first: a plan for one cluster is never
/// carried out on another. A fact that several steps rest on is named once.
pub fn drifts<'a>(plan: &Plan, steps: impl IntoIterator<Item = &'a Step>, world: &World) -> Vec<Drift> {
    let mut drifts = Vec::new();
    if plan.cluster_id != world.cluster.id {
        let cluster = Resource { kind: ResourceType::Cluster, name: plan.cluster_id.clone() };
        let id =
            Expectation { resource: cluster, field: "id".to_owned(), value: Some(plan.cluster_id.clone()) };
        drifts.push(Drift::found(&id, Some(world.cluster.id.clone())));
    }
    for drift in steps.into_iter().flat_map(|step| step_drifts(step, world)) {
        if drifts.last() != Some(&drift) && !drifts.contains(&drift) {
            drifts.push(drift);
        }
    }
    drifts
}
