//! What only servers can say of what topics hold and of who uses them, asked for all topics together.

use super::Servers;
use crate::kafka::{CallError, Cover, GroupsLook, add_commits};
use klerk_core::plan::{Answer, Answers, Question, TopicUse, Writers};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{GroupsView, LogRange, Selection, Wanted, World};
use std::collections::{BTreeMap, BTreeSet};

/// The answers to questions about the records and the users of topics. Other questions are passed over.
pub(super) async fn answer(servers: &Servers, questions: &BTreeSet<Question>, seen: &World) -> Answers {
    let mut asked = Asked::default();
    for question in questions {
        match question {
            Question::LogRanges { topic } => {
                asked.ranges.insert(topic.clone());
            }
            Question::Holding { topic, older_than_ms } => {
                asked.held.insert(topic.clone(), *older_than_ms);
            }
            Question::Usage { topic, writers } => {
                asked.used.insert(topic.clone(), *writers);
            }
            Question::Sizes { topic } => {
                asked.sized.insert(topic.clone());
            }
            _ => {}
        }
    }
    let Asked { ranges, held, used, sized } = asked;
    let (mut answers, records, sizes) = tokio::join!(
        log_ranges(servers, ranges),
        records(servers, held, used, seen),
        sizes(servers, sized, seen)
    );
    answers.extend(records);
    answers.extend(sizes);
    answers
}

/// Topics by what is asked of them.
#[derive(Debug, Default)]
struct Asked {
    ranges: BTreeSet<String>,
    /// With the age from which on records go.
    held: BTreeMap<String, Option<i64>>,
    /// Whether it matters who writes them.
    used: BTreeMap<String, bool>,
    sized: BTreeSet<String>,
}

/// The range of every partition of these topics. A topic without an answer counts as one that may hold records, which is
/// the careful reading.
async fn log_ranges(servers: &Servers, topics: BTreeSet<String>) -> Answers {
    if topics.is_empty() {
        return Answers::new();
    }
    let wanted = Wanted {
        topics: Selection::Named(topics.clone()),
        log_offsets: Selection::Named(topics.clone()),
        ..Wanted::default()
    };
    let Ok(view) = servers.cluster.look(&wanted).await else { return Answers::new() };
    let mut ranges: BTreeMap<String, BTreeMap<i32, LogRange>> =
        topics.into_iter().map(|topic| (topic, BTreeMap::new())).collect();
    for (at, range) in view.logs {
        if let (Some(topic), Known::Known(range)) = (ranges.get_mut(&*at.topic), range) {
            topic.insert(at.partition, range);
        }
    }
    let answer = |(topic, ranges)| (Question::LogRanges { topic }, Answer::LogRanges(ranges));
    ranges.into_iter().map(answer).collect()
}

/// What topics hold, and who reads and writes them: one look at all groups for both.
async fn records(
    servers: &Servers,
    held: BTreeMap<String, Option<i64>>,
    used: BTreeMap<String, bool>,
    seen: &World,
) -> Answers {
    if held.is_empty() && used.is_empty() {
        return Answers::new();
    }
    let members = if used.is_empty() { Cover::Nothing } else { Cover::All };
    let look = GroupsLook { members, commits: Cover::All, stable: false, whole: true };
    let now_ms = servers.clock.now().as_millisecond();
    let holdings = async {
        match held.is_empty() {
            true => Ok(BTreeMap::new()),
            false => servers.cluster.holdings(&held, now_ms).await,
        }
    };
    let written = used.iter().filter(|(_, writers)| **writers).map(|(topic, _)| topic);
    let written = partitions(written, seen);
    let writers = async {
        match written.is_empty() {
            true => BTreeMap::new(),
            false => servers.cluster.writers(&written).await,
        }
    };
    let (holdings, writers, groups) = tokio::join!(holdings, writers, servers.cluster.look_at_groups(&look));
    let mut answers = Answers::new();
    match holdings {
        Ok(mut holdings) => {
            match &groups {
                Ok(groups) => add_commits(groups, &mut holdings),
                Err(error) => holdings.values_mut().for_each(|one| one.committed = error.unknown()),
            }
            answers.extend(held.into_iter().filter_map(|(topic, older_than_ms)| {
                let holding = holdings.remove(&topic)?;
                Some((Question::Holding { topic, older_than_ms }, Answer::Holding(holding)))
            }));
        }
        Err(error) => {
            let failed = |(topic, older_than_ms)| {
                (Question::Holding { topic, older_than_ms }, Answer::Failed(error.failure()))
            };
            answers.extend(held.into_iter().map(failed));
        }
    }
    answers.extend(usages(used, &groups, writers));
    answers
}

fn usages(
    used: BTreeMap<String, bool>,
    groups: &Result<GroupsView, CallError>,
    mut writers: BTreeMap<String, Known<Writers>>,
) -> Answers {
    let mut uses = match groups {
        Ok(groups) => TopicUse::of_groups(used.keys().map(String::as_str), groups),
        Err(_) => BTreeMap::new(),
    };
    let unseen = || TopicUse {
        readers: groups.as_ref().err().map_or(Known::NotAsked, CallError::unknown),
        untold: BTreeMap::new(),
        writers: Known::NotAsked,
    };
    let answer = |(topic, asks_writers): (String, bool)| {
        let mut seen = uses.remove(&topic).unwrap_or_else(unseen);
        if asks_writers {
            seen.writers = writers.remove(&topic).unwrap_or(Known::NotAsked);
        }
        (Question::Usage { topic, writers: asks_writers }, Answer::Usage(seen))
    };
    used.into_iter().map(answer).collect()
}

/// How large the partitions of these topics are, in one request a leader.
async fn sizes(servers: &Servers, topics: BTreeSet<String>, seen: &World) -> Answers {
    let partitions = partitions(&topics, seen);
    if partitions.is_empty() {
        return Answers::new();
    }
    let mut sizes: BTreeMap<String, BTreeMap<i32, Known<i64>>> = BTreeMap::new();
    for (partition, size) in servers.cluster.leader_bytes(&partitions).await {
        sizes.entry(partition.topic.to_string()).or_default().insert(partition.partition, size);
    }
    sizes.into_iter().map(|(topic, sizes)| (Question::Sizes { topic }, Answer::Sizes(sizes))).collect()
}

/// All partitions of topics that were seen.
fn partitions<'a>(topics: impl IntoIterator<Item = &'a String>, seen: &World) -> Vec<TopicPartition> {
    let views = topics.into_iter().filter_map(|name| Some((name, seen.cluster.topics.get(name)?.known()?)));
    views
        .flat_map(|(name, view)| {
            view.partitions.iter().map(move |seen| TopicPartition::new(name.as_str(), seen.partition))
        })
        .collect()
}
