//! The list of all groups, and who may be missing from it. A group is kept by the leader of one partition of
//! `__consumer_offsets`, and a broker lists the groups of those that it leads: where one has no leader, or its leader has
//! not answered, nobody lists its groups. Who leads them is learned with who lives, so that it costs no request.

use super::call_error::CallError;
use super::cluster::Cluster;
use super::groups::Listed;
use super::route::{Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::ListGroupsRequest;
use klerk_core::values::Failure;
use klerk_core::world::PartitionView;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The topic that keeps groups and their commits.
pub(super) const KEEPER: &str = "__consumer_offsets";
/// How often groups are listed until the list is whole.
const LOOKS: usize = 3;
/// How long a broker gets to take over before groups are listed anew.
const PAUSE: Duration = Duration::from_millis(500);

/// What brokers list.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Groups by name.
    pub groups: BTreeMap<String, Listed>,
    /// The brokers whose groups could not be listed, and why.
    pub unlisted: BTreeMap<i32, Failure>,
    /// The brokers that did list theirs.
    answered: BTreeSet<i32>,
}

impl Cluster {
    /// Every visible group by name, and the brokers whose groups may not be among them. It is tried again before that is
    /// said.
    pub(super) async fn list_all_groups(&self) -> Result<Listing, CallError> {
        let mut listing = self.list_groups().await?;
        for look in 1.. {
            let missing = self.missing_keepers(&listing.answered);
            if missing.is_empty() || look == LOOKS {
                for (broker, failure) in missing {
                    listing.unlisted.entry(broker).or_insert(failure);
                }
                break;
            }
            tokio::time::sleep(PAUSE).await;
            // What is known already is worth more than that nobody answers any more.
            let _unknown = self.refresh().await;
            if let Ok(again) = self.list_groups().await {
                listing = again;
            }
        }
        Ok(listing)
    }

    /// Every visible group by name, and the live brokers that did not list theirs.
    pub(super) async fn list_groups(&self) -> Result<Listing, CallError> {
        let brokers = self.brokers();
        let calls = brokers.alive.keys().map(|node| async move {
            let call = self.call(To::Broker(*node), Retry::Safe, |_| ListGroupsRequest::default());
            (*node, call.await)
        });
        let mut listing = Listing::default();
        let mut last_error = None;
        for (node, answer) in join_all(calls).await {
            match answer {
                Ok(answer) => {
                    listing.answered.insert(node);
                    let groups = answer.body.groups.iter();
                    let groups = groups.map(|group| (group.group_id.to_string(), Listed::read(group, node)));
                    listing.groups.extend(groups);
                }
                Err(error) => {
                    listing.unlisted.insert(node, error.failure());
                    last_error = Some(error);
                }
            }
        }
        match last_error {
            Some(error) if listing.answered.is_empty() => Err(error),
            _ => Ok(listing),
        }
    }

    /// The brokers whose groups may be listed by none of those that answered, by what is known of who keeps groups.
    fn missing_keepers(&self, answered: &BTreeSet<i32>) -> BTreeMap<i32, Failure> {
        let brokers = self.brokers();
        missing(&brokers.keepers, &brokers.alive.keys().copied().collect(), answered)
    }
}

/// Whose groups may be missing: of partitions without a leader, and of leaders that have not answered.
fn missing(
    keepers: &[PartitionView],
    alive: &BTreeSet<i32>,
    answered: &BTreeSet<i32>,
) -> BTreeMap<i32, Failure> {
    let mut missing = BTreeMap::new();
    let mut leaderless: BTreeMap<i32, usize> = BTreeMap::new();
    for partition in keepers {
        match partition.leader {
            None => {
                // The broker that would lead it: one that is away, as it is for its want that there is no leader.
                let away = partition.replicas.iter().find(|id| !alive.contains(id));
                if let Some(id) = away.or(partition.replicas.first()) {
                    *leaderless.entry(*id).or_default() += 1;
                }
            }
            Some(leader) if !answered.contains(&leader) => {
                missing.entry(leader).or_insert_with(|| {
                    let why =
                        format!("it leads partitions of {KEEPER} by now and has not listed their groups");
                    Failure::without_reply("NOT_ASKED", why)
                });
            }
            Some(_) => {}
        }
    }
    for (id, count) in leaderless {
        let why = format!(
            "{count} of {} partitions of {KEEPER}, where groups are kept, have no leader: nobody lists their groups",
            keepers.len()
        );
        missing.insert(id, Failure::without_reply("NO_LEADER", why));
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(partition: i32, leader: Option<i32>, replicas: &[i32]) -> PartitionView {
        PartitionView {
            partition,
            leader,
            leader_epoch: None,
            replicas: replicas.to_vec(),
            isr: leader.into_iter().collect(),
            offline: Vec::new(),
        }
    }

    fn told(partitions: &[PartitionView], alive: &[i32], answered: &[i32]) -> Vec<String> {
        let missing =
            missing(partitions, &alive.iter().copied().collect(), &answered.iter().copied().collect());
        missing.iter().map(|(id, failure)| format!("{id} {}", failure.name)).collect()
    }

    #[test]
    fn who_keeps_groups_and_lists_none_is_named() {
        let whole = [partition(0, Some(1), &[1, 2]), partition(1, Some(2), &[2, 1])];
        assert_eq!(told(&whole, &[1, 2, 3], &[1, 2]), Vec::<String>::new());
        assert_eq!(told(&whole, &[1, 2, 3], &[1]), ["2 NOT_ASKED"]);
        let moved = [partition(0, Some(1), &[1, 2]), partition(1, Some(1), &[2, 1])];
        assert_eq!(told(&moved, &[1, 3], &[1, 3]), Vec::<String>::new(), "others lead what it kept");
        let lost = [partition(0, Some(1), &[1]), partition(1, None, &[2])];
        assert_eq!(told(&lost, &[1], &[1]), ["2 NO_LEADER"]);
        assert_eq!(told(&lost, &[1, 2], &[1, 2]), ["2 NO_LEADER"]);
    }
}
