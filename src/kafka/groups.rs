//! Looking at consumer groups: what there is, who its members are, and what it has committed.
//!
//! A broker lists exactly the groups that it coordinates, so that a look at all groups needs no FindCoordinator. What
//! was asked for by name and is not listed is asked for at its coordinator, which tells absent from denied.

use super::call_error::{CallError, known, taking};
use super::cluster::Cluster;
use super::describe_groups::Described;
use super::list_groups::Listing;
use super::names::Names;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use klerk_core::access::Operation;
use klerk_core::values::{Failure, Known, Pattern, Resource, TopicPartition};
use klerk_core::world::{Committed, GroupState, GroupType, GroupView, GroupsView};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a coordinator gets to take over before a group is looked for a second time.
const SECOND_LOOK: Duration = Duration::from_millis(500);

/// Committed offsets by partition.
pub(super) type Commits = BTreeMap<TopicPartition, Known<Committed>>;

/// Of which groups something is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cover {
    /// Of none.
    #[default]
    Nothing,
    /// Of these.
    Named(BTreeSet<String>),
    /// Of visible ones whose names match.
    Matching(Pattern),
    /// Of all visible ones.
    All,
}

impl Cover {
    /// Of these groups.
    pub fn named(groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Cover::Named(groups.into_iter().map(Into::into).collect())
    }

    /// Whether the group is one of those meant.
    pub fn covers(&self, group: &str) -> bool {
        match self {
            Cover::Nothing => false,
            Cover::Named(names) => names.contains(group),
            Cover::Matching(pattern) => pattern.matches(group),
            Cover::All => true,
        }
    }

    /// Of those named, only these.
    fn only(&self, names: &BTreeSet<String>) -> Cover {
        Cover::named(self.names().filter(|name| names.contains(*name)).cloned())
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        match self {
            Cover::Named(names) => Some(names),
            Cover::Nothing | Cover::Matching(_) | Cover::All => None,
        }
        .into_iter()
        .flatten()
    }
}

/// What a look at groups is to read beside the list of all visible ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupsLook {
    /// Whose members are read.
    pub members: Cover,
    /// Whose committed offsets are read.
    pub commits: Cover,
    /// Whether an offset that an open transaction is about to change counts as unreadable (88).
    pub stable: bool,
    /// Whether it matters that no group is missing from the list, even where little is read of those that are there.
    pub whole: bool,
}

impl GroupsLook {
    /// Whether a group that nobody lists would be missed.
    fn wants_all(&self) -> bool {
        let ranges = |cover: &Cover| matches!(cover, Cover::Matching(_) | Cover::All);
        self.whole || ranges(&self.members) || ranges(&self.commits)
    }
}

/// A group as its coordinator lists it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) kind: GroupType,
    state: GroupState,
    protocol_type: String,
    pub(super) coordinator: i32,
}

impl Listed {
    pub(super) fn read(group: &ListedGroup, coordinator: i32) -> Self {
        Listed {
            kind: group_type(&group.group_type),
            state: GroupState::from_kafka(&group.group_state),
            protocol_type: group.protocol_type.to_string(),
            coordinator,
        }
    }

    /// Whether there can be a member to ask for.
    fn is_inactive(&self) -> bool {
        self.state.is_inactive()
    }
}

/// Brokers before 3.8 (ListGroups v5) do not tell the type, and have classic groups alone.
fn group_type(word: &str) -> GroupType {
    match word.to_ascii_lowercase().as_str() {
        "" | "classic" => GroupType::Classic,
        "consumer" => GroupType::Consumer,
        "share" => GroupType::Share,
        "streams" => GroupType::Streams,
        _ => GroupType::Other(word.to_owned()),
    }
}

impl Cluster {
    /// Lists all visible groups, and reads of them what `look` says. Groups named there that do not exist or may not
    /// be seen are `Absent` or `Denied`; before one is called absent, it is looked for a second time.
    ///
    /// # Errors
    /// When no broker answers at all. What single brokers or groups refuse stands in the answer.
    pub async fn look_at_groups(&self, look: &GroupsLook) -> Result<GroupsView, CallError> {
        let mut view = self.look_once(look).await?;
        let is_absent = |name: &&String| view.groups.get(*name).is_none_or(Known::is_absent);
        let absent: BTreeSet<String> =
            look.members.names().chain(look.commits.names()).filter(is_absent).cloned().collect();
        // While its coordinator moves, a group that exists may be listed by nobody and answered with 69.
        if !absent.is_empty() {
            tokio::time::sleep(SECOND_LOOK).await;
            for name in &absent {
                self.forget_coordinator(name);
            }
            let (members, commits) = (look.members.only(&absent), look.commits.only(&absent));
            let again = GroupsLook { members, commits, whole: false, ..look.clone() };
            let second = self.look_once(&again).await?;
            let found = second.groups.into_iter().filter(|(name, _)| absent.contains(name));
            view.groups.extend(found);
        }
        view.groups = view.groups.into_iter().map(naming_rights).collect();
        Ok(view)
    }

