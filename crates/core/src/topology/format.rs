//! The format as a JSON schema, for editors. Its keys are those of the readers, which a test holds it to.

#[path = "format_configs.rs"]
mod configs;

use crate::access::Operation;
use crate::plan::Permission;
use configs::{with_caps, with_configs};
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
    defaults: Option<DefaultsEntry>,
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
    /// What plans are held to; it stands in one file only.
    policy: Option<PolicySection>,
    /// Who may do what, and no more, by user. Users that are not named are left alone.
    access: Option<BTreeMap<String, AccessEntry>>,
    /// How much clients may ask of brokers. Who is not named is left alone.
    quotas: Option<Vec<QuotaEntry>>,
    /// Users that the cluster lets log in, by name. Others are left alone.
    users: Option<BTreeMap<String, UserEntry>>,
    /// What differs by environment, each chosen with -e.
    environments: Option<BTreeMap<String, EnvironmentEntry>>,
}

/// An environment: where it is, its limits, and any section of the file, merged into it by name.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct EnvironmentEntry {
    /// The environment over which this one is laid.
    extends: Option<String>,
    /// The context of the operator's own settings that has the address and the credentials.
    context: Option<String>,
    /// Brokers to ask first, as HOST:PORT.
    bootstrap: Option<OneOrMore>,
    /// The schema registry; none leaves schemas out of this environment's plans.
    registry: Option<OneOrMore>,
    /// The id that the cluster has to have.
    cluster: Option<String>,
    /// Whether it is one of production, of which more is asked; by its name, or what it extends, unless this says it.
    production: Option<bool>,
    /// The largest that numbers may be: the smaller of value and cap is taken, and no key is added.
    at_most: Option<CapsEntry>,
    /// What is stronger than whatever topics say.
    #[schemars(rename = "override")]
    overrides: Option<ClassEntry>,
    /// The agreed form of names.
    naming: Option<NamingSection>,
    /// What holds for every topic here.
    defaults: Option<DefaultsEntry>,
    /// Named families of topics.
    classes: Option<BTreeMap<String, ClassEntry>>,
    /// Topics by name; what is said here is stronger than everything else.
    topics: Option<BTreeMap<String, TopicEntry>>,
    /// Subjects of the schema registry.
    schemas: Option<SchemasSection>,
    /// Contracts of consumer groups.
    groups: Option<BTreeMap<String, GroupEntry>>,
    /// What others own.
    external: Option<ExternalSection>,
    /// Who may do what, and no more.
    access: Option<BTreeMap<String, AccessEntry>>,
    /// How much clients may ask of brokers.
    quotas: Option<Vec<QuotaEntry>>,
    /// Users that the cluster lets log in.
    users: Option<BTreeMap<String, UserEntry>>,
    /// What plans are held to here: kinds of changes either way, risks and scope only tighter.
    policy: Option<PolicySection>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct PolicySection {
    /// What it takes to make a change of some kind, or one with some risk.
    changes: Option<ChangesEntry>,
    /// What every topic has to say of itself.
    topics: Option<PolicyTopicsEntry>,
    /// Beginnings of topic names: this estate may touch no other topics.
    scope: Option<OneOrMore>,
    /// What becomes of configs that are set on a topic and that no file names.
    unlisted_configs: Option<UnlistedWord>,
    /// How much of the topics, of the subjects or of the groups one plan may change or delete.
    max_change_share: Option<Share>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(transform = with_levels)]
#[allow(dead_code)]
struct ChangesEntry {}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct PolicyTopicsEntry {
    /// Keys that every topic has to say, by itself, by its class or by the defaults.
    require: Option<OneOrMore>,
    /// The values that keys may have: one, a list of them, or a range such as 1..50.
    values: Option<BTreeMap<String, AllowedValues>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(transform = with_caps)]
