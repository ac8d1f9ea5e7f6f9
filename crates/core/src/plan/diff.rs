use super::{Proposal, access, desired_findings, group, subject, topic};
use crate::topology::Topology;
use crate::values::Pattern;
use crate::world::World;
use std::collections::BTreeSet;

/// Which families of resources a plan covers (`--only`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Families {
    /// Topics and their configs.
    pub topics: bool,
    /// Subjects of the schema registry.
    pub schemas: bool,
    /// Consumer groups.
    pub groups: bool,
    /// Who may do what.
    pub access: bool,
}

impl Families {
    /// Every family.
    pub const ALL: Families = Families { topics: true, schemas: true, groups: true, access: true };
    /// No family.
    pub const NONE: Families = Families { topics: false, schemas: false, groups: false, access: false };
}

/// What a plan is to cover. A filter only ever takes things away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffOptions {
    /// The families it covers.
    pub families: Families,
    /// The names it covers (`--match`), of whatever family; `None` covers all.
    pub matching: Option<Pattern>,
    /// Whether there is a registry to compare with. Without one subjects are left out: whether that is an error is
    /// decided by whoever knows why there is none.
    pub registry: bool,
    /// Users of SCRAM that are to get the password of their file, also where they have one (`--rotate-user`).
    pub rotate: BTreeSet<String>,
}

impl Default for DiffOptions {
    fn default() -> Self {
        DiffOptions { families: Families::ALL, matching: None, registry: true, rotate: BTreeSet::new() }
    }
}

impl DiffOptions {
    /// Whether the plan covers a topic of this name.
    pub fn covers_topic(&self, name: &str) -> bool {
        self.families.topics && self.covers_name(name)
    }

    /// Whether the plan covers a subject of this name.
    pub fn covers_subject(&self, name: &str) -> bool {
        self.covers_subjects() && self.covers_name(name)
    }

    /// Whether the plan covers a group of this name.
    pub fn covers_group(&self, name: &str) -> bool {
        self.families.groups && self.covers_name(name)
    }

    /// Whether the plan covers what a principal may do, by the principal or by the name that the file gives it.
    pub fn covers_principal(&self, principal: &str, name: Option<&str>) -> bool {
        let is_covered = self.covers_name(principal) || name.is_some_and(|name| self.covers_name(name));
        self.families.access && is_covered
    }

    /// Whether the plan covers the quotas of an entity, or a user, called so.
    pub fn covers_access(&self, name: &str) -> bool {
        self.families.access && self.covers_name(name)
    }

    /// Whether a topology names anything that is covered.
    pub fn covers_any_of(&self, topology: &Topology) -> bool {
        let subjects = DiffOptions { registry: true, ..self.clone() };
        let Topology { topics, subjects: schemas, groups, absent, access, quotas, users, .. } = topology;
        topics.keys().chain(absent.topics.keys()).any(|name| self.covers_topic(name))
            || schemas.keys().chain(absent.subjects.keys()).any(|name| subjects.covers_subject(name))
            || groups.keys().any(|name| self.covers_group(name))
            || access.iter().any(|(principal, one)| self.covers_principal(principal, Some(&one.name)))
            || quotas.keys().any(|entity| self.covers_access(&entity.to_string()))
            || users.keys().any(|name| self.covers_access(name))
    }

    /// Whether the plan covers subjects at all.
    pub fn covers_subjects(&self) -> bool {
        self.families.schemas && self.registry
    }

    fn covers_name(&self, name: &str) -> bool {
        self.matching.as_ref().is_none_or(|pattern| pattern.matches(name))
    }
}

/// Compares what should be with what is. The outcome depends on nothing else, not even on the order of the files.
pub fn diff(want: &Topology, have: &World, options: &DiffOptions) -> Proposal {
    let mut proposal = Proposal::default();
    topic::diff(want, &have.cluster, options, &mut proposal);
    subject::diff(want, have, options, &mut proposal);
    group::diff(want, have, options, &mut proposal);
    access::diff(want, have, options, &mut proposal);
    proposal.findings.extend(desired_findings(want, Some(have), options));
    proposal
}
