use super::ClusterChange;
use super::change::resource;
use crate::plan::{Drift, Expectation};
use crate::values::{Known, Resource, ResourceType, same_value};
use crate::world::{BrokerConfigView, BrokerConfigs, ConfigTarget, TopicView, Wanted, World};

const ID: &str = "id";
const EXISTS: &str = "exists";
const PREFERRED: &str = "preferred-leader.";
const CONFIG: &str = "config.";
const YES: &str = "true";

/// The facts that a change was planned on.
pub(in crate::plan) fn expectations(change: &ClusterChange) -> Vec<Expectation> {
    let fact =
        |field: String, value: Option<String>| Expectation { resource: change.resource(), field, value };
    match change {
        ClusterChange::ElectLeaders { id, partitions, .. } => {
            let topic = match id {
                Some(id) => fact(ID.to_owned(), Some(id.to_string())),
                None => fact(EXISTS.to_owned(), Some(YES.to_owned())),
            };
            // Who leads now does not matter to who should; a replica that has been moved since does.
            let preferred = |one: &super::LeaderMove| {
                fact(format!("{PREFERRED}{}", one.partition), Some(one.to.to_string()))
            };
            std::iter::once(topic).chain(partitions.iter().map(preferred)).collect()
        }
        ClusterChange::SetConfig { from, .. } => {
            from.iter().map(|(key, value)| fact(format!("{CONFIG}{key}"), value.clone())).collect()
        }
    }
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &ClusterChange, wanted: &mut Wanted) {
    match change {
        ClusterChange::ElectLeaders { topic, .. } => wanted.topics.add(topic),
        ClusterChange::SetConfig { target, .. } => {
            wanted.broker_configs.insert(*target);
        }
    }
}

/// A fact as it is now, where it no longer stands. One that cannot be read does not stand.
pub(in crate::plan) fn drift(expectation: &Expectation, world: &World) -> Option<Drift> {
    match target(&expectation.resource) {
        Some(target) => config_drift(expectation, target, world),
        None => leader_drift(expectation, world),
    }
}

/// The place for configs that a resource stands for.
pub(super) fn target(resource: &Resource) -> Option<ConfigTarget> {
    match resource.kind {
        ResourceType::Cluster => Some(ConfigTarget::Cluster),
        ResourceType::Broker => resource.name.parse().ok().map(ConfigTarget::Broker),
        _ => None,
    }
}

fn leader_drift(expectation: &Expectation, world: &World) -> Option<Drift> {
    let seen = world.cluster.topics.get(&expectation.resource.name).unwrap_or(&Known::NotAsked);
    let view = match seen {
        Known::Known(view) => view,
        Known::Absent => return Some(Drift::found(expectation, None)),
        missing => return Some(Drift::unreadable(expectation, missing.missing_reason().unwrap_or_default())),
    };
    let found = match expectation.field.as_str() {
        EXISTS => Some(YES.to_owned()),
        ID => view.id.map(|id| id.to_string()),
        field => preferred(field.strip_prefix(PREFERRED).unwrap_or(field), view),
    };
    (found != expectation.value).then(|| Drift::found(expectation, found))
}

fn preferred(number: &str, view: &TopicView) -> Option<String> {
    let number: i32 = number.parse().ok()?;
    let seen = view.partitions.iter().find(|seen| seen.partition == number)?;
    seen.replicas.first().map(ToString::to_string)
}

fn config_drift(expectation: &Expectation, target: ConfigTarget, world: &World) -> Option<Drift> {
    let configs = match configs_of(target, world) {
        Ok(configs) => configs,
        Err(why) => return Some(Drift::unreadable(expectation, why)),
    };
    let key = expectation.field.strip_prefix(CONFIG).unwrap_or(&expectation.field);
    let seen = configs.get(key);
    if is_at(key, seen, target, expectation.value.as_deref()) {
        return None;
    }
    let found = seen.and_then(|seen| seen.set_at(target)).map(str::to_owned);
    Some(Drift::found(expectation, found))
}

/// The configs that were seen there, or why they were not.
pub(super) fn configs_of(target: ConfigTarget, world: &World) -> Result<&BrokerConfigs, String> {
    match world.cluster.broker_configs.get(&target).unwrap_or(&Known::NotAsked) {
        Known::Known(configs) => Ok(configs),
        missing => {
            Err(missing.missing_reason().unwrap_or_else(|| format!("there is no {}", resource(target, ""))))
        }
    }
}

/// Whether what is set there is this value; of a hidden value only its presence can be told.
pub(super) fn is_at(
    key: &str,
    seen: Option<&BrokerConfigView>,
    target: ConfigTarget,
    wanted: Option<&str>,
) -> bool {
    match (seen.filter(|seen| seen.is_set_at(target)), wanted) {
        (None, wanted) => wanted.is_none(),
        (Some(_), None) => false,
        (Some(seen), Some(_)) if seen.sensitive => true,
        (Some(seen), Some(wanted)) => {
            seen.set_at(target).is_some_and(|found| same_value(key, seen.kind, wanted, found))
        }
    }
}
