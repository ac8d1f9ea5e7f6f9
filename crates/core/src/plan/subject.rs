use crate::schema::CompatibilityLevel;
use crate::world::{SchemaReference, SchemaType};

/// A version of a subject that the registry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisteredVersion {
    /// The version within the subject.
    pub version: i32,
    /// The registry-wide schema id.
    pub id: i32,
}

/// A change of one subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectChange {
    /// A new version, the first one where `from` is `None`.
    Register {
        /// The subject's name.
        subject: String,
        /// The latest version before.
        from: Option<RegisteredVersion>,
        /// The language.
        kind: SchemaType,
        /// The text that is sent.
        text: String,
        /// What it refers to.
        references: Vec<SchemaReference>,
    },
    /// The level set on the subject itself.
    SetCompatibility {
        /// The subject's name.
        subject: String,
        /// The level before; `None` followed the global one.
        from: Option<CompatibilityLevel>,
        /// The level afterwards.
        to: CompatibilityLevel,
    },
}

impl SubjectChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            SubjectChange::Register { .. } => "register-schema",
            SubjectChange::SetCompatibility { .. } => "set-compatibility",
        }
    }

    /// The subject's name.
    pub fn subject(&self) -> &str {
        match self {
            SubjectChange::Register { subject, .. } | SubjectChange::SetCompatibility { subject, .. } => {
                subject
            }
        }
    }
}
