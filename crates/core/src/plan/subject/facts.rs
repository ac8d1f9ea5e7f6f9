use super::SubjectChange;
use crate::plan::{Drift, Expectation};
use crate::schema::CompatibilityLevel;
use crate::values::{Known, Resource};
use crate::world::{SubjectView, Wanted, World};

const LATEST_VERSION: &str = "latest-version";
const LATEST_ID: &str = "latest-id";
const COMPATIBILITY: &str = "compatibility";
const ENFORCED: &str = "enforced-compatibility";

/// The facts that a change of a subject rests on.
pub(in crate::plan) fn expectations(change: &SubjectChange) -> Vec<Expectation> {
    let fact = |field: &str, value: Option<String>| Expectation {
        resource: Resource::subject(change.subject()),
        field: field.to_owned(),
        value,
    };
    match change {
        SubjectChange::Register { from: None, .. } => vec![fact(LATEST_VERSION, None)],
        // A subject that was deleted for good and made anew counts its versions from 1 again; its ids tell.
        SubjectChange::Register { from: Some(from), .. } => vec![
            fact(LATEST_VERSION, Some(from.version.to_string())),
            fact(LATEST_ID, Some(from.id.to_string())),
        ],
        SubjectChange::SetCompatibility { from, .. } => {
            vec![fact(COMPATIBILITY, from.map(|level| level.to_string()))]
        }
        SubjectChange::Delete { from: None, .. } => vec![fact(LATEST_VERSION, None)],
        SubjectChange::Delete { from: Some(last), .. } => vec![
            fact(LATEST_VERSION, Some(last.version.version.to_string())),
            fact(LATEST_ID, Some(last.version.id.to_string())),
        ],
    }
}

/// The level that the registry checks the next version by, a fact that the verdict on that version rests on; `None`
/// where it was not told.
pub(super) fn enforced_level(subject: &str, view: &SubjectView) -> Option<Expectation> {
    let level = view.effective_level.known()?;
    Some(Expectation {
        resource: Resource::subject(subject),
        field: ENFORCED.to_owned(),
        value: Some(level.to_string()),
    })
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &SubjectChange, wanted: &mut Wanted) {
    wanted.subjects.add(change.subject());
    wanted.deleted_subjects |= matches!(change, SubjectChange::Delete { permanent: true, .. });
}

/// A fact as it is now, where it no longer stands.
pub(in crate::plan) fn drift(expectation: &Expectation, world: &World) -> Option<Drift> {
    let view = match seen(&expectation.resource.name, world) {
        Ok(view) => view,
        Err(why) => return Some(Drift::unreadable(expectation, why)),
    };
    let latest = view.and_then(SubjectView::latest);
    let found = match expectation.field.as_str() {
        LATEST_VERSION => latest.map(|latest| latest.version.to_string()),
        LATEST_ID => latest.map(|latest| latest.id.to_string()),
        COMPATIBILITY => match level(view) {
            Ok(level) if is_the_same_level(expectation.value.as_deref(), level, view) => return None,
            Ok(level) => level.map(|level| level.to_string()),
            Err(why) => return Some(Drift::unreadable(expectation, why)),
        },
        ENFORCED => match view.map(|view| &view.effective_level) {
            // That the subject is gone is told by the facts about its versions.
            None => return None,
            Some(Known::Known(level)) => Some(level.to_string()),
            Some(missing) => {
                let why = missing.missing_reason().unwrap_or_else(|| "it was not told".to_owned());
                return Some(Drift::unreadable(expectation, why));
            }
        },
        _ => return Some(Drift::unreadable(expectation, "nothing is planned on a fact of this kind")),
    };
    (found != expectation.value).then(|| Drift::found(expectation, found))
}

/// A subject as it is now, `None` when the registry has none of that name; or why it could not be read.
pub(super) fn seen<'w>(name: &str, world: &'w World) -> Result<Option<&'w SubjectView>, String> {
    let registry = match &world.registry {
        Known::Known(registry) => registry,
        missing => return Err(missing.missing_reason().unwrap_or_else(|| "there is no registry".to_owned())),
    };
    match registry.subjects.get(name).unwrap_or(&Known::NotAsked) {
        Known::Known(view) => Ok(Some(view)),
        Known::Absent => Ok(None),
        missing => Err(missing.missing_reason().unwrap_or_default()),
    }
}

/// A subject's own level, `None` when it has none; or why it could not be read.
pub(super) fn level(view: Option<&SubjectView>) -> Result<Option<CompatibilityLevel>, String> {
    match view.map(|view| &view.level) {
        None | Some(Known::Absent) => Ok(None),
        Some(Known::Known(level)) => Ok(Some(*level)),
        Some(missing) => Err(missing.missing_reason().unwrap_or_default()),
    }
}

/// No level of its own and NONE look alike in Apicurio Registry as long as NONE is enforced (see
/// [`SubjectView::level`]), as when the first version of a subject makes it known.
pub(super) fn is_the_same_level(
    expected: Option<&str>,
    found: Option<CompatibilityLevel>,
    view: Option<&SubjectView>,
) -> bool {
    if found.map(CompatibilityLevel::as_str) == expected {
        return true;
    }
    let none = CompatibilityLevel::None;
    let is_loose = view.is_some_and(|view| view.effective_level == Known::Known(none));
    is_loose && expected.is_none_or(|word| word == none.as_str()) && found.is_none_or(|level| level == none)
}
