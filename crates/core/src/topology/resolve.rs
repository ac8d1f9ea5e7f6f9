use super::code::Code;
use super::contracts;
use super::draft::{Draft, Layer, SchemaWish, Sections, Wish};
use super::fault::{Fault, Faults, Place};
use super::model::{ConfigWish, External, Naming, Subject, Topic, Topology};
use super::place::{At, Complaints, Spot, Texts};
use crate::schema::avro;
use crate::values::{Origin, Sourced, closest, metric_name};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What became of the files that a draft wants, by path: their text, or why it could not be had.
pub type Files = BTreeMap<String, Result<String, String>>;

/// Makes a topology of a draft and the schema files that it wants.
///
/// # Errors
/// All faults of all files, those found while parsing included.
pub fn resolve(draft: Draft, files: &Files) -> Result<Topology, Faults> {
    let Draft { texts, sections, mut faults, whole } = draft;
    let mut complaints = Complaints::new(&texts);

    let topics = topics(&sections, whole, &mut complaints);
    let subjects = subjects(&sections, &topics, files, &mut complaints);
    names(&sections, &mut complaints);
    collisions(&sections, &mut complaints);
    ownership(&sections, &mut complaints);
    let contracts = contracts::contracts(&sections, whole, &mut complaints);
    faults.extend(complaints.into_faults());

    if faults.has_errors() {
        return Err(faults.sorted());
    }
    let forms = |forms: &Option<At<Vec<At<super::naming::NameForm>>>>| {
        let forms = forms.iter().flat_map(|at| &at.value);
        forms.map(|form| Sourced::new(form.value.as_str().to_owned(), texts.origin(form.spot))).collect()
    };
    Ok(Topology {
        files: texts.files().collect(),
        topics: topics.into_iter().map(|topic| (topic.topic.name.clone(), topic.topic)).collect(),
        subjects,
        groups: contracts,
        all_groups: contracts::terms(&sections.all_groups, &texts),
        external: External {
            topics: sections.external_topics.iter().map(|at| at.value.clone()).collect(),
            groups: sections.external_groups.iter().map(|at| at.value.clone()).collect(),
        },
        naming: Naming { topics: forms(&sections.topic_names), groups: forms(&sections.group_names) },
    })
}

/// A topic with all layers laid over one another.
struct Layered<'s> {
    topic: Topic,
    key: Option<&'s SchemaWish>,
    value: Option<&'s SchemaWish>,
}

/// The strongest layer that says something, unless what it says is `unset`.
fn strongest<'s, T>(
    layers: &[&'s Layer],
    pick: impl Fn(&'s Layer) -> &'s Option<At<Wish<T>>>,
) -> Option<At<&'s T>> {
    let said = layers.iter().rev().find_map(|layer| pick(layer).as_ref())?;
    match &said.value {
        Wish::Set(value) => Some(At::new(value, said.spot)),
        Wish::Unset => None,
    }
}

fn topics<'s>(sections: &'s Sections, whole: bool, complaints: &mut Complaints<'_>) -> Vec<Layered<'s>> {
    let mut layered = Vec::with_capacity(sections.topics.len());
    for (name, said) in &sections.topics {
        let class = strongest(&[&sections.defaults, &said.value], |layer| &layer.class);
        let of_class = class.as_ref().and_then(|class| sections.classes.get(class.value));
        if let Some(class) = &class
            && of_class.is_none()
            && whole
        {
            let known = sections.classes.keys().map(String::as_str);
            let fix = closest(class.value, known).map(|meant| format!("did you mean '{meant}'?"));
            complaints
                .say(Code::UnknownClass, class.spot, format!("there is no class '{}'", class.value))
                .maybe_fix(fix);
        }
        let layers: Vec<&Layer> = std::iter::once(&sections.defaults)
            .chain(of_class.map(|class| &class.value))
            .chain(std::iter::once(&said.value))
            .collect();
        let class = class.map(|class| class.value.clone());
        layered.push(lay(name, said.spot, class, &layers, complaints.texts));
    }
    layered
}

fn lay<'s>(
    name: &str,
    spot: Spot,
    class: Option<String>,
    layers: &[&'s Layer],
    texts: &Texts,
) -> Layered<'s> {
    let mut configs = BTreeMap::new();
    for layer in layers {
        for (key, at) in &layer.configs {
            let wish = match &at.value {
                Wish::Set(value) => ConfigWish::Set(value.clone()),
                Wish::Unset => ConfigWish::Unset,
            };
            configs.insert(key.clone(), Sourced::new(wish, texts.origin(at.spot)));
        }
    }
    fn owned<T: Clone>(at: Option<At<&T>>, texts: &Texts) -> Option<Sourced<T>> {
        at.map(|at| Sourced::new(at.value.clone(), texts.origin(at.spot)))
    }
    let topic = Topic {
        name: name.to_owned(),
        origin: texts.origin(spot),
        class,
        partitions: owned(strongest(layers, |layer| &layer.partitions), texts),
        replication: owned(strongest(layers, |layer| &layer.replication), texts),
        configs,
        owner: owned(strongest(layers, |layer| &layer.owner), texts),
        description: owned(strongest(layers, |layer| &layer.description), texts),
        key_by: owned(strongest(layers, |layer| &layer.key_by), texts),
        protected: strongest(layers, |layer| &layer.protected).is_some_and(|mark| *mark.value),
    };
    Layered {
        topic,
        key: strongest(layers, |layer| &layer.key).map(|at| at.value),
        value: strongest(layers, |layer| &layer.value).map(|at| at.value),
    }
}

