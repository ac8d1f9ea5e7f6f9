use super::ClusterChange;
use super::facts::expectations;
use super::follow::{following, follows_below};
use crate::plan::assess::Standing;
use crate::plan::question::Ruling;
use crate::plan::{Answers, Basis, Change, Conflict, ConflictReason, Finding, Question, Severity};
use crate::values::Failure;
use crate::world::{BrokerConfigView, ConfigTarget, World};
use std::collections::BTreeMap;

/// What a change of the cluster risks and rests on, or why it cannot be made. Kafka cannot be asked beforehand whether
/// it would hold an election.
pub(in crate::plan) fn judge(
    change: &ClusterChange,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    let ClusterChange::SetConfig { target, to, .. } = change else { return Ok(standing) };
    standing.preflighted = match Ruling::of(answers.get(&Question::AcceptsOfCluster(change.clone()))) {
        Ruling::Accepted => true,
        Ruling::Denied(failure) => {
            standing.findings.push(Finding::denied(&Change::Cluster(change.clone()), failure, None));
            false
        }
        Ruling::Refused(failure) => return Err(refused(change, *target, failure)),
        Ruling::Open(failure) => return Err(no_verdict(change, &failure.to_string())),
        Ruling::NotAsked | Ruling::Unanswered => {
            return Err(no_verdict(change, "the question got no answer"));
        }
    };
    let seen = seen(*target, basis.world);
    let following = following(*target, to, basis.world);
    standing.risks.extend(following.risks);
    standing.impact.notes.extend(following.notes);
    for key in to.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key) {
        standing.impact.notes.push(follows_below(key, *target, seen.get(key.as_str()).copied()));
    }
    standing.impact.notes.extend(overruled(change, *target, basis.world));
    if let ConfigTarget::Broker(id) = target {
        let followed: Vec<&str> =
            to.keys().map(String::as_str).filter(|key| super::topic_key(key).is_some()).collect();
        if !followed.is_empty() {
            standing.findings.push(Finding {
                severity: Severity::Warning,
                code: "broker/one-alone",
                message: format!(
                    "{} on broker {id} alone: replicas of one partition are treated differently by its brokers",
                    followed.join(", ")
                ),
                resource: change.resource(),
                origin: None,
            });
        }
    }
    Ok(standing)
}

/// The views of the keys there: for all brokers, those of whichever live broker tells them, since only a broker tells
/// what lies below.
fn seen(target: ConfigTarget, world: &World) -> BTreeMap<&str, &BrokerConfigView> {
    let mut seen = BTreeMap::new();
    let all = world.cluster.broker_configs.iter();
    let told = all.filter(|(of, _)| target == ConfigTarget::Cluster || **of == target);
    for (_, configs) in told.rev() {
        for (key, view) in configs.known().into_iter().flatten() {
            seen.entry(key.as_str()).or_insert(view);
        }
    }
    seen
}

/// Brokers that have a value of their own, so that what is set for all does not hold there.
fn overruled(change: &ClusterChange, target: ConfigTarget, world: &World) -> Vec<String> {
    let ClusterChange::SetConfig { to, .. } = change else { return Vec::new() };
    if target != ConfigTarget::Cluster {
        return Vec::new();
    }
    let mut notes = Vec::new();
    for (of, configs) in &world.cluster.broker_configs {
        let ConfigTarget::Broker(id) = of else { continue };
        let own = |key: &&String| {
            configs.known().and_then(|configs| configs.get(*key)).is_some_and(|view| view.is_set_at(*of))
        };
        let keys: Vec<&str> = to.keys().filter(own).map(String::as_str).collect();
        if !keys.is_empty() {
            notes.push(format!("broker {id} has {} of its own, which goes before", keys.join(", ")));
        }
        if let Some(why) = configs.missing_reason() {
            notes.push(format!("whether broker {id} has values of its own could not be read: {why}"));
        }
    }
    notes
}

fn refused(change: &ClusterChange, target: ConfigTarget, failure: &Failure) -> Conflict {
    Conflict {
        resource: change.resource(),
        reason: ConflictReason::RefusedByBroker,
        message: format!("the configs of {target} would not be changed: {failure}"),
        origin: None,
    }
}

/// A check that could not run is not a pass.
fn no_verdict(change: &ClusterChange, why: &str) -> Conflict {
    Conflict {
        resource: change.resource(),
        reason: ConflictReason::NotReadable,
        message: format!(
            "whether the broker would change its configs could not be found out: {why}. Try again"
        ),
        origin: None,
    }
}
