use crate::settings::{Row, Shown};
use serde::Serialize;

/// `klerk.config`: every setting with its origin.
#[derive(Debug, Clone, Serialize)]
pub struct ConfigDocument {
    format: &'static str,
    version: u32,
    settings: Vec<SettingV1>,
    ignored: Vec<String>,
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
    /// The settings, and the keys of the properties file that say nothing to klerk.
    pub fn new(rows: Vec<Row>, ignored: &[String]) -> Self {
        ConfigDocument {
            format: "klerk.config",
            version: 1,
            settings: rows.into_iter().map(SettingV1::from).collect(),
            ignored: ignored.to_vec(),
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
