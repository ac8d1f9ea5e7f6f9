//! Puts a failure into a fault's words, which are those of Avro for Java where it has any.

use super::demands::{Failure, Leg, Pair, missing_symbols};
use super::fault::{Fault, FaultKind};
use crate::schema::avro::{Record, Schema};
use crate::schema::json::{Step, pointer};
use serde_json::{Value, json};

/// The steps of a leg.
pub(super) fn steps(leg: Leg) -> Vec<Step> {
    match leg {
        Leg::Items => vec![key("items")],
        Leg::Values => vec![key("values")],
        Leg::Field(index) => vec![key("fields"), Step::Index(index), key("type")],
        Leg::Branch(index) => vec![Step::Index(index)],
    }
}

/// The fault that a failure of a pair is, at the end of `way`.
pub(super) fn fault(failure: &Failure<'_>, pair: Pair<'_>, mut way: Vec<Step>) -> Fault {
    let (kind, below, message, reader, writer) = parts(failure, pair);
    way.extend(below);
    Fault { kind, path: pointer(&way), message, reader: reader.to_string(), writer: writer.to_string() }
}

fn parts(failure: &Failure<'_>, pair: Pair<'_>) -> (FaultKind, Vec<Step>, String, Value, Value) {
    match (failure, pair.reader, pair.writer) {
        (Failure::Names, reader, writer) => {
            let message = format!("expected: {}", writer.branch_name());
            let names = (json!(reader.branch_name()), json!(writer.branch_name()));
            (FaultKind::NameMismatch, vec![key("name")], message, names.0, names.1)
        }
        (Failure::Sizes, Schema::Fixed(reader), Schema::Fixed(writer)) => {
            let message = format!("expected: {}, found: {}", writer.size, reader.size);
            let sizes = (json!(reader.size), json!(writer.size));
            (FaultKind::FixedSizeMismatch, vec![key("size")], message, sizes.0, sizes.1)
        }
        (Failure::Symbols, Schema::Enum(reader), Schema::Enum(writer)) => {
            let mut missing = missing_symbols(reader, writer);
            missing.sort_unstable();
            let message = format!("[{}]", missing.join(", "));
            let symbols = (json!(reader.symbols), json!(writer.symbols));
            (FaultKind::MissingEnumSymbols, vec![key("symbols")], message, symbols.0, symbols.1)
        }
        (Failure::NoDefault(index, field), _, writer) => {
            let reader = json!({ "name": field.name, "type": shallow(&field.schema) });
            let way = vec![key("fields"), Step::Index(*index)];
            let kind = FaultKind::ReaderFieldMissingDefaultValue;
            (kind, way, field.name.clone(), reader, shallow(writer))
        }
        (Failure::Ambiguous(index, field, [one, other]), ..) => {
            let message = format!("matches more than one field of the writer: {}, {}", one.name, other.name);
            let reader = json!({ "name": field.name, "aliases": field.aliases });
            let way = vec![key("fields"), Step::Index(*index), key("aliases")];
            (FaultKind::NameMismatch, way, message, reader, json!([one.name, other.name]))
        }
        (Failure::NoBranch, reader, writer) => {
            let message = format!("reader union lacking writer type: {}", word(writer));
            (FaultKind::MissingUnionBranch, Vec::new(), message, shallow(reader), shallow(writer))
        }
        (Failure::Types | Failure::Sizes | Failure::Symbols, reader, writer) => {
            let message =
                format!("reader type: {} not compatible with writer type: {}", word(reader), word(writer));
            (FaultKind::TypeMismatch, Vec::new(), message, shallow(reader), shallow(writer))
        }
    }
}

fn key(word: &str) -> Step {
    Step::Key(word.to_owned())
}

/// The word for a type in Avro for Java.
fn word(schema: &Schema) -> String {
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

/// A type without what is inside of it, so that a report stays short whatever it is about.
fn shallow(schema: &Schema) -> Value {
    match schema {
        Schema::Primitive(primitive) => json!(primitive.kind.as_str()),
        Schema::Record(Record { name, is_error, .. }) => {
            json!({ "type": if *is_error { "error" } else { "record" }, "name": name.full() })
        }
        Schema::Enum(one) => json!({ "type": "enum", "name": one.name.full(), "symbols": one.symbols }),
        Schema::Fixed(one) => json!({ "type": "fixed", "name": one.name.full(), "size": one.size }),
        Schema::Array(array) => json!({ "type": "array", "items": array.items.branch_name() }),
        Schema::Map(map) => json!({ "type": "map", "values": map.values.branch_name() }),
        Schema::Union(branches) => branches.iter().map(Schema::branch_name).collect(),
        Schema::Reference(name) => json!(name.full()),
    }
}
