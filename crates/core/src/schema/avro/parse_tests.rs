//! What is read, and what is refused with which words.

use super::{Name, Order, Schema, parse, parse_registered};
use serde_json::Value;

fn fault(text: &str) -> String {
    let fault = parse(text).unwrap_err();
    format!("{}:{} {} | {} | {}", fault.line, fault.column, fault.pointer, fault.message, fault.fix)
}

fn record(fields: &str) -> String {
    format!("{{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[\n{fields}\n]}}")
}

#[test]
fn reads_every_kind_of_type() {
    let text = r#"{
        "type": "record", "name": "n.Order", "aliases": ["Old", "m.Older"], "doc": "An order.", "owner": "shop",
        "fields": [
            {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "order": "ignore", "pii": false},
            {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["A", "B"], "default": "A"}},
            {"name": "hash", "type": {"type": "fixed", "name": "x.Hash", "size": 16}, "aliases": ["sum"]},
            {"name": "tags", "type": {"type": "map", "values": ["null", "string", "State"]}, "default": {"a": null}},
            {"name": "parent", "type": ["null", "Order"], "default": null},
            {"name": "lines", "type": {"type": "array", "items": "x.Hash"}, "default": []}
        ]}"#;
    let Schema::Record(order) = parse(text).unwrap() else { panic!("not a record") };
    assert_eq!(order.name.full(), "n.Order");
    assert_eq!(order.aliases.iter().map(Name::full).collect::<Vec<_>>(), ["n.Old", "m.Older"]);
    assert_eq!(order.properties["owner"], "shop");
    assert_eq!(order.fields[0].order, Order::Ignore);
    assert_eq!(order.fields[0].properties["pii"], false);
    let Schema::Union(branches) = &order.fields[4].schema else { panic!("not a union") };
    assert_eq!(branches[1], Schema::Reference(Name::read("n.Order", "").unwrap()));
    assert_eq!(order.fields[4].default, Some(Value::Null));
    assert_eq!(order.fields[0].default, None);
}

