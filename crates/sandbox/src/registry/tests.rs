use super::answers::Answer;
use super::refusal::{Refused, RefusedBody};
use super::request::Request;
use super::{Manner, Registry, routes};
use serde_json::{Value, json};

/// A registry that is asked without HTTP. Answers are written as `200 {…}`.
struct Desk(Registry);

impl Desk {
    fn new(manner: Manner) -> Desk {
        Desk(Registry::new(manner))
    }

    fn ask(&mut self, method: &str, path: &str, body: &Value) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = format!("{}{path}", self.0.manner.base_path());
        let body = body.to_string().into_bytes();
        let request = Request::read(self.0.manner, method, &path, query, body).unwrap();
        match routes::act(&mut self.0, &request) {
            Ok(Answer::Json(value)) => format!("200 {value}"),
            Ok(Answer::Text(text)) => format!("200 {text}"),
            Ok(Answer::Nothing) => "204".to_owned(),
            Err(refusal) => match refusal.answer(self.0.manner) {
                Refused { status, body: RefusedBody::Json(body) } => {
                    format!("{status} {}", body["error_code"])
                }
                Refused { status, .. } => format!("{status}"),
            },
        }
    }

    fn get(&mut self, path: &str) -> String {
        self.ask("GET", path, &Value::Null)
    }

    fn delete(&mut self, path: &str) -> String {
        self.ask("DELETE", path, &Value::Null)
    }

    fn register(&mut self, subject: &str, schema: &Value) -> String {
        self.ask("POST", &format!("/subjects/{subject}/versions"), &json!({ "schema": schema.to_string() }))
    }

    fn check(&mut self, subject: &str, versions: &str, schema: &Value) -> String {
        let path = format!("/compatibility/subjects/{subject}/versions{versions}");
        self.ask("POST", &path, &json!({ "schema": schema.to_string() }))
    }

    fn level(&mut self, of: &str, word: &str) -> String {
        self.ask("PUT", &format!("/config{of}"), &json!({ "compatibility": word }))
    }
}

fn record(fields: &[&str]) -> Value {
    let fields: Vec<Value> = fields
        .iter()
        .map(|field| match field.strip_suffix('?') {
            Some(name) => json!({ "name": name, "type": "int", "default": 0 }),
            None => json!({ "name": field, "type": "int" }),
        })
        .collect();
    json!({ "type": "record", "name": "R", "namespace": "n", "fields": fields })
}

