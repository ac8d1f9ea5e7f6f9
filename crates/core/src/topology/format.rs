//! The format as a JSON schema, for editors. Its keys are those of the readers, which a test holds it to.

use super::read::KAFKA_CONFIGS;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The JSON schema of topology files, as `topology.schema.json` holds it.
pub fn format_schema() -> Value {
    let generator =
        SchemaSettings::draft07().with_transform(RecursiveTransform(without_null)).into_generator();
    let mut schema = generator.into_root_schema_for::<TopologyFile>();
    schema.insert("title".to_owned(), json!("klerk topology"));
    schema.to_value()
}

/// `null` is always a fault, so nothing takes it.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            schema.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if let [Value::Object(choice)] = choices.as_slice() {
            let choice = choice.clone();
            schema.remove("anyOf");
            for (key, value) in choice {
                schema.insert(key, value);
            }
        }
    }
}

/// What a Kafka estate should be: topics, schemas, and what consumer groups are promised.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct TopologyFile {
    /// The version of the format.
    klerk: Version,
    /// The agreed form of names.
    naming: Option<NamingSection>,
    /// What holds for every topic, unless its class or the topic itself says otherwise.
    defaults: Option<TopicEntry>,
    /// Named families of topics.
    classes: Option<BTreeMap<String, ClassEntry>>,
    /// Topics by name.
    topics: Option<BTreeMap<String, TopicEntry>>,
    /// Subjects of the schema registry.
    schemas: Option<SchemasSection>,
    /// Contracts of consumer groups by group id; `all` is for every group, declared or not.
    groups: Option<BTreeMap<String, GroupEntry>>,
    /// What others own: it may be referred to, is never planned, and is not listed as unmanaged.
    external: Option<ExternalSection>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct NamingSection {
    /// Forms of topic names: words in braces match [a-z0-9_-]+, or a regular expression between slashes.
    topics: Option<OneOrMore>,
    /// Forms of group ids.
    groups: Option<OneOrMore>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(transform = with_configs)]
#[allow(dead_code)]
struct TopicEntry {
    /// The class that it belongs to.
    class: Option<String>,
    /// How many partitions.
    partitions: Option<Count>,
    /// The replication factor.
    replication: Option<Count>,
    /// Who answers for it.
    owner: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// The field that records are keyed by, named when partitions grow.
    key_by: Option<String>,
    /// Whether changes that hurt need the risk `protected` to be allowed.
    protected: Option<Answer>,
    /// The schema of keys, registered as the subject `<topic>-key`.
    key: Option<SchemaEntry>,
    /// The schema of values, registered as the subject `<topic>-value`.
    value: Option<SchemaEntry>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(transform = with_configs)]
#[allow(dead_code)]
struct ClassEntry {
    /// How many partitions.
    partitions: Option<Count>,
    /// The replication factor.
    replication: Option<Count>,
    /// Who answers for its topics.
    owner: Option<String>,
    /// What its topics are for.
    description: Option<String>,
    /// The field that records are keyed by.
    key_by: Option<String>,
    /// Whether changes that hurt need the risk `protected` to be allowed.
    protected: Option<Answer>,
    /// The schema of keys.
    key: Option<SchemaEntry>,
    /// The schema of values.
    value: Option<SchemaEntry>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct SchemasSection {
    /// The level set on each subject of the file; the registry's global level is never touched.
    compatibility: Option<Level>,
    /// How the subjects of a topic's schemas are named.
    naming: Option<SubjectNaming>,
    /// Schemas of subjects by their own names.
    subjects: Option<BTreeMap<String, SchemaEntry>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct SchemaWithOptions {
    /// The path of the schema, relative to this file.
    schema: String,
    /// The level set on the subject.
    compatibility: Option<Level>,
    /// The schema's language, where the file's name does not tell it.
    #[schemars(rename = "type")]
    kind: Option<Language>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct GroupEntry {
    /// What it reads: topics by name, patterns such as `trading.*`, or `all`.
    topics: Option<OneOrMore>,
    /// How many members there should be: `2`, or `2..3`.
    members: Option<Members>,
    /// The most records that it may be behind, in total.
    max_lag: Option<u64>,
    /// The oldest that its next record may be.
    max_age: Option<Duration>,
    /// How its members read transactions.
    isolation: Option<IsolationWord>,
    /// Whether its offsets are guarded by the risk `protected`.
    protected: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct ExternalSection {
    /// Topics by name or pattern.
    topics: Option<OneOrMore>,
    /// Groups by id or pattern.
    groups: Option<OneOrMore>,
}

/// Gives a schema that is written out here to a type that stands for it.
macro_rules! written_out {
    ($($name:ident = $schema:tt;)*) => {
        $(
            struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )*
    };
}

written_out! {
    Version = { "const": 1 };
    Count = { "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "unset" }] };
    Answer = { "anyOf": [{ "type": "boolean" }, { "const": "unset" }] };
    OneOrMore = { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] };
    Level = {
        "enum": ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"]
    };
    SubjectNaming = { "enum": ["topic"] };
    Language = { "enum": ["AVRO"] };
    IsolationWord = { "enum": ["committed", "uncommitted"] };
    Members = {
        "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+\\.\\.[0-9]+$" }]
    };
    Duration = {
        "anyOf": [
            { "type": "number" },
            { "type": "string", "pattern": "^(forever|-?[0-9]+|([0-9]+(w|d|h|ms|m|s))+)$" }
        ]
    };
}

/// A path, or a map with the path and more.
struct SchemaEntry;

impl JsonSchema for SchemaEntry {
    fn schema_name() -> Cow<'static, str> {
        "SchemaEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let with_options = generator.subschema_for::<SchemaWithOptions>();
        let path =
            json!({ "type": "string", "description": "The path of an .avsc file, relative to this file." });
        json_schema!({ "anyOf": [path, with_options] })
    }
}

/// Lets a schema take Kafka configs: those that are known by name, and any other with a dot in its name.
fn with_configs(schema: &mut Schema) {
    let plain = json!({ "type": ["string", "number", "boolean"] });
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for key in KAFKA_CONFIGS {
            properties.insert((*key).to_owned(), config(key));
        }
    }
    schema.insert("patternProperties".to_owned(), json!({ "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$": plain }));
}

