use super::desired_findings;
use crate::plan::{DiffOptions, Finding, Severity};
use crate::topology::Topology;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A finding over what files say, before anybody has looked at a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFinding {
    /// What was found.
    pub finding: Finding,
    /// The environments that it holds in; empty where it holds in all of them, or there are none.
    pub environments: BTreeSet<String>,
}

impl FileFinding {
    /// Whether it is more than worth knowing.
    pub fn is_warning(&self) -> bool {
        self.finding.severity == Severity::Warning
    }

    /// What was found, with the environments, where it is not the same in all of them.
    pub fn in_full(&self) -> Cow<'_, str> {
        let names: Vec<&str> = self.environments.iter().map(String::as_str).collect();
        let message = &self.finding.message;
        match names.as_slice() {
            [] => Cow::Borrowed(message),
            [name] => Cow::Owned(format!("in environment {name}: {message}")),
            names => Cow::Owned(format!("in environments {}: {message}", names.join(", "))),
        }
    }
}

/// Everything unwise about what files ask for, by place, the same of several environments once. What stands for all of
/// several environments is applied in none of them, so only these are looked at. What `options` leave out is passed over.
pub fn findings_of_files(topologies: &[Topology], options: &DiffOptions) -> Vec<FileFinding> {
    let environments: Vec<&Topology> =
        topologies.iter().filter(|topology| topology.environment.is_some()).collect();
    let looked_at = if environments.is_empty() { topologies.iter().collect() } else { environments };
    let mut found: BTreeMap<_, FileFinding> = BTreeMap::new();
    for topology in &looked_at {
        for finding in desired_findings(topology, None, options) {
            let key =
                (finding.origin.clone(), finding.code, finding.resource.clone(), finding.message.clone());
            let known = found.entry(key).or_insert(FileFinding { finding, environments: BTreeSet::new() });
            known
                .environments
                .extend(topology.environment.iter().map(|environment| environment.name.clone()));
        }
    }
    let everywhere = looked_at.len();
    let shared = |one: FileFinding| match one.environments.len() == everywhere && everywhere > 1 {
        true => FileFinding { environments: BTreeSet::new(), ..one },
        false => one,
    };
    found.into_values().map(shared).collect()
}
