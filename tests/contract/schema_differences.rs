//! What the registry of the sandbox does differently on purpose. Its documentation, `registry/mod.rs` of the sandbox's crate, has a
//! line for each of these.

use anyhow::{Context, Result};
use klerk_sandbox::registry::Manner;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::case::cases;
use crate::servers::On;

cases![
    Different:
        other_languages_are_not_compared,
        other_languages_are_kept_as_text,
        normalizing_heeds_documentation,
        malformed_bodies_are_refused_alike,
        lists_of_subjects_are_sorted,
        there_are_no_contexts;
    Alone:
        a_schema_is_kept_in_klerks_canonical_spelling,
        the_root_is_an_empty_object,
];

fn in_sandbox(bed: &Bed) -> bool {
    bed.on() == On::Sandbox
}

/// Asks, and tells the status.
fn ask(bed: &Bed, method: &str, path: &str, body: Option<Value>) -> Result<(u16, Value)> {
    let answer = bed.http(method, path, body.map(|body| body.to_string()).as_deref())?;
    let document: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    bed.tell(format!("{method} {path}: {} {}", answer.status, document["error_code"]));
    Ok((answer.status, document))
}

fn register(bed: &Bed, subject: &str, end: &str, kind: &str, text: &str) -> Result<(u16, Value)> {
    let body = json!({ "schemaType": kind, "schema": text });
    ask(bed, "POST", &format!("/subjects/{subject}/versions{end}"), Some(body))
}

const MESSAGE: &str = "syntax = \"proto3\";\nmessage R {\n  string a = 1;\n}\n";
const LONGER: &str = "syntax = \"proto3\";\nmessage R {\n  string a = 1;\n  string b = 2;\n}\n";

fn other_languages_are_not_compared(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    let level = json!({ "compatibility": "BACKWARD" });
    bed.is("level", ask(bed, "PUT", &format!("/config/{subject}"), Some(level))?.0, 200)?;
    bed.is("first", register(bed, &subject, "", "PROTOBUF", MESSAGE)?.0, 200)?;
    let (status, answer) = register(bed, &subject, "", "PROTOBUF", LONGER)?;
    bed.is("a longer one", status, if in_sandbox(bed) { 422 } else { 200 })?;
    bed.is("refused as unchecked", answer["error_code"] == 42201, in_sandbox(bed))
}

fn other_languages_are_kept_as_text(bed: &Bed) -> Result<()> {
    let (status, _) = register(bed, &bed.name("s"), "", "PROTOBUF", "this is no message")?;
    bed.is("status", status, if in_sandbox(bed) { 200 } else { 422 })
}

fn normalizing_heeds_documentation(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    let plain = json!({ "type": "record", "name": "R", "fields": [{ "name": "a", "type": "int" }] });
    let mut documented = plain.clone();
    documented["doc"] = json!("What it is for.");
    let first = register(bed, &subject, "", "AVRO", &plain.to_string())?.1;
    let second = register(bed, &subject, "?normalize=true", "AVRO", &documented.to_string())?.1;
    bed.is("it is another schema", first["id"] != second["id"], in_sandbox(bed))
}

fn malformed_bodies_are_refused_alike(bed: &Bed) -> Result<()> {
    let path = format!("/subjects/{}/versions", bed.name("s"));
    for (body, real) in [
        (r#"{"schema":"\"int\"","references":[{}]}"#, 500),
        (r#"{"schema":"\"int\"","version":"x"}"#, 200),
        ("", 422),
    ] {
        let answer = bed.http("POST", &path, Some(body))?;
        bed.is(body, answer.status, if in_sandbox(bed) { 400 } else { real })?;
    }
    Ok(())
}

fn lists_of_subjects_are_sorted(bed: &Bed) -> Result<()> {
    let names = ["zebra", "ant", "mole", "bee"].map(|name| bed.name(name));
    for name in &names {
        bed.is("registered", register(bed, name, "", "AVRO", "\"int\"")?.0, 200)?;
    }
    let all = ask(bed, "GET", "/subjects", None)?.1;
    let all = all.as_array().context("a list")?.iter().filter_map(Value::as_str);
    let mine: Vec<&str> = all.filter(|one| names.iter().any(|name| name == one)).collect();
    bed.tell(format!("{mine:?}"));
    bed.is("sorted", mine.is_sorted(), in_sandbox(bed))
}

fn there_are_no_contexts(bed: &Bed) -> Result<()> {
    let (status, answer) = ask(bed, "GET", "/contexts", None)?;
    bed.tell(answer);
    bed.is("they are not found", status == 404, in_sandbox(bed))
}

/// Asks the sandbox in another manner than Apicurio's.
fn in_manner(bed: &Bed, manner: Manner, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    bed.sandbox()?.with_registry(|registry| registry.manner = manner);
    let base = bed.registry().split("/apis").next().context("a base")?;
    let body = body.map(|body| body.to_string());
    let answer = klerk_testbed::ask(base, method, &format!("{}{path}", manner.base_path()), body.as_deref())?;
    bed.tell(format!("{manner}: {method} {path}: {} {}", answer.status, answer.body));
    Ok(serde_json::from_str(&answer.body)?)
}

// There is no registry of Confluent among these servers.
fn a_schema_is_kept_in_klerks_canonical_spelling(bed: &Bed) -> Result<()> {
    let text =
        r#"{"namespace": "n", "fields": [{"type": "int", "name": "a"}], "name": "R", "type": "record"}"#;
    let path = format!("/subjects/{}/versions", bed.name("s"));
    let body = Some(json!({ "schema": text }));
    let first = in_manner(bed, Manner::Confluent, "POST", &path, body.clone())?;
    let second = in_manner(bed, Manner::Confluent, "POST", &format!("{path}?normalize=true"), body)?;
    bed.is("normalizing finds the same", first == second, true)?;
    let kept = in_manner(bed, Manner::Confluent, "GET", &format!("{path}/1"), None)?;
    let kept = kept["schema"].as_str().context("a text")?.to_owned();
    bed.is("kept", kept, r#"{"type":"record","name":"n.R","fields":[{"name":"a","type":"int"}]}"#)
}

// What stands at the root differs from registry to registry, and nobody depends on it.
fn the_root_is_an_empty_object(bed: &Bed) -> Result<()> {
    for manner in Manner::ALL {
        bed.is("root", in_manner(bed, manner, "GET", "/", None)?, json!({}))?;
    }
    Ok(())
}
