use super::SchemaText;
use super::estate::{Note, TopicEntry};
use super::schema_files::SchemaPaths;
use super::yaml::quoted;
use crate::plan::DiffOptions;
use crate::schema::{CompatibilityLevel, avro};
use crate::topology::{Files, parse, resolve};
use crate::values::Known;
use crate::world::{RegistryView, SchemaType, SubjectView, VersionView};
use std::collections::BTreeMap;

/// The schema of a subject, as a topology names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attached {
    /// Its subject.
    pub subject: String,
    /// Its file.
    pub path: String,
    /// The level of the subject, where that is not said for all of them.
    pub level: Option<CompatibilityLevel>,
}

/// The subjects of a registry.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    /// The level that is said for all subjects at once.
    pub level: Option<CompatibilityLevel>,
    /// Those that belong to no topic of the topology, by name.
    pub own: BTreeMap<String, Attached>,
    /// What is to be said.
    pub notes: Vec<Note>,
    /// The schemas themselves: those that the topology names, and those that it has no way to name.
    pub files: Vec<SchemaText>,
    /// Whether the files come with the topology, so that notes may point at them.
    schema_files: bool,
}

impl Subjects {
    /// Gathers the subjects that were seen and are covered, each at its topic where it has one.
    pub fn gather(
        registry: &Known<RegistryView>,
        options: &DiffOptions,
        schema_files: bool,
        topics: &mut BTreeMap<String, TopicEntry>,
    ) -> Subjects {
        let mut gathered = Subjects { schema_files, ..Subjects::default() };
        let registry = match registry {
            Known::Known(registry) => registry,
            Known::NotAsked => return gathered,
            missing => {
                let why = missing.missing_reason().unwrap_or_else(|| "there is none".to_owned());
                gathered.notes.push(Note::gap(format!("the schema registry could not be read: {why}")));
                return gathered;
            }
        };
        if let Some(failure) = &registry.unlisted {
            gathered.notes.push(Note::gap(format!("the registry did not list its subjects: {failure}")));
        }
        let mut paths = SchemaPaths::default();
        let mut named = Vec::new();
        for (name, seen) in registry.subjects.iter().filter(|(name, _)| options.covers_subject(name)) {
            match seen {
                Known::Known(view) => named.extend(gathered.subject(name, view, &mut paths)),
                Known::Absent => {}
                missing => {
                    let why = missing.missing_reason().unwrap_or_default();
                    gathered.notes.push(Note::gap(format!("subject '{name}' could not be read: {why}")));
                }
            }
        }
        gathered.say_level_once(&mut named);
        for schema in named {
            gathered.place(schema, topics);
        }
        gathered
    }

    /// The schema of a subject that a topology of this version can name; of any other its file and a note.
    fn subject(&mut self, name: &str, view: &SubjectView, paths: &mut SchemaPaths) -> Option<Attached> {
        let level = match &view.level {
            Known::Known(level) => Some(*level),
            Known::Absent => None,
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                let text = format!("the compatibility level of subject '{name}' could not be read: {why}");
                self.notes.push(Note::gap(text));
                None
            }
        };
        let leveled = level.map(|level| format!(", level {level}")).unwrap_or_default();
        let Some(latest) = view.latest() else {
            self.notes.push(Note::said(format!("subject '{name}' has no schema and is left out{leveled}")));
            return None;
        };
        let path = paths.path(name, latest.kind);
        self.files.push(SchemaText { path: path.clone(), text: latest.text.clone() });
        if let Some(why) = not_planned(name, latest) {
            let what = format!("subject '{name}' ({}, version {}{leveled})", latest.kind, latest.version);
            let file = if self.schema_files { format!(" and stands in {path}") } else { String::new() };
            self.notes.push(Note::said(format!("{what} is not in the topology{file}: {why}")));
            return None;
        }
        Some(Attached { subject: name.to_owned(), path, level })
    }

    /// Says a level once where every subject has one of its own.
    fn say_level_once(&mut self, named: &mut [Attached]) {
        let mut counts: BTreeMap<&'static str, (usize, CompatibilityLevel)> = BTreeMap::new();
        for level in named.iter().map(|schema| schema.level) {
            let Some(level) = level else { return };
            counts.entry(level.as_str()).or_insert((0, level)).0 += 1;
        }
        let common = counts.into_values().rev().max_by_key(|(count, _)| *count);
        self.level = common.filter(|(count, _)| *count > 1).map(|(_, level)| level);
        for schema in named.iter_mut().filter(|schema| schema.level == self.level) {
            schema.level = None;
        }
    }

    fn place(&mut self, schema: Attached, topics: &mut BTreeMap<String, TopicEntry>) {
        let ends = [("-value", true), ("-key", false)];
        let end =
            ends.into_iter().find_map(|(end, is_value)| Some((schema.subject.strip_suffix(end)?, is_value)));
        if let Some((topic, is_value)) = end
            && let Some(entry) = topics.get_mut(topic)
        {
            *(if is_value { &mut entry.value } else { &mut entry.key }) = Some(schema);
            return;
        }
        self.own.insert(schema.subject.clone(), schema);
    }
}

/// Why this version has no way to plan the schema.
fn not_planned(name: &str, latest: &VersionView) -> Option<String> {
    if latest.kind != SchemaType::Avro {
        return Some(format!("this version plans no {} schemas", latest.kind));
    }
    if !latest.references.is_empty() {
        let named = latest.references.iter().map(|reference| {
            format!("'{}' of subject '{}', version {}", reference.name, reference.subject, reference.version)
        });
        let named: Vec<String> = named.collect();
        return Some(format!(
            "this version plans no schemas that refer to others, and it refers to {}",
            named.join(", ")
        ));
    }
    if let Err(fault) = avro::parse(&latest.text) {
        return Some(format!("it does not read as an Avro schema: {}", fault.message));
    }
    (!is_sayable(name)).then(|| "a topology takes no such name".to_owned())
}

/// Whether a topology has a way to name this subject.
fn is_sayable(name: &str) -> bool {
    let text = format!("klerk: 1\nschemas: {{ subjects: {{ {}: s.avsc }} }}\n", quoted(name));
    let files = Files::from([("s.avsc".to_owned(), Ok("\"string\"".to_owned()))]);
    let read = resolve(parse([("t.yaml".to_owned(), text)]), &files);
    read.is_ok_and(|topology| topology.subjects.contains_key(name))
}
