use super::fault::FaultKind;
use super::resolve::Side;
use crate::schema::avro::{Enumeration, Field, Fixed, Name, PrimitiveKind, Record, Schema};
use crate::schema::json::Step;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A reader's type and a writer's type, both resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'s> {
    pub reader: &'s Schema,
    pub writer: &'s Schema,
}

/// What must hold for a pair, each with the steps that lead to it.
pub(super) enum Demand<'s> {
    /// It does not hold, whatever is below.
    Fails(Failure),
    /// The pair must be compatible; what is wrong in it is told there.
    Fits(Vec<Step>, Pair<'s>),
    /// The writer's branch must be readable by the reader's union; if not, that is what is told.
    HasBranch(usize, Pair<'s>),
}

/// Something that does not hold, as seen from its pair.
pub(super) struct Failure {
    pub kind: FaultKind,
    pub way: Vec<Step>,
    pub message: String,
    pub reader: Value,
    pub writer: Value,
}

/// What a pair comes down to.
pub(super) enum Demands<'s> {
    /// All of them must hold.
    All(Vec<Demand<'s>>),
    /// One branch of the reader's union must read the writer's type.
    Any(Vec<Pair<'s>>),
}

/// The rules of schema resolution for one pair, one step deep.
pub(super) struct Rules<'s> {
    pub reader: Side<'s>,
    pub writer: Side<'s>,
}

impl<'s> Rules<'s> {
    pub fn pair(&self, reader: &'s Schema, writer: &'s Schema) -> Pair<'s> {
        Pair { reader: self.reader.resolve(reader), writer: self.writer.resolve(writer) }
    }

    pub fn demands(&self, pair: Pair<'s>) -> Demands<'s> {
        let below = |step: &str, reader, writer| Demand::Fits(vec![key(step)], self.pair(reader, writer));
        match (pair.reader, pair.writer) {
            (Schema::Union(_), Schema::Union(branches)) => Demands::All(
                branches
                    .iter()
                    .enumerate()
                    .map(|(index, branch)| Demand::HasBranch(index, self.pair(pair.reader, branch)))
                    .collect(),
            ),
            (_, Schema::Union(branches)) => Demands::All(
                branches
                    .iter()
                    .enumerate()
                    .map(|(index, branch)| {
                        Demand::Fits(vec![Step::Index(index)], self.pair(pair.reader, branch))
                    })
                    .collect(),
            ),
            (Schema::Union(branches), _) => {
                Demands::Any(branches.iter().map(|branch| self.pair(branch, pair.writer)).collect())
            }
            (Schema::Array(reader), Schema::Array(writer)) => {
                Demands::All(vec![below("items", &reader.items, &writer.items)])
            }
            (Schema::Map(reader), Schema::Map(writer)) => {
                Demands::All(vec![below("values", &reader.values, &writer.values)])
            }
            (Schema::Record(reader), Schema::Record(writer)) => {
                let fields = reader.fields.iter().enumerate();
                let fields = fields.filter_map(|(index, field)| self.field(index, field, writer));
                Demands::All(names(pair, &reader.aliases).into_iter().chain(fields).collect())
            }
            (Schema::Enum(reader), Schema::Enum(writer)) => Demands::All(
                names(pair, &reader.aliases).into_iter().chain(symbols(reader, writer)).collect(),
            ),
            (Schema::Fixed(reader), Schema::Fixed(writer)) => {
                Demands::All(names(pair, &reader.aliases).into_iter().chain(sizes(reader, writer)).collect())
            }
            (Schema::Primitive(reader), Schema::Primitive(writer)) if promotes(writer.kind, reader.kind) => {
                Demands::All(Vec::new())
            }
            (Schema::Reference(reader), Schema::Reference(writer)) if reader == writer => {
                Demands::All(Vec::new())
            }
            _ => Demands::All(vec![types(pair)]),
        }
    }

    fn field(&self, index: usize, field: &'s Field, writer: &'s Record) -> Option<Demand<'s>> {
        let names = [&field.name].into_iter().chain(&field.aliases);
        let mut written = names.filter_map(|name| self.writer.field(writer, name));
        match (written.next(), written.next()) {
            (Some(one), None) => Some(Demand::Fits(
                vec![key("fields"), Step::Index(index), key("type")],
                self.pair(&field.schema, &one.schema),
            )),
            (Some(one), Some(other)) => Some(Demand::Fails(Failure {
                kind: FaultKind::NameMismatch,
                way: vec![key("fields"), Step::Index(index), key("aliases")],
                message: format!("matches more than one field of the writer: {}, {}", one.name, other.name),
                reader: json!({ "name": field.name, "aliases": field.aliases }),
                writer: json!([one.name, other.name]),
            })),
            (None, _) if field.default.is_some() => None,
            (None, _) => Some(Demand::Fails(Failure {
                kind: FaultKind::ReaderFieldMissingDefaultValue,
                way: vec![key("fields"), Step::Index(index)],
                message: field.name.clone(),
                reader: json!({ "name": field.name, "type": shallow(&field.schema) }),
                writer: shallow_record(writer),
            })),
        }
    }
}

