use super::super::TopicChange;
use crate::placement::{LeftThrottles, SetThrottles, Throttle};
use crate::plan::{Change, ClusterChange, Conflict, ConflictReason, Proposal, Proposed, Question};
use crate::values::{Known, Pattern, Resource, ResourceType};
use crate::world::{ConfigTarget, World};
use std::collections::{BTreeMap, BTreeSet};

/// Proposes that what throttles have left behind is taken off, whoever set it: lists of replicas of topics that match, or
/// all, and rates that hold for no replica any more. What a running move needs stays, and what runs that are alive `hold`.
pub fn propose_unthrottling(matching: Option<&Pattern>, held: &[Throttle], world: &World) -> Proposal {
    let mut proposal = Proposal::default();
    let Known::Known(moves) = &world.cluster.moves else {
        let why = world.cluster.moves.missing_reason().unwrap_or_default();
        proposal.conflicts.push(Conflict {
            resource: Resource { kind: ResourceType::Cluster, name: world.cluster.id.clone() },
            reason: ConflictReason::NotReadable,
            message: format!("which throttles moves of replicas still need could not be read: {why}"),
            origin: None,
        });
        return proposal;
    };
    let set = SetThrottles::from(world);
    proposal.conflicts = unread(&set, matching);
    let mut left = set.left(moves, matching);
    held.iter().for_each(|throttle| left.keep(throttle));
    let LeftThrottles { lists, rates } = left;
    for (topic, to) in lists {
        let seen = world.cluster.topics.get(&topic).and_then(Known::known);
        let values = set.lists.get(&topic);
        let from = values_of(to.keys(), values);
        let change = TopicChange::SetConfig { topic, id: seen.and_then(|seen| seen.id), from, to };
        proposal.questions.insert(Question::Accepts(change.clone()));
        proposal.changes.push(Proposed::ordered(Change::Topic(change)));
    }
    for (broker, keys) in rates {
        let from = values_of(keys.iter(), set.rates.get(&broker));
        let to = keys.into_iter().map(|key| (key, None)).collect();
        let change = ClusterChange::configs(ConfigTarget::Broker(broker), &world.cluster.id, from, to);
        proposal.questions.insert(Question::AcceptsOfCluster(change.clone()));
        proposal.changes.push(Proposed::ordered(Change::Cluster(change)));
    }
    proposal
}

/// The topics and the brokers that have to be seen for [`propose_unthrottling`].
pub fn wanted_for_unthrottling(set: &SetThrottles) -> (BTreeSet<String>, BTreeSet<ConfigTarget>) {
    let topics = set.lists.keys().chain(set.unread.keys()).cloned().collect();
    (topics, set.rates.keys().chain(set.unread_rates.keys()).copied().map(ConfigTarget::Broker).collect())
}

/// What may hold throttles and was not told: of it nobody can say that there is nothing to take off.
fn unread(set: &SetThrottles, matching: Option<&Pattern>) -> Vec<Conflict> {
    let conflict =
        |resource, message| Conflict { resource, reason: ConflictReason::NotReadable, message, origin: None };
    let topics = set.unread.iter().filter(|(topic, _)| matching.is_none_or(|one| one.matches(topic)));
    let lists = topics.map(|(topic, why)| {
        conflict(
            Resource::topic(topic),
            format!("which of its replicas are throttled could not be read: {why}"),
        )
    });
    let rates = set.unread_rates.iter().map(|(broker, why)| {
        let resource = Resource { kind: ResourceType::Broker, name: broker.to_string() };
        conflict(resource, format!("which throttles are set on it could not be read: {why}"))
    });
    lists.chain(rates).collect()
}

fn values_of<'a>(
    keys: impl Iterator<Item = &'a String>,
    values: Option<&BTreeMap<String, String>>,
) -> BTreeMap<String, Option<String>> {
    keys.map(|key| (key.clone(), values.and_then(|values| values.get(key)).cloned())).collect()
}
