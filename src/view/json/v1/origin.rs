use klerk_core::plan::ValueOrigin;
use klerk_core::values::Origin;
use serde::{Deserialize, Serialize};

/// The place in a file that asked for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginV1 {
    /// The file as it was named, or `-`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl From<&Origin> for OriginV1 {
    fn from(origin: &Origin) -> Self {
        OriginV1 { file: origin.file.to_string(), line: origin.line, column: origin.column }
    }
}

impl From<&OriginV1> for Origin {
    fn from(origin: &OriginV1) -> Self {
        Origin { file: origin.file.as_str().into(), line: origin.line, column: origin.column }
    }
}

/// The line that a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueOriginV1 {
    /// The line.
    #[serde(flatten)]
    pub line: OriginV1,
    /// The layer in the file's own words, such as `class audit` or `override of prod`; null where the resource says the
    /// value itself.
    pub layer: Option<String>,
}

impl From<&ValueOrigin> for ValueOriginV1 {
    fn from(said: &ValueOrigin) -> Self {
        ValueOriginV1 { line: OriginV1::from(&said.origin), layer: said.layer.clone() }
    }
}

impl From<&ValueOriginV1> for ValueOrigin {
    fn from(said: &ValueOriginV1) -> Self {
        ValueOrigin { origin: Origin::from(&said.line), layer: said.layer.clone() }
    }
}
