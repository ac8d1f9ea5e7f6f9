use super::Manner;
use serde_json::{Value, json};

/// Why a request is refused. Which status, code and words that has is the manner's affair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSubject(String),
    NoVersion {
        subject: String,
        version: String,
    },
    /// The word cannot be a version.
    NotAVersion {
        subject: String,
        version: String,
    },
    NoSchemaWithId(String),
    /// The subject has no version that holds the schema.
    NoMatch(String),
    SubjectSoftDeleted(String),
    SubjectNotSoftDeleted(String),
    VersionSoftDeleted {
        subject: String,
        version: i32,
    },
    VersionNotSoftDeleted {
        subject: String,
        version: i32,
    },
    NoLevel(String),
    NoMode(String),
    InvalidSchema(String),
    /// As [`Refusal::InvalidSchema`], of a schema that was to be checked only.
    InvalidSchemaInCheck(String),
    NoReference {
        subject: String,
        version: i32,
    },
    UnknownSchemaType(String),
    NoSchemaGiven,
    InvalidLevel(Option<String>),
    InvalidMode(String),
    NotPermitted(String),
    Referenced {
        subject: String,
        version: i32,
    },
    Incompatible {
        subject: String,
        kind: &'static str,
        reasons: Vec<String>,
        details: Vec<String>,
    },
    /// The check was not made.
    Unchecked(String),
    NotJson(String),
    NoSuchPath,
    NoSuchMethod,
    MediaType,
    TooLarge,
    Unauthorized,
    Forbidden,
}

/// An error as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub status: u16,
    pub body: RefusedBody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RefusedBody {
    Json(Value),
    Text(String),
    Empty,
}

fn coded(status: u16, code: i32, message: impl Into<String>) -> Refused {
    Refused { status, body: RefusedBody::Json(json!({ "error_code": code, "message": message.into() })) }
}

/// As Apicurio orders it.
fn worded(status: u16, code: i32, message: impl Into<String>) -> Refused {
    Refused { status, body: RefusedBody::Json(json!({ "message": message.into(), "error_code": code })) }
}

fn empty(status: u16) -> Refused {
    Refused { status, body: RefusedBody::Empty }
}

impl Refusal {
    /// The answer of a registry of that manner.
    pub fn answer(self, manner: Manner) -> Refused {
        match manner {
            Manner::Apicurio => self.apicurio(),
            Manner::Karapace => self.karapace(),
            Manner::Confluent => self.confluent(),
        }
    }

    fn confluent(self) -> Refused {
        match self {
            Refusal::NoSubject(subject) => coded(404, 40401, format!("Subject '{subject}' not found.")),
            Refusal::NoVersion { version, .. } => coded(404, 40402, format!("Version {version} not found.")),
            Refusal::NotAVersion { version, .. } => coded(
                422,
                42202,
                format!(
                    "The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
                ),
            ),
            Refusal::NoSchemaWithId(id) => coded(404, 40403, format!("Schema {id} not found")),
            Refusal::NoMatch(_) => coded(404, 40403, "Schema not found"),
            Refusal::SubjectSoftDeleted(subject) => coded(
                404,
                40404,
                format!("Subject '{subject}' was soft deleted. Set permanent=true to delete permanently"),
            ),
            Refusal::SubjectNotSoftDeleted(subject) => coded(
                404,
                40405,
                format!("Subject '{subject}' was not deleted first before being permanently deleted"),
            ),
            Refusal::VersionSoftDeleted { subject, version } => coded(
                404,
                40406,
                format!(
                    "Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
                ),
            ),
            Refusal::VersionNotSoftDeleted { subject, version } => coded(
                404,
                40407,
                format!(
                    "Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
                ),
            ),
            Refusal::NoLevel(subject) => coded(
                404,
                40408,
                format!("Subject '{subject}' does not have subject-level compatibility configured"),
            ),
            Refusal::NoMode(subject) => {
                coded(404, 40409, format!("Subject '{subject}' does not have subject-level mode configured"))
            }
            Refusal::InvalidSchema(details) | Refusal::InvalidSchemaInCheck(details) => {
                coded(422, 42201, format!("Invalid schema, details: {details}"))
            }
            Refusal::NoReference { subject, version } => coded(
                422,
                42201,
                format!(
                    "Invalid schema, details: no schema reference found for subject \"{subject}\" and version {version}"
                ),
            ),
            Refusal::UnknownSchemaType(word) => coded(422, 42201, format!("Invalid schema type {word}")),
            Refusal::NoSchemaGiven => coded(422, 42201, "Invalid schema, details: the schema is empty"),
            Refusal::InvalidLevel(_) => coded(
                422,
                42203,
                "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive",
            ),
            Refusal::InvalidMode(_) => coded(
                422,
                42204,
                "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT",
            ),
            Refusal::NotPermitted(reason) => coded(422, 42205, reason),
            Refusal::Referenced { subject, version } => coded(
                422,
                42206,
                format!(
                    "One or more references exist to the schema {{subject={subject},version={version}}}."
                ),
            ),
            Refusal::Incompatible { subject, details, .. } => coded(
                409,
                409,
                format!(
                    "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{}]",
                    details.join(", ")
                ),
            ),
            Refusal::Unchecked(reason) => coded(422, 42201, reason),
            Refusal::NotJson(reason) => coded(400, 400, reason),
            Refusal::NoSuchPath => coded(404, 404, "HTTP 404 Not Found"),
            Refusal::NoSuchMethod => coded(405, 405, "HTTP 405 Method Not Allowed"),
            Refusal::MediaType => coded(415, 415, "HTTP 415 Unsupported Media Type"),
            Refusal::TooLarge => coded(413, 413, "HTTP 413 Request Entity Too Large"),
            Refusal::Unauthorized => coded(401, 401, "Unauthorized"),
            Refusal::Forbidden => coded(403, 40301, "User is denied operation Write on this server."),
        }
    }

