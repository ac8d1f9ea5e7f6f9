//! The registry over HTTP. The sandbox behaves as Apicurio does here; the manners of others are tested in `crates/sandbox`.

use std::sync::LazyLock;

use anyhow::Result;
use regex::Regex;

use crate::bed::Bed;
use crate::case::cases;

cases![Same:
    a_schema_gets_an_id_and_a_version,
    what_is_not_there_is_said_by_its_code,
    spelling_makes_a_version_and_an_older_text_does_not,
    a_level_is_enforced_and_its_reasons_are_told,
    all_versions_are_checked_at_any_level,
    levels_are_told_in_this_manner,
    deleting_goes_softly_first,
    what_is_referred_to_stays,
    schemas_and_bodies_that_cannot_be_are_refused,
];

fn a_schema_gets_an_id_and_a_version(bed: &Bed) -> Result<()> {
    let path = format!("/subjects/{}/versions", bed.name("orders-value"));
    let answer = bed.http("POST", &path, Some(r#"{"schemaType":"AVRO","schema":"\"string\""}"#))?;
    bed.is("status", answer.status, 200)?;
    bed.holds("the answer has an id", answer.body.contains("\"id\""))?;
    let again = bed.http("POST", &path, Some(r#"{"schemaType":"AVRO","schema":"\"string\""}"#))?;
    bed.is("the same text gets the same id", again.body == answer.body, true)?;
    bed.is("versions", bed.http("GET", &path, None)?.body, "[1]".to_owned())
}

/// A record with these fields; `?` after a name gives it a default.
fn record(fields: &[&str]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| match field.strip_suffix('?') {
            Some(name) => format!(r#"{{"name":"{name}","type":"int","default":0}}"#),
            None => format!(r#"{{"name":"{field}","type":"int"}}"#),
        })
        .collect();
    format!(r#"{{"type":"record","name":"n.R","fields":[{}]}}"#, fields.join(","))
}

/// The body that brings a schema.
fn bring(schema: &str) -> String {
    serde_json::json!({ "schema": schema, "schemaType": "AVRO" }).to_string()
}

/// Asks, and tells status and body. Ids are left to chance: the real registry is everybody's.
fn ask(bed: &Bed, method: &str, path: &str, body: Option<&str>) -> Result<(u16, String)> {
    let answer = bed.http(method, path, body)?;
    let body = ID.replace_all(&answer.body, "\"id\":ID").into_owned();
    bed.tell(format!("{method} {path}: {} {body}", answer.status));
    Ok((answer.status, body))
}

static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("\"id\":[0-9]+").expect("a regular expression"));

fn register(bed: &Bed, subject: &str, schema: &str) -> Result<u16> {
    Ok(ask(bed, "POST", &format!("/subjects/{subject}/versions"), Some(&bring(schema)))?.0)
}

fn set_level(bed: &Bed, subject: &str, level: &str) -> Result<(u16, String)> {
    let body = format!(r#"{{"compatibility":"{level}"}}"#);
    ask(bed, "PUT", &format!("/config/{subject}"), Some(&body))
}

fn what_is_not_there_is_said_by_its_code(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    for path in ["/versions", "/versions/1", "/versions/latest"] {
        let (status, body) = ask(bed, "GET", &format!("/subjects/{subject}{path}"), None)?;
        bed.is("status", status, 404)?;
        bed.holds("40401", body.contains("40401"))?;
    }
    register(bed, &subject, &record(&["a"]))?;
    for version in ["7", "0", "abc"] {
        let (status, body) = ask(bed, "GET", &format!("/subjects/{subject}/versions/{version}"), None)?;
        bed.is("status", status, 404)?;
        bed.holds("40402", body.contains("40402"))?;
    }
    ask(bed, "GET", "/schemas/ids/2147483647", None)?;
    ask(bed, "POST", &format!("/subjects/{subject}"), Some(&bring(&record(&["b"]))))?;
    ask(bed, "GET", "/subjects/x/y/z", None)?;
    ask(bed, "PATCH", "/subjects", None)?;
    Ok(())
}

fn spelling_makes_a_version_and_an_older_text_does_not(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    let text = record(&["a"]);
    for schema in [&text, &text.replace(',', ", "), &text.replace("\"int\"", r#"{"type":"int"}"#), &text] {
        bed.is("status", register(bed, &subject, schema)?, 200)?;
    }
    let (_, versions) = ask(bed, "GET", &format!("/subjects/{subject}/versions"), None)?;
    bed.is("versions", versions, "[1,2,3]")?;
    ask(bed, "GET", &format!("/subjects/{subject}/versions/latest"), None)?;
    ask(bed, "GET", &format!("/subjects/{subject}/versions/1/schema"), None)?;
    ask(bed, "POST", &format!("/subjects/{subject}"), Some(&bring(&text)))?;
    Ok(())
}

fn a_level_is_enforced_and_its_reasons_are_told(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    bed.is("status", set_level(bed, &subject, "FULL")?.0, 200)?;
    register(bed, &subject, &record(&["a"]))?;
    // One reason each: the real registry tells several in no order.
    for (level, schema) in [
        ("BACKWARD", "\"int\"".to_owned()),
        ("FORWARD", "\"int\"".to_owned()),
        ("FULL", record(&["a", "c"])),
        ("FULL", record(&["b?"])),
    ] {
        set_level(bed, &subject, level)?;
        bed.is("status", register(bed, &subject, &schema)?, 409)?;
    }
    bed.is("status", register(bed, &subject, &record(&["a", "b?"]))?, 200)?;
    let versions = format!("/compatibility/subjects/{subject}/versions");
    for end in ["/latest", "/latest?verbose=true", "/1", "", "/9"] {
        for fields in [&["a", "c"][..], &["a"][..]] {
            ask(bed, "POST", &format!("{versions}{end}"), Some(&bring(&record(fields))))?;
        }
    }
    ask(bed, "POST", &format!("{versions}/latest"), Some(&bring("{")))?;
    Ok(())
}

fn all_versions_are_checked_at_any_level(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    register(bed, &subject, "\"string\"")?;
    register(bed, &subject, "\"int\"")?;
    let versions = format!("/compatibility/subjects/{subject}/versions");
    for level in ["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "NONE"] {
        set_level(bed, &subject, level)?;
        for end in ["/latest", ""] {
            ask(bed, "POST", &format!("{versions}{end}"), Some(&bring("\"long\"")))?;
        }
    }
    set_level(bed, &subject, "BACKWARD")?;
    bed.is("status", register(bed, &subject, "\"long\"")?, 200)
}

fn levels_are_told_in_this_manner(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    let path = format!("/config/{subject}");
    bed.is("status", ask(bed, "GET", &path, None)?.0, 404)?;
    ask(bed, "DELETE", &path, None)?;
    bed.is("status", set_level(bed, &subject, "FULL")?.0, 200)?;
    ask(bed, "GET", &format!("/subjects/{subject}/versions"), None)?;
    register(bed, &subject, &record(&["a"]))?;
    for level in ["WAT", "full", "NONE"] {
        set_level(bed, &subject, level)?;
        ask(bed, "GET", &path, None)?;
    }
    ask(bed, "PUT", &path, Some("{}"))?;
    set_level(bed, &subject, "FORWARD")?;
    ask(bed, "DELETE", &path, None)?;
    ask(bed, "DELETE", &path, None)?;
    ask(bed, "DELETE", "/config", None)?;
    Ok(())
}

fn deleting_goes_softly_first(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    let path = format!("/subjects/{subject}");
    ask(bed, "DELETE", &path, None)?;
    set_level(bed, &subject, "BACKWARD")?;
    register(bed, &subject, &record(&["a"]))?;
    register(bed, &subject, &record(&["a", "b?"]))?;
    for (end, status) in [
        ("/versions/1?permanent=true", 409),
        ("/versions/1", 200),
        ("/versions/1", 409),
        ("/versions/9", 404),
        ("?permanent=true", 409),
        ("", 200),
        ("", 404),
    ] {
        bed.is("status", ask(bed, "DELETE", &format!("{path}{end}"), None)?.0, status)?;
        ask(bed, "GET", &format!("{path}/versions"), None)?;
        ask(bed, "GET", &format!("{path}/versions?deleted=true"), None)?;
    }
    ask(bed, "GET", &format!("/config/{subject}"), None)?;
    register(bed, &subject, &record(&["a"]))?;
    ask(bed, "GET", &format!("{path}/versions?deleted=true"), None)?;
    ask(bed, "DELETE", &path, None)?;
    ask(bed, "DELETE", &format!("{path}?permanent=true"), None)?;
    ask(bed, "GET", &format!("/config/{subject}"), None)?;
    register(bed, &subject, &record(&["a"]))?;
    ask(bed, "GET", &format!("{path}/versions?deleted=true"), None)?;
    Ok(())
}

fn what_is_referred_to_stays(bed: &Bed) -> Result<()> {
    let (base, user) = (bed.name("base"), bed.name("user"));
    let schema = r#"{"type":"record","name":"n.User","fields":[{"name":"r","type":"n.R"}]}"#;
    let body = |version: i32| {
        let reference = serde_json::json!({ "name": "n.R", "subject": base, "version": version });
        serde_json::json!({ "schema": schema, "schemaType": "AVRO", "references": [reference] }).to_string()
    };
    let versions = format!("/subjects/{user}/versions");
    bed.is("status", register(bed, &user, schema)?, 422)?;
    bed.is("status", ask(bed, "POST", &versions, Some(&body(1)))?.0, 422)?;
    register(bed, &base, &record(&["a"]))?;
    bed.is("status", ask(bed, "POST", &versions, Some(&body(1)))?.0, 200)?;
    ask(bed, "GET", &format!("{versions}/1"), None)?;
    bed.is("status", ask(bed, "DELETE", &format!("/subjects/{base}"), None)?.0, 422)?;
    bed.is("status", ask(bed, "DELETE", &format!("/subjects/{user}"), None)?.0, 200)
}

fn schemas_and_bodies_that_cannot_be_are_refused(bed: &Bed) -> Result<()> {
    let subject = bed.name("s");
    let default = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"0"}]}"#;
    for schema in ["{", r#"{"type":"record","name":"X"}"#, "\"strnig\"", default] {
        bed.is("status", register(bed, &subject, schema)?, 422)?;
    }
    let versions = format!("/subjects/{subject}/versions");
    for body in ["{", "[1]", r#"{"schema":"\"int\"","references":"x"}"#] {
        bed.is("status", ask(bed, "POST", &versions, Some(body))?.0, 400)?;
    }
    let unknown = r#"{"schema":"\"int\"","schemaType":"THRIFT"}"#;
    bed.is("status", ask(bed, "POST", &versions, Some(unknown))?.0, 500)
}
