//! Purple Flea's estate, the project's own topology with its schemas, on a simulated cluster and registry of its own.

use crate::estates;
use crate::scene::Scene;
use serde_json::Value;

/// The files, and servers on which nothing of them has been applied.
pub fn estate() -> Scene {
    let purple_flea =
        estates::ESTATES.iter().find(|estate| estate.name == "purple-flea").expect("the estate");
    purple_flea.files().iter().fold(Scene::new(""), |scene, (name, text)| scene.file(name, text))
}

/// What a plan or a report does, a line a step: kind, resource, before and after.
pub fn steps(document: &Value) -> Vec<String> {
    let steps = document["steps"].as_array().expect("steps");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |step: &Value| {
        format!(
            "{} {} {} -> {}",
            word(&step["kind"]),
            word(&step["resource"]["name"]),
            step["from"],
            step["to"]
        )
    };
    steps.iter().map(line).collect()
}

/// The codes of a plan's findings with their resources.
pub fn findings(plan: &Value) -> Vec<String> {
    let findings = plan["findings"].as_array().expect("findings");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|finding| format!("{} {}", word(&finding["code"]), word(&finding["resource"]["name"])))
        .collect()
}
