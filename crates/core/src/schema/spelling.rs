use super::avro::{self, Field, Name, Order, Properties, Schema};
use super::json;
use serde_json::{Map, Value, json};

/// How alike two schemas are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sameness {
    /// The texts are equal.
    Identical,
    /// The texts differ in nothing that a schema means: white space, order of keys, `"string"` beside
    /// `{"type": "string"}`, a full name beside one that takes its namespace from where it stands.
    SameSpelling,
    /// They are two schemas; a difference in documentation, an alias, a default or a property is one, as for Confluent's
    /// registry.
    Different,
}

/// Compares two Avro schemas by their texts.
///
/// A text that is not an Avro schema by itself (it refers to other subjects, for instance) is compared as JSON, and as
/// plain text when it is not that either.
pub fn same_schema(left: &str, right: &str) -> Sameness {
    if left == right {
        return Sameness::Identical;
    }
    let same = match (avro::parse_registered(left), avro::parse_registered(right)) {
        (Ok(left), Ok(right)) => canonical(&left) == canonical(&right),
        _ => match (json::read_last_key_wins(left), json::read_last_key_wins(right)) {
            (Ok(left), Ok(right)) => left == right,
            _ => false,
        },
    };
    if same { Sameness::SameSpelling } else { Sameness::Different }
}

/// The one spelling of a schema: no white space, a fixed order of keys, full names, no wrapping that says nothing.
///
/// It keeps everything that makes two schemas differ for a registry, so it is not Avro's parsing canonical form. Reading
/// it again gives the same schema.
pub fn canonical(schema: &Schema) -> String {
    write(schema, "").to_string()
}

fn write(schema: &Schema, namespace: &str) -> Value {
    match schema {
        Schema::Primitive(primitive) if primitive.properties.is_empty() => json!(primitive.kind.as_str()),
        Schema::Primitive(primitive) => {
            let mut object = typed(primitive.kind.as_str());
            add_properties(&mut object, &primitive.properties);
            Value::Object(object)
        }
        Schema::Reference(name) => json!(name.written_inside(namespace)),
        Schema::Union(branches) => branches.iter().map(|branch| write(branch, namespace)).collect(),
        Schema::Array(array) => {
            let mut object = typed("array");
            object.insert("items".to_owned(), write(&array.items, namespace));
            add_properties(&mut object, &array.properties);
            Value::Object(object)
        }
        Schema::Map(map) => {
            let mut object = typed("map");
            object.insert("values".to_owned(), write(&map.values, namespace));
            add_properties(&mut object, &map.properties);
            Value::Object(object)
        }
        Schema::Fixed(fixed) => {
            let mut object = named("fixed", &fixed.name, namespace, &fixed.aliases, fixed.doc.as_deref());
            object.insert("size".to_owned(), json!(fixed.size));
            add_properties(&mut object, &fixed.properties);
            Value::Object(object)
        }
        Schema::Enum(one) => {
            let mut object = named("enum", &one.name, namespace, &one.aliases, one.doc.as_deref());
            object.insert("symbols".to_owned(), json!(one.symbols));
            if let Some(default) = &one.default {
                object.insert("default".to_owned(), json!(default));
            }
            add_properties(&mut object, &one.properties);
            Value::Object(object)
        }
        Schema::Record(record) => {
            let word = if record.is_error { "error" } else { "record" };
            let mut object = named(word, &record.name, namespace, &record.aliases, record.doc.as_deref());
            let inside = record.name.namespace();
            let fields = record.fields.iter().map(|field| write_field(field, inside)).collect();
            object.insert("fields".to_owned(), fields);
            add_properties(&mut object, &record.properties);
            Value::Object(object)
        }
    }
}

fn write_field(field: &Field, namespace: &str) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(field.name));
    object.insert("type".to_owned(), write(&field.schema, namespace));
    if let Some(default) = &field.default {
        object.insert("default".to_owned(), sorted(default));
    }
    if field.order != Order::default() {
        object.insert("order".to_owned(), json!(field.order.as_str()));
    }
    if !field.aliases.is_empty() {
        object.insert("aliases".to_owned(), json!(field.aliases));
    }
    if let Some(doc) = &field.doc {
        object.insert("doc".to_owned(), json!(doc));
    }
    add_properties(&mut object, &field.properties);
    Value::Object(object)
}

fn typed(word: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(word))])
}

