//! The JSON of the answers.

use super::judge::Judgement;
use super::state::Version;
use super::{Content, Manner};
use klerk_core::world::SchemaType;
use serde_json::{Map, Value, json};

/// An answer with a status of success.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Json(Value),
    /// A schema's own text.
    Text(String),
    /// 204.
    Nothing,
}

/// A version with its schema.
pub(super) fn version(manner: Manner, subject: &str, version: Version, content: &Content) -> Answer {
    let mut body = Map::new();
    body.insert("subject".to_owned(), json!(subject));
    body.insert("version".to_owned(), json!(version.number));
    body.insert("id".to_owned(), json!(version.id));
    add_content(manner, content, &mut body);
    Answer::Json(Value::Object(body))
}

/// The version that a lookup found; Apicurio does not name the type of the schema here.
pub(super) fn found(manner: Manner, subject: &str, found: Version, content: &Content) -> Answer {
    let mut answer = version(manner, subject, found, content);
    if let (true, Answer::Json(Value::Object(body))) = (manner.is_apicurio(), &mut answer) {
        body.shift_remove("schemaType");
    }
    answer
}

/// A schema by itself.
pub(super) fn schema(manner: Manner, content: &Content) -> Answer {
    let mut body = Map::new();
    add_content(manner, content, &mut body);
    Answer::Json(Value::Object(body))
}

fn add_content(manner: Manner, content: &Content, body: &mut Map<String, Value>) {
    body.insert("schema".to_owned(), json!(content.text));
    if manner.says_everything() || content.kind != SchemaType::Avro {
        body.insert("schemaType".to_owned(), json!(content.kind.as_str()));
    }
    if manner.says_everything() || !content.references.is_empty() {
        let references = content.references.iter();
        let references = references.map(|reference| {
            json!({ "name": reference.name, "subject": reference.subject, "version": reference.version })
        });
        body.insert("references".to_owned(), references.collect());
    }
    body.extend(content.extras.iter().cloned());
}

/// What came of a check.
pub(super) fn judgement(manner: Manner, judgement: &Judgement, verbose: bool) -> Answer {
    let mut body = Map::new();
    body.insert("is_compatible".to_owned(), json!(judgement.compatible));
    if verbose && manner.gives_reasons() {
        body.insert("messages".to_owned(), json!(judgement.messages));
    }
    Answer::Json(Value::Object(body))
}
