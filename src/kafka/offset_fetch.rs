//! Committed offsets: those of all groups of a coordinator in one request.

use super::backoff::Backoff;
use super::call_error::{CallError, known};
use super::cluster::Cluster;
use super::groups::{Commits, about_group, is_passing, left_out};
use super::names::Names;
use super::route::{Answer, Retry, To};
use futures::future::join_all;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::{GroupId, OffsetFetchRequest, OffsetFetchResponse};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::Committed;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::time::Instant;

/// Groups asked for in one request; more are no faster.
const GROUPS_A_REQUEST: usize = 1000;
/// The first version that takes several groups (KIP-709).
const MANY_GROUPS: i16 = 8;
/// The first version that can refuse unstable offsets (KIP-447).
const STABLE: i16 = 7;

/// Groups whose offsets go into one request.
struct Batch {
    coordinator: i32,
    groups: Vec<String>,
}

impl Cluster {
    /// The commits of groups, each with its coordinator. With `stable`, a partition whose offset an open transaction
    /// is about to change is unreadable with code 88.
    pub(super) async fn fetch_offsets(
        &self,
        groups: &[(&String, i32)],
        stable: bool,
        names: &mut Names,
    ) -> Result<BTreeMap<String, Known<Commits>>, CallError> {
        let mut by_coordinator: BTreeMap<i32, Vec<String>> = BTreeMap::new();
        for (name, coordinator) in groups {
            by_coordinator.entry(*coordinator).or_default().push((*name).clone());
        }
        let mut fetched = BTreeMap::new();
        let give_up = self.request_deadline("OffsetFetch")?;
        let mut backoff = Backoff::new();
        while !by_coordinator.is_empty() {
            let batches = batches(std::mem::take(&mut by_coordinator));
            let answers = join_all(batches.iter().map(|batch| self.fetch_batch(batch, stable))).await;
            let mut again = Vec::new();
            for (batch, answer) in batches.iter().zip(answers) {
                let mut left: BTreeSet<&str> = batch.groups.iter().map(String::as_str).collect();
                match answer {
                    Ok(answers) => {
                        for (group, code, commits) in answers.iter().flat_map(|answer| items(answer, names)) {
                            left.remove(group.as_str());
                            if is_passing(code) && Instant::now() < give_up {
                                self.forget_coordinator(&group);
                                again.push(group);
                            } else {
                                fetched.insert(group, commits);
                            }
                        }
                        fetched.extend(left.into_iter().map(|name| (name.to_owned(), left_out())));
                    }
                    Err(error) if error.is_of_the_dead() && Instant::now() < give_up => {
                        batch.groups.iter().for_each(|group| self.forget_coordinator(group));
                        again.extend(batch.groups.iter().cloned());
                    }
                    Err(error) => {
                        fetched.extend(left.into_iter().map(|name| (name.to_owned(), error.unknown())))
                    }
                }
            }
            if !again.is_empty() {
                tokio::time::sleep(backoff.pause()).await;
                let coordinators = self.coordinators(again).await?;
                by_coordinator = coordinators.groups;
                let lost = coordinators.unknown.into_iter();
                fetched.extend(lost.map(|(group, error)| (group, error.unknown())));
            }
        }
        Ok(fetched)
    }

    /// All groups of a batch in one request, or one by one from a broker before 3.0.
    async fn fetch_batch(
        &self,
        batch: &Batch,
        stable: bool,
    ) -> Result<Vec<(Option<String>, Answer<OffsetFetchResponse>)>, CallError> {
        let id = |group: &String| GroupId(StrBytes::from_string(group.clone()));
        let to = To::Broker(batch.coordinator);
        let mut answers = Vec::new();
        for first in &batch.groups {
            let answer = self
                .call(to, Retry::Safe, |version| {
                    let request = OffsetFetchRequest::default();
                    let request =
                        if version >= STABLE { request.with_require_stable(stable) } else { request };
                    if version < MANY_GROUPS {
                        return request.with_group_id(id(first)).with_topics(None);
                    }
                    let all = |group: &String| {
                        OffsetFetchRequestGroup::default().with_group_id(id(group)).with_topics(None)
                    };
                    request.with_groups(batch.groups.iter().map(all).collect())
                })
                .await?;
            if answer.version >= MANY_GROUPS {
                return Ok(vec![(None, answer)]);
            }
            answers.push((Some(first.clone()), answer));
        }
        Ok(answers)
    }
}

fn batches(by_coordinator: BTreeMap<i32, Vec<String>>) -> Vec<Batch> {
    let mut batches = Vec::new();
    for (coordinator, groups) in by_coordinator {
        batches.extend(
            groups.chunks(GROUPS_A_REQUEST).map(|groups| Batch { coordinator, groups: groups.to_vec() }),
        );
    }
    batches
}

/// Each group of an answer with its code and its commits.
fn items(
    (asked, answer): &(Option<String>, Answer<OffsetFetchResponse>),
    names: &mut Names,
) -> Vec<(String, i16, Known<Commits>)> {
    if let Some(group) = asked {
        let mut commits = Commits::new();
        for topic in &answer.body.topics {
            let name = names.share(&topic.name);
            commits.extend(topic.partitions.iter().filter_map(|one| {
                let commit = (one.committed_offset, one.committed_leader_epoch, one.metadata.as_ref());
                partition(&name, one.partition_index, commit, one.error_code)
            }));
        }
        return vec![(group.clone(), 0, Known::Known(commits))];
    }
    let mut found = Vec::with_capacity(answer.body.groups.len());
    for group in &answer.body.groups {
        let mut commits = Commits::new();
        for topic in &group.topics {
            let name = names.share(&topic.name);
            commits.extend(topic.partitions.iter().filter_map(|one| {
                let commit = (one.committed_offset, one.committed_leader_epoch, one.metadata.as_ref());
                partition(&name, one.partition_index, commit, one.error_code)
            }));
        }
        let commits = about_group(group.error_code, "", || commits);
        found.push((group.group_id.to_string(), group.error_code, commits));
    }
    found
}

/// One partition with its offset, leader epoch and metadata; `None` where the broker says that there is no commit
/// (offset −1).
fn partition(
    topic: &Arc<str>,
    partition: i32,
    (offset, epoch, metadata): (i64, i32, Option<&StrBytes>),
    code: i16,
) -> Option<(TopicPartition, Known<Committed>)> {
    if code == 0 && offset < 0 {
        return None;
    }
    let commit = known(code, "", &[], || Committed {
        offset,
        leader_epoch: (epoch >= 0).then_some(epoch),
        metadata: metadata.map(ToString::to_string).unwrap_or_default(),
    });
    Some((TopicPartition::new(Arc::clone(topic), partition), commit))
}
