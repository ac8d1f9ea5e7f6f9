use super::access;
use super::clients;
use super::code::Code;
use super::contracts::{self, Known};
use super::draft::{Draft, Layer, Wish};
use super::fault::Faults;
use super::model::{Absent, AbsentSubject, AbsentTopic, ConfigWish, External, Naming, Topic, Topology};
use super::place::{At, Complaints, Spot, Texts};
use super::policy;
use super::said_by::said_by;
use super::schemas::{self, is_absent};
use super::within::Within;
use crate::values::{Sourced, closest, metric_name};
use std::collections::BTreeMap;

/// What became of the files that a draft wants, by path: their text, or why it could not be had.
pub type Files = BTreeMap<String, Result<String, String>>;

/// Makes a topology of a draft and the schema files that it wants: what the files say for all environments.
///
/// # Errors
/// All faults of all files, those found while parsing included.
pub fn resolve(draft: Draft, files: &Files) -> Result<Topology, Faults> {
    let (topology, found) = build(&draft, Within::base(&draft), files);
    finish(&draft, found).map(|()| topology)
}

/// Makes the topology of one environment; `None` when the files have none of that name.
///
/// # Errors
/// All faults found while parsing, and those that this environment has.
pub fn resolve_in(draft: &Draft, environment: &str, files: &Files) -> Option<Result<Topology, Faults>> {
    let complaints = Complaints::new(&draft.texts);
    let within = Within::environment(draft, environment, &complaints)?;
    let (topology, found) = build(draft, within, files);
    let result = finish(draft, found.clone()).map(|()| topology);
    Some(result.map_err(|_| {
        let (_, of_all) = build(draft, Within::base(draft), files);
        let (own, shared) = found.of_environment(environment, &of_all);
        let mut faults = draft.faults.clone();
        faults.extend(shared);
        faults.extend(own);
        faults.sorted()
    }))
}

/// Checks what the files say for all environments, and each environment: the topologies, the one without an environment
/// first.
///
/// # Errors
/// All faults of all of them. Each that not all share names the environments that have it.
pub fn resolve_all(draft: &Draft, files: &Files) -> Result<Vec<Topology>, Faults> {
    let (base, of_all) = build(draft, Within::base(draft), files);
    let mut topologies = vec![base];
    let mut faults = draft.faults.clone();
    let mut of_some = Faults::default();
    for name in draft.environments() {
        let complaints = Complaints::new(&draft.texts);
        let Some(within) = Within::environment(draft, name, &complaints) else { continue };
        let (topology, found) = build(draft, within, files);
        topologies.push(topology);
        of_some.extend(found.of_environment(name, &of_all).0);
    }
    faults.extend(of_all);
    faults.extend(of_some.joined());
    if faults.has_errors() { Err(faults.sorted()) } else { Ok(topologies) }
}

fn finish(draft: &Draft, found: Faults) -> Result<(), Faults> {
    let mut faults = draft.faults.clone();
    faults.extend(found);
    if faults.has_errors() { Err(faults.sorted()) } else { Ok(()) }
}

/// Puts together what holds within an environment, and complains of what cannot stand. What is given back is only good
/// without faults.
fn build(draft: &Draft, within: Within, files: &Files) -> (Topology, Faults) {
    let texts = &draft.texts;
    let mut complaints = Complaints::new(texts);
    let (topics, absent) = topics(draft, &within, &mut complaints);
    let subjects = schemas::subjects(&within, &topics, files, &mut complaints);
    let absent = Absent { topics: absent, subjects: absent_subjects(&within, texts) };
    names(&within, &absent, &mut complaints);
    collisions(&within, &mut complaints);
    policy::scope(&within, &mut complaints);
    ownership(&within, &mut complaints);
    let known = Known { draft, within: &within, absent: &absent, whole: draft.whole };
    let contracts = contracts::contracts(&known, &mut complaints);
    let access = access::access(&known, &contracts, &mut complaints);
    let quotas = clients::quotas(&within.sections, &complaints);
    let users = clients::users(&within.sections, &mut complaints);

    let sections = &within.sections;
    let forms = |forms: &Option<At<Vec<At<super::naming::NameForm>>>>| {
        let forms = forms.iter().flat_map(|at| &at.value);
        forms.map(|form| Sourced::new(form.value.as_str().to_owned(), texts.origin(form.spot))).collect()
    };
    let topology = Topology {
        files: texts.files().collect(),
        topics: topics.into_iter().map(|layered| (layered.topic.name.clone(), layered.topic)).collect(),
        subjects,
        groups: contracts,
        access,
        quotas,
        users,
        all_groups: contracts::terms(&sections.all_groups, texts),
        external: External {
            topics: sections.external_topics().iter().map(|at| texts.sourced(at.clone())).collect(),
            groups: sections.external_groups().iter().map(|at| texts.sourced(at.clone())).collect(),
        },
        naming: Naming { topics: forms(&sections.topic_names), groups: forms(&sections.group_names) },
        absent,
        policy: sections.policy.resolved(texts),
        said_by: said_by(draft),
        environment: within.environment,
    };
    (topology, complaints.into_faults())
}

