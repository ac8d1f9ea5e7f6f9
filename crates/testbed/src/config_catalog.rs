//! What a broker knows of its configs: names, types, defaults, documentation, and which values it takes.
//!
//! DescribeConfigs tells all but the last. Which values are refused is found by asking the broker to validate some that
//! are very likely wrong, and by reading what it says.

use anyhow::{Context, Result, bail};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{DescribeConfigsRequest, IncrementalAlterConfigsRequest};
use kafka_protocol::protocol::StrBytes;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

use crate::client::Client;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
/// The source of a value that nobody set.
const DEFAULT: i8 = 5;
const TYPES: [&str; 10] =
    ["unknown", "boolean", "string", "int", "short", "long", "double", "list", "class", "password"];
/// No config takes it, whatever its type is.
const NONSENSE: &str = "zzz";

/// The configs of a broker's release, as two JSON documents with one config a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigCatalog {
    /// Everything but the documentation.
    pub configs: String,
    /// The documentation by scope and name.
    pub documentation: String,
}

impl ConfigCatalog {
    /// Reads the configs of topics and brokers from the first broker of a cluster, which has id 1. `topic` is there.
    pub fn read(client: &Client, topic: &str) -> Result<ConfigCatalog> {
        let (topics, brokers) = (Resource { kind: TOPIC, name: topic }, Resource { kind: BROKER, name: "1" });
        let mut topic_rows = rows(client, topics)?;
        let order = order_of_validation(client, topics, &topic_rows)?;
        topic_rows.sort_by_key(|row| order.iter().position(|name| *name == row.name));
        let mut broker_rows = rows(client, brokers)?;
        broker_rows.sort_by(|a, b| a.name.cmp(&b.name));
        for row in &mut broker_rows {
            let refused = refusal(client, Resource { kind: BROKER, name: "" }, &[(&row.name, NONSENSE)])?;
            if refused.is_some_and(|words| words.starts_with("Cannot update these configs at default")) {
                row.facts.insert("per_broker".to_owned(), json!(true));
            }
        }
        let scopes = [("topic", topic_rows), ("broker", broker_rows)];
        Ok(ConfigCatalog {
            configs: document(&scopes, |row| Value::Object(row.facts.clone()))?,
            documentation: document(&scopes, |row| json!({"name": row.name, "text": row.documentation}))?,
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Resource<'a> {
    kind: i8,
    name: &'a str,
}

struct Row {
    name: String,
    facts: Map<String, Value>,
    documentation: String,
}

fn rows(client: &Client, resource: Resource<'_>) -> Result<Vec<Row>> {
    let asked = DescribeConfigsResource::default()
        .with_resource_type(resource.kind)
        .with_resource_name(text(resource.name))
        .with_configuration_keys(None);
    let request = DescribeConfigsRequest::default()
        .with_resources(vec![asked])
        .with_include_synonyms(true)
        .with_include_documentation(true);
    let answer = client.call(&request, 4)?;
    let described = answer.results.first().context("DescribeConfigs answered nothing")?;
    if described.error_code != 0 {
        bail!("DescribeConfigs answered {}", described.error_code);
    }
    described.configs.iter().map(|config| row(client, resource, config)).collect()
}

fn row(client: &Client, resource: Resource<'_>, config: &DescribeConfigsResourceResult) -> Result<Row> {
    let name = config.name.to_string();
    let kind = usize::try_from(config.config_type).ok().and_then(|place| TYPES.get(place));
    let kind = *kind.with_context(|| format!("{name} has the unknown type {}", config.config_type))?;
    let mut facts = Map::new();
    facts.insert("name".to_owned(), json!(name));
    facts.insert("type".to_owned(), json!(kind));
    let inherited = config.synonyms.iter().find(|synonym| synonym.source == DEFAULT);
    let default = match inherited {
        Some(synonym) => synonym.value.as_ref(),
        None if config.config_source == DEFAULT => config.value.as_ref(),
        None => None,
    };
    if let Some(default) = default {
        facts.insert("default".to_owned(), json!(default.to_string()));
    }
    if resource.kind == TOPIC
        && let Some(synonym) = inherited
    {
        facts.insert("broker".to_owned(), json!(synonym.name.to_string()));
    }
    if config.read_only {
        facts.insert("read_only".to_owned(), json!(true));
    } else {
        for value in probes(kind) {
            if let Some(words) = refusal(client, resource, &[(&name, value)])? {
                facts.extend(learnt(&words));
            }
        }
    }
    let documentation = config.documentation.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(Row { name, facts, documentation })
}

/// Values that say most about what a config of this type takes.
fn probes(kind: &str) -> &'static [&'static str] {
    match kind {
        "int" => &["-2147483648", "2147483647"],
        "long" => &["-9223372036854775808", "9223372036854775807"],
        "short" => &["-32768", "32767"],
        "double" => &["-1e300", "1e300"],
        "list" => &[NONSENSE, ",", ""],
        _ => &[NONSENSE],
    }
}

/// What a refusal says about the values that are taken.
fn learnt(words: &str) -> Vec<(String, Value)> {
    let fact = |name: &str, value: Value| (name.to_owned(), value);
    let after = |mark: &str| words.split_once(mark).map(|(_, rest)| rest);
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let mut facts = Vec::new();
    if let Some(least) = after(": Value must be at least ").and_then(number) {
        facts.push(fact("min", json!(least)));
    }
    if let Some(most) = after(": Value must be no more than ").and_then(number) {
        facts.push(fact("max", json!(most)));
    }
    if let Some((range, other)) =
        after(": Value must be between ").and_then(|r| r.split_once(" or equal to "))
        && let Some((least, most)) = range.split_once(" and ")
    {
        facts.push(fact("min", json!(number(least))));
        facts.push(fact("max", json!(number(most))));
        facts.push(fact("or", json!(number(other))));
    }
    if let Some(allowed) = after(": String must be one of: ") {
        facts.push(fact("one_of", json!(allowed.split(", ").collect::<Vec<_>>())));
    }
    if words.ends_with("values must not be empty.") {
        facts.push(fact("no_blank_items", json!(true)));
    }
    if words.contains("must not be empty. Valid values include: any non-empty value") {
        facts.push(fact("not_empty", json!(true)));
    }
    if words.starts_with("These security configs can be dynamically updated only per-listener") {
        facts.push(fact("per_listener", json!(true)));
    }
    facts
}

/// The order in which the broker validates a resource's configs: with all of them wrong, it names the first.
fn order_of_validation(client: &Client, resource: Resource<'_>, rows: &[Row]) -> Result<Vec<String>> {
    let mut left: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let wrong: Vec<_> = left.iter().map(|name| (*name, NONSENSE)).collect();
        let words = refusal(client, resource, &wrong)?.context("nonsense was accepted")?;
        let named = left.iter().position(|name| words.contains(&format!(" for configuration {name}: ")));
        let named = named.with_context(|| format!("no config is named by: {words}"))?;
        order.push(left.remove(named).to_owned());
    }
    Ok(order)
}

/// What the broker says against setting these values; `None` when it would take them.
fn refusal(client: &Client, resource: Resource<'_>, values: &[(&str, &str)]) -> Result<Option<String>> {
    let config = |(name, value): &(&str, &str)| {
        AlterableConfig::default().with_name(text(name)).with_value(Some(text(value)))
    };
    let altered = AlterConfigsResource::default()
        .with_resource_type(resource.kind)
        .with_resource_name(text(resource.name))
        .with_configs(values.iter().map(config).collect());
    let request =
        IncrementalAlterConfigsRequest::default().with_resources(vec![altered]).with_validate_only(true);
    let answer = client.call(&request, 1)?;
    let judged = answer.responses.first().context("IncrementalAlterConfigs answered nothing")?;
    let words = judged.error_message.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok((judged.error_code != 0).then_some(words))
}

fn document(scopes: &[(&str, Vec<Row>)], line: impl Fn(&Row) -> Value) -> Result<String> {
    let mut text = "{\n".to_owned();
    for (place, (scope, rows)) in scopes.iter().enumerate() {
        let lines: Vec<String> = rows.iter().map(|row| format!("  {}", line(row))).collect();
        let comma = if place + 1 < scopes.len() { "," } else { "" };
        writeln!(text, "\"{scope}\": [\n{}\n]{comma}", lines.join(",\n"))?;
    }
    text.push_str("}\n");
    Ok(text)
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}
