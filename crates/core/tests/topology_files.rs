//! Whole files: Purple Flea's estate at the top of the repository, drafts of other estates, and the JSON schema.

#![allow(clippy::unwrap_used, clippy::panic)]

use klerk_core::topology::{Faults, Files, Topology, format_schema, parse, resolve};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Set to write `topology.schema.json` anew instead of comparing it.
const WRITE: &str = "KLERK_WRITE_SCHEMA";

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn purple_flea() -> String {
    fs::read_to_string(top().join("topology.yaml")).unwrap()
}

fn resolved(file: &str, text: String, read: impl Fn(&str) -> String) -> Result<Topology, Faults> {
    let draft = parse([(file.to_owned(), text)]);
    let files: Files = draft.wanted().into_iter().map(|path| (path.clone(), Ok(read(&path)))).collect();
    resolve(draft, &files)
}

#[test]
fn purple_fleas_estate_is_sound() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap();
    let topology = resolved("topology.yaml", purple_flea(), read).unwrap();
    assert_eq!((topology.topics.len(), topology.subjects.len(), topology.groups.len()), (12, 4, 6));
    let shape = |name: &str| {
        let topic = &topology.topics[name];
        (topic.partitions.as_ref().unwrap().value, topic.replication.as_ref().unwrap().value)
    };
    assert_eq!(shape("escrow.created"), (8, 3));
    assert_eq!(shape("trading.executed"), (16, 3));
    assert_eq!(shape("faucet.claimed"), (4, 3));
    let alert = topology.groups["pf-alert-cg"].topics.as_ref().unwrap();
    assert!(alert.names.len() == 13 && alert.covers("pf-pnl-aggregator-changelog"));
    assert!(topology.terms("pf-settlement-cg").is_protected());
}

