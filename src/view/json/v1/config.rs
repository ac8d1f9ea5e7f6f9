use crate::settings::{ListedContext, Row, Shown};
use serde::Serialize;

/// `klerk.config`: every setting with its origin.
#[derive(Debug, Clone, Serialize)]
pub struct ConfigDocument {
    format: &'static str,
    version: u32,
    settings: Vec<SettingV1>,
    ignored: Vec<String>,
    contexts: Vec<ContextV1>,
}

/// A context of `config.toml`.
#[derive(Debug, Clone, Serialize)]
struct ContextV1 {
    name: String,
    protected: bool,
    default: bool,
    origin: String,
}

/// A setting: a duration in `value_ms`, everything else in `value`; both null when it is not set. Secrets are masked.
#[derive(Debug, Clone, Serialize)]
struct SettingV1 {
    name: String,
    value: Option<String>,
    value_ms: Option<i64>,
    origin: Option<String>,
}

impl ConfigDocument {
    /// The settings, the keys of the properties file that say nothing to klerk, and all contexts.
    pub fn new(rows: Vec<Row>, ignored: &[String], contexts: &[ListedContext]) -> Self {
        ConfigDocument {
            format: "klerk.config",
            version: 1,
            settings: rows.into_iter().map(SettingV1::from).collect(),
            ignored: ignored.to_vec(),
            contexts: contexts
                .iter()
                .map(|context| ContextV1 {
                    name: context.name.clone(),
                    protected: context.protected,
                    default: context.default,
                    origin: context.origin.clone(),
                })
                .collect(),
        }
    }
}

impl From<Row> for SettingV1 {
    fn from(row: Row) -> Self {
        let (value, value_ms) = match row.value {
            None => (None, None),
            Some(Shown::Text(text)) => (Some(text), None),
            Some(Shown::Duration(millis)) => (None, Some(millis.0)),
        };
        SettingV1 { name: row.name, value, value_ms, origin: row.origin }
    }
}
