//! The way back of a change of the cluster.

use super::ClusterChange;
use super::facts::{configs_of, is_at};
use super::propose::wanted_for_broker_configs;
use crate::plan::undo::{moved_since, not_readable, not_reversible};
use crate::plan::{Change, Proposal, Proposed, Question, Risk};
use crate::world::{ConfigTarget, Selection, Wanted, World};
use std::collections::{BTreeMap, BTreeSet};

/// What has to be seen to plan the way back of a change.
pub(in crate::plan) fn wanted_for_undo(change: &ClusterChange, wanted: &mut Wanted) {
    match change {
        ClusterChange::ElectLeaders { .. } => {}
        ClusterChange::SetConfig { target, to, .. } => {
            let needs = wanted_for_broker_configs(*target, to.keys());
            wanted.broker_configs.extend(needs.broker_configs);
            for (mine, needed) in [(&mut wanted.topics, needs.topics), (&mut wanted.configs, needs.configs)] {
                if needed != Selection::None {
                    *mine = Selection::AllVisible(mine.names().cloned().collect());
                }
            }
        }
    }
}

/// Proposes the way back: configs return to the values before, key by key. An election has none: which replica led
/// before was nobody's wish.
pub(in crate::plan) fn undo(change: &ClusterChange, world: &World, proposal: &mut Proposal) {
    let resource = change.resource();
    match change {
        ClusterChange::ElectLeaders { .. } => {
            let message = "the preferred replicas go on leading: no election brings back who led before";
            proposal.findings.push(not_reversible(resource, message));
        }
        ClusterChange::SetConfig { target, cluster, from, to } => match configs_of(*target, world) {
            Ok(_) => propose(*target, cluster, (from, to), world, proposal),
            Err(why) => {
                proposal.conflicts.push(not_readable(resource, &format!("the configs of {target}"), &why));
            }
        },
    }
}

type Values = BTreeMap<String, Option<String>>;

fn propose(
    target: ConfigTarget,
    cluster: &str,
    (before, left): (&Values, &Values),
    world: &World,
    proposal: &mut Proposal,
) {
    let Ok(configs) = configs_of(target, world) else { return };
    let resource = super::change::resource(target, cluster);
    let (mut from, mut to, mut moved) = (Values::new(), Values::new(), Vec::new());
    for (key, left) in left {
        let seen = configs.get(key);
        let before = before.get(key).cloned().flatten();
        if is_at(key, seen, target, before.as_deref()) {
            continue;
        }
        let now = seen.and_then(|view| view.set_at(target)).map(str::to_owned);
        if !is_at(key, seen, target, left.as_deref()) {
            let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
            moved.push(format!("{key}: {} now, {} when the change was done", word(&now), word(left)));
        }
        from.insert(key.clone(), now);
        to.insert(key.clone(), before);
    }
    if to.is_empty() {
        proposal.unchanged.insert(resource);
        return;
    }
    let mut risks = BTreeSet::new();
    if !moved.is_empty() {
        risks.insert(Risk::MovedSince);
        let message = format!(
            "the configs of {target} have been changed since: {}; going back starts from what is there now \
             (--allow moved-since)",
            moved.join("; ")
        );
        proposal.findings.push(moved_since(resource, message));
    }
    let change = ClusterChange::configs(target, cluster, from, to);
    proposal.questions.insert(Question::AcceptsOfCluster(change.clone()));
    proposal.changes.push(Proposed { risks, ..Proposed::ordered(Change::Cluster(change)) });
}
