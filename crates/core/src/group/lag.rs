use super::lag_rows::rows;
use crate::topology::Topology;
use crate::values::{Failure, Known, Pattern, TopicPartition};
use crate::world::{ClusterView, GroupState, GroupType, GroupView, GroupsView, HiddenTopics, TopicView};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// What a row, or the rows of a group taken together, amounts to. Facts: whether one is an alarm is a contract's
/// matter.
///
/// The order is that of attention: the status of a group is the greatest of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LagStatus {
    /// Nothing left to read.
    Ok,
    /// A commit on a topic that no member of the active group reads.
    Unsubscribed,
    /// A commit on a topic or partition that does not exist any more.
    Deleted,
    /// No commit.
    None,
    /// Records left to read.
    Lagging,
    /// The last stable offset lies below the high watermark: a transaction holds `read_committed` readers back.
    OpenTransaction,
    /// The commit lies above the log end.
    Ahead,
    /// The commit lies below the log start: records are gone unread.
    Lost,
    /// An answer is missing.
    Unknown,
}

impl LagStatus {
    /// The word in JSON and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            LagStatus::Ok => "ok",
            LagStatus::Unsubscribed => "unsubscribed",
            LagStatus::Deleted => "deleted",
            LagStatus::None => "none",
            LagStatus::Lagging => "lagging",
            LagStatus::OpenTransaction => "open-transaction",
            LagStatus::Ahead => "ahead",
            LagStatus::Lost => "lost",
            LagStatus::Unknown => "unknown",
        }
    }
}

impl fmt::Display for LagStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One partition of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LagRow {
    /// The partition.
    pub partition: TopicPartition,
    /// The committed offset; `None` when there is none or it could not be read (`status` tells which).
    pub committed: Option<i64>,
    /// The log start; `None` when it could not be read or the partition is gone.
    pub start: Option<i64>,
    /// The log end that `lag` is measured against; `None` as for `start`.
    pub end: Option<i64>,
    /// Records left to read: end − max(commit, start); `None` without a commit or without an answer.
    pub lag: Option<i64>,
    /// How long ago the next record to read was written, in milliseconds; 0 where there is none. Where records were lost it is
    /// that of the first one that is left.
    pub behind: Known<i64>,
    /// How long until that record is older than its topic keeps records, in milliseconds, 0 where it is already; `Absent`
    /// where age deletes nothing, or where there is nothing to read.
    pub headroom: Known<i64>,
    /// What this amounts to.
    pub status: LagStatus,
    /// One sentence on what is unusual.
    pub reason: Option<String>,
    /// How far the commit lies above the log end.
    pub ahead_by: Option<i64>,
    /// How many offsets between the commit and the log start are gone.
    pub lost: Option<i64>,
    /// The answer that is missing.
    pub error: Option<Failure>,
    /// The member that reads it.
    pub member: Option<Arc<str>>,
    /// That member's `client.id`.
    pub client_id: Option<Arc<str>>,
    /// That member's host.
    pub host: Option<Arc<str>>,
}

/// Rows taken together. Rows without a commit stay out of the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LagTotal {
    /// Records left to read; `None` when an answer is missing, or when no row has a lag.
    pub lag: Option<i64>,
    /// Where an answer is missing: the sum of what is known, so the lag is no less than this.
    pub lag_at_least: Option<i64>,
    /// The age of the oldest next record of all rows, in milliseconds; `None` when nobody asked, or an answer is missing.
    pub behind_ms: Option<i64>,
    /// Where an answer is missing: the greatest age of those that are known.
    pub behind_at_least_ms: Option<i64>,
    /// The least headroom of all rows that have one, in milliseconds; `None` when none has, or an answer is missing.
    pub headroom_ms: Option<i64>,
    /// The status of most concern.
    pub status: LagStatus,
}