#[test]
fn text_that_is_not_a_schema() {
    insta::assert_snapshot!(fault(""), @"1:1  | the schema is empty | write an Avro schema as JSON");
    insta::assert_snapshot!(fault("{\"type\": \"record\",\n \"name\" \"R\"}"), @"2:9  | this is not JSON: expected `:` | write an Avro schema as JSON");
    insta::assert_snapshot!(fault("\u{feff}\"string\""), @"1:1  | the schema begins with a byte order mark | save it as UTF-8 without one");
    insta::assert_snapshot!(fault("{\"type\": \"int\",\n\"type\": \"long\"}"), @r#"2:6  | the key "type" stands twice in one object | keep one of the two"#);
    insta::assert_snapshot!(fault("null"), @r#"1:1  | null is not a schema | write the name of a type (for no value "null", in quotes), an object or a union"#);
    insta::assert_snapshot!(fault("{\"name\": \"x\"}"), @r#"1:1  | the schema has no "type" | add "type""#);
    insta::assert_snapshot!(fault("{\"type\": {\"type\": \"int\"}}"), @r#"1:10 /type | "type" of a schema must be a word | write the inner schema itself, without this wrapping"#);
    insta::assert_snapshot!(fault("{\"type\": \"array\"}"), @r#"1:1  | "items" is missing | add "items" with the schema of what it holds"#);
    insta::assert_snapshot!(fault("\"record\""), @r#"1:1  | "record" alone is not a schema | write an object, {"type": "record", …}"#);
    insta::assert_snapshot!(fault(&"[".repeat(20_000)).replace("1:128", "1:N"), @"1:N  | the schema is nested too deeply | keep it below 127 levels of JSON, for instance with named types");
}

#[test]
fn names_that_are_wrong() {
    insta::assert_snapshot!(fault(&record("{\"name\": \"a-b\", \"type\": \"int\"}")), @r#"2:10 /fields/0/name | "a-b" cannot name a field | begin with a letter or _, and go on with letters, digits and _"#);
    insta::assert_snapshot!(fault(&record("{\"name\": \"a\", \"type\": \"strng\"}")), @r#"2:23 /fields/0/type | the type "n.strng" is not defined in this schema | did you mean "string"?"#);
    insta::assert_snapshot!(fault(&record("{\"name\": \"a\", \"type\": \"Money\"}")), @r#"2:23 /fields/0/type | the type "n.Money" is not defined in this schema | define it in this file: references to the schemas of other subjects are not in this version yet"#);
    insta::assert_snapshot!(
        fault(&record("{\"name\": \"a\", \"type\": \"E\"},\n{\"name\": \"b\", \"type\": {\"type\": \"enum\", \"name\": \"E\", \"symbols\": []}}")), @r#"2:23 /fields/0/type | the type "n.E" is used before its definition | move the definition to the first use, and use the name after it"#);
    insta::assert_snapshot!(fault(&record("{\"name\": \"a\", \"type\": \"int\"},\n {\"name\": \"a\", \"type\": \"int\"}")), @r#"3:11 /fields/1/name | record n.R has the field "a" twice | rename or remove one of them"#);
    insta::assert_snapshot!(fault(&record("{\"name\": \"a\", \"type\": {\"type\": \"fixed\", \"name\": \"R\", \"size\": 1}}")), @r#"2:49 /fields/0/type/name | the type "n.R" is defined twice | keep the first definition and use its name here, or rename one of them"#);
    insta::assert_snapshot!(fault("{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"A\", \"A\"]}"), @r#"1:48 /symbols/1 | enum E has the symbol "A" twice | remove one of them"#);
    insta::assert_snapshot!(fault("{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"A\"], \"default\": \"B\"}"), @r#"1:60 /default | the default "B" of enum E is none of its symbols | name one of the symbols"#);
    insta::assert_snapshot!(fault("{\"type\": \"fixed\", \"name\": \"string\", \"size\": 1}"), @r#"1:27 /name | "string" is a primitive type and cannot be defined | give it another name"#);
    insta::assert_snapshot!(fault("{\"type\": \"fixed\", \"name\": \"F\", \"size\": -1}"), @"1:40 /size | the size -1 of fixed F is no number of bytes | write 0 to 2147483647");
    insta::assert_snapshot!(fault("[\"null\", \"int\", {\"type\": \"int\"}]"), @"1:17 /2 | the union has two branches of type int | keep one of them; only named types may differ by name");
    insta::assert_snapshot!(fault("[\"null\", [\"int\"]]"), @"1:10 /1 | a union directly inside a union | put the branches into the outer one");
}

#[test]
fn defaults_that_do_not_fit() {
    let with = |kind: &str, default: &str| {
        record(&format!("{{\"name\": \"a\", \"type\": {kind}, \"default\": {default}}}"))
    };
    insta::assert_snapshot!(fault(&with("\"string\"", "null")), @r#"2:44 /fields/0/default | the default null of field "a" is not a string | make the type ["null", "string"], or remove the default"#);
    insta::assert_snapshot!(fault(&with("\"int\"", "\"5\"")), @r#"2:41 /fields/0/default | the default "5" of field "a" is not an int (a whole number of 32 bits) | write 5 without quotes"#);
    insta::assert_snapshot!(fault(&with("\"int\"", "3000000000")), @r#"2:41 /fields/0/default | the default 3000000000 of field "a" is not an int (a whole number of 32 bits) | write a value of that type, or remove the default"#);
    insta::assert_snapshot!(fault(&with("[\"int\", \"string\"]", "null")), @r#"2:53 /fields/0/default | the default null of field "a" is not one of the union [int, string] | add "null" to the union, or remove the default"#);
    insta::assert_snapshot!(fault(&with("{\"type\": \"array\", \"items\": \"int\"}", "[1, \"x\"]")), @r#"2:69 /fields/0/default | the default [1,"x"] of field "a" is not an array of what it holds | write a value of that type, or remove the default"#);
    insta::assert_snapshot!(
        fault(&with("{\"type\": \"record\", \"name\": \"I\", \"fields\": [{\"name\": \"x\", \"type\": \"int\"}]}", "{}")), @r#"2:109 /fields/0/default | the default {} of field "a" is not a record n.I | write a value of that type, or remove the default"#);
    for (kind, default) in [
        ("[\"null\", \"string\"]", "\"any branch\""),
        ("[\"null\", \"n.R\"]", "null"),
        ("\"double\"", "\"1.5\""),
        ("\"float\"", "\"NaN\""),
        ("\"bytes\"", "\"\\u00ff\""),
        (
            "{\"type\": \"record\", \"name\": \"I\", \"fields\": [{\"name\": \"x\", \"type\": \"int\", \"default\": 1}]}",
            "{}",
        ),
    ] {
        assert!(parse(&with(kind, default)).is_ok(), "{kind} {default}");
    }
    assert!(parse_registered(&with("\"string\"", "null")).is_ok(), "a registry may hold it");
}

#[test]
fn a_default_of_a_record_that_holds_itself_ends() {
    let text = record("{\"name\": \"a\", \"type\": [\"R\", \"null\"], \"default\": {}}");
    assert!(parse(&text).is_ok());
}

#[test]
fn a_name_is_looked_up_where_it_stands_then_without_namespace() {
    let plain = "{\"type\": \"fixed\", \"name\": \"F\", \"namespace\": \"\", \"size\": 1}";
    let text =
        record(&format!("{{\"name\": \"a\", \"type\": {plain}}},\n{{\"name\": \"b\", \"type\": \"F\"}}"));
    let Schema::Record(record) = parse(&text).unwrap() else { panic!("not a record") };
    assert_eq!(record.fields[1].schema, Schema::Reference(Name::read("F", "").unwrap()));
}
