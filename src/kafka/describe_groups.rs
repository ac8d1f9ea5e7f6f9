//! Members of groups, asked for by the API of each group's type.

use super::backoff::Backoff;
use super::call_error::CallError;
use super::cluster::Cluster;
use super::groups::{Listed, about_group, is_passing};
use super::names::Names;
use super::route::{Retry, To};
use bytes::Bytes;
use futures::future::join_all;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, GroupId, consumer_group_describe_response,
    describe_groups_response,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{GroupState, GroupType, Member};
use klerk_wire::consumer_protocol::read_assignment;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Groups asked for in one request. More of them make an answer slower and no request fewer than needed.
const GROUPS_A_REQUEST: usize = 1000;

/// The members of a group, with the state that the group was in when they were read.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) state: Option<GroupState>,
    pub(super) protocol_type: Option<String>,
    pub(super) members: Known<Vec<Member>>,
}

impl Described {
    /// A group of which only the state of the question is known.
    pub(super) fn unseen(members: Known<Vec<Member>>) -> Self {
        Described { state: None, protocol_type: None, members }
    }
}

/// What one group's part of an answer says.
struct Item {
    group: String,
    code: i16,
    described: Described,
}

/// Groups that go into one request: they share coordinator and type.
struct Batch {
    coordinator: i32,
    kind: GroupType,
    groups: Vec<String>,
}

impl Cluster {
    /// The members of these groups, in one request for each coordinator and type.
    pub(super) async fn describe_groups(
        &self,
        groups: &[(&String, &Listed)],
    ) -> Result<BTreeMap<String, Described>, CallError> {
        let mut described = BTreeMap::new();
        let mut by_place: BTreeMap<(i32, GroupType), Vec<String>> = BTreeMap::new();
        for (name, group) in groups {
            match group.kind {
                GroupType::Classic | GroupType::Consumer => {
                    by_place.entry((group.coordinator, group.kind.clone())).or_default().push((*name).clone())
                }
                _ => {
                    let why = format!(
                        "members of {} groups are not described in this version of klerk",
                        group.kind
                    );
                    described.insert((*name).clone(), Described::unseen(Known::Unavailable(why)));
                }
            }
        }
        let give_up = self.request_deadline("DescribeGroups")?;
        let mut backoff = Backoff::new();
        let mut names = Names::default();
        while !by_place.is_empty() {
            let batches: Vec<Batch> = batches(std::mem::take(&mut by_place));
            let answers = join_all(batches.iter().map(|batch| self.describe(batch))).await;
            for (batch, answer) in batches.iter().zip(answers) {
                let mut again = Vec::new();
                let items = match answer {
                    Ok(answer) => answer.into_items(&mut names),
                    Err(error) if error.is_of_the_dead() && Instant::now() < give_up => {
                        batch.groups.iter().for_each(|group| self.forget_coordinator(group));
                        again.extend(batch.groups.iter().cloned());
                        Vec::new()
                    }
                    Err(error) => {
                        let unseen = |group: &String| (group.clone(), Described::unseen(error.unknown()));
                        described.extend(batch.groups.iter().map(unseen));
                        continue;
                    }
                };
                for item in items {
                    if is_passing(item.code) && Instant::now() < give_up {
                        self.forget_coordinator(&item.group);
                        again.push(item.group);
                    } else {
                        described.insert(item.group, item.described);
                    }
                }
                let found = self.coordinators(again).await?;
                let lost = found.unknown.into_iter();
                described.extend(lost.map(|(group, error)| (group, Described::unseen(error.unknown()))));
                for (coordinator, groups) in found.groups {
                    by_place.entry((coordinator, batch.kind.clone())).or_default().extend(groups);
                }
            }
            if !by_place.is_empty() {
                tokio::time::sleep(backoff.pause()).await;
            }
        }
        Ok(described)
    }

    async fn describe(&self, batch: &Batch) -> Result<DescribeAnswer, CallError> {
        let to = To::Broker(batch.coordinator);
        let ids = || batch.groups.iter().map(|group| GroupId(StrBytes::from_string(group.clone()))).collect();
        if batch.kind == GroupType::Consumer {
            let build = |_| ConsumerGroupDescribeRequest::default().with_group_ids(ids());
            Ok(DescribeAnswer::Consumer(self.call(to, Retry::Safe, build).await?.body.groups))
        } else {
            let build = |_| DescribeGroupsRequest::default().with_groups(ids());
            Ok(DescribeAnswer::Classic(self.call(to, Retry::Safe, build).await?.body.groups))
        }
    }
}

fn batches(by_place: BTreeMap<(i32, GroupType), Vec<String>>) -> Vec<Batch> {
    let mut batches = Vec::new();
    for ((coordinator, kind), groups) in by_place {
        batches.extend(groups.chunks(GROUPS_A_REQUEST).map(|groups| Batch {
            coordinator,
            kind: kind.clone(),
            groups: groups.to_vec(),
        }));
    }
    batches
}

/// An answer of either API.
enum DescribeAnswer {
    Classic(Vec<describe_groups_response::DescribedGroup>),
    Consumer(Vec<consumer_group_describe_response::DescribedGroup>),
}