impl LagTotal {
    /// The total of some rows. No row at all amounts to no commit.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a LagRow>) -> Self {
        let mut sum: Option<i64> = None;
        let mut status: Option<LagStatus> = None;
        let (mut behind, mut headroom) = (Extreme::default(), Extreme::default());
        for row in rows {
            behind.take(&row.behind, i64::max);
            headroom.take(&row.headroom, i64::min);
            if let Some(lag) = row.lag {
                sum = Some(sum.unwrap_or(0).saturating_add(lag));
            }
            status = status.max(Some(row.status));
        }
        let status = status.unwrap_or(LagStatus::None);
        // A row whose lag is unknown may be behind by any time.
        let is_unknown = status == LagStatus::Unknown;
        let behind_is_whole = behind.is_whole && !is_unknown;
        LagTotal {
            lag: sum.filter(|_| !is_unknown),
            lag_at_least: is_unknown.then_some(sum.unwrap_or(0)),
            behind_ms: behind.value.filter(|_| behind_is_whole),
            behind_at_least_ms: behind.value.filter(|_| !behind_is_whole),
            headroom_ms: headroom.value.filter(|_| headroom.is_whole && !is_unknown),
            status,
        }
    }

    /// The same, where more may be missing than the rows tell of.
    fn at_least(self) -> Self {
        LagTotal {
            lag: None,
            lag_at_least: Some(self.lag.or(self.lag_at_least).unwrap_or(0)),
            behind_ms: None,
            behind_at_least_ms: self.behind_ms.or(self.behind_at_least_ms),
            headroom_ms: None,
            status: LagStatus::Unknown,
        }
    }

    /// The total of rows that could not be read.
    fn unknown() -> Self {
        LagTotal {
            lag: None,
            lag_at_least: Some(0),
            behind_ms: None,
            behind_at_least_ms: None,
            headroom_ms: None,
            status: LagStatus::Unknown,
        }
    }
}

/// The greatest or the least of some facts.
struct Extreme {
    value: Option<i64>,
    is_whole: bool,
}

impl Default for Extreme {
    fn default() -> Self {
        Extreme { value: None, is_whole: true }
    }
}

impl Extreme {
    fn take(&mut self, fact: &Known<i64>, better: fn(i64, i64) -> i64) {
        match fact {
            Known::Known(value) => self.value = Some(self.value.map_or(*value, |old| better(old, *value))),
            Known::Absent | Known::NotAsked => {}
            Known::Denied(_) | Known::Unavailable(_) | Known::Failed(_) => self.is_whole = false,
        }
    }
}

/// One group with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLag {
    /// The group's id.
    pub group: String,
    /// Its type; `None` when the group could not be looked at.
    pub kind: Option<GroupType>,
    /// Its state; `None` as for `kind`.
    pub state: Option<GroupState>,
    /// How many members it has; `None` when that is not known.
    pub members: Option<usize>,
    /// Its coordinator's node id; `None` as for `kind`.
    pub coordinator: Option<i32>,
    /// All rows together.
    pub total: LagTotal,
    /// The rows by topic and partition.
    pub rows: Vec<LagRow>,
    /// Why there are no rows, or not all.
    pub reason: Option<String>,
    /// The answer that is missing for the group as a whole.
    pub error: Option<Failure>,
}

impl GroupLag {
    /// Whether an answer that was asked for did not come, or is one that the cluster does not give.
    pub fn lacks_an_answer(&self) -> bool {
        let unknown = |row: &LagRow| row.error.is_some() || row.status == LagStatus::Unknown;
        self.error.is_some() || self.total.status == LagStatus::Unknown || self.rows.iter().any(unknown)
    }
}

/// The lag of groups at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LagReport {
    /// Groups by id.
    pub groups: Vec<GroupLag>,
    /// Brokers that did not list their groups: there may be more groups than are shown.
    pub unlisted: BTreeMap<i32, Failure>,
    /// Whether commits may be missing because their topics may not be described, which Kafka leaves out in silence; `None`
    /// where nobody can tell.
    pub visible_only: Option<bool>,
    /// What is left out, in words, where something is or may be.
    pub left_out: Option<String>,
}

