//! Every config of a topic in one odd spelling of what it is by default.

use serde_json::Value;

/// What a broker of today has, as the sandbox knows it too.
const CATALOG: &str = include_str!("../../../crates/sandbox/data/configs.json");

/// The lines of a topic with all of them, and what each has to come to.
pub fn every_key() -> (String, Vec<(String, String)>) {
    let catalog: Value = serde_json::from_str(CATALOG).unwrap_or_default();
    let mut text = String::new();
    let mut holds = Vec::new();
    for config in catalog["topic"].as_array().into_iter().flatten() {
        let (Some(name), Some(kind)) = (config["name"].as_str(), config["type"].as_str()) else { continue };
        let default = config["default"].as_str().unwrap_or_default();
        // Remote storage is not there, and lists of replicas belong to moves of them.
        if name.starts_with("remote.") || name.ends_with(".replicas") || default.is_empty() {
            continue;
        }
        let odd = match kind {
            "boolean" => default.to_uppercase(),
            "long" | "int" if default.len() < 15 && !default.starts_with('-') => format!("{default}.0"),
            "long" | "int" => format!("'  {default} '"),
            "double" => format!("{default}0e0"),
            _ => format!("\" {default}  \""),
        };
        text.push_str(&format!("    {name}: {odd}\n"));
        holds.push((name.to_owned(), default.to_owned()));
    }
    (text, holds)
}
