use super::super::Code;
use super::super::draft::{SchemaFile, SchemaWish, Sections, State, SubjectWish, declare, once};
use super::super::place::{At, Complaints, Spot};
use super::super::yaml::{Entry, Node, Value};
use super::{keys, only, scalars};
use crate::schema::CompatibilityLevel;
use crate::values::check_plain_name;
use crate::world::SchemaType;

/// Reads the section `schemas`.
pub(super) fn schemas(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "schemas", complaints) {
        match entry.key.value.as_str() {
            "compatibility" => {
                if let Some(level) = level(&entry.value, complaints) {
                    once(&mut sections.compatibility, level, "'schemas.compatibility'", complaints);
                }
            }
            "naming" => naming(&entry.value, sections, complaints),
            "subjects" => {
                for entry in keys::entries(&entry.value, "schemas.subjects", complaints) {
                    subject(entry, sections, complaints);
                }
            }
            _ => keys::refuse(entry, "schemas", &[keys::SCHEMAS_KEYS], &[], complaints),
        }
    }
}

fn naming(node: &Node, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    let words = [("topic", true), ("record", false), ("topic-record", false)];
    let Some(word) = scalars::word(node, "schemas.naming", &words, complaints) else { return };
    if word.value {
        once(&mut sections.schema_naming, At::new((), word.spot), "'schemas.naming'", complaints);
    } else {
        complaints
            .say(Code::NotYet, word.spot, "this version names subjects by topic only")
            .fix("'topic', or subjects by name under schemas.subjects");
    }
}

fn subject(entry: &Entry, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    if let Err(reason) = check_plain_name(&entry.key.value) {
        complaints.say(Code::SubjectName, entry.key.spot, format!("this cannot be a subject: {reason}"));
        return;
    }
    let mut wish = SubjectWish::default();
    let Value::Map(entries) = &entry.value.value else {
        wish.schema = schema(&entry.value, SUBJECTS, complaints);
        if wish.schema.is_none() {
            return;
        }
        return declare(&mut sections.subjects, entry.key.clone(), wish, "subject", complaints);
    };
    let mut options = Options::default();
    for entry in entries {
        match entry.key.value.as_str() {
            "only" => wish.only = only::only(&entry.value, complaints),
            "state" => wish.state = only::state(&entry.value, complaints),
            "permanent" => wish.permanent = permanent(&entry.value, complaints),
            _ if options.read(entry, complaints) => {}
            _ => keys::refuse(entry, SUBJECTS, &[keys::SUBJECT_KEYS], keys::LATER_SCHEMA_KEYS, complaints),
        }
    }
    says_no_more(&entry.key.value, &wish, &options, complaints);
    wish.schema = options.wish(entry.value.spot, complaints);
    if wish.schema.is_none() {
        return;
    }
    declare(&mut sections.subjects, entry.key.clone(), wish, "subject", complaints);
}