/// A topic with all layers laid over one another.
pub(super) struct Layered {
    pub topic: Topic,
    pub key: Option<super::draft::SchemaWish>,
    pub value: Option<super::draft::SchemaWish>,
}

/// The topics that are to be there, and those that are not.
fn topics(
    draft: &Draft,
    within: &Within,
    complaints: &mut Complaints<'_>,
) -> (Vec<Layered>, BTreeMap<String, AbsentTopic>) {
    let mut layered = Vec::with_capacity(within.sections.topics.len());
    let mut absent = BTreeMap::new();
    for (name, said) in &within.sections.topics {
        let class = class_of(name, within);
        let of_class = class.as_ref().and_then(|class| within.sections.classes.get(&class.value));
        if let Some(class) = &class
            && of_class.is_none()
            && draft.whole
        {
            unknown_class(class, draft, within, complaints);
        }
        let layer = within.topic(name, of_class.map(|class| &class.value), complaints);
        match layer.state.as_ref().filter(|state| is_absent(Some(state))) {
            Some(state) => {
                says_no_more(name, within, complaints);
                let origin = complaints.texts.origin(state.spot);
                let protected = matches!(layer.protected, Some(At { value: Wish::Set(true), .. }));
                absent.insert(name.clone(), AbsentTopic { origin, protected });
            }
            None => {
                // What stands for all environments is planned in none of them.
                if within.environment.is_some() || draft.environments.is_empty() {
                    policy::topic(name, said.spot, &layer, &within.sections.policy, complaints);
                }
                let class = class.map(|class| class.value);
                layered.push(topic(name, said.spot, class, layer, complaints.texts));
            }
        }
    }
    (layered, absent)
}

/// Complains where a topic is said to be absent and, in the same breath or a stronger one, how it should be. What a
/// weaker layer says of it is merely overruled.
fn says_no_more(name: &str, within: &Within, complaints: &mut Complaints<'_>) {
    let mut said = Vec::new();
    for at in [within.topics.get(name), within.sections.topics.get(name)].into_iter().flatten() {
        said.extend(at.value.says_of_existence());
        if at.value.state.is_some() {
            break;
        }
    }
    let Some((_, spot)) = said.first() else { return };
    let keys: Vec<&str> = said.iter().map(|(key, _)| *key).collect();
    let message = format!("topic '{name}' is said to be absent, and yet to have {}", keys.join(", "));
    complaints
        .say(Code::AbsentSaysMore, *spot, message)
        .fix("keep state, with description, owner, only or protected, or leave state out");
}

/// The class of a topic: the strongest layer that says something, unless what it says is `unset`.
fn class_of(name: &str, within: &Within) -> Option<At<String>> {
    let layers = [within.topics.get(name), within.sections.topics.get(name)];
    let layers = layers.into_iter().flatten().map(|at| &at.value).chain([&within.sections.defaults]);
    let said = layers.filter_map(|layer| layer.class.as_ref()).next()?;
    match &said.value {
        Wish::Set(class) => Some(At::new(class.clone(), said.spot)),
        Wish::Unset => None,
    }
}

/// Without an environment, a class that only environments have is none of the file's faults: each of them is looked at.
fn unknown_class(class: &At<String>, draft: &Draft, within: &Within, complaints: &mut Complaints<'_>) {
    let in_some = || {
        draft
            .environments
            .values()
            .any(|environment| environment.value.sections.classes.contains_key(&class.value))
    };
    if within.environment.is_none() && in_some() {
        return;
    }
    let known = within.sections.classes.keys().map(String::as_str);
    let fix = closest(&class.value, known).map(|meant| format!("did you mean '{meant}'?"));
    complaints
        .say(Code::UnknownClass, class.spot, format!("there is no class '{}'", class.value))
        .maybe_fix(fix);
}

