//! What this principal may do with topics, groups and the cluster (KIP-430): the brokers tell, for whoever asks.

use super::call_error::{CallError, known};
use super::cluster::Cluster;
use super::route::{Retry, To};
use super::topics::ABSENT;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DescribeClusterRequest, DescribeGroupsRequest, GroupId, MetadataRequest,
    TopicName,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::access::Operation;
use klerk_core::plan::Rights;
use klerk_core::values::{Known, Resource, ResourceType};
use klerk_wire::older_describe_groups::OlderDescribeGroups;
use std::collections::BTreeSet;

/// What stands for "not told".
const NOT_TOLD: i32 = i32::MIN;
/// GROUP_ID_NOT_FOUND: how a group of the newer protocol answers to the older API.
const NOT_CLASSIC: i16 = 69;

impl Cluster {
    /// What this principal may do with each of these; others than topics, groups and the cluster are left out. One request for
    /// all topics, one for the cluster, and one for each coordinator of the groups.
    pub async fn rights(&self, on: &BTreeSet<Resource>) -> Rights {
        let of = |kind| on.iter().filter(move |resource| resource.kind == kind);
        let (topics, groups, cluster) = tokio::join!(
            self.rights_on_topics(of(ResourceType::Topic).map(|topic| topic.name.as_str()).collect()),
            self.rights_on_groups(of(ResourceType::Group).map(|group| group.name.clone()).collect()),
            async {
                match of(ResourceType::Cluster).next() {
                    Some(cluster) => vec![(cluster.clone(), self.rights_on_cluster().await)],
                    None => Vec::new(),
                }
            }
        );
        topics.into_iter().chain(groups).chain(cluster).collect()
    }

    /// What this principal may do with the cluster itself.
    pub async fn rights_on_cluster(&self) -> Known<BTreeSet<Operation>> {
        let build = |_| DescribeClusterRequest::default().with_include_cluster_authorized_operations(true);
        match self.call(To::Any, Retry::Safe, build).await {
            Ok(answer) => told(answer.body.cluster_authorized_operations),
            // Brokers let everybody ask; who does not, and so does not tell, has not said that anything is not allowed.
            Err(error) => match error.unknown() {
                Known::Denied(failure) => Known::Unavailable(failure.to_string()),
                unknown => unknown,
            },
        }
    }

    async fn rights_on_topics(&self, names: BTreeSet<&str>) -> Vec<(Resource, Known<BTreeSet<Operation>>)> {
        if names.is_empty() {
            return Vec::new();
        }
        let build = |version| {
            let topic = |name: &&str| {
                let name = TopicName(StrBytes::from_string((*name).to_owned()));
                MetadataRequestTopic::default().with_name(Some(name))
            };
            MetadataRequest::default()
                .with_topics(Some(names.iter().map(topic).collect()))
                .with_allow_auto_topic_creation(false)
                .with_include_topic_authorized_operations(version >= 8)
        };
        match self.call(To::Any, Retry::Safe, build).await {
            Ok(answer) => {
                let topics = answer.body.topics.iter().filter_map(|topic| {
                    let rights =
                        known(topic.error_code, "", &ABSENT, || told(topic.topic_authorized_operations));
                    Some((Resource::topic(topic.name.as_ref()?.to_string()), flat(rights)))
                });
                topics.collect()
            }
            Err(error) => names.iter().map(|name| (Resource::topic(*name), error.unknown())).collect(),
        }
    }

    async fn rights_on_groups(&self, names: Vec<String>) -> Vec<(Resource, Known<BTreeSet<Operation>>)> {
        let found = match self.coordinators(names.clone()).await {
            Ok(found) => found,
            Err(error) => return names.iter().map(|name| (Resource::group(name), error.unknown())).collect(),
        };
        let lost = found.unknown.iter().map(|(name, error)| (Resource::group(name), error.unknown()));
        let mut rights: Vec<_> = lost.collect();
        let asked = found.groups.iter().map(|(node, names)| self.rights_at(*node, names));
        rights.extend(futures::future::join_all(asked).await.into_iter().flatten());
        rights
    }