#[test]
fn what_counts_as_the_same_schema_depends_on_the_manner() {
    let text = record(&["a"]).to_string();
    let spaced = text.replace(',', " ,\n");
    let reordered = r#"{"fields":[{"type":"int","name":"a"}],"namespace":"n","name":"R","type":"record"}"#;
    let spelled = text.replace(r#""name":"R","namespace":"n""#, r#""name":"n.R""#);
    let documented = text.replace(r#""name":"R""#, r#""name":"R","doc":"d""#);
    for (manner, versions) in [
        (Manner::Confluent, [1, 1, 1, 1, 2]),
        (Manner::Karapace, [1, 1, 1, 2, 3]),
        (Manner::Apicurio, [1, 2, 3, 4, 5]),
    ] {
        let mut desk = Desk::new(manner);
        desk.level("", "NONE");
        for (text, count) in [&*text, &*spaced, reordered, &*spelled, &*documented].into_iter().zip(versions)
        {
            desk.ask("POST", "/subjects/s/versions", &json!({ "schema": text }));
            assert_eq!(desk.0.subjects["s"].versions.len(), count, "{manner} {text}");
        }
    }
}

#[test]
fn an_older_version_again_is_its_id_and_leaves_the_latest() {
    for manner in Manner::ALL {
        let mut desk = Desk::new(manner);
        assert_eq!(desk.register("s", &record(&["a"])), r#"200 {"id":1}"#);
        assert_eq!(desk.register("s", &record(&["a", "b?"])), r#"200 {"id":2}"#);
        assert_eq!(desk.register("s", &record(&["a"])), r#"200 {"id":1}"#);
        assert_eq!(desk.register("t", &record(&["a"])), r#"200 {"id":1}"#, "one id in all subjects");
        assert_eq!(desk.get("/subjects/s/versions"), "200 [1,2]");
        assert_eq!(
            desk.get("/schemas/ids/1/versions"),
            r#"200 [{"subject":"s","version":1},{"subject":"t","version":1}]"#
        );
        assert_eq!(desk.get("/subjects"), r#"200 ["s","t"]"#);
    }
}

#[test]
fn a_version_minus_one_makes_an_older_schema_the_latest_again() {
    let mut desk = Desk::new(Manner::Confluent);
    desk.register("s", &record(&["a"]));
    desk.register("s", &record(&["a", "b?"]));
    let body = json!({ "schema": record(&["a"]).to_string(), "version": -1 });
    assert_eq!(desk.ask("POST", "/subjects/s/versions", &body), r#"200 {"id":1}"#);
    assert_eq!(desk.get("/subjects/s/versions"), "200 [1,2,3]");
    assert_eq!(desk.ask("POST", "/subjects/s/versions", &body), r#"200 {"id":1}"#);
    assert_eq!(desk.get("/subjects/s/versions"), "200 [1,2,3]", "it is the latest already");
}

#[test]
fn the_level_is_enforced_and_told_as_the_manner_does() {
    for manner in Manner::ALL {
        let mut desk = Desk::new(manner);
        desk.level("", "FULL");
        assert_eq!(desk.register("s", &record(&["a"])), r#"200 {"id":1}"#);
        assert_eq!(desk.register("s", &record(&["b"])), "409 409", "{manner}");
        assert_eq!(desk.check("s", "/latest", &record(&["b"])), r#"200 {"is_compatible":false}"#);
        assert_eq!(desk.check("s", "/latest", &record(&["a", "b?"])), r#"200 {"is_compatible":true}"#);
        assert_eq!(desk.check("s", "/7", &record(&["a"])), "404 40402");
    }
    let own = |manner| {
        let mut desk = Desk::new(manner);
        desk.level("", "FULL");
        desk.register("s", &record(&["a"]));
        [desk.get("/config/s"), desk.get("/config/s?defaultToGlobal=true"), desk.get("/config/never")]
    };
    let full = r#"200 {"compatibilityLevel":"FULL"}"#;
    assert_eq!(own(Manner::Confluent), ["404 40408", full, "404 40408"]);
    assert_eq!(own(Manner::Karapace), ["404 40401", full, "404 40401"]);
    assert_eq!(own(Manner::Apicurio), [r#"200 {"compatibilityLevel":"NONE"}"#, full, "404 40401"]);
}

#[test]
fn a_level_that_is_none_or_wrong() {
    let words = |manner| {
        let mut desk = Desk::new(manner);
        let answers = ["WAT", "full", "FULL"].map(|word| desk.level("/s", word));
        (answers, desk.ask("PUT", "/config/s", &json!({})))
    };
    let full = |field: &str| format!(r#"200 {{"{field}":"FULL"}}"#);
    let (answers, missing) = words(Manner::Confluent);
    assert_eq!(answers, ["422 42203".to_owned(), full("compatibility"), full("compatibility")]);
    assert_eq!(missing, "422 42203");
    let (answers, _) = words(Manner::Karapace);
    assert_eq!(answers, ["422 42203".to_owned(), "422 42203".to_owned(), full("compatibility")]);
    let (answers, missing) = words(Manner::Apicurio);
    assert_eq!(answers, ["500 0".to_owned(), "500 0".to_owned(), full("compatibilityLevel")]);
    assert_eq!(missing, "500 0");
}

#[test]
fn a_check_of_all_versions_reads_all_as_the_manner_does() {
    let verdicts = |manner| {
        let mut desk = Desk::new(manner);
        desk.level("", "NONE");
        desk.register("s", &json!("string"));
        desk.register("s", &json!("int"));
        desk.level("/s", "BACKWARD");
        let plain = desk.check("s", "", &json!("long"));
        desk.level("/s", "BACKWARD_TRANSITIVE");
        [plain, desk.check("s", "", &json!("long")), desk.check("never", "", &json!("long"))]
    };
    let (good, bad) = (r#"200 {"is_compatible":true}"#, r#"200 {"is_compatible":false}"#);
    assert_eq!(verdicts(Manner::Confluent), [good, bad, good]);
    assert_eq!(verdicts(Manner::Karapace), [good, bad, "404 40401"]);
    assert_eq!(verdicts(Manner::Apicurio), [bad, bad, "404 40401"]);
}

#[test]
fn the_reasons_of_a_check_are_those_of_the_manner() {
    let reasons = |manner| {
        let mut desk = Desk::new(manner);
        desk.level("", "BACKWARD");
        desk.register("s", &record(&["a"]));
        desk.check("s", "/latest?verbose=true", &record(&["a", "c"]))
    };
    insta::assert_snapshot!(reasons(Manner::Confluent), @r#"200 {"is_compatible":false,"messages":["{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'the field 'c' at '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'c'}","{oldSchemaVersion: 1}","{oldSchema: '{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}'}","{compatibility: 'BACKWARD'}"]}"#);
    insta::assert_snapshot!(reasons(Manner::Karapace), @r#"200 {"is_compatible":false,"messages":["c"]}"#);
    insta::assert_snapshot!(reasons(Manner::Apicurio), @r#"200 {"is_compatible":false}"#);
}

#[test]
fn deleting_goes_softly_first() {
    let mut desk = Desk::new(Manner::Confluent);
    desk.register("s", &record(&["a"]));
    desk.register("s", &record(&["a", "b?"]));
    desk.level("/s", "FULL");
    assert_eq!(desk.delete("/subjects/never"), "404 40401");
    assert_eq!(desk.delete("/subjects/s/versions/0"), "422 42202");
    assert_eq!(desk.delete("/subjects/s/versions/7"), "404 40402");
    assert_eq!(desk.delete("/subjects/s/versions/1?permanent=true"), "404 40407");
    assert_eq!(desk.delete("/subjects/s/versions/1"), "200 1");
    assert_eq!(desk.delete("/subjects/s/versions/1"), "404 40406");
    assert_eq!(desk.get("/subjects/s/versions/1"), "404 40402");
    assert_eq!(desk.get("/subjects/s/versions?deleted=true"), "200 [1,2]");
    assert_eq!(desk.delete("/subjects/s?permanent=true"), "404 40405");
    assert_eq!(desk.delete("/subjects/s"), "200 [2]");
    assert_eq!(desk.delete("/subjects/s"), "404 40404");
    assert_eq!(desk.get("/config/s"), "404 40408");
    assert_eq!([desk.get("/subjects"), desk.get("/subjects?deleted=true")], ["200 []", r#"200 ["s"]"#]);
    assert!(desk.get("/schemas/ids/1").starts_with("200 "), "a soft deletion keeps the schema");
    assert_eq!(desk.register("s", &record(&["a"])), r#"200 {"id":1}"#);
    assert_eq!(desk.get("/subjects/s/versions"), "200 [3]");
    assert_eq!(desk.delete("/subjects/s"), "200 [3]");
    assert_eq!(desk.delete("/subjects/s?permanent=true"), "200 [1,2,3]");
    assert_eq!(desk.get("/schemas/ids/1"), "404 40403");
    assert_eq!(desk.register("s", &record(&["a"])), r#"200 {"id":3}"#, "an id is not given twice");
    assert_eq!(desk.get("/subjects/s/versions"), "200 [1]");
}

#[test]
fn what_is_referred_to_stays() {
    let mut desk = Desk::new(Manner::Confluent);
    let order = json!({ "type": "record", "name": "n.Order", "fields": [{ "name": "r", "type": "n.R" }] });
    let body = |version: i32| {
        let reference = json!({ "name": "n.R", "subject": "r", "version": version });
        json!({ "schema": order.to_string(), "references": [reference] })
    };
    assert_eq!(desk.register("o", &order), "422 42201", "it does not stand alone");
    assert_eq!(desk.ask("POST", "/subjects/o/versions", &body(1)), "422 42201", "nothing to refer to");
    desk.register("r", &record(&["a"]));
    desk.register("r", &record(&["a", "b?"]));
    assert_eq!(desk.ask("POST", "/subjects/o/versions", &body(1)), r#"200 {"id":3}"#);
    assert_eq!(desk.ask("POST", "/subjects/o/versions", &body(2)), r#"200 {"id":4}"#, "another reference");
    assert_eq!(desk.get("/subjects/r/versions/1/referencedby"), "200 [3]");
    assert_eq!(desk.delete("/subjects/r"), "422 42206");
    assert_eq!(desk.delete("/subjects/r/versions/1"), "422 42206");
    assert_eq!(desk.delete("/subjects/o"), "200 [1,2]");
    assert_eq!(desk.delete("/subjects/r"), "200 [1,2]");
}

#[test]
fn a_type_of_another_subject_counts_when_schemas_are_compared() {
    let mut desk = Desk::new(Manner::Confluent);
    let order = json!({ "type": "record", "name": "n.Order", "fields": [{ "name": "r", "type": "n.R" }] });
    desk.level("/r", "NONE");
    desk.register("r", &record(&["a"]));
    desk.register("r", &record(&["b"]));
    let body = |version: i32| {
        let reference = json!({ "name": "n.R", "subject": "r", "version": version });
        json!({ "schema": order.to_string(), "references": [reference] })
    };
    desk.ask("POST", "/subjects/o/versions", &body(1));
    assert_eq!(desk.ask("POST", "/subjects/o/versions", &body(2)), "409 409");
}

#[test]
fn modes_are_enforced() {
    let mut desk = Desk::new(Manner::Confluent);
    let mode = |desk: &mut Desk, of: &str, word: &str| {
        desk.ask("PUT", &format!("/mode{of}"), &json!({ "mode": word }))
    };
    assert_eq!(mode(&mut desk, "", "WAT"), "422 42204");
    desk.register("s", &json!("int"));
    assert_eq!(mode(&mut desk, "/s", "READONLY"), r#"200 {"mode":"READONLY"}"#);
    assert_eq!(desk.register("s", &json!("long")), "422 42205");
    assert_eq!(desk.delete("/subjects/s"), "422 42205");
    assert_eq!(desk.level("/s", "NONE"), "422 42205");
    assert_eq!(desk.register("t", &json!("long")), r#"200 {"id":2}"#);
    assert_eq!(desk.get("/mode/t"), "404 40409");
    assert_eq!(desk.get("/mode/t?defaultToGlobal=true"), r#"200 {"mode":"READWRITE"}"#);
    assert_eq!(desk.delete("/mode/s"), r#"200 {"mode":"READONLY"}"#);
    assert_eq!(mode(&mut desk, "", "IMPORT"), "422 42205", "there are subjects");
    assert_eq!(mode(&mut desk, "/i", "IMPORT"), r#"200 {"mode":"IMPORT"}"#);
    let import = |id: i32, schema: &str| json!({ "schema": format!("\"{schema}\""), "id": id, "version": 5 });
    assert_eq!(desk.ask("POST", "/subjects/i/versions", &import(90, "bytes")), r#"200 {"id":90}"#);
    assert_eq!(desk.get("/subjects/i/versions"), "200 [5]");
    assert_eq!(
        desk.ask("POST", "/subjects/i/versions", &import(90, "string")),
        "422 42205",
        "the id is taken"
    );
    assert_eq!(
        desk.ask("POST", "/subjects/t/versions", &import(91, "string")),
        "422 42205",
        "not in import mode"
    );
    assert_eq!(desk.register("t", &record(&["a"])), "409 409");
    assert_eq!(desk.register("u", &record(&["a"])), r#"200 {"id":91}"#, "ids go on after the imported ones");
}

#[test]
fn modes_of_registries_that_have_none() {
    let mut desk = Desk::new(Manner::Apicurio);
    let mode = json!({ "mode": "READONLY" });
    assert_eq!([desk.get("/mode"), desk.ask("PUT", "/mode", &mode)], ["404", "404"]);
    assert_eq!([desk.get("/mode/s"), desk.ask("PUT", "/mode/s", &mode)], ["204", "204"]);
    assert_eq!(desk.register("s", &json!("int")), r#"200 {"id":1}"#, "and nothing is enforced");
    let mut desk = Desk::new(Manner::Karapace);
    assert_eq!(desk.get("/mode"), r#"200 {"mode":"READWRITE"}"#);
    assert_eq!(desk.ask("PUT", "/mode", &mode), "405 405");
}

#[test]
fn lists_come_in_pages() {
    let mut desk = Desk::new(Manner::Confluent);
    for subject in ["a-1", "a-2", "b-1", "b-2"] {
        desk.register(subject, &json!("int"));
    }
    desk.delete("/subjects/b-2");
    assert_eq!(desk.get("/subjects?offset=1&limit=1"), r#"200 ["a-2"]"#);
    assert_eq!(desk.get("/subjects?subjectPrefix=b"), r#"200 ["b-1"]"#);
    assert_eq!(desk.get("/subjects?deleted=true&subjectPrefix=b"), r#"200 ["b-1","b-2"]"#);
    assert_eq!(desk.get("/subjects?deletedOnly=true"), r#"200 ["b-2"]"#);
    assert_eq!(desk.get("/subjects?offset=9"), "200 []");
}

#[test]
fn metadata_is_kept_and_inherited() {
    let mut desk = Desk::new(Manner::Confluent);
    let metadata = json!({ "properties": { "owner": "x" } });
    let body = json!({ "schema": record(&["a"]).to_string(), "metadata": metadata });
    desk.ask("POST", "/subjects/s/versions", &body);
    assert_eq!(desk.register("s", &record(&["a"])), r#"200 {"id":1}"#, "inherited, so the same");
    assert_eq!(desk.register("s", &record(&["a", "b?"])), r#"200 {"id":2}"#);
    assert!(desk.get("/subjects/s/versions/2").contains(r#""metadata":{"properties":{"owner":"x"}}"#));
    let body = json!({ "metadata": { "properties": { "owner": "y" } } });
    assert_eq!(desk.ask("POST", "/subjects/s/versions", &body), r#"200 {"id":3}"#, "the text that is there");
    let lookup = json!({ "schema": record(&["a"]).to_string() });
    assert!(desk.ask("POST", "/subjects/s", &lookup).starts_with(r#"200 {"subject":"s","version":1,"id":1"#));
}

#[test]
fn languages_that_cannot_be_compared_are_never_passed() {
    for kind in ["PROTOBUF", "JSON"] {
        let mut desk = Desk::new(Manner::Confluent);
        let body = |text: &str| json!({ "schema": text, "schemaType": kind });
        assert_eq!(desk.ask("POST", "/subjects/s/versions", &body("{}")), r#"200 {"id":1}"#);
        assert_eq!(desk.ask("POST", "/subjects/s/versions", &body("{}")), r#"200 {"id":1}"#);
        assert_eq!(desk.ask("POST", "/subjects/s/versions", &body("{ }")), "422 42201");
        assert_eq!(desk.ask("POST", "/compatibility/subjects/s/versions/latest", &body("{ }")), "422 42201");
        assert_eq!(desk.register("s", &json!("int")), "422 42201", "nor compared with another language");
        desk.level("/s", "NONE");
        assert_eq!(desk.ask("POST", "/subjects/s/versions", &body("{ }")), r#"200 {"id":2}"#);
        assert!(desk.get("/subjects/s/versions/1").contains(&format!(r#""schemaType":"{kind}""#)));
    }
}

#[test]
fn bodies_that_cannot_be_read() {
    let mut desk = Desk::new(Manner::Confluent);
    let post = |desk: &mut Desk, body: Value| desk.ask("POST", "/subjects/s/versions", &body);
    assert_eq!(post(&mut desk, json!([1])), "400 400");
    assert_eq!(post(&mut desk, json!({ "schema": {} })), "400 400");
    assert_eq!(post(&mut desk, json!({ "schema": "\"int\"", "references": "x" })), "400 400");
    assert_eq!(post(&mut desk, json!({ "schema": "\"int\"", "references": [{ "name": "x" }] })), "400 400");
    assert_eq!(post(&mut desk, json!({ "schema": "\"int\"", "id": "x" })), "400 400");
    assert_eq!(post(&mut desk, json!({})), "422 42201");
    assert_eq!(post(&mut desk, json!({ "schema": "" })), "422 42201");
    assert_eq!(post(&mut desk, json!({ "schema": "{" })), "422 42201");
    assert_eq!(post(&mut desk, json!({ "schema": "\"int\"", "schemaType": "THRIFT" })), "422 42201");
    assert_eq!(desk.get("/subjects"), "200 []");
}

#[test]
fn paths_and_methods_that_are_not_there() {
    let mut desk = Desk::new(Manner::Confluent);
    let not_there =
        ["/", "/subjects", "/schemas/types", "/subjects/s/versions/1/schema", "/config/s", "/mode"];
    for path in not_there {
        assert_eq!(desk.ask("PATCH", path, &Value::Null), "405 405", "{path}");
    }
    for path in ["/v3/subjects", "/subjects/s/versions/1/x", "/schemas/ids/abc", "/subjects/"] {
        assert_ne!(desk.get(path).split(' ').next(), Some("200"), "{path}");
    }
    assert!(
        Request::read(Manner::Apicurio, "GET", "/subjects", "", Vec::new()).is_none(),
        "below no base path"
    );
    assert!(Request::read(Manner::Confluent, "GET", "/subjects/%zz", "", Vec::new()).is_none());
}

#[test]
fn every_name_of_a_subject_is_one_segment() {
    let mut desk = Desk::new(Manner::Confluent);
    for (encoded, name) in
        [("a%2Fb", "a/b"), ("a%20b", "a b"), ("%C3%A9", "é"), ("a+b", "a+b"), ("a%3Fb%23c", "a?b#c")]
    {
        desk.register(encoded, &json!("int"));
        assert!(desk.0.subjects.contains_key(name), "{name}");
    }
    assert_eq!(desk.get("/subjects?subjectPrefix=a%2F"), r#"200 ["a/b"]"#);
    assert_eq!(desk.get("/subjects?subjectPrefix=a+"), r#"200 ["a b"]"#);
}