/// The faults of a draft, each with its line, when every schema file is there.
fn faults(name: &str) -> String {
    let path = format!("{}/tests/estates/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let schema = |_: &str| r#"{"type": "record", "name": "A", "fields": []}"#.to_owned();
    let faults = resolved("t.yaml", fs::read_to_string(path).unwrap(), schema).unwrap_err();
    faults.iter().map(|fault| format!("{} {}\n", fault.place.origin.line, fault.message)).collect()
}

#[test]
fn agent_platform_has_keys_of_later_versions() {
    insta::assert_snapshot!(faults("agent-platform"), @r"
    12 'dead_letters' is part of the format, but this version does not carry it out yet
    28 'dead_letters' is part of the format, but this version does not carry it out yet
    ");
}

#[test]
fn crypto_checkout_has_keys_of_later_versions() {
    insta::assert_snapshot!(faults("crypto-checkout"), @r"
    6 'dead_letters' is part of the format, but this version does not carry it out yet
    12 'dead_letters' is part of the format, but this version does not carry it out yet
    14 'dead_letters' is part of the format, but this version does not carry it out yet
    ");
}

#[test]
fn event_streaming_has_keys_of_later_versions() {
    insta::assert_snapshot!(faults("event-streaming"), @r"
    10 'dead_letters' is part of the format, but this version does not carry it out yet
    11 'dead_letters' is part of the format, but this version does not carry it out yet
    21 'dead_letters' is part of the format, but this version does not carry it out yet
    ");
}

#[test]
fn stablecoin_analytics_has_keys_of_later_versions() {
    insta::assert_snapshot!(faults("stablecoin-analytics"), @r#"
    7 'dead_letters' is part of the format, but this version does not carry it out yet
    9 'dead_letters' is part of the format, but this version does not carry it out yet
    "#);
}

#[test]
fn the_json_schema_is_current() {
    let path = top().join("topology.schema.json");
    let mut current = serde_json::to_string_pretty(&format_schema()).unwrap();
    current.push('\n');
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, &current).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == current,
        "topology.schema.json is not what the types say; write it anew with \
         {WRITE}=1 cargo test -p klerk-core --test topology_files"
    );
}

#[test]
fn the_json_schema_takes_what_is_sound_and_nothing_else() {
    let schema = format_schema();
    let fits = |text: &str| {
        let value: Value = serde_saphyr::from_str(text).unwrap();
        fits(&schema, &schema, &value)
    };
    assert!(fits(&purple_flea()));
    let sound = [
        "topics: { a: { retention.ms: forever, segment.bytes: 1GiB, cleanup.policy: [compact, delete] } }",
        "topics: { a: { retention.ms: 604800000, some.future.key: x, value: { schema: a.avsc, compatibility: FULL } } }",
        "groups: { all: { max_lag: 10 }, g: { topics: all, members: 2..3, max_age: 1h30m } }",
        "classes: { c: { partitions: unset } }",
        "environments: { dev: { bootstrap: [a:1], registry: none, at_most: { replication: 1, retention.ms: 7d } } }",
        "environments: { a: { extends: b, topics: { t: { value: { compatibility: FULL } } }, groups: { all: { members: 1 } } } }",
        "topics: { a: { only: [dev], state: present } }",
        "policy: { changes: { add-partitions: approve, loses-data: by-hand }, scope: [a.], max_change_share: 30% }",
        "policy: { topics: { require: [owner], values: { retention.ms: [1d, 7d], partitions: 1..50 } }, unlisted_configs: reset }",
        "environments: { dev: { policy: { changes: { commit-offsets: auto } } } }",
    ];
    for text in sound {
        assert!(fits(&format!("klerk: 1\n{text}\n")), "{text}");
    }
    let faulty = [
        "topic: {}",
        "environments: { dev: { klerk: 1 } }",
        "environments: { dev: { at_most: { replication: unset } } }",
        "environments: { dev: { override: { class: c } } }",
        "defaults: { only: [dev] }",
        "topics: { a: { partition: 1 } }",
        "topics: { a: { partitions: 0 } }",
        "topics: { a: { retention.ms: 7 days } }",
        "topics: { a: { compression.type: none } }",
        "topics: { a: }",
        "classes: { c: { class: d } }",
        "groups: { g: { isolation: read_committed } }",
        "schemas: { compatibility: backward }",
        "policy: { changes: { add-partition: approve } }",
        "policy: { changes: { add-partitions: manual } }",
        "policy: { max_change_share: 30 }",
    ];
    for text in faulty {
        assert!(!fits(&format!("klerk: 1\n{text}\n")), "{text}");
    }
    assert!(!fits("topics: {}\n"), "the version is required");
}

/// Whether a value fits a schema, as far as the words of JSON Schema go that `topology.schema.json` uses.
fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(rules) = schema.as_object() else { return schema.as_bool().unwrap() };
    rules.iter().all(|(word, rule)| match word.as_str() {
        "$ref" => {
            let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
            fits(root, &root["definitions"][name], value)
        }
        "anyOf" => rule.as_array().unwrap().iter().any(|choice| fits(root, choice, value)),
        "const" => rule == value,
        "enum" => rule.as_array().unwrap().contains(value),
        "type" => match rule {
            Value::Array(kinds) => kinds.iter().any(|kind| is_a(kind, value)),
            kind => is_a(kind, value),
        },
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        "pattern" => value.as_str().is_none_or(|text| matches(rule.as_str().unwrap(), text)),
        "required" => rule.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| fits(root, rule, item))),
        "properties" => rule
            .as_object()
            .unwrap()
            .iter()
            .all(|(key, rule)| value.get(key).is_none_or(|value| fits(root, rule, value))),
        "additionalProperties" | "patternProperties" => {
            value.as_object().is_none_or(|entries| others_fit(root, rules, entries))
        }
        "$schema" | "title" | "description" | "definitions" | "format" => true,
        other => panic!("this test does not know the word {other}"),
    })
}

/// Whether the entries that `properties` does not name fit the patterns, or else `additionalProperties`.
fn others_fit(
    root: &Value,
    rules: &serde_json::Map<String, Value>,
    entries: &serde_json::Map<String, Value>,
) -> bool {
    let named = |key: &str| rules.get("properties").is_some_and(|named| named.get(key).is_some());
    let by_pattern = |key: &str| {
        let patterns = rules.get("patternProperties").and_then(Value::as_object);
        patterns.into_iter().flatten().find(|(pattern, _)| matches(pattern, key)).map(|(_, rule)| rule)
    };
    entries.iter().filter(|(key, _)| !named(key)).all(|(key, value)| {
        match by_pattern(key).or(rules.get("additionalProperties")) {
            Some(rule) => fits(root, rule, value),
            None => true,
        }
    })
}

fn matches(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).unwrap().is_match(text)
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("this test does not know the type {other}"),
    }
}
