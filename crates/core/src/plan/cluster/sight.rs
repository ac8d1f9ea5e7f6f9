use super::facts::{configs_of, is_at};
use super::{ClusterChange, LeaderMove};
use crate::apply::Difference;
use crate::plan::Sight;
use crate::values::{Failure, Known, TopicId};
use crate::world::{ConfigTarget, World};
use std::collections::BTreeMap;

/// What a look shows of a change of the cluster.
pub(in crate::plan) fn sight(change: &ClusterChange, world: &World) -> Sight {
    match change {
        ClusterChange::ElectLeaders { topic, id, partitions } => elected(topic, *id, partitions, world),
        ClusterChange::SetConfig { target, from, to, .. } => configured(*target, from, to, world),
    }
}

fn elected(topic: &str, id: Option<TopicId>, partitions: &[LeaderMove], world: &World) -> Sight {
    let view = match world.cluster.topics.get(topic).unwrap_or(&Known::NotAsked) {
        Known::Known(view) => view,
        Known::Absent => return Sight::MovedOn(vec![difference("exists", Some("true".to_owned()), None)]),
        Known::Denied(failure) | Known::Failed(failure) => return Sight::Unreadable(failure.clone()),
        other => {
            let why = other.missing_reason().unwrap_or_default();
            return Sight::Unreadable(Failure::without_reply("NOT_READABLE", why));
        }
    };
    if let (Some(before), Some(now)) = (id, view.id)
        && before != now
    {
        return Sight::MovedOn(vec![difference("id", Some(before.to_string()), Some(now.to_string()))]);
    }
    let mut differences = Vec::new();
    let mut as_before = true;
    for one in partitions {
        let leader =
            view.partitions.iter().find(|seen| seen.partition == one.partition).and_then(|seen| seen.leader);
        if leader == Some(one.to) {
            continue;
        }
        as_before &= leader == one.from;
        let field = format!("leader.{}", one.partition);
        differences.push(difference(&field, Some(one.to.to_string()), leader.map(|id| id.to_string())));
    }
    // Each partition is elected on its own, so that some may be seen before others.
    match (differences.is_empty(), as_before) {
        (true, _) => Sight::AsAsked,
        (false, true) => Sight::NotYet(differences),
        (false, false) => Sight::Otherwise(differences),
    }
}

/// The configs of one place change all at once.
fn configured(
    target: ConfigTarget,
    from: &BTreeMap<String, Option<String>>,
    to: &BTreeMap<String, Option<String>>,
    world: &World,
) -> Sight {
    let configs = match configs_of(target, world) {
        Ok(configs) => configs,
        Err(why) => return Sight::Unreadable(Failure::without_reply("NOT_READABLE", why)),
    };
    let mut differences = Vec::new();
    let mut as_before = true;
    for (key, asked) in to {
        let seen = configs.get(key);
        if is_at(key, seen, target, asked.as_deref()) {
            as_before = false;
            continue;
        }
        as_before &= is_at(key, seen, target, from.get(key).and_then(Option::as_deref));
        let found = seen.and_then(|seen| seen.set_at(target)).map(str::to_owned);
        differences.push(difference(&format!("config.{key}"), asked.clone(), found));
    }
    match (differences.is_empty(), as_before) {
        (true, _) => Sight::AsAsked,
        (false, true) => Sight::NotYet(differences),
        (false, false) => Sight::Otherwise(differences),
    }
}

fn difference(field: &str, asked: Option<String>, found: Option<String>) -> Difference {
    Difference { field: field.to_owned(), asked, found }
}
