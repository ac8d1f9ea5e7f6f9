use super::TopicChange;
use super::configs::{ConfigDiff, compare_configs};
use super::impact::Cut;
use super::refusal::sentence;
use super::removal;
use super::replicas::{Placer, Placing};
use super::risks::asks_for_ranges;
use crate::plan::{
    Change, Conflict, ConflictReason, DiffOptions, Finding, Proposal, Proposed, Question, Severity, usage,
};
use crate::topology::{ConfigWish, Policy, Topic, Topology};
use crate::values::{Known, Origin, Resource, THROTTLED_REPLICAS, is_kafkas_topic};
use crate::world::{ClusterView, ConfigView, OngoingMoves, TopicView};
use std::collections::BTreeMap;

/// Compares the topics of a topology with those of the cluster.
pub(in crate::plan) fn diff(
    want: &Topology,
    have: &ClusterView,
    options: &DiffOptions,
    proposal: &mut Proposal,
) {
    let mut placer = Placer::new(have);
    for (name, topic) in want.topics.iter().filter(|(name, _)| options.covers_topic(name)) {
        let (policy, moves) = (&want.policy, &have.moves);
        Comparison { topic, policy, moves, placer: &mut placer, proposal: &mut *proposal }
            .run(have.topics.get(name).unwrap_or(&Known::NotAsked), want.external.has_topic(name));
    }
    for (name, absent) in want.absent.topics.iter().filter(|(name, _)| options.covers_topic(name)) {
        let seen = have.topics.get(name).unwrap_or(&Known::NotAsked);
        removal::propose(name, absent, seen, want.external.has_topic(name), proposal);
    }
    for (name, topic) in have.topics.iter().filter(|(name, _)| options.covers_topic(name)) {
        let visible = topic.known().is_some_and(|topic| !topic.internal);
        let named = want.topics.contains_key(name) || want.absent.topics.contains_key(name);
        let ours = named || want.external.has_topic(name) || is_kafkas_topic(name);
        if visible && !ours {
            proposal.unmanaged.topics.insert(name.clone());
        }
    }
}

/// Why a topic is not for a topology to plan, whatever the file wishes of it.
pub(super) fn not_planned(
    name: &str,
    have: &Known<TopicView>,
    external: bool,
) -> Option<(ConflictReason, String)> {
    if external {
        let message = format!(
            "'{name}' is declared here and also listed under 'external', which is never planned; remove it from one of \
             the two"
        );
        return Some((ConflictReason::Other, message));
    }
    is_kafkas_own(name, have).then(|| {
        let message = format!(
            "'{name}' is Kafka's own topic; klerk does not plan it. Remove it from the topology; brokers set it up by \
             their own properties"
        );
        (ConflictReason::Internal, message)
    })
}

/// Whether Kafka makes the topic and rules it itself.
pub(in crate::plan) fn is_kafkas_own(name: &str, have: &Known<TopicView>) -> bool {
    have.known().is_some_and(|view| view.internal) || is_kafkas_topic(name)
}

struct Comparison<'a, 'w> {
    topic: &'a Topic,
    policy: &'a Policy,
    moves: &'a Known<OngoingMoves>,
    placer: &'a mut Placer<'w>,
    proposal: &'a mut Proposal,
}

