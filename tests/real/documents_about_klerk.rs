//! Documents in which klerk tells of itself: settings, paths, explanations.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub format: String,
    pub version: u32,
    pub settings: Vec<Setting>,
    pub ignored: Vec<String>,
    pub contexts: Vec<ListedContext>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedContext {
    pub name: String,
    pub protected: bool,
    pub default: bool,
    pub origin: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub name: String,
    pub value: Option<String>,
    pub value_ms: Option<i64>,
    pub origin: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    pub format: String,
    pub version: u32,
    pub contexts: Option<String>,
    pub command_config: Option<String>,
    pub records: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    pub format: String,
    pub version: u32,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub subject: String,
    pub code: String,
    pub number: Option<i16>,
    pub meaning: String,
}
