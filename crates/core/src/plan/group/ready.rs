use super::GroupChange;
use super::reset_scope::committed;
use super::step::{complete, group_risks};
use crate::plan::{Change, Plan};
use crate::values::{Known, TopicPartition};
use crate::world::{GroupState, GroupsView, Member};
use std::collections::BTreeSet;
use std::fmt;

/// UNSTABLE_OFFSET_COMMIT.
const UNSTABLE: i32 = 88;

/// Why a group's offsets must not be changed at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unready {
    /// It has members, and Kafka takes commits from them alone.
    Active {
        /// The group.
        group: String,
        /// Its state.
        state: GroupState,
        /// Its members, as far as they are known.
        members: Vec<Member>,
    },
    /// A transaction that is open is about to commit offsets of the group.
    OpenTransaction {
        /// The group.
        group: String,
        /// The partitions that it holds.
        partitions: Vec<TopicPartition>,
    },
    /// Nobody is a member, and yet somebody commits: consumers that assign themselves their partitions.
    Moving {
        /// The group.
        group: String,
        /// The partitions that moved.
        partitions: Vec<TopicPartition>,
    },
    /// It could not be looked at.
    Unreadable {
        /// The group.
        group: String,
        /// Why.
        why: String,
    },
}

impl Unready {
    /// Whether it is over once the members have left.
    pub fn ends_with_members(&self) -> bool {
        matches!(self, Unready::Active { .. })
    }

    /// Whom and what it is about, a line each.
    pub fn details(&self) -> Vec<String> {
        match self {
            Unready::Active { members, .. } => members
                .iter()
                .map(|member| format!("member {} ({}) on {}", member.client_id, member.id, member.host))
                .collect(),
            Unready::OpenTransaction { partitions, .. } | Unready::Moving { partitions, .. } => {
                partitions.iter().map(ToString::to_string).collect()
            }
            Unready::Unreadable { .. } => Vec::new(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Unready::Active { .. } => "stop its consumers, or wait for them with --wait-empty=10m",
            Unready::OpenTransaction { .. } => {
                "wait until the transaction is committed or aborted, then try again"
            }
            Unready::Moving { .. } => "stop whoever commits for the group without being a member of it",
            Unready::Unreadable { .. } => "try again",
        }
    }
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unready::Active { group, state, members } => match members.len() {
                0 => write!(f, "group {group} is active ({state})"),
                1 => write!(f, "group {group} is active ({state}) with 1 member"),
                count => write!(f, "group {group} is active ({state}) with {count} members"),
            },
            Unready::OpenTransaction { group, partitions } => {
                write!(f, "a transaction is open on {} of group {group}", offsets(partitions.len()))
            }
            Unready::Moving { group, partitions } => write!(
                f,
                "group {group} has no members, and yet somebody commits for it: {} moved while klerk looked on",
                offsets(partitions.len())
            ),
            Unready::Unreadable { group, why } => write!(f, "group {group} could not be looked at: {why}"),
        }
    }
}

fn offsets(count: usize) -> String {
    if count == 1 { "1 offset".to_owned() } else { format!("{count} offsets") }
}

/// The groups whose offsets a plan changes.
pub fn changed_groups(plan: &Plan) -> BTreeSet<String> {
    changes(plan).map(|change| change.group().to_owned()).collect()
}

fn changes(plan: &Plan) -> impl Iterator<Item = &GroupChange> {
    plan.steps.iter().filter_map(|step| match &step.change {
        Change::Group(change) => Some(change),
        _ => None,
    })
}

/// What stands in the way of a plan in what is seen now. Commits must have been read as stable ones.
pub fn unready(plan: &Plan, now: &GroupsView) -> Vec<Unready> {
    let mut found = Vec::new();
    for group in changed_groups(plan) {
        let view = match now.groups.get(&group) {
            Some(Known::Known(view)) => view,
            Some(Known::Absent) | None => continue,
            Some(missing) => {
                let why = missing.missing_reason().unwrap_or_default();
                found.push(Unready::Unreadable { group, why });
                continue;
            }
        };
        if !view.state.is_inactive() {
            let members = view.members.known().cloned().unwrap_or_default();
            found.push(Unready::Active { group, state: view.state.clone(), members });
            continue;
        }
        let commits = match &view.committed {
            Known::Known(commits) => commits,
            missing => {
                let why = missing.missing_reason().unwrap_or_else(|| "its commits are gone".to_owned());
                found.push(Unready::Unreadable { group, why });
                continue;
            }
        };
        let mut open = Vec::new();
        let mut unreadable = None;
        for (at, commit) in commits {
            match commit {
                Known::Failed(failure) if failure.code == Some(UNSTABLE) => open.push(at.clone()),
                Known::Known(_) | Known::Absent => {}
                other => unreadable = other.missing_reason().map(|why| format!("{at}: {why}")),
            }
        }
        if !open.is_empty() {
            found.push(Unready::OpenTransaction { group, partitions: open });
        } else if let Some(why) = unreadable {
            found.push(Unready::Unreadable { group, why });
        }
    }
    found
}

/// The groups whose commits have moved between two looks.
pub fn moving(plan: &Plan, before: &GroupsView, after: &GroupsView) -> Vec<Unready> {
    let mut found = Vec::new();
    for group in changed_groups(plan) {
        let (old, new) = (committed(before, &group), committed(after, &group));
        let all: BTreeSet<&TopicPartition> = old.keys().chain(new.keys()).collect();
        let moved: Vec<TopicPartition> =
            all.into_iter().filter(|at| old.get(*at) != new.get(*at)).cloned().collect();
        if !moved.is_empty() {
            found.push(Unready::Moving { group, partitions: moved });
        }
    }
    found
}

/// The plan with the offsets that are there now as those before each change. What is done stays the same; the record
/// must tell what was there when it was done, not when it was planned.
pub fn with_present(plan: &Plan, now: &GroupsView) -> Plan {
    let mut plan = plan.clone();
    for step in &mut plan.steps {
        let Change::Group(change) = &mut step.change else { continue };
        match change {
            GroupChange::CommitOffsets { group, partitions, .. } => {
                let present = committed(now, group);
                for one in partitions.iter_mut() {
                    let from = present.get(&one.partition).and_then(Known::known).cloned();
                    if from.as_ref().map(|commit| commit.offset)
                        != one.from.as_ref().map(|commit| commit.offset)
                    {
                        // It was that between the positions that were planned on.
                        one.span_ms = None;
                    }
                    one.from = from;
                    *one = complete(one.clone());
                }
            }
            GroupChange::DeleteOffsets { group, partitions, .. } => {
                let present = committed(now, group);
                for (at, commit) in partitions.iter_mut() {
                    if let Some(Known::Known(now)) = present.get(at) {
                        *commit = now.clone();
                    }
                }
            }
        }
        step.risks.extend(group_risks(change));
    }
    plan
}
