//! The way back of a change of a topic.

use super::facts::held;
use super::impact::Cut;
use super::removal::deletion;
use super::risks::asks_for_ranges;
use super::sight::is_at;
use super::{TopicChange, replicas};
use crate::plan::undo::{moved_since, not_readable, not_reversible, why};
use crate::plan::{Change, Finding, Proposal, Proposed, Question, Risk};
use crate::values::{Known, Resource, THROTTLED_REPLICAS, Thousands, TopicId};
use crate::world::{ConfigView, TopicView, Wanted, World, followed_times};
use std::collections::{BTreeMap, BTreeSet};

/// What has to be seen to plan the way back of a change.
pub(in crate::plan) fn wanted_for_undo(change: &TopicChange, wanted: &mut Wanted) {
    wanted.topics.add(change.topic());
    match change {
        TopicChange::SetConfig { from, .. } => {
            wanted.configs.add(change.topic());
            let unset = |key: &&str| from.get(*key).is_some_and(Option::is_none);
            wanted.followed_times.extend(followed_times().filter(unset));
        }
        TopicChange::MoveReplicas { .. } => wanted.configs.add(change.topic()),
        // A topic goes again only while it is empty, with what it takes to make it anew in the record.
        TopicChange::Create { .. } => {
            wanted.configs.add(change.topic());
            wanted.log_offsets.add(change.topic());
        }
        TopicChange::AddPartitions { .. } | TopicChange::CancelMoves { .. } | TopicChange::Delete { .. } => {}
    }
    wanted.moves |= matches!(change, TopicChange::MoveReplicas { .. });
}

/// The way back of the changes of topics that belong together, as they were done by one run.
pub(in crate::plan) struct Undoing<'a> {
    world: &'a World,
    added: replicas::AddedPartitions<'a>,
    placer: replicas::Placer<'a>,
}

impl<'a> Undoing<'a> {
    pub(in crate::plan) fn of(changes: impl Iterator<Item = &'a Change>, world: &'a World) -> Self {
        let added = changes.filter_map(|change| match change {
            Change::Topic(TopicChange::AddPartitions { topic, from, to, .. }) => {
                Some((topic.as_str(), *from..*to))
            }
            _ => None,
        });
        Undoing { world, added: added.collect(), placer: replicas::Placer::new(&world.cluster) }
    }

    /// Proposes the way back: configs return to the values before, key by key. Kafka removes no partitions, and a topic
    /// that was deleted since, or made anew, has nothing of the change left to take back. A topic that was created is
    /// deleted, by the id that the record holds and only while it is empty; one that went so is created again.
    pub(in crate::plan) fn undo(
        &mut self,
        change: &TopicChange,
        created: Option<TopicId>,
        proposal: &mut Proposal,
    ) {
        undo(self, change, created, proposal);
    }
}

fn undo(undoing: &mut Undoing<'_>, change: &TopicChange, created: Option<TopicId>, proposal: &mut Proposal) {
    let world = undoing.world;
    let resource = Resource::topic(change.topic());
    let view = match world.cluster.topics.get(change.topic()).unwrap_or(&Known::NotAsked) {
        Known::Known(view) => view,
        Known::Absent => return gone(change, resource, proposal),
        missing => return proposal.conflicts.push(not_readable(resource, "the topic", &why(missing))),
    };
    match change {
        TopicChange::Create { topic, partitions, replication, configs } => {
            let made = Made { partitions: *partitions, replication: *replication, configs };
            uncreate(topic, &made, created, view, world, proposal);
        }
        TopicChange::Delete { id, .. } if !is_another(*id, view) => {
            proposal.unchanged.insert(resource);
        }
        TopicChange::Delete { .. } => {
            let message = "its records are gone for good, and another topic bears the name now";
            proposal.findings.push(not_reversible(resource, message));
        }
        TopicChange::AddPartitions { id, .. }
        | TopicChange::SetConfig { id, .. }
        | TopicChange::MoveReplicas { id, .. }
        | TopicChange::CancelMoves { id, .. }
            if is_another(*id, view) =>
        {
            let message =
                "the topic was deleted and created again since, so nothing of the change is left in it";
            proposal.findings.push(not_reversible(resource, message));
        }
        TopicChange::AddPartitions { from, .. } if view.partitions.len() as i32 == *from => {
            proposal.unchanged.insert(resource);
        }
        TopicChange::AddPartitions { from, .. } => {
            let now = view.partitions.len();
            let message = format!("its {now} partitions stay, {from} before: Kafka removes none");
            proposal.findings.push(not_reversible(resource, message));
        }
        TopicChange::CancelMoves { .. } => {
            let message = "a move that was taken back is begun anew by the klerk apply that wants it";
            proposal.findings.push(not_reversible(resource, message));
        }
        TopicChange::MoveReplicas { topic, from, to, .. } => {
            let added = undoing.added.get(topic.as_str()).cloned().unwrap_or_default();
            let returning = replicas::Returning { topic, view, before: from, left: to, added };
            returning.propose(world, &mut undoing.placer, proposal);
        }
        TopicChange::SetConfig { topic, from, to, .. } => match &view.configs {
            Known::Known(_) => WayBack::of(view, from, to).propose(topic, view, proposal),
            missing => {
                proposal.conflicts.push(not_readable(resource, "the configs of the topic", &why(missing)));
            }
        },
    }
}

