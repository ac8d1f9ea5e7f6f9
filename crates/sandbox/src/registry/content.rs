use super::Manner;
use super::refusal::Refusal;
use klerk_core::schema::avro::{self, Schema};
use klerk_core::schema::{canonical, sorted};
use klerk_core::world::{SchemaReference, SchemaType};
use serde_json::Value;

/// A schema as a registry keeps it, apart from the subjects that hold it.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The language.
    pub kind: SchemaType,
    /// The text as it is given back.
    pub text: String,
    /// What it refers to.
    pub references: Vec<SchemaReference>,
    /// Metadata and rules that were given with it, by their keys.
    pub extras: Vec<(String, Value)>,
    pub(super) meaning: Meaning,
    /// What the manner compares when it asks whether it has this schema.
    identity: String,
}

/// What is known of a schema's meaning.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// An Avro schema, and the schemas of other subjects that it uses, directly and indirectly.
    Avro { schema: Box<Schema>, uses: Vec<Schema> },
    /// Text of another language, or none at all.
    Opaque,
}

/// Where the schemas that a reference names are found.
pub(super) trait Shelf {
    fn referenced(&self, reference: &SchemaReference) -> Option<&Content>;
}

impl Content {
    /// Reads a schema that somebody sends.
    pub(super) fn read(
        manner: Manner,
        kind: SchemaType,
        text: &str,
        references: Vec<SchemaReference>,
        shelf: &impl Shelf,
    ) -> Result<Content, Refusal> {
        let mut uses: Vec<Schema> = Vec::new();
        for reference in &references {
            let found = shelf.referenced(reference).ok_or_else(|| Refusal::NoReference {
                subject: reference.subject.clone(),
                version: reference.version,
            })?;
            if let Meaning::Avro { schema, uses: further } = &found.meaning {
                for schema in further.iter().chain([&**schema]) {
                    // Two ways to the same type are no second definition of it.
                    if schema.name().is_none() || !uses.iter().any(|used| used.name() == schema.name()) {
                        uses.push(schema.clone());
                    }
                }
            }
        }
        let meaning = match kind {
            SchemaType::Avro if text.trim().is_empty() && manner.is_apicurio() => Meaning::Opaque,
            SchemaType::Avro => {
                let schema = avro::parse_with(text, &uses).map_err(|fault| {
                    Refusal::InvalidSchema(format!("{}:{}: {}", fault.line, fault.column, fault.message))
                })?;
                Meaning::Avro { schema: Box::new(schema), uses }
            }
            SchemaType::Json => match serde_json::from_str::<Value>(text) {
                Ok(Value::Object(_) | Value::Bool(_)) => Meaning::Opaque,
                Ok(_) => {
                    return Err(Refusal::InvalidSchema("a JSON Schema is an object or a boolean".to_owned()));
                }
                Err(error) => return Err(Refusal::InvalidSchema(error.to_string())),
            },
            SchemaType::Protobuf if text.trim().is_empty() => {
                return Err(Refusal::InvalidSchema("the schema is empty".to_owned()));
            }
            SchemaType::Protobuf => Meaning::Opaque,
        };
        let text = match (&meaning, manner) {
            (Meaning::Avro { schema, .. }, Manner::Confluent) => canonical(schema),
            _ => text.to_owned(),
        };
        let identity = identity(manner, &text);
        Ok(Content { kind, text, references, extras: Vec::new(), meaning, identity })
    }

    /// The same schema with other metadata and rules.
    pub(super) fn with_extras(&self, extras: Vec<(String, Value)>) -> Content {
        Content { extras, ..self.clone() }
    }

    /// Whether a registry of the manner takes both for one schema.
    pub(super) fn is(&self, other: &Content) -> bool {
        self.kind == other.kind
            && self.identity == other.identity
            && self.references == other.references
            && self.extras == other.extras
    }

    /// Whether both are one schema once their spelling is taken away.
    pub(super) fn is_normally(&self, other: &Content) -> bool {
        match (&self.meaning, &other.meaning) {
            (Meaning::Avro { schema: one, .. }, Meaning::Avro { schema: other_one, .. }) => {
                canonical(one) == canonical(other_one) && self.references == other.references
            }
            _ => self.is(other),
        }
    }
}

/// Confluent keeps the canonical text, Apicurio the text as it came; Karapace compares as JSON, whatever the order of
/// keys.
fn identity(manner: Manner, text: &str) -> String {
    match manner {
        Manner::Confluent | Manner::Apicurio => text.to_owned(),
        Manner::Karapace => serde_json::from_str::<Value>(text)
            .map_or_else(|_| text.to_owned(), |value| sorted(&value).to_string()),
    }
}
