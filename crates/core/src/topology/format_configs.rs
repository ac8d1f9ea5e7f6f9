//! The schema of Kafka configs, by their names.

use super::Duration;
use crate::topology::read::KAFKA_CONFIGS;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// Lets a schema take caps for Kafka configs that are numbers.
pub(super) fn with_caps(schema: &mut Schema) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for key in KAFKA_CONFIGS.iter().filter(|key| key.ends_with(".ms") || key.ends_with(".bytes")) {
            properties.insert((*key).to_owned(), config(key));
        }
    }
    let plain = json!({ "type": ["string", "number"] });
    schema.insert("patternProperties".to_owned(), json!({ "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$": plain }));
}

/// Lets a schema take Kafka configs: those that are known by name, and any other with a dot in its name.
pub(super) fn with_configs(schema: &mut Schema) {
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