impl DescribeAnswer {
    fn into_items(self, names: &mut Names) -> Vec<Item> {
        match self {
            DescribeAnswer::Classic(groups) => groups.iter().map(|group| classic(group, names)).collect(),
            DescribeAnswer::Consumer(groups) => groups.iter().map(|group| consumer(group, names)).collect(),
        }
    }
}

fn classic(group: &describe_groups_response::DescribedGroup, names: &mut Names) -> Item {
    let message = group.error_message.as_ref().map_or("", |text| text.as_str());
    let reads_partitions = group.protocol_type.as_str() == "consumer";
    let member = |member: &describe_groups_response::DescribedGroupMember, names: &mut Names| Member {
        id: member.member_id.to_string(),
        instance_id: member.group_instance_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        host: host(&member.client_host),
        assignment: if reads_partitions {
            assignment(member.member_assignment.clone(), names)
        } else {
            Vec::new()
        },
    };
    let members = about_group(group.error_code, message, || {
        group.members.iter().map(|one| member(one, names)).collect::<Vec<_>>()
    });
    let state = GroupState::from_kafka(&group.group_state);
    // Brokers before 4.0 describe a group that does not exist as dead, without an error.
    let members = if state == GroupState::Dead && group.error_code == 0 { Known::Absent } else { members };
    let protocol_type = Some(group.protocol_type.to_string());
    let described = Described { state: Some(state), protocol_type, members };
    Item { group: group.group_id.to_string(), code: group.error_code, described }
}

fn consumer(group: &consumer_group_describe_response::DescribedGroup, names: &mut Names) -> Item {
    let message = group.error_message.as_ref().map_or("", |text| text.as_str());
    let member = |member: &consumer_group_describe_response::Member, names: &mut Names| Member {
        id: member.member_id.to_string(),
        instance_id: member.instance_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        host: host(&member.client_host),
        assignment: member
            .assignment
            .topic_partitions
            .iter()
            .flat_map(|topic| {
                let name = names.share(&topic.topic_name);
                topic.partitions.iter().map(move |partition| TopicPartition::new(name.clone(), *partition))
            })
            .collect(),
    };
    let members = about_group(group.error_code, message, || {
        group.members.iter().map(|one| member(one, names)).collect::<Vec<_>>()
    });
    let state = Some(GroupState::from_kafka(&group.group_state));
    let described = Described { state, protocol_type: None, members };
    Item { group: group.group_id.to_string(), code: group.error_code, described }
}

/// The broker writes hosts as Java does: `/10.0.0.1` where the name was not looked up.
fn host(text: &StrBytes) -> String {
    text.trim_start_matches('/').to_owned()
}

/// What a member of a classic consumer group reads (ConsumerProtocolAssignment, v0–3). Bytes that are none, as from a
/// client with a protocol of its own, come to nothing.
fn assignment(bytes: Bytes, names: &mut Names) -> Vec<TopicPartition> {
    let mut partitions: Vec<TopicPartition> = read_assignment(bytes)
        .unwrap_or_default()
        .into_iter()
        .flat_map(|(topic, partitions)| {
            let name = names.share(&topic);
            partitions.into_iter().map(move |partition| TopicPartition::new(name.clone(), partition))
        })
        .collect();
    partitions.sort();
    partitions
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{BufMut, BytesMut};
    use kafka_protocol::messages::{ConsumerProtocolAssignment, TopicName, consumer_protocol_assignment};
    use kafka_protocol::protocol::Encodable;
    use proptest::prelude::*;

    fn encoded(version: i16, topics: &[(&str, &[i32])]) -> Bytes {
        let partition = |(topic, partitions): &(&str, &[i32])| {
            consumer_protocol_assignment::TopicPartition::default()
                .with_topic(TopicName(StrBytes::from_string((*topic).to_owned())))
                .with_partitions(partitions.to_vec())
        };
        let message = ConsumerProtocolAssignment::default()
            .with_assigned_partitions(topics.iter().map(partition).collect());
        let mut bytes = BytesMut::new();
        bytes.put_i16(version);
        message.encode(&mut bytes, version.min(3)).unwrap();
        bytes.freeze()
    }

    #[test]
    fn assignments_of_every_version_are_read_in_order() {
        let expected = [("a", 0), ("b", 1), ("b", 2)].map(|(topic, at)| TopicPartition::new(topic, at));
        for version in 0..=4 {
            let bytes = encoded(version, &[("b", &[2, 1]), ("a", &[0])]);
            assert_eq!(assignment(bytes, &mut Names::default()), expected, "version {version}");
        }
    }

    #[test]
    fn hosts_lose_javas_slash() {
        assert_eq!(host(&StrBytes::from_static_str("/10.0.0.1")), "10.0.0.1");
        assert_eq!(host(&StrBytes::from_static_str("worker-1")), "worker-1");
    }

    proptest! {
        #[test]
        fn foreign_bytes_are_no_assignment_and_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            assignment(Bytes::from(bytes), &mut Names::default());
        }
    }
}
