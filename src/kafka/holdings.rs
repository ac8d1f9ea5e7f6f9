//! What topics hold: the ends of their logs, times, bytes, and how far groups have read.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::log_offsets::{At, Isolation, LogOffset, LogOffsets};
use klerk_core::plan::{HeldPartition, Holding};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{GroupsView, Selection};
use std::collections::BTreeMap;

impl Cluster {
    /// What each of these topics holds, and where records begin that are not older than so many milliseconds, where an
    /// age is given. Topics that are not there are left out.
    ///
    /// Five ListOffsets and one DescribeLogDirs a leader, however many topics these are. The commits on them are for
    /// [`add_commits`] to add.
    ///
    /// # Errors
    /// When no broker answers. What a partition or a log folder does not tell is in its own place.
    pub async fn holdings(
        &self,
        topics: &BTreeMap<String, Option<i64>>,
        now_ms: i64,
    ) -> Result<BTreeMap<String, Holding>, CallError> {
        let views = self.topics(&Selection::Named(topics.keys().cloned().collect())).await?;
        let mut partitions = Vec::new();
        let mut kept = Vec::new();
        for (name, view) in views.iter().filter_map(|(name, view)| Some((name, view.known()?))) {
            let age = topics.get(name).copied().flatten();
            for seen in &view.partitions {
                let partition = TopicPartition::new(name.as_str(), seen.partition);
                kept.extend(age.map(|age| (partition.clone(), At::Time(now_ms.saturating_sub(age)))));
                partitions.push(partition);
            }
        }
        let at = |at: At| {
            let asked: Vec<_> = partitions.iter().cloned().map(|partition| (partition, at)).collect();
            self.log_offsets(asked, Isolation::ReadUncommitted)
        };
        let (starts, ends, oldest, newest, kept, bytes) = tokio::join!(
            at(At::Earliest),
            at(At::Latest),
            // No record is older than 1970.
            at(At::Time(0)),
            at(At::MaxTimestamp),
            self.log_offsets(kept, Isolation::ReadUncommitted),
            self.leader_bytes(&partitions),
        );
        let mut holdings: BTreeMap<String, Holding> = BTreeMap::new();
        for partition in &partitions {
            let held = HeldPartition {
                start: offset(&starts, partition),
                end: offset(&ends, partition),
                oldest_ms: time(&oldest, partition),
                newest_ms: time(&newest, partition),
                kept_from: offset(&kept, partition),
                bytes: bytes.get(partition).cloned().unwrap_or(Known::NotAsked),
            };
            let empty = || Holding {
                asked_at_ms: now_ms,
                partitions: BTreeMap::new(),
                committed: Known::NotAsked,
                untold: BTreeMap::new(),
            };
            let holding = holdings.entry(partition.topic.to_string()).or_insert_with(empty);
            holding.partitions.insert(partition.partition, held);
        }
        Ok(holdings)
    }
}

fn offset(found: &LogOffsets, partition: &TopicPartition) -> Known<i64> {
    found.get(partition).cloned().unwrap_or(Known::NotAsked).map(|found: LogOffset| found.offset)
}

/// The time of the record that was found; a record may have none.
fn time(found: &LogOffsets, partition: &TopicPartition) -> Known<i64> {
    match found.get(partition).cloned().unwrap_or(Known::NotAsked) {
        Known::Known(LogOffset { timestamp: Some(time), .. }) => Known::Known(time),
        Known::Known(_) => Known::Unavailable("the record there has no time".to_owned()),
        missing => missing.map(|found| found.offset),
    }
}

/// Puts the commits of all groups to the topics that they are on.
pub fn add_commits(groups: &GroupsView, holdings: &mut BTreeMap<String, Holding>) {
    for holding in holdings.values_mut() {
        holding.committed = Known::Known(BTreeMap::new());
    }
    let mut untold: BTreeMap<String, String> = BTreeMap::new();
    let mut tell = |group: &str, why: Option<String>| {
        untold.insert(group.to_owned(), why.unwrap_or_else(|| "no answer".to_owned()));
    };
    for (node, failure) in &groups.unlisted {
        tell(&format!("those of broker {node}"), Some(failure.to_string()));
    }
    for (group, view) in &groups.groups {
        let commits = match view {
            Known::Known(view) => &view.committed,
            Known::Absent => continue,
            missing => {
                tell(group, missing.missing_reason());
                continue;
            }
        };
        let Known::Known(commits) = commits else {
            tell(group, commits.missing_reason());
            continue;
        };
        for (partition, commit) in commits {
            let (Some(holding), Known::Known(commit)) = (holdings.get_mut(&*partition.topic), commit) else {
                continue;
            };
            if let Known::Known(committed) = &mut holding.committed {
                committed.entry(group.clone()).or_default().insert(partition.partition, commit.offset);
            }
        }
    }
    for holding in holdings.values_mut() {
        holding.untold.clone_from(&untold);
    }
}
