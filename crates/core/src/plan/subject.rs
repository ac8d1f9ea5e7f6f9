use super::assess::Standing;
use super::{Answers, Basis, Conflict, DiffOptions, Drift, Expectation, Proposal, Sight};
use crate::schema::CompatibilityLevel;
use crate::topology::Topology;
use crate::values::{Failure, Origin};
use crate::world::{SchemaReference, SchemaType, Wanted, World};

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

/// Compares the subjects of a topology with those of the registry.
pub(super) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    let Some(registry) = have.registry.known().filter(|_| options.covers_subjects()) else { return };
    let unlisted = registry.subjects.iter().filter(|(name, subject)| {
        !subject.is_absent() && options.covers_subject(name) && !want.subjects.contains_key(*name)
    });
    proposal.unmanaged.subjects.extend(unlisted.map(|(name, _)| name.clone()));
}

/// What a change of a subject risks and rests on, or why it cannot be made.
pub(super) fn judge(
    _change: &SubjectChange,
    _origin: Option<&Origin>,
    _answers: &Answers,
    _basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    Ok(Standing::default())
}

/// Whether the first change has to be done before the second: a looser level before the schema that needs it, a
/// tighter one after, a schema before those that refer to it.
pub(super) fn precedes(first: &SubjectChange, second: &SubjectChange) -> bool {
    use SubjectChange::{Register, SetCompatibility};
    match (first, second) {
        (Register { subject, .. }, Register { references, .. }) => {
            references.iter().any(|reference| reference.subject == *subject)
        }
        (SetCompatibility { subject, from, to }, Register { subject: other, .. }) => {
            subject == other && !tightens(*from, *to)
        }
        (Register { subject: other, .. }, SetCompatibility { subject, from, to }) => {
            subject == other && tightens(*from, *to)
        }
        (SetCompatibility { .. }, SetCompatibility { .. }) => false,
    }
}

/// A level that replaces the global one is set first, for it is the one that the file wants its schemas checked by.
fn tightens(from: Option<CompatibilityLevel>, to: CompatibilityLevel) -> bool {
    from.is_some_and(|from| to.is_at_least_as_strict_as(from))
}

/// A fact as it is now, where it no longer stands.
pub(super) fn drift(expectation: &Expectation, _world: &World) -> Option<Drift> {
    Some(Drift::unreadable(expectation, "nothing is planned on a fact of this kind"))
}

/// What has to be seen to check the facts of a change and to settle it.
pub(super) fn wanted_for(change: &SubjectChange, wanted: &mut Wanted) {
    wanted.subjects.add(change.subject());
}

/// What a look shows of a change of a subject.
pub(super) fn sight(_change: &SubjectChange, _world: &World) -> Sight {
    Sight::Unreadable(Failure::without_reply("NOT_READABLE", "subjects are not looked at"))
}
