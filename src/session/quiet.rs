//! Waiting until nobody stands in the way of a change of offsets: members have left, and nobody else commits.

use crate::kafka::{Cluster, Cover, GroupsLook};
use klerk_core::plan::{Plan, Unready, changed_groups, moving, unready, with_present};
use klerk_core::values::Failure;
use klerk_core::world::GroupsView;
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// The pause between two looks while members are waited for.
const PAUSE: Duration = Duration::from_millis(500);

/// Reads groups in full, with stable offsets.
pub trait LookAtGroups {
    /// Sees members and commits of these groups. An offset that an open transaction is about to change is unreadable.
    fn look_at_groups(&self, groups: &BTreeSet<String>) -> impl Future<Output = Result<GroupsView, Failure>>;
}

impl LookAtGroups for Cluster {
    async fn look_at_groups(&self, groups: &BTreeSet<String>) -> Result<GroupsView, Failure> {
        let named = Cover::named(groups.iter().cloned());
        let look = GroupsLook { members: named.clone(), commits: named, stable: true, whole: false };
        Cluster::look_at_groups(self, &look).await.map_err(|error| error.failure())
    }
}

/// How quiet it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// How long members are waited for; `None` refuses at once.
    pub wait_empty: Option<Duration>,
    /// How long the commits of a group without members must stand still.
    pub settle: Duration,
}

impl Quiet {
    /// How long commits stand still, as a rule, before a group without members is believed: longer than the clients of
    /// Kafka take from one commit to the next (`auto.commit.interval.ms`).
    pub const SETTLE: Duration = Duration::from_secs(6);
}

/// It is not quiet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotQuiet {
    /// Somebody stands in the way.
    Unready(Vec<Unready>),
    /// Nothing could be seen.
    Unseen(Failure),
}

