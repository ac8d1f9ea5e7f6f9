use super::{Existing, Fault, FaultKind, TooComplex, Whole, can_read, check};
use crate::schema::CompatibilityLevel;
use crate::schema::avro::{Schema, parse, parse_with};
use serde_json::{Value, json};

fn faults(reader: &Value, writer: &Value) -> Vec<Fault> {
    let (reader, writer) = (parse(&reader.to_string()).unwrap(), parse(&writer.to_string()).unwrap());
    can_read(Whole::from(&reader), Whole::from(&writer)).unwrap()
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn record(name: &str, fields: &Value) -> Value {
    json!({ "type": "record", "name": name, "fields": fields })
}

fn kinds(reader: &Value, writer: &Value) -> Vec<FaultKind> {
    faults(reader, writer).into_iter().map(|fault| fault.kind).collect()
}

#[test]
fn every_fault_has_a_place_and_both_sides() {
    let reader = record(
        "R",
        &json!([
            { "name": "e", "type": { "type": "enum", "name": "E", "symbols": ["A"] } },
            { "name": "new", "type": "int" },
            { "name": "f", "type": { "type": "fixed", "name": "F", "size": 4 } },
            { "name": "u", "type": ["null", "int"] },
            { "name": "s", "type": "string" },
            { "name": "n", "type": record("N", &json!([])) },
        ]),
    );
    let writer = record(
        "R",
        &json!([
            { "name": "n", "type": record("other.M", &json!([])) },
            { "name": "s", "type": "long" },
            { "name": "u", "type": ["null", "long", "string"] },
            { "name": "f", "type": { "type": "fixed", "name": "F", "size": 8 } },
            { "name": "e", "type": { "type": "enum", "name": "E", "symbols": ["C", "A", "B"] } },
        ]),
    );
    let found = faults(&reader, &writer);
    insta::assert_snapshot!(lines(&found), @r#"
    /fields/0/type/symbols: [B, C] (MISSING_ENUM_SYMBOLS)
    /fields/1: new (READER_FIELD_MISSING_DEFAULT_VALUE)
    /fields/2/type/size: expected: 8, found: 4 (FIXED_SIZE_MISMATCH)
    /fields/3/type/1: reader union lacking writer type: LONG (MISSING_UNION_BRANCH)
    /fields/3/type/2: reader union lacking writer type: STRING (MISSING_UNION_BRANCH)
    /fields/4/type: reader type: STRING not compatible with writer type: LONG (TYPE_MISMATCH)
    /fields/5/type/name: expected: other.M (NAME_MISMATCH)
    "#);
    let sides: Vec<_> = found.iter().map(|fault| format!("{} <- {}", fault.reader, fault.writer)).collect();
    insta::assert_snapshot!(sides.join("\n"), @r#"
    ["A"] <- ["C","A","B"]
    {"name":"new","type":"int"} <- {"type":"record","name":"R"}
    4 <- 8
    ["null","int"] <- "long"
    ["null","int"] <- "string"
    "string" <- "long"
    "N" <- "other.M"
    "#);
}

#[test]
fn what_can_be_promoted_is_read_and_the_other_way_is_not() {
    let good = [
        ("long", "int"),
        ("float", "int"),
        ("double", "int"),
        ("float", "long"),
        ("double", "long"),
        ("double", "float"),
        ("string", "bytes"),
        ("bytes", "string"),
    ];
    for reader in ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] {
        for writer in ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] {
            let expected = reader == writer || good.contains(&(reader, writer));
            assert_eq!(faults(&json!(reader), &json!(writer)).is_empty(), expected, "{reader} {writer}");
        }
    }
}

#[test]
fn aliases_of_the_reader_count_and_those_of_the_writer_do_not() {
    let new = json!({ "type": "record", "name": "n.New", "aliases": ["Old"],
        "fields": [{ "name": "b", "type": "int", "aliases": ["a"] }] });
    let old = json!({ "type": "record", "name": "n.Old", "fields": [{ "name": "a", "type": "int" }] });
    assert_eq!(kinds(&new, &old), []);
    assert_eq!(kinds(&old, &new), [FaultKind::NameMismatch, FaultKind::ReaderFieldMissingDefaultValue]);
    let both = record("New", &json!([{ "name": "a", "type": "int" }, { "name": "b", "type": "int" }]));
    let new = record("New", &json!([{ "name": "b", "type": "int", "aliases": ["a"] }]));
    insta::assert_snapshot!(lines(&faults(&new, &both)), @"/fields/0/aliases: matches more than one field of the writer: b, a (NAME_MISMATCH)");
}

#[test]
fn a_namespace_does_not_count_unless_an_alias_spells_it() {
    assert_eq!(kinds(&record("a.R", &json!([])), &record("b.R", &json!([]))), []);
    let alias = |alias| json!({ "type": "fixed", "name": "a.F", "aliases": [alias], "size": 1 });
    let writer = json!({ "type": "fixed", "name": "b.G", "size": 1 });
    assert_eq!(kinds(&alias("b.G"), &writer), []);
    assert_eq!(kinds(&alias("G"), &writer), [FaultKind::NameMismatch]);
}

#[test]
fn a_recursive_type_is_compared_with_itself_and_with_what_it_became() {
    let list = |value: &str| {
        record("L", &json!([{ "name": "v", "type": value }, { "name": "next", "type": ["null", "L"] }]))
    };
    assert_eq!(kinds(&list("long"), &list("int")), []);
    insta::assert_snapshot!(lines(&faults(&list("int"), &list("long"))), @"/fields/0/type: reader type: INT not compatible with writer type: LONG (TYPE_MISMATCH)");
}

#[test]
fn a_type_used_in_many_places_is_reported_at_the_first() {
    let twice = |kind: &str| {
        let money = record("Money", &json!([{ "name": "units", "type": kind }]));
        record("R", &json!([{ "name": "a", "type": money }, { "name": "b", "type": "Money" }]))
    };
    assert_eq!(lines(&faults(&twice("int"), &twice("string"))).lines().count(), 1);
}

#[test]
fn the_report_of_a_branch_that_was_only_tried_names_the_place_where_it_is_demanded() {
    let with = |kind: &str| {
        let x = record("X", &json!([{ "name": "v", "type": kind }]));
        record("R", &json!([{ "name": "u", "type": ["null", x] }, { "name": "x", "type": "X" }]))
    };
    insta::assert_snapshot!(lines(&faults(&with("int"), &with("string"))), @r#"
    /fields/0/type/1: reader union lacking writer type: RECORD (MISSING_UNION_BRANCH)
    /fields/1/type/fields/0/type: reader type: INT not compatible with writer type: STRING (TYPE_MISMATCH)
    "#);
}

#[test]
fn doubling_types_are_compared_in_time() {
    let doubling = |leaf: &str| {
        let mut inner = record("R0", &json!([{ "name": "v", "type": leaf }]));
        for depth in 1..30 {
            let again = format!("R{}", depth - 1);
            inner = record(
                &format!("R{depth}"),
                &json!([{ "name": "a", "type": inner }, { "name": "b", "type": ["null", again] }]),
            );
        }
        inner
    };
    assert_eq!(kinds(&doubling("int"), &doubling("int")), []);
    assert!(!faults(&doubling("int"), &doubling("string")).is_empty());
}

#[test]
fn long_chains_of_types_need_no_deep_stack() {
    let length = 5_000;
    let link = |index: usize| {
        let next = if index == 0 { json!("null") } else { json!(["null", format!("n{}.L", index - 1)]) };
        let leaf = if index == 0 { "string" } else { "int" };
        let link = record(
            &format!("n{index}.L"),
            &json!([{ "name": "v", "type": leaf }, { "name": "next", "type": next }]),
        );
        json!({ "name": format!("f{index}"), "type": link })
    };
    let mut fields: Vec<Value> = (0..length).map(link).collect();
    fields.push(json!({ "name": "f", "type": format!("n{}.L", length - 1) }));
    let writer = record("R", &Value::Array(fields));
    let itself =
        record("L", &json!([{ "name": "v", "type": "int" }, { "name": "next", "type": ["null", "L"] }]));
    let reader = record("R", &json!([{ "name": "f", "type": itself }]));
    let found = faults(&reader, &writer);
    assert_eq!(
        found.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>(),
        ["/fields/0/type/fields/1/type/1"]
    );
}

#[test]
fn what_would_take_too_long_is_refused() {
    let wide = |prefix: &str| -> Value {
        (0..3_000).map(|index| record(&format!("{prefix}{index}"), &json!([]))).collect()
    };
    let (reader, writer) = (parse(&wide("a").to_string()).unwrap(), parse(&wide("b").to_string()).unwrap());
    assert_eq!(can_read(Whole::from(&reader), Whole::from(&writer)), Err(TooComplex));
}

#[test]
fn types_of_other_subjects_are_compared_by_what_they_are() {
    let money = |kind: &str| {
        parse(&record("shop.Money", &json!([{ "name": "v", "type": kind }])).to_string()).unwrap()
    };
    let text = record("shop.Order", &json!([{ "name": "price", "type": "shop.Money" }])).to_string();
    let (old, new) = ([money("int")], [money("long")]);
    let (before, after) = (parse_with(&text, &old).unwrap(), parse_with(&text, &new).unwrap());
    let before = Whole { schema: &before, references: &old };
    let after = Whole { schema: &after, references: &new };
    assert_eq!(can_read(after, before), Ok(Vec::new()));
    insta::assert_snapshot!(lines(&can_read(before, after).unwrap()), @"/fields/0/type/fields/0/type: reader type: INT not compatible with writer type: LONG (TYPE_MISMATCH)");
}

fn versions(kinds: &[&str]) -> Vec<Schema> {
    kinds.iter().map(|kind| parse(&json!(kind).to_string()).unwrap()).collect()
}

#[test]
fn a_level_says_which_versions_and_which_way() {
    use CompatibilityLevel::{
        Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive, None,
    };
    let schemas = versions(&["string", "int"]);
    let existing: Vec<Existing<'_>> = (1..)
        .zip(&schemas)
        .map(|(version, schema)| Existing { version, schema: Whole::from(schema) })
        .collect();
    let new = versions(&["long"]).remove(0);
    let count = |level| check(Whole::from(&new), &existing, level).unwrap().len();
    assert_eq!([None, Backward, BackwardTransitive].map(count), [0, 0, 1]);
    assert_eq!([Forward, ForwardTransitive, Full, FullTransitive].map(count), [1, 2, 1, 3]);
    let all = check(Whole::from(&new), &existing, FullTransitive).unwrap();
    let all: Vec<_> = all.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    version 2 cannot read data of the new schema: /: reader type: INT not compatible with writer type: LONG (TYPE_MISMATCH)
    the new schema cannot read data of version 1: /: reader type: LONG not compatible with writer type: STRING (TYPE_MISMATCH)
    version 1 cannot read data of the new schema: /: reader type: STRING not compatible with writer type: LONG (TYPE_MISMATCH)
    "#);
    assert_eq!(check(Whole::from(&new), &[], FullTransitive), Ok(Vec::new()));
}