impl LagReport {
    /// The same with topics that may not be described: OffsetFetch leaves out commits on them in silence, so that a group of which
    /// no commit is seen is not one without commits.
    #[must_use]
    pub fn beside(mut self, hidden: &HiddenTopics, groups: &GroupsView) -> Self {
        self.visible_only = hidden.visible_only();
        let note = hidden.note().filter(|_| self.visible_only == Some(true));
        let Some(note) = note else { return self };
        for group in &mut self.groups {
            let view = groups.groups.get(&group.group).and_then(Known::known);
            let may_commit = view.is_some_and(|view| {
                // What is no consumer, such as the workers of Kafka Connect, has members and no commits.
                view.kind.has_commits() && ["", "consumer"].contains(&view.protocol_type.as_str())
            });
            let sees_none = group.rows.iter().all(|row| row.status == LagStatus::None);
            let is_in_scope = group.reason.as_deref() == Some(NO_COMMITS);
            if may_commit && sees_none && is_in_scope {
                group.total = group.total.at_least();
                group.reason = Some(format!("{NO_COMMITS}: {note}"));
            }
        }
        self
    }

    /// Whether an answer that was asked for did not come.
    pub fn lacks_an_answer(&self) -> bool {
        !self.unlisted.is_empty() || self.groups.iter().any(GroupLag::lacks_an_answer)
    }
}

/// What lag is computed from. Commits must have been read before log ends, or lag comes out too small.
#[derive(Debug, Clone, Copy)]
pub struct LagInput<'a> {
    /// Topics, and log ranges up to the high watermark.
    pub cluster: &'a ClusterView,
    /// Groups with members and commits.
    pub groups: &'a GroupsView,
    /// Contracts, whose topics are shown even where a group has no commit.
    pub contracts: Option<&'a Topology>,
    /// Last stable offsets, when lag is to be what a `read_committed` reader sees.
    pub stable_ends: Option<&'a BTreeMap<TopicPartition, Known<i64>>>,
    /// Only topics that match.
    pub topics: Option<&'a Pattern>,
}

/// Computes the lag of every group in `input`, absent ones left out.
pub fn lag(input: LagInput<'_>) -> LagReport {
    let groups = input
        .groups
        .groups
        .iter()
        .filter_map(|(name, group)| match group {
            Known::Known(view) => Some(known_group(name, view, input)),
            Known::Absent | Known::NotAsked => None,
            Known::Denied(failure) | Known::Failed(failure) => Some(unknown_group(name, Some(failure), None)),
            Known::Unavailable(why) => Some(unknown_group(name, None, Some(why))),
        })
        .collect();
    LagReport { groups, unlisted: input.groups.unlisted.clone(), ..LagReport::default() }
}

fn unknown_group(name: &str, failure: Option<&Failure>, why: Option<&String>) -> GroupLag {
    GroupLag {
        group: name.to_owned(),
        kind: None,
        state: None,
        members: None,
        coordinator: None,
        total: LagTotal::unknown(),
        rows: Vec::new(),
        reason: why.cloned(),
        error: failure.cloned(),
    }
}

