//! Avro schemas of public test suites, and laws of spelling.

#![allow(clippy::unwrap_used)]

use klerk_core::schema::{Sameness, avro, canonical, same_schema};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every schema that a verdict exists for.
fn conformance_schemas() -> BTreeSet<String> {
    let data: Value = serde_json::from_str(include_str!("data/avro-compat.json")).unwrap();
    let mut schemas = BTreeSet::new();
    for case in data["cases"].as_array().unwrap() {
        let single = ["reader", "writer", "new"].into_iter().filter_map(|key| case[key].as_str());
        let previous = case["previous"].as_array().into_iter().flatten().filter_map(Value::as_str);
        schemas.extend(single.chain(previous).map(str::to_owned));
    }
    assert!(schemas.len() > 400, "the data is there");
    schemas
}

#[test]
fn every_schema_with_a_verdict_is_read() {
    for text in conformance_schemas() {
        assert_eq!(avro::parse_registered(&text).err(), None, "{text}");
    }
}

#[test]
fn only_what_no_registry_takes_may_not_be_registered() {
    let faults: Vec<_> = conformance_schemas().iter().filter_map(|text| avro::parse(text).err()).collect();
    let messages: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages, ["the default \"B\" of enum test_default is none of its symbols"]);
}

#[test]
fn every_schema_with_a_verdict_keeps_its_identity() {
    for text in conformance_schemas() {
        let first = canonical(&avro::parse_registered(&text).unwrap());
        assert_eq!(canonical(&avro::parse_registered(&first).unwrap()), first);
        let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&text).unwrap()).unwrap();
        assert_ne!(same_schema(&text, &pretty), Sameness::Different, "{text}");
    }
}

/// A type without names; the renderer below gives them.
#[derive(Debug, Clone)]
enum Shape {
    Primitive(&'static str, bool),
    Array(Box<Shape>),
    Optional(Box<Shape>),
    Record { namespace: Option<&'static str>, doc: Option<String>, fields: Vec<Shape> },
    Fixed { namespace: Option<&'static str>, used_again: bool },
}

fn shapes() -> impl Strategy<Value = Shape> {
    let word = prop::sample::select(vec!["boolean", "int", "long", "float", "double", "bytes", "string"]);
    let namespace = || prop::option::of(prop::sample::select(vec!["", "a", "a.b", "c"]));
    let leaf = prop_oneof![
        (word, any::<bool>()).prop_map(|(word, property)| Shape::Primitive(word, property)),
        (namespace(), any::<bool>())
            .prop_map(|(namespace, used_again)| Shape::Fixed { namespace, used_again }),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|shape| Shape::Array(Box::new(shape))),
            inner.clone().prop_map(|shape| Shape::Optional(Box::new(shape))),
            (namespace(), prop::option::of("[a-z]{0,3}"), prop::collection::vec(inner, 0..4))
                .prop_map(|(namespace, doc, fields)| Shape::Record { namespace, doc, fields }),
        ]
    })
}

/// Writes a shape; `choices` decides every question of spelling, and no choice changes what is meant.
struct Speller<'c> {
    choices: &'c [bool],
    asked: usize,
    named: usize,
}

