use super::change::{SubjectChange, level_comes_first};
use crate::schema::CompatibilityLevel;
use crate::topology::Subject;
use crate::values::Known;
use crate::world::SubjectView;

/// The change of a subject's own level that a topology asks for; `None` when there is none to make. The level before
/// must be known.
pub(super) fn level_change(want: &Subject, have: Option<&SubjectView>) -> Option<SubjectChange> {
    let to = want.compatibility.as_ref()?.value;
    let from = have.and_then(|view| view.level.known()).copied();
    (from != Some(to)).then(|| SubjectChange::SetCompatibility {
        subject: want.name.clone(),
        from,
        to: Some(to),
    })
}

/// The level that the next version of a subject with versions will be checked by, where files or registry say it.
pub(super) fn level_at_registration(want: &Subject, have: &SubjectView) -> Option<CompatibilityLevel> {
    match level_change(want, Some(have)) {
        Some(SubjectChange::SetCompatibility { from, to: Some(to), .. })
            if level_comes_first(from, to, true) =>
        {
            Some(to)
        }
        _ => have.effective_level.known().copied(),
    }
}

/// What the registry's verdict, given at the level that it enforces now, says about the moment of registration, when
/// another step of the same plan may have set another level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearing {
    /// The level will be the same: the verdict counts.
    Same,
    /// The level will be looser: a yes counts, a no tells nothing.
    Looser(CompatibilityLevel),
    /// The level will be another: the verdict tells nothing.
    Another(CompatibilityLevel),
}

/// How far the registry's verdict on the next version of a subject that has versions reaches.
pub(super) fn bearing(want: Option<&Subject>, have: &SubjectView) -> Bearing {
    let change = want.and_then(|want| level_change(want, Some(have)));
    let Some(SubjectChange::SetCompatibility { from, to: Some(to), .. }) = change else {
        return Bearing::Same;
    };
    if !level_comes_first(from, to, true) {
        return Bearing::Same;
    }
    match have.effective_level {
        Known::Known(now) if now == to => Bearing::Same,
        Known::Known(now) if now.is_at_least_as_strict_as(to) => Bearing::Looser(to),
        _ => Bearing::Another(to),
    }
}
