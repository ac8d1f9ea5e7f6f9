use serde::Serialize;

/// `klerk.explanation`: what codes mean.
#[derive(Debug, Clone, Serialize)]
pub struct ExplanationDocument {
    format: &'static str,
    version: u32,
    entries: Vec<ExplainedV1>,
}

/// One code.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedV1 {
    /// The family that it belongs to.
    pub subject: &'static str,
    /// The code itself.
    pub code: String,
    /// The number of a Kafka error or of an alert of TLS.
    pub number: Option<i16>,
    /// What it means, in sentences.
    pub meaning: String,
}

impl ExplanationDocument {
    /// The codes, family by family.
    pub fn new(entries: Vec<ExplainedV1>) -> Self {
        ExplanationDocument { format: "klerk.explanation", version: 1, entries }
    }
}