impl Speller<'_> {
    fn choose(&mut self) -> bool {
        self.asked += 1;
        self.choices.get(self.asked % self.choices.len().max(1)).copied().unwrap_or(false)
    }

    fn object(&mut self, mut members: Vec<(&str, Value)>) -> Value {
        if self.choose() {
            members.reverse();
        }
        members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// The members that name a type whose namespace is `namespace` inside `enclosing`, and its full name.
    fn name(
        &mut self,
        prefix: &str,
        namespace: &str,
        enclosing: &str,
    ) -> (Vec<(&'static str, Value)>, String) {
        self.named += 1;
        let simple = format!("{prefix}{}", self.named);
        let full = if namespace.is_empty() { simple.clone() } else { format!("{namespace}.{simple}") };
        let members = match (self.choose(), namespace == enclosing) {
            (true, true) => vec![("name", json!(simple))],
            (true, false) if !namespace.is_empty() => vec![("name", json!(full))],
            _ => vec![("namespace", json!(namespace)), ("name", json!(simple))],
        };
        (members, full)
    }

    fn write(&mut self, shape: &Shape, enclosing: &str) -> Value {
        match shape {
            Shape::Primitive(word, true) => self.object(vec![("type", json!(word)), ("unit", json!("s"))]),
            Shape::Primitive(word, false) if self.choose() => json!({ "type": word }),
            Shape::Primitive(word, false) => json!(word),
            Shape::Array(items) => {
                let items = self.write(items, enclosing);
                self.object(vec![("type", json!("array")), ("items", items)])
            }
            Shape::Optional(inner) => {
                let inner = match &**inner {
                    Shape::Optional(inner) => self.write(&Shape::Array(inner.clone()), enclosing),
                    other => self.write(other, enclosing),
                };
                json!(["null", inner])
            }
            Shape::Fixed { namespace, used_again } => {
                let namespace = namespace.unwrap_or(enclosing);
                let (mut members, full) = self.name("F", namespace, enclosing);
                members.extend([("type", json!("fixed")), ("size", json!(4))]);
                let fixed = self.object(members);
                if !used_again {
                    return fixed;
                }
                let (mut members, _) = self.name("T", enclosing, enclosing);
                let again = if self.choose() { json!({ "type": full }) } else { json!(full) };
                let first = self.object(vec![("name", json!("f")), ("type", fixed)]);
                let again = self.object(vec![("name", json!("g")), ("type", again)]);
                members.extend([("type", json!("record")), ("fields", json!([first, again]))]);
                // A reversed record would still define before it uses: the order of fields does not change.
                self.object(members)
            }
            Shape::Record { namespace, doc, fields } => {
                let namespace = namespace.unwrap_or(enclosing);
                let (mut members, _) = self.name("R", namespace, enclosing);
                let fields: Vec<_> = fields
                    .iter()
                    .enumerate()
                    .map(|(index, field)| {
                        let field = self.write(field, namespace);
                        self.object(vec![("name", json!(format!("f{index}"))), ("type", field)])
                    })
                    .collect();
                members.extend([("type", json!("record")), ("fields", json!(fields))]);
                if let Some(doc) = doc {
                    members.push(("doc", json!(doc)));
                }
                self.object(members)
            }
        }
    }
}

fn spell(shape: &Shape, choices: &[bool]) -> String {
    let mut speller = Speller { choices, asked: 0, named: 0 };
    let value = speller.write(shape, "");
    if speller.choose() { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() }
}

proptest! {
    #[test]
    fn spelling_never_changes_identity(
        shape in shapes(),
        one in prop::collection::vec(any::<bool>(), 1..40),
        other in prop::collection::vec(any::<bool>(), 1..40),
    ) {
        let (one, other) = (spell(&shape, &one), spell(&shape, &other));
        prop_assert_ne!(same_schema(&one, &other), Sameness::Different, "{}\n{}", one, other);
    }

    #[test]
    fn the_canonical_form_is_read_back(shape in shapes(), choices in prop::collection::vec(any::<bool>(), 1..40)) {
        let schema = avro::parse(&spell(&shape, &choices)).unwrap();
        let once = canonical(&schema);
        let again = avro::parse(&once).unwrap();
        prop_assert_eq!(&again, &schema);
        prop_assert_eq!(canonical(&again), once);
    }

    #[test]
    fn no_text_panics(text in "[\\[\\]{}\",:a-z0-9 \\\\\n]{0,60}") {
        let _ = avro::parse(&text);
        let _ = same_schema(&text, "\"string\"");
    }

    #[test]
    fn a_mutilated_schema_is_a_fault_with_a_place(shape in shapes(), cut in 0.0..1.0_f64) {
        let text = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&spell(&shape, &[false])).unwrap()).unwrap();
        let at = (text.len() as f64 * cut) as usize;
        if let Err(fault) = avro::parse(&text[..at]) {
            let lines = text[..at].split('\n').count();
            prop_assert!(fault.line >= 1 && fault.line as usize <= lines.max(1) && fault.column >= 1);
        }
    }
}
