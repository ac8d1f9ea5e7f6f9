use super::{TopicBuilder, broker_defaults, topic};
use crate::plan::{AccessChange, Answer, Answers, Change, Question, Step, TopicChange};
use crate::values::{Failure, Known, normalise};
use crate::world::{AccessView, ConfigSource, LogRange, World};
use std::collections::{BTreeMap, BTreeSet};

/// A broker that accepts whatever it is asked and holds ten records in each partition.
pub(crate) fn accept_all(questions: &BTreeSet<Question>, world: &World) -> Answers {
    let answer = |question: &Question| match question {
        Question::LogRanges { topic } => {
            let partitions = world
                .cluster
                .topics
                .get(topic)
                .and_then(Known::known)
                .map_or(0, |seen| seen.partitions.len());
            let range = LogRange { start: 0, end: 10 };
            Answer::LogRanges((0..partitions as i32).map(|number| (number, range)).collect())
        }
        Question::Sizes { topic } => {
            let seen = world.cluster.topics.get(topic).and_then(Known::known);
            let partitions = seen.map_or(0, |seen| seen.partitions.len()) as i32;
            Answer::Sizes((0..partitions).map(|number| (number, Known::Known(1_000))).collect())
        }
        Question::Rates { .. } => Answer::Rates(BTreeMap::new()),
        Question::Holding { .. } | Question::Usage { .. } => {
            Answer::Failed(Failure::without_reply("NOT_ASKED", "nobody was asked"))
        }
        _ => Answer::Accepted,
    };
    questions.iter().map(|question| (question.clone(), answer(question))).collect()
}

/// Carries out steps as a broker does: with its own defaults for what was left open, and values normalised.
pub(crate) fn carry_out<'a>(steps: impl IntoIterator<Item = &'a Step>, world: &mut World) {
    for step in steps {
        match &step.change {
            Change::Topic(change) => carry_out_topic(change, world),
            Change::Access(change) => carry_out_access(change, world),
            _ => {}
        }
    }
}

fn carry_out_access(change: &AccessChange, world: &mut World) {
    let AccessView { acls: Known::Known(acls), quotas, users, .. } = &mut world.access else { return };
    match (change, quotas, users) {
        (AccessChange::CreateAcl { acl }, ..) => drop(acls.insert(acl.clone())),
        (AccessChange::DeleteAcl { acl }, ..) => drop(acls.remove(acl)),
        (AccessChange::SetQuota { entity, to, .. }, Known::Known(quotas), _) => {
            let of = quotas.entry(entity.clone()).or_default();
            for (key, amount) in to {
                match amount {
                    Some(amount) => drop(of.insert(key.clone(), *amount)),
                    None => drop(of.remove(key)),
                }
            }
        }
        (AccessChange::DeleteQuota { entity, .. }, Known::Known(quotas), _) => drop(quotas.remove(entity)),
        (AccessChange::SetUser { user, mechanism, iterations, .. }, _, Known::Known(users)) => {
            users.entry(user.clone()).or_default().insert(*mechanism, *iterations);
        }
        (AccessChange::DeleteUser { user, mechanism, .. }, _, Known::Known(users)) => {
            if let Some(of) = users.get_mut(user) {
                of.remove(mechanism);
            }
            users.retain(|_, of| !of.is_empty());
        }
        _ => {}
    }
}

fn carry_out_topic(change: &TopicChange, world: &mut World) {
    let name = change.topic().to_owned();
    match change {
        TopicChange::Create { partitions, replication, configs, .. } => {
            let built = topic(partitions.unwrap_or(1), i32::from(replication.unwrap_or(1)));
            let built = configs.iter().fold(built, |built, (key, value)| put(built, key, value));
            world.cluster.topics.insert(name, Known::Known(built.build()));
        }
        TopicChange::AddPartitions { to, .. } => {
            if let Some(Known::Known(view)) = world.cluster.topics.get_mut(&name) {
                while (view.partitions.len() as i32) < *to {
                    let mut next = view.partitions[0].clone();
                    next.partition = view.partitions.len() as i32;
                    view.partitions.push(next);
                }
            }
        }
        TopicChange::MoveReplicas { to, .. } | TopicChange::CancelMoves { to, .. } => {
            if let Known::Known(moves) = &mut world.cluster.moves {
                moves.retain(|at, _| *at.topic != *name || !to.contains_key(&at.partition));
            }
            if let Some(Known::Known(view)) = world.cluster.topics.get_mut(&name) {
                for seen in &mut view.partitions {
                    if let Some(replicas) = to.get(&seen.partition) {
                        seen.replicas.clone_from(replicas);
                        seen.isr.clone_from(replicas);
                    }
                }
            }
        }
        TopicChange::Delete { .. } => {
            world.cluster.topics.insert(name, Known::Absent);
        }
        TopicChange::SetConfig { to, .. } => {
            if let Some(Known::Known(view)) = world.cluster.topics.get_mut(&name) {
                let built = to.iter().fold(TopicBuilder(view.clone()), |built, (key, value)| match value {
                    Some(value) => put(built, key, value),
                    None => built.editing(key, |seen| {
                        seen.value.clone_from(&seen.inherited);
                        seen.source = ConfigSource::Default;
                    }),
                });
                *view = built.build();
            }
        }
    }
}

fn put(topic: TopicBuilder, key: &str, value: &str) -> TopicBuilder {
    let kinds: BTreeMap<_, _> = broker_defaults();
    let value = kinds.get(key).map_or(value.to_owned(), |view| normalise(key, view.kind, value).into_owned());
    topic.set(key, &value)
}