    async fn look_once(&self, look: &GroupsLook) -> Result<GroupsView, CallError> {
        let Listing { groups: listed, unlisted, .. } = match look.wants_all() {
            true => self.list_all_groups().await?,
            false => self.list_groups().await?,
        };
        let asked: BTreeSet<&String> = look.members.names().chain(look.commits.names()).collect();
        let hidden: Vec<&String> = asked.into_iter().filter(|name| !listed.contains_key(*name)).collect();

        let commits_of: Vec<(&String, i32)> = listed
            .iter()
            .filter(|(name, group)| group.kind.has_commits() && look.commits.covers(name))
            .map(|(name, group)| (name, group.coordinator))
            .collect();
        let members_of: Vec<(&String, &Listed)> =
            listed.iter().filter(|(name, group)| !group.is_inactive() && look.members.covers(name)).collect();
        let mut names = Names::default();
        let (commits, described, found) = futures::join!(
            self.fetch_offsets(&commits_of, look.stable, &mut names),
            self.describe_groups(&members_of),
            self.find_hidden(&hidden, look, &unlisted),
        );
        let mut commits = commits?;
        let mut described = described?;
        let mut groups: BTreeMap<String, Known<GroupView>> = found?;
        for (name, group) in listed {
            let commits = match (look.commits.covers(&name), group.kind.has_commits()) {
                (false, _) => Known::NotAsked,
                (true, false) => Known::Unavailable(no_commits(&group.kind)),
                (true, true) => commits.remove(&name).unwrap_or_else(left_out),
            };
            let members = if !look.members.covers(&name) {
                Described::unseen(Known::NotAsked)
            } else if group.is_inactive() {
                Described::unseen(Known::Known(Vec::new()))
            } else {
                described.remove(&name).unwrap_or_else(|| Described::unseen(left_out()))
            };
            let view = GroupView {
                kind: group.kind,
                state: members.state.unwrap_or(group.state),
                protocol_type: group.protocol_type,
                coordinator: group.coordinator,
                members: members.members,
                committed: commits,
            };
            // A group that went away between the two looks is gone, not a group without members.
            let gone = view.members.is_absent();
            groups.insert(name, if gone { Known::Absent } else { Known::Known(view) });
        }
        Ok(GroupsView { groups, unlisted, ..GroupsView::default() })
    }

    /// Groups asked for by name that nobody listed: absent, or not to be seen.
    async fn find_hidden(
        &self,
        names: &[&String],
        look: &GroupsLook,
        unlisted: &BTreeMap<i32, Failure>,
    ) -> Result<BTreeMap<String, Known<GroupView>>, CallError> {
        let mut found = BTreeMap::new();
        if names.is_empty() {
            return Ok(found);
        }
        let coordinators = self.coordinators(names.iter().map(|name| (*name).clone())).await?;
        for (group, error) in coordinators.unknown {
            found.insert(group, error.unknown());
        }
        // What its coordinator did not list may be of any type, so that "no such group" would prove nothing.
        let mut coordinated = coordinators.groups;
        for (node, failure) in unlisted {
            for group in coordinated.remove(node).unwrap_or_default() {
                found.insert(group, Known::Failed(failure.clone()));
            }
        }
        let guesses: Vec<(String, Listed)> = coordinated
            .into_iter()
            .flat_map(|(coordinator, groups)| {
                groups.into_iter().map(move |group| {
                    let guess = Listed {
                        kind: GroupType::Classic,
                        state: GroupState::Other("unknown".to_owned()),
                        protocol_type: String::new(),
                        coordinator,
                    };
                    (group, guess)
                })
            })
            .collect();
        let members_of: Vec<(&String, &Listed)> = guesses.iter().map(|(name, guess)| (name, guess)).collect();
        let mut described = self.describe_groups(&members_of).await?;
        let existing: Vec<(&String, i32)> = guesses
            .iter()
            .filter(|(name, _)| {
                look.commits.covers(name)
                    && described.get(name).is_some_and(|one| matches!(one.members, Known::Known(_)))
            })
            .map(|(name, guess)| (name, guess.coordinator))
            .collect();
        let mut commits = self.fetch_offsets(&existing, look.stable, &mut Names::default()).await?;
        for (name, guess) in &guesses {
            let one = described.remove(name).unwrap_or_else(|| Described::unseen(left_out()));
            let view = one.members.map(|members| GroupView {
                kind: guess.kind.clone(),
                state: one.state.unwrap_or_else(|| guess.state.clone()),
                protocol_type: one.protocol_type.unwrap_or_default(),
                coordinator: guess.coordinator,
                members: Known::Known(members),
                committed: commits.remove(name).unwrap_or(Known::NotAsked),
            });
            found.insert(name.clone(), view);
        }
        Ok(found)
    }
}

/// What may not be seen of a group, with the right that it takes.
fn naming_rights((name, seen): (String, Known<GroupView>)) -> (String, Known<GroupView>) {
    let group = Resource::group(&name);
    let seen = seen.map(|view| GroupView {
        members: taking(view.members, Operation::Describe, &group),
        committed: taking(view.committed, Operation::Describe, &group),
        ..view
    });
    (name, taking(seen, Operation::Describe, &group))
}

fn no_commits(kind: &GroupType) -> String {
    format!("a {kind} group has no committed offsets: its brokers track every record by itself")
}

/// A group that the broker was asked about and did not mention.
pub(super) fn left_out<T>() -> Known<T> {
    Known::Failed(Failure::without_reply("NO_ANSWER", "the broker left the group out of its answer"))
}

/// The state of an answer about one group. 69 says that there is no such group.
pub(super) fn about_group<T>(code: i16, message: &str, value: impl FnOnce() -> T) -> Known<T> {
    known(code, message, &[69], value)
}

/// Whether a code says that the coordinator is elsewhere, or not ready yet.
pub(super) fn is_passing(code: i16) -> bool {
    matches!(code, 14..=16)
}
