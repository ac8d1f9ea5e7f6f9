//! Schemas in the registry: what is another version, which level allows what, and what refers to what.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::case::cases;

cases![Same:
    what_would_break_readers_is_refused,
    levels_decide_what_is_compatible,
    a_level_is_set_before_there_is_a_subject,
    a_subject_that_is_not_there_has_no_level,
    a_bad_level_is_refused,
    a_check_says_whether_it_is_compatible,
    a_version_out_of_range_is_refused,
    a_schema_that_cannot_be_read_is_refused,
    a_schema_is_found_by_its_id_and_by_its_text,
    references_are_kept,
    names_may_hold_any_character,
];

const ONE: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}"#;
const WITH_DEFAULT: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int","default":0}]}"#;
const WITHOUT_DEFAULT: &str =
    r#"{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"int"}]}"#;
const OTHER_TYPE: &str = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#;

/// A subject of this case, as a segment of a path.
fn subject(bed: &Bed, name: &str) -> String {
    format!("/subjects/{}", bed.name(name))
}

/// Asks, and tells status, error code and words.
fn ask(bed: &Bed, method: &str, path: &str, body: Option<Value>) -> Result<(u16, Value)> {
    let answer = bed.http(method, path, body.map(|body| body.to_string()).as_deref())?;
    let document: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    bed.tell(format!(
        "{method} {path}: {} {} {}",
        answer.status, document["error_code"], document["message"]
    ));
    Ok((answer.status, document))
}

fn avro(text: &str) -> Option<Value> {
    Some(json!({ "schemaType": "AVRO", "schema": text }))
}

/// Registers a schema; status and id.
fn register(bed: &Bed, subject: &str, text: &str) -> Result<(u16, Value)> {
    let (status, answer) = ask(bed, "POST", &format!("{subject}/versions"), avro(text))?;
    Ok((status, answer["id"].clone()))
}

fn versions(bed: &Bed, subject: &str) -> Result<Value> {
    Ok(ask(bed, "GET", &format!("{subject}/versions"), None)?.1)
}

/// Sets the level of a subject.
fn set_level(bed: &Bed, name: &str, level: &str) -> Result<u16> {
    let path = format!("/config/{}", bed.name(name));
    Ok(ask(bed, "PUT", &path, Some(json!({ "compatibility": level })))?.0)
}

fn what_would_break_readers_is_refused(bed: &Bed) -> Result<()> {
    let subject = subject(bed, "orders-value");
    bed.is("level", set_level(bed, "orders-value", "BACKWARD")?, 200)?;
    bed.is("first", register(bed, &subject, ONE)?.0, 200)?;
    for text in [WITHOUT_DEFAULT, OTHER_TYPE] {
        bed.is("incompatible", register(bed, &subject, text)?.0, 409)?;
    }
    bed.is("compatible", register(bed, &subject, WITH_DEFAULT)?.0, 200)?;
    bed.is("versions", versions(bed, &subject)?, json!([1, 2]))
}

fn levels_decide_what_is_compatible(bed: &Bed) -> Result<()> {
    for (level, widened, narrowed) in [
        ("BACKWARD", 409, 200),
        ("FORWARD", 200, 409),
        ("FULL", 409, 409),
        ("BACKWARD_TRANSITIVE", 409, 200),
        ("FORWARD_TRANSITIVE", 200, 409),
        ("FULL_TRANSITIVE", 409, 409),
    ] {
        for (old, new, expected) in [(ONE, WITHOUT_DEFAULT, widened), (WITHOUT_DEFAULT, ONE, narrowed)] {
            let name = format!("{level}-{}", old == ONE);
            bed.is("level", set_level(bed, &name, level)?, 200)?;
            bed.is("old", register(bed, &subject(bed, &name), old)?.0, 200)?;
            bed.is(level, register(bed, &subject(bed, &name), new)?.0, expected)?;
        }
    }
    Ok(())
}

fn a_level_is_set_before_there_is_a_subject(bed: &Bed) -> Result<()> {
    let path = format!("/config/{}", bed.name("orders-value"));
    let (status, answer) = ask(bed, "PUT", &path, Some(json!({ "compatibility": "FULL" })))?;
    bed.is("answer", (status, answer), (200, json!({ "compatibilityLevel": "FULL" })))?;
    bed.is("level", ask(bed, "GET", &path, None)?.1, json!({ "compatibilityLevel": "FULL" }))?;
    let subject = subject(bed, "orders-value");
    bed.is("first", register(bed, &subject, ONE)?.0, 200)?;
    bed.is("enforced", register(bed, &subject, WITHOUT_DEFAULT)?.0, 409)
}

fn a_subject_that_is_not_there_has_no_level(bed: &Bed) -> Result<()> {
    let path = format!("/config/{}", bed.name("nothing"));
    let (status, answer) = ask(bed, "GET", &path, None)?;
    bed.is("unset", (status, answer["compatibilityLevel"].clone()), (404, Value::Null))
}

