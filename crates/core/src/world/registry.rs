use crate::schema::CompatibilityLevel;
use crate::values::{Failure, Known};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What was seen of the schema registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistryView {
    /// Subjects by name: all visible ones by name only (`NotAsked`), those that were wanted in full.
    pub subjects: BTreeMap<String, Known<SubjectView>>,
    /// Why subjects could not be listed, where a list was wanted: a list with a hole is never passed off as whole.
    pub unlisted: Option<Failure>,
    /// Names that the registry keeps out of sight: subjects that are deleted and not gone for good, where asked for.
    pub deleted: Known<BTreeSet<String>>,
}

/// The language of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchemaType {
    /// Apache Avro.
    Avro,
    /// Protocol Buffers.
    Protobuf,
    /// JSON Schema.
    Json,
}

impl SchemaType {
    /// The language by the registry's word; an answer without one means Avro.
    pub fn from_word(word: &str) -> Option<Self> {
        [SchemaType::Avro, SchemaType::Protobuf, SchemaType::Json]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    /// The registry's word.
    pub fn as_str(self) -> &'static str {
        match self {
            SchemaType::Avro => "AVRO",
            SchemaType::Protobuf => "PROTOBUF",
            SchemaType::Json => "JSON",
        }
    }
}

impl fmt::Display for SchemaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A schema that another one refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaReference {
    /// The name by which the text refers to it.
    pub name: String,
    /// The subject that holds it.
    pub subject: String,
    /// Its version there.
    pub version: i32,
}

/// One registered version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// The version number within the subject.
    pub version: i32,
    /// The registry-wide schema id.
    pub id: i32,
    /// The language.
    pub kind: SchemaType,
    /// The text as the registry gives it back.
    pub text: String,
    /// What it refers to.
    pub references: Vec<SchemaReference>,
}

/// One subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectView {
    /// The live versions that were read, oldest first. A look reads the latest only; the older ones are a question.
    /// Empty when only a compatibility level is set on the subject.
    pub versions: Vec<VersionView>,
    /// The level set on the subject itself; `Absent` when it follows the global one.
    ///
    /// Apicurio Registry 3 stores no level NONE (setting it removes the subject's own level) and answers NONE for a
    /// subject without one. So NONE here may also mean that none is set while the global level is NONE, which has the
    /// same effect as long as the global level stays.
    pub level: Known<CompatibilityLevel>,
    /// The level that the registry enforces, its own or the global one.
    pub effective_level: Known<CompatibilityLevel>,
}

impl SubjectView {
    /// The newest live version.
    pub fn latest(&self) -> Option<&VersionView> {
        self.versions.last()
    }
}