    fn karapace(self) -> Refused {
        match self {
            Refusal::NoLevel(subject) => Refusal::NoSubject(subject).confluent(),
            Refusal::InvalidLevel(_) => coded(
                422,
                42203,
                "Invalid compatibility level. Valid values are NONE, BACKWARD, BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE",
            ),
            Refusal::Incompatible { reasons, .. } => {
                coded(409, 409, format!("Incompatible schema. Incompatibilities: {}", reasons.join(", ")))
            }
            other => other.confluent(),
        }
    }

    fn apicurio(self) -> Refused {
        let no_artifact = |id: &str| format!("No artifact with ID '{id}' in group 'null' was found.");
        match self {
            Refusal::NoSubject(subject) => worded(404, 40401, no_artifact(&subject)),
            Refusal::NoVersion { subject, version } | Refusal::NotAVersion { subject, version } => worded(
                404,
                40402,
                format!("No version '{version}' found for artifact with ID '{subject}' in group 'null'."),
            ),
            Refusal::NoSchemaWithId(id) => {
                worded(404, 40403, format!("No content with ID '{id}' was found."))
            }
            Refusal::NoMatch(subject) => worded(
                404,
                40403,
                format!("The given schema does not match any schema under the subject {subject}"),
            ),
            Refusal::SubjectSoftDeleted(subject) => {
                worded(404, 40404, format!("Subject {subject} is in soft deleted state."))
            }
            Refusal::SubjectNotSoftDeleted(subject) => {
                worded(409, 40405, format!("Subject {subject} must be soft deleted first"))
            }
            Refusal::VersionSoftDeleted { .. } => worded(409, 40406, "Schema is already soft deleted"),
            Refusal::VersionNotSoftDeleted { subject, version } => {
                worded(409, 40407, format!("Subject {subject} version {version} must be soft deleted first"))
            }
            Refusal::InvalidSchema(_) => worded(422, 42201, "Failed to discover artifact type from content."),
            Refusal::InvalidSchemaInCheck(_) => {
                worded(422, 42201, "Could not execute compatibility rule on invalid Avro schema")
            }
            Refusal::NoReference { .. } => worded(422, 42201, "Unresolved reference"),
            Refusal::UnknownSchemaType(word) => {
                worded(500, 0, format!("No such artifact type provider: {word}"))
            }
            Refusal::NoSchemaGiven => worded(500, 0, "there is no content"),
            Refusal::InvalidLevel(Some(word)) => {
                worded(500, 0, format!("Illegal compatibility level: {word}"))
            }
            Refusal::InvalidLevel(None) => worded(500, 0, "Name is null"),
            Refusal::Referenced { subject, .. } => {
                worded(422, 42206, format!("There are subjects referencing {subject}"))
            }
            Refusal::Incompatible { subject, kind, reasons, .. } => worded(
                409,
                409,
                format!(
                    "io.apicurio.registry.rules.RuleViolationException: Incompatible artifact: {subject} [{kind}], num of incompatible diffs: {{{}}}, list of diff types: [{}]",
                    reasons.len(),
                    reasons.join(", ")
                ),
            ),
            Refusal::NotJson(_) | Refusal::InvalidMode(_) => Refused {
                status: 400,
                body: RefusedBody::Text("Not able to deserialize data provided.".to_owned()),
            },
            Refusal::NoSuchPath => empty(404),
            Refusal::NoSuchMethod => empty(405),
            Refusal::MediaType => empty(415),
            Refusal::Unauthorized => empty(401),
            Refusal::Forbidden => worded(403, 403, "the user may not do this"),
            other => other.confluent(),
        }
    }
}