fn named(
    word: &str,
    name: &Name,
    namespace: &str,
    aliases: &[Name],
    doc: Option<&str>,
) -> Map<String, Value> {
    let mut object = typed(word);
    object.insert("name".to_owned(), json!(name.written_inside(namespace)));
    if !aliases.is_empty() {
        let aliases = aliases.iter().map(|alias| json!(alias.written_inside(name.namespace())));
        object.insert("aliases".to_owned(), aliases.collect());
    }
    if let Some(doc) = doc {
        object.insert("doc".to_owned(), json!(doc));
    }
    object
}

fn add_properties(object: &mut Map<String, Value>, properties: &Properties) {
    for (key, value) in properties {
        object.insert(key.clone(), sorted(value));
    }
}

/// The value with the keys of all its objects in order.
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            members.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
        }
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Sameness::*;

    const BASE: &str = r#"{"type":"record","name":"R","namespace":"n","doc":"d","fields":[{"name":"a","type":"string"},{"name":"b","type":["null","int"],"default":null}]}"#;

    fn changed(from: &str, to: &str) -> Sameness {
        assert!(BASE.contains(from), "{from}");
        same_schema(BASE, &BASE.replace(from, to))
    }

    #[test]
    fn spelling_does_not_make_another_schema() {
        assert_eq!(same_schema(BASE, BASE), Identical);
        assert_eq!(changed(",", " ,\n\t"), SameSpelling);
        assert_eq!(changed("\"type\":\"string\"", "\"type\":{\"type\":\"string\"}"), SameSpelling);
        assert_eq!(changed("\"name\":\"R\",\"namespace\":\"n\"", "\"name\":\"n.R\""), SameSpelling);
        assert_eq!(
            changed("\"name\":\"R\",\"namespace\":\"n\"", "\"namespace\":\"n\",\"name\":\"R\""),
            SameSpelling
        );
        assert_eq!(changed("\"name\":\"a\"", "\"order\":\"ascending\",\"name\":\"a\""), SameSpelling);
        assert_eq!(
            same_schema(
                &BASE.replace("\"name\":\"a\"", "\"name\":\"a\",\"aliases\":[\"x\"]"),
                &BASE.replace("\"name\":\"a\"", "\"name\":\"a\",\"aliases\":[\"x\",\"x\"]")
            ),
            SameSpelling
        );
        assert_eq!(changed("\"name\":\"a\"", "\"aliases\":[],\"name\":\"\\u0061\""), SameSpelling);
    }

    #[test]
    fn what_makes_another_schema() {
        assert_eq!(changed("\"doc\":\"d\"", "\"doc\":\"e\""), Different);
        assert_eq!(changed("\"doc\":\"d\",", ""), Different);
        assert_eq!(changed("\"doc\":\"d\"", "\"aliases\":[\"Q\"]"), Different);
        assert_eq!(changed(",\"default\":null", ""), Different);
        assert_eq!(changed("\"doc\":\"d\"", "\"doc\":\"d\",\"owner\":\"me\""), Different);
        assert_eq!(changed("\"namespace\":\"n\"", "\"namespace\":\"m\""), Different);
        assert_eq!(
            changed("\"type\":\"string\"", "\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}"),
            Different
        );
        assert_eq!(changed("[\"null\",\"int\"]", "[\"int\",\"null\"]"), Different);
    }

    #[test]
    fn text_that_does_not_stand_alone_is_compared_as_json() {
        let one = r#"{"type":"array","items":"other.Money"}"#;
        assert_eq!(same_schema(one, r#"{ "items": "other.Money", "type": "array" }"#), SameSpelling);
        assert_eq!(same_schema(one, "not json"), Different);
        assert_eq!(same_schema("not json", "not json"), Identical);
    }

    #[test]
    fn a_name_without_namespace_keeps_its_meaning_inside_one() {
        let text = r#"{"type":"record","name":"n.R","fields":[
            {"name":"a","type":{"type":"fixed","name":"F","namespace":"","size":1}}, {"name":"b","type":"F"},
            {"name":"c","type":{"type":"record","name":"F","fields":[{"name":"x","type":"F"}]}}]}"#;
        let first = canonical(&avro::parse(text).unwrap());
        assert_eq!(canonical(&avro::parse(&first).unwrap()), first);
        insta::assert_snapshot!(first, @r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":{"type":"fixed","name":".F","size":1}},{"name":"b","type":".F"},{"name":"c","type":{"type":"record","name":"n.F","fields":[{"name":"x","type":"n.F"}]}}]}"#);
    }
}