fn a_bad_level_is_refused(bed: &Bed) -> Result<()> {
    bed.is("status", set_level(bed, "orders-value", "SIDEWAYS")?, 500)
}

fn a_check_says_whether_it_is_compatible(bed: &Bed) -> Result<()> {
    bed.is("level", set_level(bed, "orders-value", "BACKWARD")?, 200)?;
    bed.is("first", register(bed, &subject(bed, "orders-value"), ONE)?.0, 200)?;
    let path = format!("/compatibility/subjects/{}/versions/latest?verbose=true", bed.name("orders-value"));
    for (text, compatible) in [(WITH_DEFAULT, true), (WITHOUT_DEFAULT, false)] {
        let (status, answer) = ask(bed, "POST", &path, avro(text))?;
        bed.is("answer", (status, answer["is_compatible"].clone()), (200, json!(compatible)))?;
    }
    let nothing = format!("/compatibility/subjects/{}/versions/latest", bed.name("nothing"));
    let (status, answer) = ask(bed, "POST", &nothing, avro(ONE))?;
    bed.is("of nothing", (status, answer["is_compatible"].clone()), (200, json!(true)))
}

fn a_version_out_of_range_is_refused(bed: &Bed) -> Result<()> {
    let subject = subject(bed, "orders-value");
    bed.is("first", register(bed, &subject, ONE)?.0, 200)?;
    for version in ["0", "first"] {
        let status = ask(bed, "GET", &format!("{subject}/versions/{version}"), None)?.0;
        bed.holds("it is refused", (400..500).contains(&status))?;
    }
    Ok(())
}

fn a_schema_that_cannot_be_read_is_refused(bed: &Bed) -> Result<()> {
    let subject = subject(bed, "orders-value");
    for text in ["{", r#"{"type":"record"}"#, "\"strin\""] {
        bed.is(text, register(bed, &subject, text)?.0, 422)?;
    }
    bed.is("nothing was made", versions(bed, &subject)?["error_code"].clone(), json!(40401))
}

fn a_schema_is_found_by_its_id_and_by_its_text(bed: &Bed) -> Result<()> {
    let subject = subject(bed, "orders-value");
    let id = register(bed, &subject, ONE)?.1;
    let found = bed.http("GET", &format!("/schemas/ids/{id}"), None)?;
    let found: Value = serde_json::from_str(&found.body)?;
    bed.is("text by id", found["schema"].clone(), json!(ONE))?;
    let found = bed.http("POST", &subject, avro(ONE).map(|body| body.to_string()).as_deref())?;
    let found: Value = serde_json::from_str(&found.body)?;
    bed.is("version by text", found["version"].clone(), json!(1))?;
    bed.is("the id is the same", found["id"] == id, true)?;
    bed.is("another text", ask(bed, "POST", &subject, avro(OTHER_TYPE))?.0, 404)?;
    bed.is("another subject", ask(bed, "POST", &self::subject(bed, "nothing"), avro(ONE))?.0, 404)
}

/// A schema that refers to version 1 of a subject, which holds the record R.
fn referring(bed: &Bed, to: &str) -> Option<Value> {
    let text = r#"{"type":"record","name":"S","fields":[{"name":"r","type":"R"}]}"#;
    let reference = json!({ "name": "R", "subject": bed.name(to), "version": 1 });
    Some(json!({ "schemaType": "AVRO", "schema": text, "references": [reference] }))
}

fn references_are_kept(bed: &Bed) -> Result<()> {
    bed.is("referenced", register(bed, &subject(bed, "base"), ONE)?.0, 200)?;
    let path = format!("{}/versions", subject(bed, "user"));
    bed.is("referring", ask(bed, "POST", &path, referring(bed, "base"))?.0, 200)?;
    let kept = ask(bed, "GET", &format!("{path}/latest"), None)?.1;
    let reference = kept["references"].get(0).context("a reference")?.clone();
    let expected = json!({ "name": "R", "subject": bed.name("base"), "version": 1 });
    bed.is("reference", reference, expected)?;
    let missing = format!("{}/versions", subject(bed, "lost"));
    bed.is("referring to nothing", ask(bed, "POST", &missing, referring(bed, "nothing"))?.0, 422)
}

fn names_may_hold_any_character(bed: &Bed) -> Result<()> {
    let subject = format!("/subjects/{}%2Fa%20b%3Fc", bed.name("x"));
    bed.is("register", register(bed, &subject, ONE)?.0, 200)?;
    bed.is("versions", versions(bed, &subject)?, json!([1]))?;
    let all = bed.http("GET", "/subjects", None)?.body;
    bed.holds("the list has the name itself", all.contains(&format!("{}/a b?c", bed.name("x"))))
}