/// What a creation asked for.
struct Made<'a> {
    partitions: Option<i32>,
    replication: Option<i16>,
    configs: &'a BTreeMap<String, String>,
}

impl Made<'_> {
    /// What is otherwise than the creation left it. What was left to the broker then is not known, so that it cannot be
    /// told apart, and the lists of throttled replicas are those of whoever moves replicas.
    fn moved(&self, view: &TopicView, configs: &BTreeMap<String, ConfigView>) -> Vec<String> {
        let mut moved = Vec::new();
        let mut tell = |what: &str, now: &str, then: &str| {
            moved.push(format!("{what}: {now} now, {then} when it was created"));
        };
        let now = view.partitions.len();
        if let Some(then) = self.partitions.filter(|then| usize::try_from(*then) != Ok(now)) {
            tell("partitions", &now.to_string(), &then.to_string());
        }
        let now = view.replication();
        if let Some(then) = self.replication.filter(|then| usize::try_from(*then).ok() != now) {
            let now = now.map_or_else(|| "uneven".to_owned(), |now| now.to_string());
            tell("replication", &now, &then.to_string());
        }
        let own = configs.iter().filter(|(_, seen)| seen.is_override()).map(|(key, _)| key);
        let keys: BTreeSet<&String> = own.chain(self.configs.keys()).collect();
        for key in keys.into_iter().filter(|key| !THROTTLED_REPLICAS.contains(&key.as_str())) {
            let (seen, then) = (configs.get(key), self.configs.get(key));
            if !is_at(key, seen, then.map(String::as_str)) {
                let own = seen.filter(|seen| seen.is_override());
                let now = own.map(|own| own.value.as_deref().unwrap_or("a value that the broker hides"));
                tell(key, now.unwrap_or("not set"), in_words(then));
            }
        }
        moved
    }
}

/// The way back of a creation. Whose topic stands there is only certain by its id.
fn uncreate(
    topic: &str,
    made: &Made<'_>,
    created: Option<TopicId>,
    view: &TopicView,
    world: &World,
    proposal: &mut Proposal,
) {
    let resource = Resource::topic(topic);
    let stays = match (created, held(topic, view, world)) {
        (None, _) => {
            "the topic stays: the record does not hold the id of what was created, so this may be another one"
                .to_owned()
        }
        (Some(_), _) if is_another(created, view) || view.id.is_none() => {
            "another topic bears the name now, so nothing of what was created is left".to_owned()
        }
        (Some(_), Err(why)) => {
            format!("the topic stays: a topic goes only while it is empty, and that could not be read: {why}")
        }
        (Some(_), Ok(0)) => {
            let configs = match &view.configs {
                Known::Known(configs) => configs,
                missing => {
                    let conflict = not_readable(resource, "the configs of the topic", &why(missing));
                    return proposal.conflicts.push(conflict);
                }
            };
            let moved = made.moved(view, configs);
            let mut risks = BTreeSet::new();
            if !moved.is_empty() {
                risks.insert(Risk::MovedSince);
                let message = format!(
                    "the topic has been changed since: {}; it goes with what it is now (--allow moved-since)",
                    moved.join("; ")
                );
                proposal.findings.push(moved_since(resource, message));
            }
            let mut change = deletion(topic, view);
            if let TopicChange::Delete { while_empty, .. } = &mut change {
                *while_empty = true;
            }
            proposal.questions.insert(Question::LogRanges { topic: topic.to_owned() });
            proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Topic(change)) });
            return;
        }
        (Some(_), Ok(held)) => format!(
            "the topic stays: it goes only while it is empty, and it holds up to {} records; klerk topic delete deletes \
             it with them",
            Thousands(held)
        ),
    };
    proposal.findings.push(not_reversible(resource, stays));
}