fn config(key: &str) -> Value {
    let described =
        |description: &str, choices: Value| json!({ "description": description, "anyOf": choices });
    let mut generator = SchemaGenerator::default();
    let unset = json!({ "const": "unset" });
    if key.ends_with(".ms") {
        let duration = Duration::json_schema(&mut generator).to_value();
        return described(
            "A duration such as 7d or 1h30m, forever, or milliseconds.",
            json!([duration, unset]),
        );
    }
    if key.ends_with(".bytes") {
        let size = json!({ "type": "string", "pattern": "^(-?[0-9]+|[0-9]+(kB|MB|GB|KiB|MiB|GiB))$" });
        return described(
            "A size such as 1GiB or 100MB, or bytes.",
            json!([{ "type": "number" }, size, unset]),
        );
    }
    match key {
        "cleanup.policy" => {
            let policy = json!({ "enum": ["delete", "compact"] });
            let text = json!({ "enum": ["delete", "compact", "compact,delete", "delete,compact", "unset"] });
            described(
                "delete, compact, or both as a list.",
                json!([text, { "type": "array", "items": policy }]),
            )
        }
        "compression.type" => {
            json!({ "enum": ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd", "unset"] })
        }
        "message.timestamp.type" => json!({ "enum": ["CreateTime", "LogAppendTime", "unset"] }),
        _ => json!({ "type": ["string", "number", "boolean"] }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::{GROUP_KEYS, SCHEMA_KEYS, SCHEMAS_KEYS, SECTIONS, TOPIC_KEYS};
    use super::*;
    use std::collections::BTreeSet;

    fn keys(schema: &Value) -> BTreeSet<&str> {
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    fn set<'a>(lists: &[&[&'a str]]) -> BTreeSet<&'a str> {
        lists.concat().into_iter().collect()
    }

    #[test]
    fn its_keys_are_those_of_the_readers() {
        let schema = format_schema();
        assert_eq!(keys(&schema), set(&[SECTIONS]));
        let definition = |name: &str| keys(&schema["definitions"][name]);
        let topic = set(&[TOPIC_KEYS, KAFKA_CONFIGS]);
        assert_eq!(definition("TopicEntry"), topic);
        assert_eq!(definition("ClassEntry"), &topic - &BTreeSet::from(["class"]));
        assert_eq!(definition("GroupEntry"), set(&[GROUP_KEYS]));
        assert_eq!(definition("SchemasSection"), set(&[SCHEMAS_KEYS]));
        assert_eq!(definition("SchemaWithOptions"), set(&[SCHEMA_KEYS]));
    }

    #[test]
    fn nothing_takes_null() {
        assert!(!format_schema().to_string().contains("\"null\""));
    }
}