fn topic(name: &str, spot: Spot, class: Option<String>, layer: Layer, texts: &Texts) -> Layered {
    fn set<T>(at: Option<At<Wish<T>>>, texts: &Texts) -> Option<Sourced<T>> {
        let At { value, spot } = at?;
        match value {
            Wish::Set(value) => Some(Sourced::new(value, texts.origin(spot))),
            Wish::Unset => None,
        }
    }
    let configs = layer.configs.into_iter().map(|(key, at)| {
        let wish = match at.value {
            Wish::Set(value) => ConfigWish::Set(value),
            Wish::Unset => ConfigWish::Unset,
        };
        (key, Sourced::new(wish, texts.origin(at.spot)))
    });
    let topic = Topic {
        name: name.to_owned(),
        origin: texts.origin(spot),
        class,
        partitions: set(layer.partitions, texts),
        replication: set(layer.replication, texts),
        configs: configs.collect(),
        owner: set(layer.owner, texts),
        description: set(layer.description, texts),
        key_by: set(layer.key_by, texts),
        protected: set(layer.protected, texts).is_some_and(|mark| mark.value),
    };
    Layered { topic, key: schemas::merged(layer.key), value: schemas::merged(layer.value) }
}

/// The subjects that the files say are not to be there.
fn absent_subjects(within: &Within, texts: &Texts) -> BTreeMap<String, AbsentSubject> {
    let subjects = within.sections.subjects.iter().filter_map(|(name, at)| {
        let state = at.value.state.as_ref().filter(|state| is_absent(Some(state)))?;
        let permanent = at.value.permanent.as_ref().is_some_and(|mark| mark.value);
        Some((name.clone(), AbsentSubject { origin: texts.origin(state.spot), permanent }))
    });
    subjects.collect()
}

/// Names that do not have the agreed form.
fn names(within: &Within, absent: &Absent, complaints: &mut Complaints<'_>) {
    let sections = &within.sections;
    let topics = sections.topics.iter().filter(|(name, _)| !absent.topics.contains_key(*name));
    let topics = topics.map(|(name, at)| ("topic", name, at.spot, &sections.topic_names));
    let groups = sections.groups.iter().map(|(name, at)| ("group", name, at.spot, &sections.group_names));
    for (what, name, spot, forms) in topics.chain(groups) {
        let Some(forms) = forms else { continue };
        if forms.value.iter().any(|form| form.value.fits(name)) {
            continue;
        }
        let written: Vec<&str> = forms.value.iter().map(|form| form.value.as_str()).collect();
        let message = format!("{what} '{name}' does not have the form {}", written.join(" or "));
        complaints.say(Code::Naming, spot, message).see(forms.spot, "the form is set here");
    }
}

/// Topics that Kafka cannot have side by side.
fn collisions(within: &Within, complaints: &mut Complaints<'_>) {
    let mut seen: BTreeMap<String, (&String, Spot)> = BTreeMap::new();
    for (name, at) in &within.sections.topics {
        match seen.get(&metric_name(name)) {
            Some((other, first)) => {
                let message =
                    format!("Kafka refuses '{name}' beside '{other}': they differ only in '.' and '_'");
                complaints.say(Code::TopicCollision, at.spot, message).see(*first, "the other one");
            }
            None => {
                seen.insert(metric_name(name), (name, at.spot));
            }
        }
    }
}

/// Names that are declared here and said to be owned elsewhere.
fn ownership(within: &Within, complaints: &mut Complaints<'_>) {
    let sections = &within.sections;
    let topics =
        sections.topics.iter().map(|(name, at)| ("topic", name, at.spot, sections.external_topics()));
    let groups =
        sections.groups.iter().map(|(name, at)| ("group", name, at.spot, sections.external_groups()));
    for (what, name, spot, external) in topics.chain(groups) {
        if let Some(pattern) = external.iter().find(|pattern| pattern.value.matches(name)) {
            complaints
                .say(Code::ExternalConflict, spot, format!("{what} '{name}' is said to be owned elsewhere"))
                .see(pattern.spot, "said here")
                .fix("declare it here or there, not both");
        }
    }
}
