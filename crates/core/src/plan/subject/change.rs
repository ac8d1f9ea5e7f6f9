use crate::schema::CompatibilityLevel;
use crate::world::{SchemaReference, SchemaType, VersionView};

/// A version of a subject that the registry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisteredVersion {
    /// The version within the subject; 0 for the schema of a revision, which no registry has numbered.
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
        /// The level afterwards; `None` follows the global one, which only a way back asks for.
        to: Option<CompatibilityLevel>,
    },
    /// The subject goes with all its versions.
    Delete {
        /// The subject's name.
        subject: String,
        /// The latest version, with its text; `None` where only traces of a deletion are left.
        from: Option<LastVersion>,
        /// Whether its versions go for good. Otherwise the registry keeps them out of sight, and their ids readable.
        permanent: bool,
    },
}

/// The latest version of a subject that goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastVersion {
    /// Version and id.
    pub version: RegisteredVersion,
    /// The language.
    pub kind: SchemaType,
    /// The text.
    pub text: String,
    /// What it refers to.
    pub references: Vec<SchemaReference>,
}

impl From<&VersionView> for LastVersion {
    fn from(view: &VersionView) -> Self {
        LastVersion {
            version: view.into(),
            kind: view.kind,
            text: view.text.clone(),
            references: view.references.clone(),
        }
    }
}

impl SubjectChange {
    /// The kind by its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            SubjectChange::Register { .. } => "register-schema",
            SubjectChange::SetCompatibility { .. } => "set-compatibility",
            SubjectChange::Delete { .. } => "delete-subject",
        }
    }

    /// The subject's name.
    pub fn subject(&self) -> &str {
        match self {
            SubjectChange::Register { subject, .. }
            | SubjectChange::SetCompatibility { subject, .. }
            | SubjectChange::Delete { subject, .. } => subject,
        }
    }
}

/// Whether the first change has to be done before the second: a looser level before the schema that needs it, a
/// tighter one after, a schema before those that refer to it, and what refers goes before what it refers to.
pub(in crate::plan) fn precedes(first: &SubjectChange, second: &SubjectChange) -> bool {
    use SubjectChange::{Delete, Register, SetCompatibility};
    match (first, second) {
        (Delete { from, .. }, Delete { subject, .. }) => {
            from.iter().flat_map(|last| &last.references).any(|reference| reference.subject == *subject)
        }
        (Delete { .. }, _) | (_, Delete { .. }) => false,
        (Register { subject, .. }, Register { references, .. }) => {
            references.iter().any(|reference| reference.subject == *subject)
        }
        (SetCompatibility { subject, from, to }, Register { subject: other, from: latest, .. }) => {
            subject == other && to.is_some_and(|to| level_comes_first(*from, to, latest.is_some()))
        }
        (Register { subject: other, from: latest, .. }, SetCompatibility { subject, from, to }) => {
            subject == other && !to.is_some_and(|to| level_comes_first(*from, to, latest.is_some()))
        }
        (SetCompatibility { .. }, SetCompatibility { .. }) => false,
    }
}

/// Whether a level is set before the schema that the same plan registers.
///
/// A tighter level comes after, and any other before. A level in the place of the global one or of NONE comes before
/// too: it is the one that the file wants its schemas checked by, and nothing else would check this one. NONE on a
/// subject without versions comes after, since Apicurio Registry takes it for a subject that it has only.
pub(super) fn level_comes_first(
    from: Option<CompatibilityLevel>,
    to: CompatibilityLevel,
    has_versions: bool,
) -> bool {
    match from {
        None | Some(CompatibilityLevel::None) => has_versions || to != CompatibilityLevel::None,
        Some(from) => !to.is_at_least_as_strict_as(from),
    }
}

impl From<&VersionView> for RegisteredVersion {
    fn from(view: &VersionView) -> Self {
        RegisteredVersion { version: view.version, id: view.id }
    }
}