    /// The rights on groups of one coordinator, those that do not exist yet among them. Groups of the newer protocol are asked
    /// about by their own API where the older one does not tell.
    async fn rights_at(&self, node: i32, names: &[String]) -> Vec<(Resource, Known<BTreeSet<Operation>>)> {
        let ids = |names: &[&String]| {
            names.iter().map(|name| GroupId(StrBytes::from_string((*name).clone()))).collect::<Vec<_>>()
        };
        let all: Vec<&String> = names.iter().collect();
        let unknown = |names: &[&String], error: &CallError| -> Vec<_> {
            names.iter().map(|name| (Resource::group(name.as_str()), error.unknown())).collect()
        };
        let build = |version| {
            let request = DescribeGroupsRequest::default().with_groups(ids(&all));
            OlderDescribeGroups(request.with_include_authorized_operations(version >= 3))
        };
        let answer = match self.call(To::Broker(node), Retry::Safe, build).await {
            Ok(answer) => answer.body.groups,
            Err(error) => return unknown(&all, &error),
        };
        let (newer, classic): (Vec<_>, Vec<_>) =
            answer.iter().partition(|group| group.error_code == NOT_CLASSIC);
        let mut rights: Vec<_> = classic
            .iter()
            .map(|group| {
                let told = known(group.error_code, "", &[], || told(group.authorized_operations));
                (Resource::group(group.group_id.to_string()), flat(told))
            })
            .collect();
        let newer: Vec<String> = newer.iter().map(|group| group.group_id.to_string()).collect();
        let newer: Vec<&String> = newer.iter().collect();
        if newer.is_empty() {
            return rights;
        }
        let build = |_| {
            let request = ConsumerGroupDescribeRequest::default().with_group_ids(ids(&newer));
            request.with_include_authorized_operations(true)
        };
        match self.call(To::Broker(node), Retry::Safe, build).await {
            Ok(answer) => rights.extend(answer.body.groups.iter().map(|group| {
                let told = known(group.error_code, "", &[NOT_CLASSIC], || told(group.authorized_operations));
                (Resource::group(group.group_id.to_string()), flat(told))
            })),
            Err(error) => rights.extend(unknown(&newer, &error)),
        }
        rights
    }
}

fn flat<T>(known: Known<Known<T>>) -> Known<T> {
    match known {
        Known::Known(inner) => inner,
        Known::Absent => Known::Absent,
        Known::Denied(why) => Known::Denied(why),
        Known::Unavailable(why) => Known::Unavailable(why),
        Known::Failed(why) => Known::Failed(why),
        Known::NotAsked => Known::NotAsked,
    }
}

/// The operations of a field of bits, each at the place of its number.
fn told(bits: i32) -> Known<BTreeSet<Operation>> {
    if bits == NOT_TOLD {
        return Known::Unavailable("the broker does not tell what this principal may do".to_owned());
    }
    Known::Known((2..31_i8).filter(|code| bits & (1 << code) != 0).map(Operation::from_code).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::tests::fake::{FakeBroker, brokers, connect};
    use kafka_protocol::messages::DescribeClusterResponse;
    use kafka_protocol::messages::metadata_response::MetadataResponseTopic;

    #[test]
    fn each_bit_is_an_operation() {
        let all = told(0b1101_1111_1000).known().cloned().expect("told");
        assert!(all.contains(&Operation::Read) && all.contains(&Operation::AlterConfigs));
        assert!(!all.contains(&Operation::ClusterAction));
        assert_eq!(told(0), Known::Known(BTreeSet::new()));
        assert!(matches!(told(NOT_TOLD), Known::Unavailable(_)));
    }

    #[tokio::test]
    async fn topics_and_cluster_are_asked_once_each() {
        let broker = FakeBroker::start(|seen| {
            if seen.is::<DescribeClusterRequest>() {
                let answer = DescribeClusterResponse::default().with_cluster_authorized_operations(1 << 8);
                return Some(seen.answer(&answer));
            }
            if !seen.is::<MetadataRequest>() {
                return None;
            }
            let asked = seen.read::<MetadataRequest>();
            let mut answer = brokers(&[(1, &crate::kafka::Address::new("127.0.0.1", 1))]);
            let topic = |asked: &MetadataRequestTopic| {
                let denied = asked.name.as_ref().is_some_and(|name| name.as_str() == "secret");
                MetadataResponseTopic::default()
                    .with_name(asked.name.clone())
                    .with_error_code(if denied { 29 } else { 0 })
                    .with_topic_authorized_operations(1 << 3 | 1 << 8)
            };
            answer.topics = asked.topics.iter().flatten().map(topic).collect();
            Some(seen.answer(&answer))
        })
        .await;
        let cluster = connect(&[&broker.address]).await.expect("connects");
        let itself = Resource { kind: ResourceType::Cluster, name: "fake".to_owned() };
        let on = BTreeSet::from([Resource::topic("orders"), Resource::topic("secret"), itself.clone()]);
        let rights = cluster.rights(&on).await;
        let read = BTreeSet::from([Operation::Read, Operation::Describe]);
        assert_eq!(rights[&Resource::topic("orders")], Known::Known(read));
        assert!(matches!(rights[&Resource::topic("secret")], Known::Denied(_)));
        assert_eq!(rights[&itself], Known::Known(BTreeSet::from([Operation::Describe])));
        assert_eq!((broker.requests(3), broker.requests(60)), (2, 1), "one beyond the greeting");
    }
}