impl Comparison<'_, '_> {
    fn run(&mut self, have: &Known<TopicView>, external: bool) {
        let name = &self.topic.name;
        if let Some((reason, message)) = not_planned(name, have, external) {
            return self.conflict(reason, message, None);
        }
        match have {
            Known::Absent => self.create(),
            Known::Known(view) => self.compare(view),
            Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) | Known::NotAsked => {
                let message =
                    format!("whether '{name}' exists, and how, could not be read: {}", why_unread(have));
                self.conflict(ConflictReason::NotReadable, message, None);
            }
        }
    }

    fn create(&mut self) {
        let configs = self.topic.configs.iter().filter_map(|(key, wish)| match &wish.value {
            ConfigWish::Set(value) => Some((key.clone(), value.clone())),
            ConfigWish::Unset => None,
        });
        let change = TopicChange::Create {
            topic: self.topic.name.clone(),
            partitions: self.topic.partitions.as_ref().map(|wish| wish.value),
            replication: self.topic.replication.as_ref().map(|wish| wish.value),
            configs: configs.collect(),
        };
        self.propose(change, None);
    }

    fn compare(&mut self, view: &TopicView) {
        let moves = self.compare_replication(view);
        let mut changed = moves;
        changed |= self.compare_partitions(view);
        changed |= self.compare_configs(view);
        if !moves {
            self.note_throttle(view);
        }
        if !changed {
            self.proposal.unchanged.insert(self.resource());
        }
    }

    /// Returns whether a change was proposed.
    fn compare_partitions(&mut self, view: &TopicView) -> bool {
        let Some(wish) = &self.topic.partitions else { return false };
        let from = view.partitions.len() as i32;
        let origin = Some(wish.origin.clone());
        if wish.value < from {
            let message = format!(
                "'{}' has {from} partitions and the file wants {}; Kafka cannot remove partitions. Ask for {from} or \
                 more, or make a new topic and move its readers and writers there",
                self.topic.name, wish.value
            );
            self.conflict(ConflictReason::FewerPartitions, message, origin);
            return false;
        }
        if wish.value == from {
            return false;
        }
        let change =
            TopicChange::AddPartitions { topic: self.topic.name.clone(), id: view.id, from, to: wish.value };
        self.propose(change, origin);
        true
    }

    /// Returns whether a change was proposed.
    fn compare_replication(&mut self, view: &TopicView) -> bool {
        let Some(wish) = &self.topic.replication else {
            if view.replication().is_none() && !view.partitions.is_empty() {
                let message = format!("its partitions differ in replication: {}", uneven(view));
                self.finding(Severity::Warning, "topic/uneven-replication", message, None);
            }
            return false;
        };
        let origin = &wish.origin;
        let unread = Placing::of_unread_moves(&self.topic.name, self.moves)
            .filter(|_| view.replication() != usize::try_from(wish.value).ok());
        let placing = unread.unwrap_or_else(|| self.placer.compare(self.topic, view, wish.value));
        let Placing { change, conflict, findings } = placing;
        for (severity, code, message) in findings {
            self.finding(severity, code, message, Some(origin.clone()));
        }
        if let Some((reason, message)) = conflict {
            self.conflict(reason, message, Some(origin.clone()));
        }
        let Some(change) = change else { return false };
        self.proposal.questions.insert(Question::Sizes { topic: self.topic.name.clone() });
        self.proposal.changes.push(Proposed::asked(Change::Topic(change), origin.clone()));
        true
    }

    /// Returns whether a change was proposed.
    fn compare_configs(&mut self, view: &TopicView) -> bool {
        let known = match &view.configs {
            Known::Known(configs) => configs,
            _ if self.topic.configs.is_empty() && self.policy.resets_unlisted().is_none() => return false,
            Known::Absent => {
                let message = format!(
                    "'{}' is listed, and it has no configs that could be read: it is being deleted, or has just been \
                     created. Try again",
                    self.topic.name
                );
                self.conflict(ConflictReason::NotReadable, message, None);
                return false;
            }
            other => {
                let message =
                    format!("the configs of '{}' could not be read: {}", self.topic.name, why_unread(other));
                let origin = self.topic.configs.values().next().map(|wish| wish.origin.clone());
                self.conflict(ConflictReason::NotReadable, message, origin);
                return false;
            }
        };
        let ConfigDiff { from, to, conflicts, findings } = compare_configs(self.topic, known, self.policy);
        self.proposal.conflicts.extend(conflicts);
        self.proposal.findings.extend(findings);
        if to.is_empty() {
            return false;
        }
        let of_policy = || self.policy.resets_unlisted().map(|word| word.origin.clone());
        let origin = first_origin(self.topic, &to).or_else(of_policy);
        let change = TopicChange::SetConfig { topic: self.topic.name.clone(), id: view.id, from, to };
        if let Some(cut) = Cut::of(&change, view) {
            self.proposal.questions.insert(cut.question(&self.topic.name));
        }
        self.propose(change, origin);
        true
    }

    /// Says of a throttle that it stands although no replica is on its way, and none will be.
    fn note_throttle(&mut self, view: &TopicView) {
        let (Known::Known(moves), Known::Known(configs)) = (self.moves, &view.configs) else { return };
        let is_moving = moves.keys().any(|partition| *partition.topic == *self.topic.name);
        let is_left = |key: &&str| {
            !self.topic.configs.contains_key(*key) && configs.get(*key).is_some_and(ConfigView::is_override)
        };
        let left: Vec<&str> = THROTTLED_REPLICAS.into_iter().filter(is_left).collect();
        if is_moving || left.is_empty() {
            return;
        }
        let message = format!(
            "{} set on '{}' and no replica of it is on its way, so that it only slows down replicas that fall behind; \
             klerk cluster moves --remove-throttle takes it off, and so does {}: unset in the file",
            match left.as_slice() {
                [one] => format!("{one} is"),
                several => format!("{} are", several.join(" and ")),
            },
            self.topic.name,
            left.first().copied().unwrap_or_default()
        );
        self.finding(Severity::Warning, "topic/throttle-left", message, None);
    }

    fn resource(&self) -> Resource {
        Resource::topic(&self.topic.name)
    }

    fn propose(&mut self, change: TopicChange, origin: Option<Origin>) {
        self.proposal.questions.insert(Question::Accepts(change.clone()));
        if asks_for_ranges(&change) {
            self.proposal.questions.insert(Question::LogRanges { topic: self.topic.name.clone() });
        }
        if matches!(change, TopicChange::AddPartitions { .. }) {
            self.proposal.questions.insert(usage::question(&self.topic.name, false));
        }
        let origin = origin.unwrap_or_else(|| self.topic.origin.clone());
        self.proposal.changes.push(Proposed::asked(Change::Topic(change), origin));
    }

    fn conflict(&mut self, reason: ConflictReason, message: String, origin: Option<Origin>) {
        let origin = origin.unwrap_or_else(|| self.topic.origin.clone());
        let resource = self.resource();
        self.proposal.conflicts.push(Conflict { resource, reason, message, origin: Some(origin) });
    }

    fn finding(&mut self, severity: Severity, code: &'static str, message: String, origin: Option<Origin>) {
        let origin = origin.unwrap_or_else(|| self.topic.origin.clone());
        let resource = self.resource();
        self.proposal.findings.push(Finding { severity, code, message, resource, origin: Some(origin) });
    }
}

/// The line of a config step is that of the first key that changes.
fn first_origin(topic: &Topic, to: &BTreeMap<String, Option<String>>) -> Option<Origin> {
    to.keys().filter_map(|key| topic.configs.get(key)).map(|wish| wish.origin.clone()).min()
}

/// Why a fact is missing, in the server's words, and what to do about it.
pub(in crate::plan) fn why_unread<T>(seen: &Known<T>) -> String {
    let why = sentence(&seen.missing_reason().unwrap_or_else(|| "there are none".to_owned()));
    match seen {
        Known::Denied(_) => format!("{why} Allow this principal Describe and DescribeConfigs on the topic"),
        _ => format!("{why} Try again; a plan is made on what could be read only"),
    }
}

/// `2 partitions with 3`, without naming every partition of a large topic.
fn uneven(view: &TopicView) -> String {
    let mut by_size: BTreeMap<usize, usize> = BTreeMap::new();
    for partition in &view.partitions {
        *by_size.entry(partition.replicas.len()).or_default() += 1;
    }
    let parts = by_size.iter().map(|(size, count)| match count {
        1 => format!("1 partition with {size}"),
        _ => format!("{count} partitions with {size}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}
