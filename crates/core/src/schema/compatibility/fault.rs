use std::fmt;

/// The kinds of incompatibility, by the names that Avro for Java and the registries give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// Two named types have different names, and the writer's is no alias of the reader's.
    NameMismatch,
    /// Two fixed types have different sizes.
    FixedSizeMismatch,
    /// The reader's enum lacks symbols of the writer's and has no default for them.
    MissingEnumSymbols,
    /// A field that the writer has not has no default in the reader.
    ReaderFieldMissingDefaultValue,
    /// The types differ and the writer's cannot be promoted to the reader's.
    TypeMismatch,
    /// No branch of the reader's union reads what the writer may have written.
    MissingUnionBranch,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [FaultKind; 6] = [
        FaultKind::NameMismatch,
        FaultKind::FixedSizeMismatch,
        FaultKind::MissingEnumSymbols,
        FaultKind::ReaderFieldMissingDefaultValue,
        FaultKind::TypeMismatch,
        FaultKind::MissingUnionBranch,
    ];

    /// The name in Avro for Java.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultKind::NameMismatch => "NAME_MISMATCH",
            FaultKind::FixedSizeMismatch => "FIXED_SIZE_MISMATCH",
            FaultKind::MissingEnumSymbols => "MISSING_ENUM_SYMBOLS",
            FaultKind::ReaderFieldMissingDefaultValue => "READER_FIELD_MISSING_DEFAULT_VALUE",
            FaultKind::TypeMismatch => "TYPE_MISMATCH",
            FaultKind::MissingUnionBranch => "MISSING_UNION_BRANCH",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason why a reader cannot read what a writer wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of reason.
    pub kind: FaultKind,
    /// JSON pointer (RFC 6901) into the reader's schema; empty for the whole of it. Where the writer has a union, the
    /// number of one of *its* branches is a step of the way too. A type that is used in several places is reported at
    /// the first one.
    pub path: String,
    /// What does not fit, in few words: both types, the field, the symbols.
    pub message: String,
    /// The reader's side of it as JSON: a type without what is inside of it, a field, symbols, a size.
    pub reader: String,
    /// The writer's side of it as JSON.
    pub writer: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        write!(f, "{path}: {} ({})", self.message, self.kind)
    }
}
