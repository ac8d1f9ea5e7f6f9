//! Topics that are not to be there: proposing their deletion, and what it risks.

use super::diff::{is_kafkas_own, not_planned, why_unread};
use super::facts::held_up_to;
use super::impact::Cut;
use super::judge::{no_verdict, readers};
use super::risks::{Records, about};
use super::{TopicChange, emptiness, expectations};
use crate::plan::assess::Standing;
use crate::plan::{
    Answers, Basis, Change, Conflict, ConflictReason, Finding, Proposal, Proposed, Question, Risk, Severity,
    usage,
};
use crate::topology::{AbsentTopic, Topology};
use crate::values::{Known, Origin, Resource, closest};
use crate::world::{ConfigView, TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// Proposes that a topic go which a file says is not to be there. One that is gone already is as it should be.
pub(super) fn propose(
    name: &str,
    absent: &AbsentTopic,
    have: &Known<TopicView>,
    external: bool,
    proposal: &mut Proposal,
) {
    let resource = Resource::topic(name);
    let mut conflict = |reason: ConflictReason, message: String| {
        let origin = Some(absent.origin.clone());
        proposal.conflicts.push(Conflict { resource: resource.clone(), reason, message, origin });
    };
    if let Some((reason, message)) = not_planned(name, have, external) {
        return conflict(reason, message);
    }
    match have {
        Known::Absent => {
            proposal.unchanged.insert(resource);
        }
        Known::Known(view) => {
            proposal.questions.extend(questions(name));
            let change = Change::Topic(deletion(name, view));
            proposal.changes.push(Proposed::asked(change, absent.origin.clone()));
        }
        Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) | Known::NotAsked => {
            let why = why_unread(have);
            conflict(
                ConflictReason::NotReadable,
                format!("whether '{name}' exists could not be read: {why}"),
            );
        }
    }
}

/// What has to be asked to say what the deletion of a topic takes, and from whom.
fn questions(name: &str) -> [Question; 3] {
    [Question::LogRanges { topic: name.to_owned() }, Cut::All.question(name), usage::question(name, true)]
}

/// Proposes that these topics go, as a command line orders. A file that declares one of them is told of it, for its next
/// apply makes the topic anew.
///
/// # Errors
/// The topics that do not exist.
pub fn propose_deletions(
    names: &BTreeSet<String>,
    contracts: Option<&Topology>,
    world: &World,
) -> Result<Proposal, MissingTopics> {
    let mut proposal = Proposal::default();
    let mut missing = Vec::new();
    for name in names {
        let have = world.cluster.topics.get(name).unwrap_or(&Known::NotAsked);
        let resource = Resource::topic(name);
        let kafkas = || {
            let message = format!(
                "'{name}' is Kafka's own topic, which brokers make and keep their own state in; klerk deletes none of these"
            );
            (ConflictReason::Internal, message)
        };
        let conflict = is_kafkas_own(name, have).then(kafkas).or_else(|| {
            let why = why_unread(have);
            let is_readable = matches!(have, Known::Known(_) | Known::Absent);
            (!is_readable).then(|| {
                (ConflictReason::NotReadable, format!("whether '{name}' exists could not be read: {why}"))
            })
        });
        if let Some((reason, message)) = conflict {
            proposal.conflicts.push(Conflict { resource, reason, message, origin: None });
            continue;
        }
        let Known::Known(view) = have else {
            missing.push(name.clone());
            continue;
        };
        proposal.questions.extend(questions(name));
        proposal.changes.push(Proposed::ordered(Change::Topic(deletion(name, view))));
        let declared = contracts.and_then(|contracts| contracts.topics.get(name));
        proposal.findings.extend(declared.map(|topic| Finding {
            severity: Severity::Warning,
            code: "topic/declared",
            message: format!(
                "the topology declares '{name}', so the next apply makes it anew, without its records"
            ),
            resource,
            origin: Some(topic.origin.clone()),
        }));
    }
    if missing.is_empty() { Ok(proposal) } else { Err(MissingTopics::new(missing, world)) }
}

/// Topics that were named and do not exist, each with the one that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingTopics(pub Vec<(String, Option<String>)>);

impl MissingTopics {
    pub(in crate::plan) fn new(names: Vec<String>, world: &World) -> Self {
        let seen = || world.cluster.topics.iter().filter(|(_, seen)| seen.known().is_some());
        let meant = |name: &str| closest(name, seen().map(|(name, _)| name.as_str())).map(str::to_owned);
        let missing = names.into_iter().map(|name| {
            let meant = meant(&name);
            (name, meant)
        });
        MissingTopics(missing.collect())
    }
}

/// The deletion of a topic that was seen, with what it takes to make it anew.
pub(super) fn deletion(name: &str, view: &TopicView) -> TopicChange {
    let set = |configs: &BTreeMap<String, ConfigView>| {
        let own = configs.iter().filter(|(_, seen)| seen.is_override());
        own.filter_map(|(key, seen)| Some((key.clone(), seen.value.clone()?))).collect()
    };
    TopicChange::Delete {
        topic: name.to_owned(),
        id: view.id,
        partitions: view.partitions.len() as i32,
        replication: view.replication().and_then(|factor| i16::try_from(factor).ok()),
        configs: view.configs.known().map(set),
        while_empty: false,
    }
}

/// What the deletion of a topic risks and rests on. No broker can be asked whether it would do it.
pub(super) fn judge(
    change: &TopicChange,
    origin: Option<&Origin>,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let name = change.topic();
    let Some(view) = basis.world.cluster.topics.get(name).and_then(Known::known) else {
        return Err(no_verdict(change, "the topic was not seen", origin));
    };
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    if basis.topology.is_some_and(|topology| topology.protects_topic(name)) {
        standing.risks.insert(Risk::Protected);
    }
    standing.impact.groups = readers(name, basis);
    let records = Records::of(name, view, answers);
    if let (TopicChange::Delete { while_empty: true, .. }, false) = (change, records.are_absent()) {
        let held = about(&records).unwrap_or_default();
        return Err(Conflict {
            resource: Resource::topic(name),
            reason: ConflictReason::Other,
            message: format!("it goes only while it is empty: {held}"),
            origin: origin.cloned(),
        });
    }
    if records.are_absent() {
        let empty = emptiness(name);
        if !standing.expects.contains(&empty) {
            standing.expects.push(empty);
        }
        standing.impact.notes.push("the topic holds no records".to_owned());
    } else {
        standing.risks.insert(Risk::LosesData);
        if let Records::UpTo(held) = &records {
            standing.expects.push(held_up_to(name, *held));
        }
        standing.impact.loss = Some(Cut::All.loss(name, view, answers));
        standing.impact.notes.extend(about(&records));
    }
    if !matches!(change, TopicChange::Delete { while_empty: true, .. }) {
        standing.impact.usage = Some(usage::usage(name, true, answers, basis));
        standing.impact.notes.push("subjects of a schema registry stay as they are".to_owned());
    }
    if let Some(why) = view.configs.missing_reason() {
        let note = format!("its configs could not be read, so it could not be made anew as it is: {why}");
        standing.impact.notes.push(note);
    }
    Ok(standing)
}