/// Waits until the offsets of a plan may be changed, and returns the plan with the offsets that are there by then.
///
/// # Errors
/// When somebody still stands in the way, or nothing could be seen.
pub async fn until_quiet(
    servers: &impl LookAtGroups,
    plan: &Plan,
    quiet: Quiet,
    mut doing: impl FnMut(&str),
) -> Result<Plan, NotQuiet> {
    let groups = changed_groups(plan);
    let give_up = Instant::now() + quiet.wait_empty.unwrap_or_default();
    loop {
        match stands_still(servers, plan, &groups, quiet.settle, &mut doing).await {
            Err(NotQuiet::Unready(found))
                if found.iter().all(Unready::ends_with_members) && Instant::now() + PAUSE <= give_up =>
            {
                doing("waiting until the members have left");
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

async fn stands_still(
    servers: &impl LookAtGroups,
    plan: &Plan,
    groups: &BTreeSet<String>,
    settle: Duration,
    doing: &mut impl FnMut(&str),
) -> Result<Plan, NotQuiet> {
    let before = look(servers, plan, groups).await?;
    let has_commits = groups.iter().any(|group| {
        let view = before.groups.get(group).and_then(|group| group.known());
        view.and_then(|view| view.committed.known()).is_some_and(|commits| !commits.is_empty())
    });
    // What was never committed has nobody who commits it, as far as can be told by waiting.
    if !has_commits || settle.is_zero() {
        return Ok(with_present(plan, &before));
    }
    doing("making sure that nobody commits");
    tokio::time::sleep(settle).await;
    let after = look(servers, plan, groups).await?;
    let moved = moving(plan, &before, &after);
    if moved.is_empty() { Ok(with_present(plan, &after)) } else { Err(NotQuiet::Unready(moved)) }
}

async fn look(
    servers: &impl LookAtGroups,
    plan: &Plan,
    groups: &BTreeSet<String>,
) -> Result<GroupsView, NotQuiet> {
    let view = servers.look_at_groups(groups).await.map_err(NotQuiet::Unseen)?;
    let found = unready(plan, &view);
    if found.is_empty() { Ok(view) } else { Err(NotQuiet::Unready(found)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan_of;
    use klerk_core::plan::{Change, GroupChange, OffsetMove};
    use klerk_core::values::{Known, TopicPartition};
    use klerk_core::world::{Committed, GroupState, GroupType, GroupView};
    use std::cell::Cell;
    use std::collections::BTreeMap;

    fn at() -> TopicPartition {
        TopicPartition::new("orders", 0)
    }

    fn commit(offset: i64) -> Committed {
        Committed { offset, leader_epoch: None, metadata: String::new() }
    }

    fn plan() -> Plan {
        let one = OffsetMove {
            partition: at(),
            topic_id: None,
            from: Some(commit(1)),
            to: 9,
            leader_epoch: None,
            metadata: String::new(),
            start: 0,
            end: 9,
            skips: 8,
            repeats: 0,
            span_ms: None,
            clamped: false,
            note: None,
        };
        plan_of(vec![Change::Group(GroupChange::CommitOffsets {
            group: "g".to_owned(),
            kind: Some(GroupType::Classic),
            partitions: vec![one],
        })])
    }

    /// Shows the states one after the other, and the last of them for ever.
    struct Scene {
        shown: Cell<usize>,
        states: Vec<(GroupState, i64)>,
    }

    fn scene(states: &[(GroupState, i64)]) -> Scene {
        Scene { shown: Cell::new(0), states: states.to_vec() }
    }

    impl LookAtGroups for Scene {
        async fn look_at_groups(&self, groups: &BTreeSet<String>) -> Result<GroupsView, Failure> {
            assert!(groups.contains("g"));
            let (state, offset) = self.states[self.shown.get().min(self.states.len() - 1)].clone();
            self.shown.set(self.shown.get() + 1);
            let view = GroupView {
                kind: GroupType::Classic,
                state,
                protocol_type: String::new(),
                coordinator: 1,
                members: Known::Known(Vec::new()),
                committed: Known::Known(BTreeMap::from([(at(), Known::Known(commit(offset)))])),
            };
            let groups = BTreeMap::from([("g".to_owned(), Known::Known(view))]);
            Ok(GroupsView { groups, ..GroupsView::default() })
        }
    }

    async fn wait(scene: &Scene, wait_empty: Option<u64>) -> Result<Option<i64>, String> {
        let quiet = Quiet { wait_empty: wait_empty.map(Duration::from_secs), settle: Duration::from_secs(6) };
        match until_quiet(scene, &plan(), quiet, |_| {}).await {
            Ok(plan) => match &plan.steps[0].change {
                Change::Group(GroupChange::CommitOffsets { partitions, .. }) => {
                    Ok(partitions[0].from.as_ref().map(|from| from.offset))
                }
                other => panic!("{other:?}"),
            },
            Err(NotQuiet::Unready(found)) => Err(found[0].to_string()),
            Err(NotQuiet::Unseen(failure)) => panic!("{failure}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_that_stands_still_is_taken_with_its_present_offsets() {
        let started = Instant::now();
        assert_eq!(wait(&scene(&[(GroupState::Empty, 3)]), None).await, Ok(Some(3)));
        assert_eq!(started.elapsed(), Duration::from_secs(6));
    }

    #[tokio::test(start_paused = true)]
    async fn commits_that_move_are_not_waited_for() {
        let scene = scene(&[(GroupState::Empty, 3), (GroupState::Empty, 4)]);
        let why = wait(&scene, Some(60)).await.unwrap_err();
        assert!(why.contains("somebody commits"), "{why}");
    }

    #[tokio::test(start_paused = true)]
    async fn members_are_waited_for_only_when_asked_and_only_so_long() {
        let busy = || vec![(GroupState::Stable, 3); 5];
        assert!(wait(&scene(&busy()), None).await.unwrap_err().contains("active"));
        let mut leaving = busy();
        leaving.push((GroupState::Empty, 7));
        assert_eq!(wait(&scene(&leaving), Some(60)).await, Ok(Some(7)));
        let started = Instant::now();
        assert!(wait(&scene(&busy()), Some(60)).await.unwrap_err().contains("active"));
        assert_eq!(started.elapsed(), Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn members_that_come_while_commits_are_watched_are_noticed() {
        let scene = scene(&[(GroupState::Empty, 3), (GroupState::Stable, 3)]);
        assert!(wait(&scene, None).await.unwrap_err().contains("active"));
    }
}
