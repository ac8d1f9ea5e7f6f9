use super::Code;
use super::draft::{SchemaFile, SchemaWish, State, Wish};
use super::fault::{Fault, Place};
use super::layers::replace;
use super::model::Subject;
use super::place::{At, Complaints, Spot};
use super::resolve::{Files, Layered};
use super::within::Within;
use crate::schema::avro;
use crate::values::{Origin, Sourced};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the schema of a subject by its own name is called.
const BY_NAME: &str = "'the subject's schema'";

/// Makes subjects of the schemas that topics have and of those by their own names.
pub(super) fn subjects(
    within: &Within,
    topics: &[Layered],
    files: &Files,
    complaints: &mut Complaints<'_>,
) -> BTreeMap<String, Subject> {
    look_at_all(within, topics, files, complaints);
    let mut found = Found { files, within, subjects: BTreeMap::new(), spots: BTreeMap::new() };
    for Layered { topic, key, value } in topics {
        for (end, wish) in [("key", key), ("value", value)] {
            if let Some(wish) = wish {
                let subject = format!("{}-{end}", topic.name);
                found.add(subject, Some(&topic.name), wish, &format!("'{end}'"), complaints);
            }
        }
    }
    for (name, at) in &within.sections.subjects {
        match &at.value.schema {
            _ if is_absent(at.value.state.as_ref()) => {}
            Some(wish) => found.add(name.clone(), None, wish, BY_NAME, complaints),
            None => no_file(BY_NAME, at.spot, complaints),
        }
    }
    for (name, at) in &within.sections.subjects {
        let Some(state) = at.value.state.as_ref().filter(|state| is_absent(Some(state))) else { continue };
        let Some(topic) = found.subjects.get(name).and_then(|subject| subject.topic.as_ref()) else {
            continue;
        };
        let message = format!("subject '{name}' is said to be absent, and topic '{topic}' has its schema");
        let complaint = complaints.say(Code::AbsentSaysMore, state.spot, message);
        if let Some(spot) = found.spots.get(name) {
            complaint.see(*spot, "the schema is named here");
        }
    }
    found.subjects
}

pub(super) fn is_absent(state: Option<&At<State>>) -> bool {
    state.is_some_and(|state| state.value == State::Absent)
}

struct Found<'a> {
    files: &'a Files,
    within: &'a Within,
    subjects: BTreeMap<String, Subject>,
    spots: BTreeMap<String, Spot>,
}

impl Found<'_> {
    fn add(
        &mut self,
        name: String,
        topic: Option<&String>,
        wish: &SchemaWish,
        what: &str,
        complaints: &mut Complaints<'_>,
    ) {
        let Some(file) = &wish.file else { return no_file(what, wish.spot, complaints) };
        if let Some(first) = self.spots.insert(name.clone(), wish.spot) {
            return complaints.say_twice(&format!("the schema of subject '{name}'"), first, wish.spot);
        }
        let Some(Ok(text)) = self.files.get(&file.path) else { return };
        let mut level = self.within.sections.compatibility.clone();
        replace(&mut level, &wish.compatibility);
        let subject = Subject {
            name: name.clone(),
            origin: complaints.texts.origin(file.spot),
            kind: file.kind,
            text: without_mark(text).to_owned(),
            file: Arc::from(file.path.as_str()),
            compatibility: level.map(|at| Sourced::new(at.value, complaints.texts.origin(at.spot))),
            references: Vec::new(),
            topic: topic.cloned(),
        };
        self.subjects.insert(name, subject);
    }
}

/// A text without the byte order mark that some editors begin files with.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn no_file(what: &str, spot: Spot, complaints: &mut Complaints<'_>) {
    complaints
        .say(Code::WrongShape, spot, format!("{what} does not say which file holds the schema"))
        .fix("schema: schemas/Name.avsc");
}

/// Looks at every schema file that is named, used or not: a class without topics still names its file.
fn look_at_all(within: &Within, topics: &[Layered], files: &Files, complaints: &mut Complaints<'_>) {
    let of_topics = topics.iter().flat_map(|layered| [&layered.key, &layered.value]).flatten();
    let merged = of_topics.filter_map(|wish| wish.file.as_ref());
    let layers = within.topics.values().map(|at| &at.value).chain([&within.overrides]);
    let mut seen = BTreeSet::new();
    for file in within.sections.schemas().chain(layers.flat_map(|layer| layer.schemas())).chain(merged) {
        if seen.insert(file.path.as_str()) {
            look_at(file, files, complaints);
        }
    }
}

/// Looks at a schema file, and complains in it or where it is named.
fn look_at(file: &SchemaFile, files: &Files, complaints: &mut Complaints<'_>) {
    let reason = match files.get(&file.path) {
        Some(Ok(text)) => return look_into(file, without_mark(text), complaints),
        Some(Err(reason)) => reason.as_str(),
        None => "it was not read",
    };
    let message = format!("the schema file {} cannot be read: {reason}", file.path);
    complaints
        .say(Code::FileMissing, file.spot, message)
        .fix("paths are relative to the file that names them");
}

fn look_into(file: &SchemaFile, text: &str, complaints: &mut Complaints<'_>) {
    let Err(fault) = avro::parse(text) else { return };
    let origin = Origin { file: Arc::from(file.path.as_str()), line: fault.line, column: fault.column };
    let line = text.lines().nth((fault.line as usize).saturating_sub(1)).unwrap_or_default().to_owned();
    complaints.add(Fault {
        code: Code::SchemaSyntax,
        message: fault.message,
        environments: BTreeSet::new(),
        place: Place { origin, length: 1, line },
        related: vec![(complaints.texts.place(file.spot), "named here".to_owned())],
        fix: Some(fault.fix).filter(|fix| !fix.is_empty()),
    });
}

/// The schema that all layers come to.
pub(super) fn merged(said: Option<At<Wish<SchemaWish>>>) -> Option<SchemaWish> {
    match said?.value {
        Wish::Set(schema) => Some(schema),
        Wish::Unset => None,
    }
}
