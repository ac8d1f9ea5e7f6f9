//! Verdicts of public test suites, and laws of compatibility.

#![allow(clippy::unwrap_used)]

use klerk_core::schema::CompatibilityLevel;
use klerk_core::schema::avro::{Schema, parse_registered};
use klerk_core::schema::compatibility::{Direction, Existing, Whole, can_read, check};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn cases(kind: &str) -> Vec<Value> {
    let mut data: Value = serde_json::from_str(include_str!("data/avro-compat.json")).unwrap();
    let mut cases = data["cases"].as_array_mut().map(std::mem::take).unwrap();
    cases.retain(|case| case["kind"] == kind);
    cases
}

/// What registries answer: they follow Avro for Java where the source of a case has another engine. It has no verdict on
/// the one schema that it does not read.
fn expected(case: &Value) -> bool {
    let word = match &case["java_schemacompatibility"] {
        Value::String(word) if word != "error" => word.as_str(),
        _ => case["expected"].as_str().unwrap(),
    };
    assert!(matches!(word, "compatible" | "incompatible"), "{word}");
    word == "compatible"
}

fn schema(text: &Value) -> Schema {
    parse_registered(text.as_str().unwrap()).unwrap()
}

#[test]
fn every_pair_has_the_verdict_of_its_source() {
    let cases = cases("pair");
    assert_eq!(cases.len(), 426);
    for case in cases {
        let (reader, writer) = (schema(&case["reader"]), schema(&case["writer"]));
        let faults = can_read(Whole::from(&reader), Whole::from(&writer)).unwrap();
        assert_eq!(faults.is_empty(), expected(&case), "{} {}: {faults:?}", case["id"], case["test"]);
    }
}

#[test]
fn every_reason_is_that_of_avro_for_java() {
    let mut compared = 0;
    for case in cases("pair") {
        let Some(why) = case["why"].as_array() else { continue };
        let (reader, writer) = (schema(&case["reader"]), schema(&case["writer"]));
        let found: BTreeSet<_> = can_read(Whole::from(&reader), Whole::from(&writer))
            .unwrap()
            .into_iter()
            .map(|fault| {
                let path = if fault.path.is_empty() { "/".to_owned() } else { fault.path };
                (fault.kind.as_str().to_owned(), path, fault.message)
            })
            .collect();
        let text = |reason: &Value, key: &str| reason[key].as_str().unwrap().to_owned();
        let wanted: BTreeSet<_> = why
            .iter()
            .map(|reason| (text(reason, "type"), text(reason, "location"), text(reason, "message")))
            .collect();
        assert_eq!(found, wanted, "{}", case["id"]);
        compared += why.len();
    }
    assert_eq!(compared, 74);
}

#[test]
fn every_level_has_the_verdict_of_its_source() {
    let cases = cases("level");
    assert_eq!(cases.len(), 289);
    for case in cases {
        let new = schema(&case["new"]);
        let previous: Vec<_> = case["previous"].as_array().unwrap().iter().map(schema).collect();
        let level = case["level"].as_str().unwrap().parse().unwrap();
        let found = check(Whole::from(&new), &existing(&previous), level).unwrap();
        assert_eq!(found.is_empty(), expected(&case), "{} {}: {found:?}", case["id"], case["test"]);
    }
}

fn existing(schemas: &[Schema]) -> Vec<Existing<'_>> {
    (1..).zip(schemas).map(|(version, schema)| Existing { version, schema: Whole::from(schema) }).collect()
}

/// Schemas that share names, so that their types meet, and that refer to each other and to themselves.
fn texts() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec!["null", "boolean", "int", "long", "double", "bytes", "string"]);
    let symbols = prop::sample::subsequence(vec!["A", "B", "C"], 1..3);
    let leaf = prop_oneof![
        word.prop_map(|word| json!(word)),
        (0..3_u32, 1..3_u32)
            .prop_map(|(name, size)| json!({ "type": "fixed", "name": format!("F{name}"), "size": size })),
        (symbols, any::<bool>()).prop_map(|(symbols, saved)| {
            let mut one = json!({ "type": "enum", "name": "E", "symbols": symbols });
            if saved {
                one["default"] = symbols[0].into();
            }
            one
        }),
        (0..3_u32).prop_map(|name| json!(format!("R{name}"))),
    ];
    leaf.prop_recursive(5, 32, 4, |inner| {
        let field = (0..4_u32, inner.clone(), any::<bool>());
        prop_oneof![
            inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            inner.clone().prop_map(|values| json!({ "type": "map", "values": values })),
            prop::collection::vec(inner, 1..4).prop_map(Value::Array),
            (0..3_u32, prop::collection::vec(field, 0..4)).prop_map(|(name, fields)| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, kind, saved)| {
                        let name = format!("f{name}");
                        if saved {
                            json!({ "name": name, "type": kind, "default": null })
                        } else {
                            json!({ "name": name, "type": kind })
                        }
                    })
                    .collect();
                json!({ "type": "record", "name": format!("R{name}"), "fields": fields })
            }),
        ]
    })
}

/// Only what can be read: names that are used before they are defined, twice or never make most drafts none.
fn schemas() -> impl Strategy<Value = Schema> {
    texts().prop_filter_map("not a schema", |text| parse_registered(&text.to_string()).ok())
}

proptest! {
    #![proptest_config(ProptestConfig { max_local_rejects: 1_000_000, ..ProptestConfig::default() })]

    #[test]
    fn every_schema_reads_itself(schema in schemas()) {
        let whole = Whole::from(&schema);
        prop_assert_eq!(can_read(whole, whole), Ok(Vec::new()));
        prop_assert_eq!(can_read(whole, Whole::from(&schema.clone())), Ok(Vec::new()));
    }

    #[test]
    fn full_is_backward_and_forward(new in schemas(), old in prop::collection::vec(schemas(), 0..3)) {
        use CompatibilityLevel::*;
        let old = existing(&old);
        let at = |level| check(Whole::from(&new), &old, level).unwrap();
        for (full, backward, forward) in [
            (Full, Backward, Forward),
            (FullTransitive, BackwardTransitive, ForwardTransitive),
        ] {
            let mut parts = at(backward);
            parts.extend(at(forward));
            let key = |one: &klerk_core::schema::compatibility::Incompatibility| (-one.version, one.direction);
            parts.sort_by_key(key);
            prop_assert_eq!(at(full), parts);
        }
        prop_assert_eq!(at(None), Vec::new());
        prop_assert!(at(Backward).iter().all(|one| one.direction == Direction::Backward));
    }

    #[test]
    fn a_level_that_is_at_least_as_strict_refuses_at_least_as_much(
        new in schemas(),
        old in prop::collection::vec(schemas(), 0..3),
    ) {
        let old = existing(&old);
        let refuses = |level| !check(Whole::from(&new), &old, level).unwrap().is_empty();
        for strict in CompatibilityLevel::ALL {
            for loose in CompatibilityLevel::ALL {
                if strict.is_at_least_as_strict_as(loose) {
                    prop_assert!(refuses(strict) || !refuses(loose), "{} {}", strict, loose);
                }
            }
        }
    }

    #[test]
    fn every_path_leads_into_the_readers_schema_or_a_writers_branch(reader in schemas(), writer in schemas()) {
        for fault in can_read(Whole::from(&reader), Whole::from(&writer)).unwrap() {
            prop_assert!(fault.path.is_empty() || fault.path.starts_with('/'), "{}", fault);
            prop_assert!(serde_json::from_str::<Value>(&fault.reader).is_ok());
            prop_assert!(serde_json::from_str::<Value>(&fault.writer).is_ok());
        }
    }
}
