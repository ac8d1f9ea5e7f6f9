use super::{Change, Expectation, Plan, Step, StepId, access, cluster, group, records, subject, topic};
use crate::values::{Resource, ResourceType};
use crate::world::World;
use std::collections::BTreeSet;
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
        let field =
            match (self.field.strip_prefix(topic::IN_EFFECT), self.field.strip_prefix(topic::INHERITED)) {
                (Some(key), _) => format!("{key} in effect"),
                (_, Some(key)) => format!("{key} of the brokers"),
                (None, None) => self.field.clone(),
            };
        write!(f, "{}: {field} was {}", self.resource, word(&self.expected))?;
        let is_cluster = self.resource.kind == ResourceType::Cluster && self.field == "id";
        match &self.unreadable {
            None if is_cluster => {
                write!(f, " and is {} now: this is another cluster than that of the plan", word(&self.found))
            }
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
        Change::Access(change) => access::drifts(step, change, world),
    }
}

/// What is wrong with a plan that was stored, and edited or damaged since.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A step says too little about what was there, so that nobody would notice that it has changed.
    #[error("step {} does not say what it rests on: {fact} is missing", step.0)]
    Unfounded {
        /// The step.
        step: StepId,
        /// The first fact that is missing.
        fact: String,
    },
    /// Two steps have one id.
    #[error("there are two steps {}", .0.0)]
    Twice(StepId),
    /// A step waits for one that is not there, or that comes after it.
    #[error("step {} waits for step {}, which does not come before it", step.0, after.0)]
    Order {
        /// The step.
        step: StepId,
        /// What it waits for.
        after: StepId,
    },
}

/// Whether a plan is as klerk makes one: ids are unique, steps wait for earlier ones, and each holds the facts that a change of
/// its kind rests on.
///
/// # Errors
/// For the first step that is not.
pub fn sound(plan: &Plan) -> Result<(), Unsound> {
    let mut earlier = BTreeSet::new();
    for step in &plan.steps {
        if let Some(after) = step.after.iter().find(|after| !earlier.contains(*after)) {
            return Err(Unsound::Order { step: step.id, after: *after });
        }
        if !earlier.insert(step.id) {
            return Err(Unsound::Twice(step.id));
        }
        let facts = match &step.change {
            Change::Topic(change) => {
                let mut facts = topic::expectations(change);
                facts.extend(topic::harmless_while(change, &step.risks));
                facts
            }
            Change::Subject(change) => subject::expectations(change),
            Change::Cluster(change) => cluster::expectations(change),
            Change::Records(change) => records::expectations(change),
            Change::Access(change) => access::expectations(change),
            // Whether these rest on the present offsets is not told by the change alone.
            Change::Group(_) => Vec::new(),
        };
        if let Some(fact) = facts.iter().find(|fact| !step.expects.contains(fact)) {
            let fact = format!("{} of {}", fact.field, fact.resource);
            return Err(Unsound::Unfounded { step: step.id, fact });
        }
    }
    Ok(())
}

/// Every fact of these steps that no longer stands, that of the cluster itself first: a plan for one cluster is never
/// carried out on another. A fact that several steps rest on is named once.
pub fn drifts<'a>(plan: &Plan, steps: impl IntoIterator<Item = &'a Step>, world: &World) -> Vec<Drift> {
    let mut drifts = Vec::new();
    if plan.cluster_id != world.cluster.id {
        let cluster = Resource { kind: ResourceType::Cluster, name: plan.cluster_id.clone() };
        let id =
            Expectation { resource: cluster, field: "id".to_owned(), value: Some(plan.cluster_id.clone()) };
        // What another cluster has is no drift.
        return vec![Drift::found(&id, Some(world.cluster.id.clone()))];
    }
    for drift in steps.into_iter().flat_map(|step| step_drifts(step, world)) {
        if drifts.last() != Some(&drift) && !drifts.contains(&drift) {
            drifts.push(drift);
        }
    }
    drifts
}
