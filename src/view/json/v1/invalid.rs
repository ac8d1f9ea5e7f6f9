/// A document that cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDocument {
    /// It is not JSON, or lacks a field.
    #[error("it is no {format} document: {reason}")]
    Shape {
        /// The format that was expected.
        format: &'static str,
        /// What is missing or of the wrong type.
        reason: String,
    },
    /// It is another document.
    #[error("it is a {found} document and not a {expected} document")]
    Format {
        /// What was expected.
        expected: &'static str,
        /// What it says it is.
        found: String,
    },
    /// A later klerk wrote it.
    #[error(
        "it is version {found} of {format}, and this klerk reads up to version {known}: use the klerk that wrote it"
    )]
    Newer {
        /// The format.
        format: &'static str,
        /// The version that it says.
        found: u32,
        /// The latest version that is read.
        known: u32,
    },
    /// A word that this version does not know.
    #[error("{field} is '{found}', which this klerk does not know")]
    Word {
        /// The field.
        field: &'static str,
        /// The word.
        found: String,
    },
    /// Its digest is another than that of what it says.
    #[error("it was changed since klerk wrote it: its digest is no longer that of what it says")]
    Changed,
}
