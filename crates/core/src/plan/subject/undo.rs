//! The way back of a change of a subject.

use super::facts::{is_the_same_level, level, seen};
use super::{RegisteredVersion, SubjectChange};
use crate::plan::undo::{moved_since, not_readable, not_reversible};
use crate::plan::{Change, Proposal, Proposed, Question, Risk};
use crate::schema::CompatibilityLevel;
use crate::values::Resource;
use crate::world::{SubjectView, World};
use std::collections::BTreeSet;

/// Proposes the way back: a level returns to the one before, or to following the global one. A registered version stays,
/// since records may have been written with it.
pub(in crate::plan) fn undo(change: &SubjectChange, world: &World, proposal: &mut Proposal) {
    let resource = Resource::subject(change.subject());
    let view = seen(change.subject(), world);
    match change {
        SubjectChange::Register { from, .. } => {
            let latest = |view: &SubjectView| view.latest().map(RegisteredVersion::from);
            if view.is_ok_and(|view| view.and_then(latest) == *from) {
                proposal.unchanged.insert(resource);
                return;
            }
            let message = "the registered version stays: records may have been written with it";
            proposal.findings.push(not_reversible(resource, message));
        }
        SubjectChange::Delete { permanent, .. } => {
            let message = if *permanent {
                "its schemas are gone for good; the record holds the latest of them, which would get another id"
            } else {
                "the subject stays deleted; the record holds its latest schema, which registered again would be a version \
                 of its own"
            };
            proposal.findings.push(not_reversible(resource, message));
        }
        SubjectChange::SetCompatibility { subject, from, to } => {
            let now = view.and_then(|view| Ok((view, level(view)?)));
            match now {
                Ok((view, now)) => propose(subject, Levels { before: *from, left: *to, now }, view, proposal),
                Err(why) => {
                    proposal.conflicts.push(not_readable(
                        resource,
                        "the subject's compatibility level",
                        &why,
                    ));
                }
            }
        }
    }
}

/// The level that a subject has of its own: before the change, as the change left it, and now.
struct Levels {
    before: Option<CompatibilityLevel>,
    left: Option<CompatibilityLevel>,
    now: Option<CompatibilityLevel>,
}

fn propose(subject: &str, levels: Levels, view: Option<&SubjectView>, proposal: &mut Proposal) {
    let resource = Resource::subject(subject);
    let Levels { before, left, now } = levels;
    let is_now = |level: Option<CompatibilityLevel>| {
        is_the_same_level(level.map(CompatibilityLevel::as_str), now, view)
    };
    if is_now(before) {
        proposal.unchanged.insert(resource);
        return;
    }
    let mut risks = BTreeSet::new();
    if !is_now(left) {
        risks.insert(Risk::MovedSince);
        let word =
            |level: Option<CompatibilityLevel>| level.map_or("the global one", CompatibilityLevel::as_str);
        let message = format!(
            "the level has been changed since: {} now, {} when the change was done; going back starts from what is there \
             now (--allow moved-since)",
            word(now),
            word(left)
        );
        proposal.findings.push(moved_since(resource, message));
    }
    let change = SubjectChange::SetCompatibility { subject: subject.to_owned(), from: now, to: before };
    if before.is_none() {
        proposal.questions.insert(Question::GlobalLevel);
    }
    proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Subject(change)) });
}