fn subjects(
    sections: &Sections,
    topics: &[Layered<'_>],
    files: &Files,
    complaints: &mut Complaints<'_>,
) -> BTreeMap<String, Subject> {
    let mut seen = BTreeSet::new();
    for wish in sections.schemas() {
        if seen.insert(wish.file.as_str()) {
            look_at(wish, files, complaints);
        }
    }
    let by_topic = topics.iter().flat_map(|layered| {
        let name = &layered.topic.name;
        let subject = move |end: &str, wish| (format!("{name}-{end}"), Some(name.clone()), wish);
        let key = layered.key.map(|wish| subject("key", wish));
        key.into_iter().chain(layered.value.map(|wish| subject("value", wish)))
    });
    let by_name = sections.subjects.iter().map(|(name, at)| (name.clone(), None, &at.value));

    let mut subjects: BTreeMap<String, Subject> = BTreeMap::new();
    let mut spots: BTreeMap<String, Spot> = BTreeMap::new();
    for (name, topic, wish) in by_topic.chain(by_name) {
        if let Some(first) = spots.insert(name.clone(), wish.spot) {
            complaints.say_twice(&format!("the schema of subject '{name}'"), first, wish.spot);
            continue;
        }
        let Some(Ok(text)) = files.get(&wish.file) else { continue };
        let level = wish.compatibility.as_ref().or(sections.compatibility.as_ref());
        let subject = Subject {
            name: name.clone(),
            origin: complaints.texts.origin(wish.spot),
            kind: wish.kind,
            text: text.clone(),
            file: Arc::from(wish.file.as_str()),
            compatibility: level.map(|at| Sourced::new(at.value, complaints.texts.origin(at.spot))),
            references: Vec::new(),
            topic,
        };
        subjects.insert(name, subject);
    }
    subjects
}

/// Looks at a schema file, and complains in it or where it is named.
fn look_at(wish: &SchemaWish, files: &Files, complaints: &mut Complaints<'_>) {
    let reason = match files.get(&wish.file) {
        Some(Ok(text)) => return look_into(wish, text, complaints),
        Some(Err(reason)) => reason.as_str(),
        None => "it was not read",
    };
    let message = format!("the schema file {} cannot be read: {reason}", wish.file);
    complaints
        .say(Code::FileMissing, wish.spot, message)
        .fix("paths are relative to the file that names them");
}

fn look_into(wish: &SchemaWish, text: &str, complaints: &mut Complaints<'_>) {
    let Err(fault) = avro::parse(text) else { return };
    let origin = Origin { file: Arc::from(wish.file.as_str()), line: fault.line, column: fault.column };
    let line = text.lines().nth((fault.line as usize).saturating_sub(1)).unwrap_or_default().to_owned();
    complaints.add(Fault {
        code: Code::SchemaSyntax,
        message: fault.message,
        place: Place { origin, length: 1, line },
        related: vec![(complaints.texts.place(wish.spot), "named here".to_owned())],
        fix: Some(fault.fix).filter(|fix| !fix.is_empty()),
    });
}

/// Names that do not have the agreed form.
fn names(sections: &Sections, complaints: &mut Complaints<'_>) {
    let topics = sections.topics.iter().map(|(name, at)| ("topic", name, at.spot, &sections.topic_names));
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
fn collisions(sections: &Sections, complaints: &mut Complaints<'_>) {
    let mut seen: BTreeMap<String, (&String, Spot)> = BTreeMap::new();
    for (name, at) in &sections.topics {
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
fn ownership(sections: &Sections, complaints: &mut Complaints<'_>) {
    let topics = sections.topics.iter().map(|(name, at)| ("topic", name, at.spot, &sections.external_topics));
    let groups = sections.groups.iter().map(|(name, at)| ("group", name, at.spot, &sections.external_groups));
    for (what, name, spot, external) in topics.chain(groups) {
        if let Some(pattern) = external.iter().find(|pattern| pattern.value.matches(name)) {
            complaints
                .say(Code::ExternalConflict, spot, format!("{what} '{name}' is said to be owned elsewhere"))
                .see(pattern.spot, "said here")
                .fix("declare it here or there, not both");
        }
    }
}
