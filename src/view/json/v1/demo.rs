use serde::Serialize;

/// `klerk.demo`: what the demo did.
#[derive(Debug, Clone, Serialize)]
pub struct DemoDocument {
    format: &'static str,
    version: u32,
    /// Whether every step did what it says.
    pub done: bool,
    /// The simulated cluster's id.
    pub cluster_id: String,
    /// The steps, in order; after one that failed there are no more.
    pub steps: Vec<DemoStepV1>,
}

/// One step: words, or a command with what came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DemoStepV1 {
    /// What is said; `null` for a command.
    pub says: Option<String>,
    /// What is typed.
    pub command: Option<String>,
    /// The status that it must end with.
    pub expected_status: Option<u8>,
    /// The status that it did end with; `null` when a signal ended it.
    pub status: Option<i32>,
    /// What it printed, on both streams.
    pub output: Option<String>,
    /// What must be the case afterwards.
    pub effect: Option<String>,
    /// Whether status, output and effect are as they must be.
    pub holds: Option<bool>,
}

impl DemoDocument {
    /// The document of a demo that has ended.
    pub fn new(cluster_id: String, done: bool, steps: Vec<DemoStepV1>) -> Self {
        DemoDocument { format: "klerk.demo", version: 1, done, cluster_id, steps }
    }
}

impl DemoStepV1 {
    /// A step of words.
    pub fn words(words: &str) -> Self {
        DemoStepV1 { says: Some(words.to_owned()), ..DemoStepV1::default() }
    }
}
