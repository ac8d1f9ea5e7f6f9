use super::facts::{is_the_same_level, level, seen};
use super::{RegisteredVersion, SubjectChange, removal};
use crate::apply::Difference;
use crate::plan::Sight;
use crate::schema::{CompatibilityLevel, Sameness, same_schema};
use crate::values::Failure;
use crate::world::{SubjectView, World};

/// What a look shows of a change of a subject.
pub(in crate::plan) fn sight(change: &SubjectChange, world: &World) -> Sight {
    let view = match seen(change.subject(), world) {
        Ok(view) => view,
        Err(why) => return unreadable(why),
    };
    match change {
        SubjectChange::Register { from, text, .. } => registered(*from, text, view),
        SubjectChange::SetCompatibility { from, to, .. } => match level(view) {
            Ok(found) => set(*from, *to, found, view),
            Err(why) => unreadable(why),
        },
        SubjectChange::Delete { subject, from, permanent } => {
            removal::sight(from.as_ref(), *permanent, subject, view, world)
        }
    }
}

/// Only the latest version is looked at: a version after ours hides it.
fn registered(from: Option<RegisteredVersion>, text: &str, view: Option<&SubjectView>) -> Sight {
    let Some(latest) = view.and_then(SubjectView::latest) else {
        return match from {
            None => Sight::NotYet(vec![difference("latest-version", Some("1".to_owned()), None)]),
            Some(from) => Sight::MovedOn(vec![difference("latest-version", next(from), None)]),
        };
    };
    let found = Some(latest.version.to_string());
    match from {
        Some(from) if from == RegisteredVersion::from(latest) => {
            Sight::NotYet(vec![difference("latest-version", next(from), found)])
        }
        _ if same_schema(&latest.text, text) != Sameness::Different => Sight::AsAsked,
        Some(from) if latest.version != from.version + 1 => {
            Sight::MovedOn(vec![difference("latest-version", next(from), found)])
        }
        _ => Sight::Otherwise(vec![difference("schema", Some(text.to_owned()), Some(latest.text.clone()))]),
    }
}

fn next(from: RegisteredVersion) -> Option<String> {
    Some((from.version + 1).to_string())
}

fn set(
    from: Option<CompatibilityLevel>,
    to: Option<CompatibilityLevel>,
    found: Option<CompatibilityLevel>,
    view: Option<&SubjectView>,
) -> Sight {
    let word = |level: CompatibilityLevel| level.to_string();
    let differing = || vec![difference("compatibility", to.map(word), found.map(word))];
    // Where NONE is enforced anyhow, no level of its own may look like NONE.
    let unset = to.is_none() && is_the_same_level(None, found, view);
    if found == to || unset {
        Sight::AsAsked
    } else if found == from {
        Sight::NotYet(differing())
    } else {
        Sight::MovedOn(differing())
    }
}

fn unreadable(why: String) -> Sight {
    Sight::Unreadable(Failure::without_reply("NOT_READABLE", why))
}

fn difference(field: &str, asked: Option<String>, found: Option<String>) -> Difference {
    Difference { field: field.to_owned(), asked, found }
}