#[allow(dead_code)]
struct CapsEntry {
    /// The most partitions.
    partitions: Option<Number>,
    /// The largest replication factor.
    replication: Option<Number>,
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
struct DefaultsEntry {
    /// The class that topics belong to.
    class: Option<String>,
    /// How many partitions.
    partitions: Option<Count>,
    /// The replication factor.
    replication: Option<Count>,
    /// Who answers for topics.
    owner: Option<String>,
    /// What topics are for.
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
    /// The environments that it exists in; all of them where nothing is said.
    only: Option<OneOrMore>,
    /// Whether it is to be there at all; absent is the only way that a file deletes a topic.
    state: Option<StateWord>,
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
    subjects: Option<BTreeMap<String, SubjectEntry>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct SchemaWithOptions {
    /// The path of the schema, relative to this file; left out where a weaker layer says it.
    schema: Option<String>,
    /// The level set on the subject.
    compatibility: Option<Level>,
    /// The schema's language, where the file's name does not tell it.
    #[schemars(rename = "type")]
    kind: Option<Language>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct SubjectWithOptions {
    /// The path of the schema, relative to this file; left out where a weaker layer says it.
    schema: Option<String>,
    /// The level set on the subject.
    compatibility: Option<Level>,
    /// The schema's language, where the file's name does not tell it.
    #[schemars(rename = "type")]
    kind: Option<Language>,
    /// The environments that it exists in; all of them where nothing is said.
    only: Option<OneOrMore>,
    /// Whether it is to be there at all; absent is the only way that a file deletes a subject.
    state: Option<StateWord>,
    /// Beside `state: absent`: whether its schemas are to be gone for good, and not only out of sight.
    permanent: Option<bool>,
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
    /// Where it begins on partitions of its topics that it has no commit on, committed while it has no members.
    start: Option<StartWord>,
    /// The environments that it exists in; all of them where nothing is said.
    only: Option<OneOrMore>,
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

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct AccessEntry {
    /// The principal in full, where it is not User: and the name.
    principal: Option<String>,
    /// Topics that it writes to: by name, by what they begin with (escrow.*), or all.
    produce: Option<OneOrMore>,
    /// Topics that it reads.
    consume: Option<OneOrMore>,
    /// Groups that it is a member of; it reads what their contracts say.
    groups: Option<OneOrMore>,
    /// Transactional ids that it writes under.
    transactions: Option<OneOrMore>,
    /// Kafka's own access control entries, where roles do not reach.
    acls: Option<Vec<AclEntry>>,
    /// The environments that it holds in; all of them where nothing is said.
    only: Option<OneOrMore>,
    /// Whether it may do anything at all; absent revokes everything.
    state: Option<StateWord>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct AclEntry {
    /// The type of the resource.
    resource: AclResourceWord,
    /// The name of the resource; a * at its end stands for all that begin so, all for every one. The cluster has none.
    name: Option<String>,
    /// How the name is meant, where a * in it is to be one.
    pattern: Option<AclPatternWord>,
    /// What is allowed or denied.
    operation: OneOrMoreOperations,
    /// From which address; from everywhere where nothing is said.
    host: Option<String>,
    /// Whether it allows, as it does where nothing is said, or denies.
    permission: Option<AclPermissionWord>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct QuotaEntry {
    /// The user that it is for; default for all that have none of their own.
    user: Option<EntityName>,
    /// The client id that it is for.
    client_id: Option<EntityName>,
    /// The address that it is for.
    ip: Option<EntityName>,
    /// Bytes a second and broker that may be written.
    produce: Option<QuotaSize>,
    /// Bytes a second and broker that may be read.
    consume: Option<QuotaSize>,
    /// Percent of one thread's time.
    request: Option<QuotaPercent>,
    /// Partitions a second that may be created or deleted.
    mutations: Option<QuotaNumber>,
    /// Connections a second that an address may open.
    connections: Option<QuotaNumber>,
    /// The environments that it holds in; all of them where nothing is said.
    only: Option<OneOrMore>,
    /// Whether there is any; absent takes all away.
    state: Option<StateWord>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code)]
struct UserEntry {
    /// How it logs in: SCRAM-SHA-256, SCRAM-SHA-512 or both.
    scram: Option<OneOrMoreMechanisms>,
    /// The file that holds the password, beside this one.
    password_file: Option<String>,
    /// How often the password is hashed, 4096 where nothing is said.
    iterations: Option<Iterations>,
    /// The environments that it exists in; all of them where nothing is said.
    only: Option<OneOrMore>,
    /// Whether it is let in.
    state: Option<StateWord>,
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
    StateWord = { "enum": ["present", "absent"] };
    Number = { "type": "integer", "minimum": 1 };
    UnlistedWord = { "enum": ["keep", "reset"] };
    Share = { "type": "string", "pattern": "^[0-9]+ *%$" };
    AllowedValues = {
        "anyOf": [
            { "type": ["string", "number", "boolean"] },
            { "type": "array", "items": { "anyOf": [
                { "type": ["string", "number", "boolean"] },
                { "type": "array", "items": { "type": "string" } }
            ] } }
        ]
    };
    Count = { "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "unset" }] };
    Answer = { "anyOf": [{ "type": "boolean" }, { "const": "unset" }] };
    OneOrMore = { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] };
    AclResourceWord = { "enum": ["topic", "group", "cluster", "transactional-id", "delegation-token", "user"] };
    AclPatternWord = { "enum": ["literal", "prefixed"] };
    AclPermissionWord = { "enum": ["allow", "deny"] };
    Level = {
        "enum": ["NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"]
    };
    EntityName = { "anyOf": [{ "type": "string" }, {
        "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"], "additionalProperties": false
    }] };
    QuotaSize = { "anyOf": [{ "type": "integer", "minimum": 1 }, {
        "type": "string", "pattern": "^([0-9][0-9_.e+]* *([kMG]i?B)?( */s)?|unset)$"
    }] };
    QuotaPercent = { "type": "string", "pattern": "^([0-9][0-9.]* *%|unset)$" };
    QuotaNumber = { "anyOf": [{ "type": "number", "exclusiveMinimum": 0 }, {
        "type": "string", "pattern": "^([0-9][0-9.]*( */s)?|unset)$"
    }] };
    OneOrMoreMechanisms = { "anyOf": [
        { "enum": ["SCRAM-SHA-256", "SCRAM-SHA-512"] },
        { "type": "array", "items": { "enum": ["SCRAM-SHA-256", "SCRAM-SHA-512"] } }
    ] };
    Iterations = { "type": "integer", "minimum": 4096, "maximum": 16384 };
    SubjectNaming = { "enum": ["topic"] };
    Language = { "enum": ["AVRO"] };
    StartWord = { "enum": ["earliest", "latest"] };
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

/// One of Kafka's operations, or several.
struct OneOrMoreOperations;

impl JsonSchema for OneOrMoreOperations {
    fn schema_name() -> Cow<'static, str> {
        "OneOrMoreOperations".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<String> = Operation::KNOWN.iter().map(ToString::to_string).collect();
        let word = json!({ "enum": words });
        json_schema!({ "anyOf": [word, { "type": "array", "items": word }] })
    }
}

/// A type that is written as a path, or as a map with the path and more.
macro_rules! path_or_map {
    ($($name:ident $map:ident;)*) => {
        $(
            struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    let map = generator.subschema_for::<$map>();
                    let path = json!({
                        "type": "string",
                        "description": "The path of an .avsc file, relative to this file.",
                    });
                    json_schema!({ "anyOf": [path, map] })
                }
            }
        )*
    };
}

path_or_map! {
    SchemaEntry SchemaWithOptions;
    SubjectEntry SubjectWithOptions;
}

/// Lets a schema take a level for each kind of change and each risk.
fn with_levels(schema: &mut Schema) {
    let level = json!({ "enum": crate::plan::Level::ALL.map(crate::plan::Level::as_str) });
    let names = Permission::levelled().map(|name| (name.as_str().to_owned(), level.clone()));
    schema.insert("properties".to_owned(), Value::Object(names.collect()));
}

#[cfg(test)]
mod tests {
    use super::super::read::{
        ACCESS_KEYS, ACL_KEYS, ENVIRONMENT_KEYS, GROUP_KEYS, KAFKA_CONFIGS, POLICY_KEYS, POLICY_TOPICS_KEYS,
        QUOTA_KEYS, SCHEMA_KEYS, SCHEMAS_KEYS, SECTIONS, SUBJECT_KEYS, TOPIC_KEYS, USER_KEYS,
    };
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
        let defaults = &topic - &BTreeSet::from(["only", "state"]);
        assert_eq!(definition("DefaultsEntry"), defaults);
        assert_eq!(definition("ClassEntry"), &defaults - &BTreeSet::from(["class"]));
        let environment = set(&[SECTIONS, ENVIRONMENT_KEYS]);
        assert_eq!(definition("EnvironmentEntry"), &environment - &BTreeSet::from(["klerk", "environments"]));
        assert_eq!(definition("GroupEntry"), set(&[GROUP_KEYS]));
        assert_eq!(definition("PolicySection"), set(&[POLICY_KEYS]));
        assert_eq!(definition("PolicyTopicsEntry"), set(&[POLICY_TOPICS_KEYS]));
        assert_eq!(definition("AccessEntry"), set(&[ACCESS_KEYS]));
        assert_eq!(definition("AclEntry"), set(&[ACL_KEYS]));
        assert_eq!(definition("QuotaEntry"), set(&[QUOTA_KEYS]));
        assert_eq!(definition("UserEntry"), set(&[USER_KEYS]));
        assert_eq!(definition("SchemasSection"), set(&[SCHEMAS_KEYS]));
        assert_eq!(definition("SchemaWithOptions"), set(&[SCHEMA_KEYS]));
        assert_eq!(definition("SubjectWithOptions"), set(&[SUBJECT_KEYS]));
    }

    #[test]
    fn nothing_takes_null() {
        assert!(!format_schema().to_string().contains("\"null\""));
    }
}