fn known_group(name: &str, view: &GroupView, input: LagInput<'_>) -> GroupLag {
    let rows = rows(name, view, input);
    let mut total = LagTotal::of(&rows);
    let mut reason = None;
    let mut error = match &view.members {
        Known::Denied(failure) | Known::Failed(failure) => Some(failure.clone()),
        _ => None,
    };
    match &view.committed {
        Known::Known(_) | Known::Absent | Known::NotAsked => {}
        Known::Unavailable(why) => reason = Some(why.clone()),
        Known::Denied(failure) | Known::Failed(failure) => error = Some(failure.clone()),
    }
    // Nothing is missing of a group that commits nothing.
    if !matches!(view.committed, Known::Known(_)) && view.kind.has_commits() {
        total = LagTotal::unknown();
    }
    let hidden = hidden_topics(name, input);
    if let Some((_, failure)) = hidden.first() {
        let topics: Vec<&str> = hidden.iter().map(|(topic, _)| *topic).collect();
        total = total.at_least();
        reason = Some(format!("topics of its contract may not be described: {}", topics.join(", ")));
        error = error.or_else(|| Some((*failure).clone()));
    } else if view.committed.known().is_some_and(BTreeMap::is_empty) {
        // Where topics may not be described, their commits are left out: no commit is not the same as none that is seen.
        reason = reason.or_else(|| Some(NO_COMMITS.to_owned()));
    }
    GroupLag {
        group: name.to_owned(),
        kind: Some(view.kind.clone()),
        state: Some(view.state.clone()),
        members: view.members.known().map(Vec::len),
        coordinator: Some(view.coordinator),
        total,
        rows,
        reason,
        error,
    }
}

/// What is told of a group of which no commit was seen.
pub const NO_COMMITS: &str = "no commits that may be seen";

/// Topics that the group's contract names and that may not be described, each with why. Their commits and their records are
/// told to nobody here.
fn hidden_topics<'a>(group: &str, input: LagInput<'a>) -> Vec<(&'a str, &'a Failure)> {
    let contract = input.contracts.and_then(|topology| topology.groups.get(group));
    let names =
        contract.and_then(|contract| contract.topics.as_ref()).into_iter().flat_map(|topics| &topics.names);
    names
        .filter(|topic| input.topics.is_none_or(|pattern| pattern.matches(topic)))
        .filter_map(|topic| match input.cluster.topics.get(topic) {
            Some(Known::Denied(failure)) => Some((topic.as_str(), failure)),
            _ => None,
        })
        .collect()
}

/// Partition numbers by topic.
pub type LogPartitions = BTreeMap<Arc<str>, BTreeSet<i32>>;

/// The partitions whose log range must be read to compute the lag of these groups: those with a commit, those
/// assigned to a member, and those of the contracts' topics, as far as they exist.
pub fn log_partitions(
    groups: &GroupsView,
    topics: &BTreeMap<String, Known<TopicView>>,
    contracts: Option<&Topology>,
    only: Option<&Pattern>,
) -> LogPartitions {
    let mut needed = LogPartitions::new();
    for (name, group) in &groups.groups {
        let Known::Known(view) = group else { continue };
        let committed = view.committed.known().into_iter().flat_map(BTreeMap::keys);
        let assigned = view.members.known().into_iter().flatten().flat_map(|member| member.assignment.iter());
        for at in committed.chain(assigned) {
            if only.is_some_and(|pattern| !pattern.matches(&at.topic)) {
                continue;
            }
            match needed.get_mut(&at.topic) {
                Some(partitions) => {
                    partitions.insert(at.partition);
                }
                None => {
                    needed.insert(at.topic.clone(), BTreeSet::from([at.partition]));
                }
            }
        }
        let contract = contracts.and_then(|topology| topology.groups.get(name));
        let Some(promised) = contract.and_then(|contract| contract.topics.as_ref()) else { continue };
        for (topic, view) in topics {
            let Known::Known(view) = view else { continue };
            if promised.covers(topic) && only.is_none_or(|pattern| pattern.matches(topic)) {
                needed
                    .entry(Arc::from(topic.as_str()))
                    .or_default()
                    .extend(view.partitions.iter().map(|partition| partition.partition));
            }
        }
    }
    needed.retain(|topic, partitions| match topics.get(&**topic) {
        Some(Known::Known(view)) => {
            let count = view.partitions.len();
            partitions.retain(|number| usize::try_from(*number).is_ok_and(|number| number < count));
            !partitions.is_empty()
        }
        _ => false,
    });
    needed
}
