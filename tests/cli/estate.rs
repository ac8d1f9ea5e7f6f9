//! Purple Flea's estate on a simulated cluster and registry of its own.

use crate::estates;
use crate::run::{Place, Ran};
use klerk_sandbox::state::log::Record;
use klerk_sandbox::{Options, Sandbox};
use serde_json::Value;
use std::fs;
use tokio::runtime::Runtime;

/// Every file of the estate, by its path.
pub fn files() -> Vec<(String, String)> {
    estates::ESTATES
        .iter()
        .find(|estate| estate.name == "purple-flea")
        .map(estates::Estate::files)
        .unwrap_or_default()
}

pub struct Estate {
    pub place: Place,
    pub sandbox: Sandbox,
    _runtime: Runtime,
}

impl Estate {
    /// The files, and servers on which nothing of them has been applied.
    pub fn new() -> Estate {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(&Options::default())).expect("it starts");
        let place = files().iter().fold(Place::new(), |place, (name, text)| place.file(name, text));
        Estate { place, sandbox, _runtime: runtime }
    }

    pub fn edit(&self, from: &str, to: &str) {
        let path = self.place.path().join("topology.yaml");
        let text = fs::read_to_string(&path).expect("the file");
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).expect("the file is written");
    }

    /// Puts as many records into a topic's first partition.
    pub fn fill(&self, topic: &str, count: usize) {
        self.sandbox.with(|state| {
            let record = |number: usize| Record::new(number as i64, None, Some(vec![b'x'].into()));
            let records: Vec<Record> = (1..=count).map(record).collect();
            state.append(topic, 0, &records).expect("records are kept");
        });
    }

    pub fn run(&self, line: &str) -> Ran {
        let servers = format!("-b {} --registry {}", self.sandbox.bootstrap(), self.sandbox.registry_url());
        self.place.run(&format!("{line} {servers} -q"))
    }

    /// The document that a command answers with, and its status.
    pub fn json(&self, line: &str, status: i32) -> Value {
        let ran = self.run(&format!("{line} -o json"));
        assert_eq!(ran.status, status, "{line}: {ran:?}");
        serde_json::from_str(&ran.stdout).expect("one JSON document")
    }
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
