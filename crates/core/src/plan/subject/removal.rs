//! Subjects that are not to be there: proposing their deletion, what stands in its way, and what it risks.

use super::SubjectChange;
use super::change::LastVersion;
use super::facts::expectations;
use crate::apply::Difference;
use crate::plan::assess::Standing;
use crate::plan::{
    Answer, Answers, Basis, Change, Conflict, ConflictReason, Finding, Proposal, Proposed, Question, Risk,
    Severity, Sight,
};
use crate::topology::AbsentSubject;
use crate::values::{Known, Origin, Resource};
use crate::world::{RegistryView, SubjectView, World};
use std::collections::BTreeSet;

/// Proposes that a subject go which a file says is not to be there. One that is gone already is as it should be; for
/// good only when not even a deleted one is left.
pub(super) fn propose(name: &str, absent: &AbsentSubject, registry: &RegistryView, proposal: &mut Proposal) {
    let resource = Resource::subject(name);
    let mut conflict = |why: String| {
        proposal.conflicts.push(Conflict {
            resource: resource.clone(),
            reason: ConflictReason::NotReadable,
            message: format!("whether the subject exists could not be read: {why}"),
            origin: Some(absent.origin.clone()),
        });
    };
    let seen = registry.subjects.get(name).unwrap_or(&Known::NotAsked);
    let latest = match seen {
        Known::Known(view) => view.latest(),
        Known::Absent => None,
        missing => return conflict(missing.missing_reason().unwrap_or_else(|| "no answer".to_owned())),
    };
    let from = match (latest, absent.permanent) {
        (Some(latest), _) => Some(LastVersion::from(latest)),
        (None, false) => {
            proposal.unchanged.insert(resource);
            return;
        }
        (None, true) => match &registry.deleted {
            Known::Known(deleted) if deleted.contains(name) => None,
            Known::Known(_) => {
                proposal.unchanged.insert(resource);
                return;
            }
            missing => return conflict(missing.missing_reason().unwrap_or_else(|| "no answer".to_owned())),
        },
    };
    let subject = name.to_owned();
    proposal.questions.insert(Question::Referrers { subject: subject.clone() });
    let change = SubjectChange::Delete { subject, from, permanent: absent.permanent };
    proposal.changes.push(Proposed::asked(Change::Subject(change), absent.origin.clone()));
}

/// What the deletion of a subject risks and rests on. No registry can be asked whether it would do it; which schemas
/// refer to it can be.
pub(super) fn judge(
    change: &SubjectChange,
    origin: Option<&Origin>,
    going: &BTreeSet<Resource>,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let SubjectChange::Delete { subject, from, permanent } = change else {
        return Ok(Standing::default());
    };
    let resource = || Resource::subject(subject);
    let block = |reason: ConflictReason, message: String| Conflict {
        resource: resource(),
        reason,
        message,
        origin: origin.cloned(),
    };
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    match answers.get(&Question::Referrers { subject: subject.clone() }) {
        Some(Answer::Referrers(referrers)) => {
            // What a filter leaves out stays, whatever the file says of it.
            let goes = |name: &str| going.contains(&Resource::subject(name));
            let stay: Vec<String> = referrers
                .iter()
                .filter(|(name, _)| name != subject && !goes(name))
                .map(|(name, version)| format!("version {version} of {name}"))
                .collect();
            if !stay.is_empty() {
                let message = format!(
                    "'{subject}' is referred to by {}, and a registry deletes nothing that is referred to. Delete these \
                     first, or let the subject be present",
                    stay.join(", ")
                );
                return Err(block(ConflictReason::RefusedByRegistry, message));
            }
        }
        Some(Answer::Failed(why) | Answer::Denied(why) | Answer::Refused(why)) => {
            let message =
                format!("which schemas refer to '{subject}' could not be found out: {why}. Try again");
            return Err(block(ConflictReason::NotReadable, message));
        }
        Some(Answer::NotAsked(why)) => {
            let note = format!("which schemas refer to it is not known: {why}");
            standing.impact.notes.push(note);
        }
        Some(_) | None => {
            let message = format!("which schemas refer to '{subject}' could not be found out. Try again");
            return Err(block(ConflictReason::NotReadable, message));
        }
    }
    standing.risks.insert(Risk::BreaksReaders);
    if *permanent {
        standing.risks.insert(Risk::LosesData);
        let note = "its schemas go for good: records that were written with them can no longer be decoded by their ids";
        standing.impact.notes.push(note.to_owned());
    } else {
        let note =
            "a registry keeps deleted schemas readable by their ids; who looks for the subject finds none";
        standing.impact.notes.push(note.to_owned());
    }
    if let Some(last) = from {
        let versions = last.version.version;
        standing
            .impact
            .notes
            .push(format!("its versions go, the latest is {versions} (id {})", last.version.id));
    }
    standing.findings.extend(in_use(subject, origin, going, basis));
    Ok(standing)
}

/// The topic that the subject is of, by its name, where it stays.
fn in_use(
    subject: &str,
    origin: Option<&Origin>,
    going: &BTreeSet<Resource>,
    basis: &Basis<'_>,
) -> Option<Finding> {
    let topic = subject.strip_suffix("-value").or_else(|| subject.strip_suffix("-key"))?;
    let goes = going.contains(&Resource::topic(topic));
    let declared = basis.topology.is_some_and(|topology| topology.topics.contains_key(topic));
    let exists = basis.world.cluster.topics.get(topic).is_some_and(|seen| !seen.is_absent());
    (!goes && (declared || exists)).then(|| Finding {
        severity: Severity::Warning,
        code: "subject/in-use",
        message: format!(
            "topic '{topic}' stays, and who writes to it may register '{subject}' again, or fail for want of it"
        ),
        resource: Resource::subject(subject),
        origin: origin.cloned(),
    })
}

/// What a look shows of a deletion.
pub(super) fn sight(
    from: Option<&LastVersion>,
    permanent: bool,
    subject: &str,
    view: Option<&SubjectView>,
    world: &World,
) -> Sight {
    let difference = |found: String| {
        vec![Difference { field: "latest-version".to_owned(), asked: None, found: Some(found) }]
    };
    let latest = view.and_then(SubjectView::latest);
    match (latest, from) {
        (Some(latest), Some(from))
            if from.version.id == latest.id && from.version.version == latest.version =>
        {
            Sight::NotYet(difference(latest.version.to_string()))
        }
        (Some(latest), _) => Sight::MovedOn(difference(latest.version.to_string())),
        (None, _) if !permanent => Sight::AsAsked,
        (None, _) => match world.registry.known().map(|registry| &registry.deleted) {
            Some(Known::Known(deleted)) if !deleted.contains(subject) => Sight::AsAsked,
            Some(Known::Known(_)) => {
                let found = Some("kept out of sight".to_owned());
                Sight::Otherwise(vec![Difference {
                    field: "permanent".to_owned(),
                    asked: Some("true".to_owned()),
                    found,
                }])
            }
            missing => {
                let why = missing.and_then(Known::missing_reason).unwrap_or_else(|| "no answer".to_owned());
                Sight::Unreadable(crate::values::Failure::without_reply("NOT_READABLE", why))
            }
        },
    }
}
