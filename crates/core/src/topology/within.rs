//! What holds within one environment: the sections of all files with those of the environment laid over them, and the
//! layers that stand above what a topic says.

use super::caps::Caps;
use super::draft::{
    AccessWish, Draft, EnvironmentWish, GroupWish, Layer, Only, QuotaWish, Sections, SubjectWish, UserWish,
};
use super::environment::{Environment, is_called_production};
use super::layers::replace;
use super::lineage::{exists_in, lineage};
use super::place::{At, Complaints};
use crate::values::Pattern;
use std::collections::BTreeMap;

/// The sections and layers that hold within an environment, or without one.
#[derive(Debug, Default)]
pub(super) struct Within {
    /// All names that exist here. Topics hold what is weaker than `override`.
    pub sections: Sections,
    /// What is set over whatever topics say.
    pub overrides: Layer,
    /// What limits the numbers that come of it.
    pub at_most: Caps,
    /// What the environment says of topics by name, above everything else.
    pub topics: BTreeMap<String, At<Layer>>,
    pub environment: Option<Environment>,
}

impl Within {
    /// What the files say for all environments. What exists only in some is left out.
    pub fn base(draft: &Draft) -> Within {
        let mut sections = draft.sections.clone();
        if !draft.environments.is_empty() {
            keep(&mut sections, |only| only.is_none());
        }
        Within { sections, ..Within::default() }
    }

    /// What holds in an environment; `None` when the files have none of that name.
    pub fn environment(draft: &Draft, name: &str, complaints: &Complaints<'_>) -> Option<Within> {
        let at = draft.environments.get(name)?;
        let mut merged = EnvironmentWish::default();
        let mut production = is_called_production(name);
        for ancestor in lineage(&draft.environments, name) {
            merged.lay(&ancestor.value);
            production |=
                ancestor.value.extends.as_ref().is_some_and(|parent| is_called_production(&parent.value));
        }
        let texts = complaints.texts;
        let environment = Environment {
            name: name.to_owned(),
            origin: texts.origin(at.spot),
            place: merged.place.map(|place| texts.sourced(place)),
            registry: merged.registry.map(|registry| texts.sourced(registry)),
            cluster: merged.cluster.map(|cluster| texts.sourced(cluster)),
            production: merged.production.map_or(production, |said| said.value),
        };
        let mut own = merged.sections;
        leave_out(&mut own, &draft.sections, name);
        let topics = std::mem::take(&mut own.topics);
        let mut sections = draft.sections.clone();
        keep(&mut sections, |only| exists_in(only, name));
        sections.lay(&own);
        for (topic, at) in &topics {
            sections.topics.entry(topic.clone()).or_insert_with(|| At::new(Layer::default(), at.spot));
        }
        Some(Within {
            sections,
            overrides: merged.overrides,
            at_most: merged.at_most,
            topics,
            environment: Some(environment),
        })
    }

    /// Lays the layers of a topic over one another, without what its class says when that is not there.
    pub fn topic(&self, name: &str, class: Option<&Layer>, complaints: &mut Complaints<'_>) -> Layer {
        let mut layer = self.sections.defaults.clone();
        let said = self.sections.topics.get(name).map(|at| &at.value);
        for stronger in class.into_iter().chain(said).chain([&self.overrides]) {
            layer.lay(stronger);
        }
        self.at_most.apply(&mut layer, complaints);
        if let Some(own) = self.topics.get(name) {
            layer.lay(&own.value);
        }
        layer
    }
}

impl EnvironmentWish {
    fn lay(&mut self, stronger: &EnvironmentWish) {
        replace(&mut self.place, &stronger.place);
        replace(&mut self.registry, &stronger.registry);
        replace(&mut self.cluster, &stronger.cluster);
        replace(&mut self.production, &stronger.production);
        self.at_most.lay(&stronger.at_most);
        self.overrides.lay(&stronger.overrides);
        self.sections.lay(&stronger.sections);
    }
}

/// Keeps what exists here.
fn keep(sections: &mut Sections, exists: impl Fn(&Option<Only>) -> bool) {
    sections.topics.retain(|_, at| exists(&at.value.only));
    sections.groups.retain(|_, at| exists(&at.value.only));
    sections.subjects.retain(|_, at| exists(&at.value.only));
    sections.access.retain(|_, at| exists(&at.value.only));
    sections.quotas.retain(|_, at| exists(&at.value.only));
    sections.users.retain(|_, at| exists(&at.value.only));
}

/// Leaves out of an environment's own sections what `only` keeps out of it, as when an environment that it extends
/// says something of it.
fn leave_out(own: &mut Sections, base: &Sections, name: &str) {
    fn exists<T>(
        names: &BTreeMap<String, At<T>>,
        thing: &str,
        only: impl Fn(&T) -> &Option<Only>,
        environment: &str,
    ) -> bool {
        names.get(thing).is_none_or(|at| exists_in(only(&at.value), environment))
    }
    own.topics.retain(|topic, _| exists(&base.topics, topic, |topic: &Layer| &topic.only, name));
    own.groups.retain(|group, _| exists(&base.groups, group, |group: &GroupWish| &group.only, name));
    own.subjects
        .retain(|subject, _| exists(&base.subjects, subject, |subject: &SubjectWish| &subject.only, name));
    own.quotas.retain(|whom, _| exists(&base.quotas, whom, |quota: &QuotaWish| &quota.only, name));
    own.users.retain(|user, _| exists(&base.users, user, |user: &UserWish| &user.only, name));
    own.access.retain(|role, _| exists(&base.access, role, |role: &AccessWish| &role.only, name));
}

/// The environments in which a topic exists that a pattern matches.
pub(super) fn environments_with<'d>(draft: &'d Draft, pattern: &Pattern) -> Vec<&'d str> {
    let matches = |name: &&String| pattern.matches(name);
    let mut found = Vec::new();
    for name in draft.environments() {
        let of_all = draft.sections.topics.iter().filter(|(_, at)| exists_in(&at.value.only, name));
        let of_all = of_all.map(|(topic, _)| topic);
        let line = lineage(&draft.environments, name);
        let own = line.iter().flat_map(|environment| environment.value.sections.topics.keys());
        let kept_out = |topic: &&String| {
            draft.sections.topics.get(*topic).is_some_and(|at| !exists_in(&at.value.only, name))
        };
        if of_all.chain(own.filter(|topic| !kept_out(topic))).any(|topic| matches(&topic)) {
            found.push(name);
        }
    }
    found
}