fn key(word: &str) -> Step {
    Step::Key(word.to_owned())
}

/// Avro compares simple names; only for an alias, which names exactly one type, the full name counts.
fn names<'s>(pair: Pair<'s>, aliases: &[Name]) -> Option<Demand<'s>> {
    let (reader, writer) = (pair.reader.name()?, pair.writer.name()?);
    if reader.simple() == writer.simple() || aliases.contains(writer) {
        return None;
    }
    Some(Demand::Fails(Failure {
        kind: FaultKind::NameMismatch,
        way: vec![key("name")],
        message: format!("expected: {writer}"),
        reader: json!(reader.full()),
        writer: json!(writer.full()),
    }))
}

fn symbols<'s>(reader: &Enumeration, writer: &Enumeration) -> Option<Demand<'s>> {
    let saved = reader.default.as_ref().is_some_and(|default| reader.symbols.contains(default));
    let known: HashSet<&String> = reader.symbols.iter().collect();
    let mut missing: Vec<&str> =
        writer.symbols.iter().filter(|symbol| !known.contains(symbol)).map(String::as_str).collect();
    if saved || missing.is_empty() {
        return None;
    }
    missing.sort_unstable();
    Some(Demand::Fails(Failure {
        kind: FaultKind::MissingEnumSymbols,
        way: vec![key("symbols")],
        message: format!("[{}]", missing.join(", ")),
        reader: json!(reader.symbols),
        writer: json!(writer.symbols),
    }))
}

fn sizes<'s>(reader: &Fixed, writer: &Fixed) -> Option<Demand<'s>> {
    (reader.size != writer.size).then(|| {
        Demand::Fails(Failure {
            kind: FaultKind::FixedSizeMismatch,
            way: vec![key("size")],
            message: format!("expected: {}, found: {}", writer.size, reader.size),
            reader: json!(reader.size),
            writer: json!(writer.size),
        })
    })
}

fn types(pair: Pair<'_>) -> Demand<'_> {
    Demand::Fails(Failure {
        kind: FaultKind::TypeMismatch,
        way: Vec::new(),
        message: format!(
            "reader type: {} not compatible with writer type: {}",
            type_word(pair.reader),
            type_word(pair.writer)
        ),
        reader: shallow(pair.reader),
        writer: shallow(pair.writer),
    })
}

/// Whether what is written as `from` can be read as `to`.
fn promotes(from: PrimitiveKind, to: PrimitiveKind) -> bool {
    use PrimitiveKind::{Bytes, Double, Float, Int, Long, String};
    from == to
        || match to {
            Long => from == Int,
            Float => matches!(from, Int | Long),
            Double => matches!(from, Int | Long | Float),
            Bytes => from == String,
            String => from == Bytes,
            _ => false,
        }
}

/// The word for a type in Avro for Java.
pub(super) fn type_word(schema: &Schema) -> String {
    match schema {
        Schema::Primitive(primitive) => primitive.kind.as_str().to_ascii_uppercase(),
        Schema::Record(_) => "RECORD".to_owned(),
        Schema::Enum(_) => "ENUM".to_owned(),
        Schema::Fixed(_) => "FIXED".to_owned(),
        Schema::Array(_) => "ARRAY".to_owned(),
        Schema::Map(_) => "MAP".to_owned(),
        Schema::Union(_) => "UNION".to_owned(),
        Schema::Reference(name) => name.full().to_owned(),
    }
}

fn shallow_record(record: &Record) -> Value {
    json!({ "type": "record", "name": record.name.full() })
}

/// A type without what is inside of it, so that a report stays short whatever it is about.
pub(super) fn shallow(schema: &Schema) -> Value {
    match schema {
        Schema::Primitive(primitive) => json!(primitive.kind.as_str()),
        Schema::Record(record) => shallow_record(record),
        Schema::Enum(one) => json!({ "type": "enum", "name": one.name.full(), "symbols": one.symbols }),
        Schema::Fixed(one) => json!({ "type": "fixed", "name": one.name.full(), "size": one.size }),
        Schema::Array(array) => json!({ "type": "array", "items": array.items.branch_name() }),
        Schema::Map(map) => json!({ "type": "map", "values": map.values.branch_name() }),
        Schema::Union(branches) => branches.iter().map(Schema::branch_name).collect(),
        Schema::Reference(name) => json!(name.full()),
    }
}
