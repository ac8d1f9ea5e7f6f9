//! Setting and unsetting dynamic configs of brokers, as a command line orders.

use super::change::{ClusterChange, resource};
use super::facts::{configs_of, is_at};
use super::follow::topic_key;
use crate::plan::{Change, Conflict, ConflictReason, Proposal, Proposed, Question};
use crate::values::{Known, closest};
use crate::world::{BROKER_KEYS, BrokerConfigView, ConfigTarget, ConfigType, Selection, Wanted, World};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be set, and unset where there is no value.
pub type ConfigWishes = BTreeMap<String, Option<String>>;

/// What a look has to see to plan these wishes: the configs there, and the topics that follow them.
pub fn wanted_for_broker_configs<'a>(
    target: ConfigTarget,
    keys: impl IntoIterator<Item = &'a String>,
) -> Wanted {
    let mut wanted = Wanted { broker_configs: BTreeSet::from([target]), ..Wanted::default() };
    if keys.into_iter().any(|key| topic_key(key).is_some()) {
        wanted.topics = Selection::AllVisible(BTreeSet::new());
        wanted.configs = Selection::AllVisible(BTreeSet::new());
    }
    wanted
}

/// Proposes the change that makes these wishes come true. What is set already as wished is left out; a key that no
/// broker knows, that takes a restart, or that is a secret is a conflict.
pub fn propose_broker_configs(target: ConfigTarget, wishes: &ConfigWishes, world: &World) -> Proposal {
    let mut proposal = Proposal::default();
    let place = resource(target, &world.cluster.id);
    let mut conflict = |reason: ConflictReason, message: String| {
        proposal.conflicts.push(Conflict { resource: place.clone(), reason, message, origin: None });
    };
    let present = match configs_of(target, world) {
        Ok(present) => present,
        Err(why) => {
            conflict(
                ConflictReason::NotReadable,
                format!("the configs of {target} could not be read: {why}"),
            );
            return proposal;
        }
    };
    let known = known_keys(world);
    let (mut from, mut to) = (BTreeMap::new(), BTreeMap::new());
    for (key, wish) in wishes {
        let view = known.get(key.as_str()).copied();
        let here = present.get(key);
        if let Some((reason, message)) = in_the_way(key, view.or(here), &known) {
            conflict(reason, message);
            continue;
        }
        if is_at(key, here, target, wish.as_deref()) {
            continue;
        }
        from.insert(key.clone(), here.and_then(|view| view.set_at(target)).map(str::to_owned));
        to.insert(key.clone(), wish.clone());
    }
    if to.is_empty() {
        if proposal.conflicts.is_empty() {
            proposal.unchanged.insert(place);
        }
        return proposal;
    }
    let change = ClusterChange::configs(target, &world.cluster.id, from, to);
    proposal.questions.insert(Question::AcceptsOfCluster(change.clone()));
    proposal.changes.push(Proposed::ordered(Change::Cluster(change)));
    proposal
}

/// Every key that a broker shows.
fn known_keys(world: &World) -> BTreeMap<&str, &BrokerConfigView> {
    let seen = world.cluster.broker_configs.values().filter_map(Known::known).flatten();
    seen.map(|(key, view)| (key.as_str(), view)).collect()
}

fn in_the_way(
    key: &str,
    view: Option<&BrokerConfigView>,
    known: &BTreeMap<&str, &BrokerConfigView>,
) -> Option<(ConflictReason, String)> {
    let Some(view) = view else {
        // Brokers do not show the rates of throttles that are not set.
        if BROKER_KEYS.contains(&key) {
            return None;
        }
        // A broker takes any key it does not know, for a plug-in might, and then nothing happens.
        let meant = closest(key, known.keys().copied());
        let meant = meant.map_or_else(
            || "`klerk cluster configs --all` lists what there is".to_owned(),
            |meant| format!("did you mean {meant}?"),
        );
        return Some((ConflictReason::Absent, format!("no broker knows {key}: {meant}")));
    };
    if view.kind == ConfigType::Password || view.sensitive {
        let message = format!(
            "{key} is a secret: klerk takes none on a command line, and could not bring back the one that is there"
        );
        return Some((ConflictReason::Other, message));
    }
    view.read_only.then(|| {
        let message = format!(
            "{key} cannot be changed while a broker runs: it stands in the broker's file and takes a restart"
        );
        (ConflictReason::Other, message)
    })
}