fn permanent(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<bool>> {
    scalars::boolean(node, "permanent", complaints).map(|value| At::new(value, node.spot))
}

/// Complains where a subject is said to be absent and, in the same breath, how it should be; and where it is to be gone
/// for good without being absent.
fn says_no_more(name: &str, wish: &SubjectWish, options: &Options, complaints: &mut Complaints<'_>) {
    let is_absent = wish.state.as_ref().is_some_and(|state| state.value == State::Absent);
    let said = [
        ("schema", options.path.as_ref().map(|at| at.spot)),
        ("type", options.kind.as_ref().map(|at| at.spot)),
        ("compatibility", options.compatibility.as_ref().map(|at| at.spot)),
    ];
    let said: Vec<(&str, Spot)> = said.into_iter().filter_map(|(key, spot)| Some((key, spot?))).collect();
    match (said.first(), &wish.permanent) {
        (Some((_, spot)), _) if is_absent => {
            let keys: Vec<&str> = said.iter().map(|(key, _)| *key).collect();
            let message =
                format!("subject '{name}' is said to be absent, and yet to have {}", keys.join(", "));
            complaints
                .say(Code::AbsentSaysMore, *spot, message)
                .fix("keep state, with only or permanent, or leave state out");
        }
        (_, Some(permanent)) if !is_absent => {
            complaints
                .say(Code::WrongShape, permanent.spot, "'permanent' stands beside 'state: absent' only")
                .fix("state: absent");
        }
        _ => {}
    }
}

/// What the schema of a subject by its own name is called.
const SUBJECTS: &str = "the subject's schema";

/// Reads a path to a schema, or a map with the path under `schema`.
pub(super) fn schema(node: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<SchemaWish> {
    let Value::Map(entries) = &node.value else {
        let path = scalars::text(node, key, complaints)?;
        let kind = kind_by_name(&path, complaints)?;
        let spot = path.spot;
        let file = Some(SchemaFile::new(path, kind, complaints));
        return Some(SchemaWish { spot, file, compatibility: None, merges: false });
    };
    let mut options = Options::default();
    for entry in entries {
        if !options.read(entry, complaints) {
            keys::refuse(entry, key, &[keys::SCHEMA_KEYS], keys::LATER_SCHEMA_KEYS, complaints);
        }
    }
    options.wish(node.spot, complaints)
}

/// A schema written as a map.
#[derive(Debug, Default)]
struct Options {
    path: Option<At<String>>,
    kind: Option<At<SchemaType>>,
    compatibility: Option<At<CompatibilityLevel>>,
    /// Something was said that cannot be used.
    unusable: bool,
}

impl Options {
    /// Reads a key. Gives whether it is one of a schema.
    fn read(&mut self, entry: &Entry, complaints: &mut Complaints<'_>) -> bool {
        match entry.key.value.as_str() {
            "schema" => {
                self.path = scalars::text(&entry.value, "schema", complaints);
                self.unusable |= self.path.is_none();
            }
            "compatibility" => self.compatibility = level(&entry.value, complaints),
            "type" => {
                self.kind = declared_kind(&entry.value, complaints);
                self.unusable |= self.kind.is_none();
            }
            _ => return false,
        }
        true
    }

    /// A wish without a file is one that leaves the file to a weaker layer.
    fn wish(self, spot: Spot, complaints: &mut Complaints<'_>) -> Option<SchemaWish> {
        if self.unusable {
            return None;
        }
        let file = match (self.path, self.kind) {
            (Some(path), kind) => {
                let kind = match kind {
                    Some(kind) => kind.value,
                    None => kind_by_name(&path, complaints)?,
                };
                Some(SchemaFile::new(path, kind, complaints))
            }
            (None, Some(kind)) => {
                complaints
                    .say(
                        Code::WrongShape,
                        kind.spot,
                        "'type' stands beside the schema that it is the type of",
                    )
                    .fix("schema: schemas/Name.avsc");
                return None;
            }
            (None, None) => None,
        };
        let spot = file.as_ref().map_or(spot, |file| file.spot);
        Some(SchemaWish { spot, file, compatibility: self.compatibility, merges: true })
    }
}

impl SchemaFile {
    fn new(path: At<String>, kind: SchemaType, complaints: &Complaints<'_>) -> Self {
        let beside = beside(&complaints.texts.file(path.spot.text), &path.value);
        SchemaFile { spot: path.spot, path: beside, kind }
    }
}

/// The path of a file that is named in another one, as it is to be opened.
pub(super) fn beside(file: &str, path: &str) -> String {
    match file.rfind('/') {
        Some(end) if !path.starts_with('/') => format!("{}/{path}", &file[..end]),
        _ => path.to_owned(),
    }
}

fn level(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<CompatibilityLevel>> {
    let words = CompatibilityLevel::ALL.map(|level| (level.as_str(), level));
    let written = scalars::text(node, "compatibility", complaints)?;
    let folded = written.value.to_ascii_uppercase().replace('-', "_");
    match words.iter().find(|(word, _)| *word == folded) {
        Some((word, level)) if *word == written.value => Some(At::new(*level, written.spot)),
        Some((word, _)) => {
            complaints
                .say(
                    Code::BadValue,
                    written.spot,
                    format!("'{}' is not how the registry spells it", written.value),
                )
                .fix(*word);
            None
        }
        None => scalars::word(node, "compatibility", &words, complaints),
    }
}

fn declared_kind(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<SchemaType>> {
    let words = [SchemaType::Avro, SchemaType::Protobuf, SchemaType::Json].map(|kind| (kind.as_str(), kind));
    let kind = scalars::word(node, "type", &words, complaints)?;
    carried_out(kind.value, kind.spot, complaints).map(|known| At::new(known, kind.spot))
}

fn kind_by_name(path: &At<String>, complaints: &mut Complaints<'_>) -> Option<SchemaType> {
    let kind = match path.value.rsplit_once('.').map(|(_, end)| end) {
        Some("avsc") => SchemaType::Avro,
        Some("proto") => SchemaType::Protobuf,
        Some("json") => SchemaType::Json,
        _ => {
            let message = format!("the name '{}' does not tell the schema's language", path.value);
            complaints
                .say(Code::SchemaType, path.spot, message)
                .fix(format!("{{ schema: {}, type: AVRO }}, or a file that ends in .avsc", path.value));
            return None;
        }
    };
    carried_out(kind, path.spot, complaints)
}

fn carried_out(kind: SchemaType, spot: Spot, complaints: &mut Complaints<'_>) -> Option<SchemaType> {
    if kind == SchemaType::Avro {
        return Some(kind);
    }
    complaints
        .say(
            Code::SchemaType,
            spot,
            format!("{kind} schemas are part of the format, but this version does not carry them out yet"),
        )
        .fix("an Avro schema, or register it by another way");
    None
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        assert_eq!(beside("topology.yaml", "schemas/A.avsc"), "schemas/A.avsc");
        assert_eq!(beside("-", "schemas/A.avsc"), "schemas/A.avsc");
        assert_eq!(beside("estate/a/topics.yaml", "../schemas/A.avsc"), "estate/a/../schemas/A.avsc");
        assert_eq!(beside("/estate/topics.yaml", "A.avsc"), "/estate/A.avsc");
        assert_eq!(beside("estate/topics.yaml", "/A.avsc"), "/A.avsc");
    }
}