/// The way back where there is no such topic now.
fn gone(change: &TopicChange, resource: Resource, proposal: &mut Proposal) {
    let message = match change {
        TopicChange::Create { .. } => {
            proposal.unchanged.insert(resource);
            return;
        }
        TopicChange::Delete { while_empty: true, .. } => match made_anew(change) {
            Some(create) => {
                proposal.questions.insert(Question::Accepts(create.clone()));
                return proposal.changes.push(Proposed::ordered(Change::Topic(create)));
            }
            None => "the topic was empty; what it takes to make it anew is not in the record".to_owned(),
        },
        TopicChange::Delete { .. } => {
            "its records are gone for good; the record of the run holds its partitions and configs".to_owned()
        }
        TopicChange::AddPartitions { .. }
        | TopicChange::SetConfig { .. }
        | TopicChange::MoveReplicas { .. }
        | TopicChange::CancelMoves { .. } => {
            format!("the topic does not exist any more, so its {} needs no way back", change.kind())
        }
    };
    proposal.findings.push(not_reversible(resource, message));
}

/// The creation of a topic that was deleted while it was empty: nothing of it was lost.
fn made_anew(deletion: &TopicChange) -> Option<TopicChange> {
    let TopicChange::Delete { topic, partitions, replication, configs, .. } = deletion else { return None };
    let mut configs = configs.clone()?;
    configs.retain(|key, _| !THROTTLED_REPLICAS.contains(&key.as_str()));
    Some(TopicChange::Create {
        topic: topic.clone(),
        partitions: Some(*partitions),
        replication: Some((*replication)?),
        configs,
    })
}

/// Another topic of the same name stands there now.
fn is_another(id: Option<TopicId>, view: &TopicView) -> bool {
    id.is_some() && view.id.is_some() && id != view.id
}

/// The keys that have to change for the configs to be as before, and what stands out about them.
#[derive(Default)]
struct WayBack {
    from: BTreeMap<String, Option<String>>,
    to: BTreeMap<String, Option<String>>,
    moved: Vec<String>,
    hidden: Vec<String>,
    as_before: bool,
}

impl WayBack {
    fn of(
        view: &TopicView,
        before: &BTreeMap<String, Option<String>>,
        left: &BTreeMap<String, Option<String>>,
    ) -> Self {
        let none = BTreeMap::new();
        let configs = view.configs.known().unwrap_or(&none);
        let mut back = WayBack::default();
        for (key, left) in left {
            let seen = configs.get(key);
            let own = seen.filter(|seen| seen.is_override());
            let before = before.get(key).cloned().flatten();
            // Only a value that the broker hides is unset from nothing to nothing.
            if own.is_some_and(|own| own.sensitive) || (before.is_none() && left.is_none()) {
                back.hidden.push(key.clone());
                continue;
            }
            if is_at(key, seen, before.as_deref()) {
                back.as_before = true;
                continue;
            }
            let now = own.and_then(|own| own.value.clone());
            if !is_at(key, seen, left.as_deref()) {
                let (now, left) = (in_words(now.as_ref()), in_words(left.as_ref()));
                back.moved.push(format!("{key}: {now} now, {left} when the change was done"));
            }
            back.from.insert(key.clone(), now);
            back.to.insert(key.clone(), before);
        }
        back
    }

    fn propose(self, topic: &str, view: &TopicView, proposal: &mut Proposal) {
        let resource = Resource::topic(topic);
        let WayBack { from, to, moved, hidden, as_before } = self;
        if !hidden.is_empty() {
            proposal.findings.push(hidden_values(resource.clone(), &hidden));
        }
        if to.is_empty() {
            if as_before {
                proposal.unchanged.insert(resource);
            }
            return;
        }
        let mut risks = BTreeSet::new();
        if !moved.is_empty() {
            risks.insert(Risk::MovedSince);
            let message = format!(
                "the topic has been changed since: {}; going back starts from what is there now (--allow moved-since)",
                moved.join("; ")
            );
            proposal.findings.push(moved_since(resource, message));
        }
        let change = TopicChange::SetConfig { topic: topic.to_owned(), id: view.id, from, to };
        if let Some(cut) = Cut::of(&change, view) {
            proposal.questions.insert(cut.question(topic));
        }
        if asks_for_ranges(&change) {
            proposal.questions.insert(Question::LogRanges { topic: topic.to_owned() });
        }
        proposal.questions.insert(Question::Accepts(change.clone()));
        proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Topic(change)) });
    }
}

fn hidden_values(resource: Resource, keys: &[String]) -> Finding {
    let message = format!("the broker hides the value of {}, so it stays as it is", keys.join(", "));
    not_reversible(resource, message)
}

fn in_words(value: Option<&String>) -> &str {
    value.map_or("not set", String::as_str)
}
