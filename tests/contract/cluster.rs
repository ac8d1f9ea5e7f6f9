//! Who the brokers are, where the partitions are page by page, and which resources have configs.

use anyhow::{Context, Result};
use kafka_protocol::messages::describe_topic_partitions_request::{Cursor, TopicRequest};
use kafka_protocol::messages::{
    DescribeClusterRequest, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    ListConfigResourcesRequest,
};

use crate::bed::{Bed, code_name, topic_name};
use crate::case::cases;
use crate::configs::{BROKER, CLIENT_METRICS, GROUP, TOPIC};

cases![Same:
    the_brokers_are_told,
    only_brokers_are_told_by_brokers,
    partitions_are_told_page_by_page,
    pages_that_cannot_be_are_refused,
    resources_with_configs_are_listed,
];

fn the_brokers_are_told(bed: &Bed) -> Result<()> {
    for (version, operations) in [(0, false), (1, true), (2, false)] {
        let request =
            DescribeClusterRequest::default().with_include_cluster_authorized_operations(operations);
        let answer = bed.call_broker(2, &request, version)?;
        bed.said("describe", answer.error_code, answer.error_message.as_ref());
        bed.is("code and kind of endpoint", (answer.error_code, answer.endpoint_type), (0, 1))?;
        bed.tell(format!(
            "{}: controller {}, operations {}",
            &*answer.cluster_id,
            (1..=3).contains(&answer.controller_id.0),
            answer.cluster_authorized_operations
        ));
        let mut brokers = answer.brokers;
        brokers.sort_by_key(|broker| broker.broker_id);
        bed.is("brokers", brokers.len(), 3)?;
        for broker in brokers {
            bed.tell(format!(
                "{}: {}:{} in {:?}, fenced {}",
                broker.broker_id.0,
                &*broker.host,
                broker.port,
                broker.rack.as_deref(),
                broker.is_fenced
            ));
        }
    }
    Ok(())
}

fn only_brokers_are_told_by_brokers(bed: &Bed) -> Result<()> {
    for (kind, code) in [(2, 114), (7, 115)] {
        let answer = bed.call(&DescribeClusterRequest::default().with_endpoint_type(kind), 1)?;
        bed.said(&format!("endpoints of kind {kind}"), answer.error_code, answer.error_message.as_ref());
        bed.is("code", answer.error_code, code)?;
    }
    Ok(())
}

fn asked(topics: &[&str], limit: i32, cursor: Option<(&str, i32)>) -> DescribeTopicPartitionsRequest {
    let named = |name: &&str| TopicRequest::default().with_name(topic_name(name));
    let cursor = cursor.map(|(topic, partition)| {
        Cursor::default().with_topic_name(topic_name(topic)).with_partition_index(partition)
    });
    DescribeTopicPartitionsRequest::default()
        .with_topics(topics.iter().map(named).collect())
        .with_response_partition_limit(limit)
        .with_cursor(cursor)
}

fn told(bed: &Bed, what: &str, answer: &DescribeTopicPartitionsResponse) {
    let next = answer.next_cursor.as_ref().map(|next| (next.topic_name.to_string(), next.partition_index));
    bed.tell(format!("{what}: next {next:?}"));
    for topic in &answer.topics {
        let name = topic.name.as_ref().map(|name| name.to_string());
        bed.tell(format!(
            "{name:?}: {}, id {}, internal {}, operations {}",
            code_name(topic.error_code),
            !topic.topic_id.is_nil(),
            topic.is_internal,
            topic.topic_authorized_operations
        ));
        for partition in &topic.partitions {
            bed.tell(format!(
                "{}: {}, led by its first replica {}, epoch {}, {} replicas, {} in sync, {:?}, {:?}, {:?}",
                partition.partition_index,
                code_name(partition.error_code),
                partition.replica_nodes.first() == Some(&partition.leader_id),
                partition.leader_epoch,
                partition.replica_nodes.len(),
                partition.isr_nodes.len(),
                partition.eligible_leader_replicas,
                partition.last_known_elr,
                partition.offline_replicas
            ));
        }
    }
}

fn partitions_are_told_page_by_page(bed: &Bed) -> Result<()> {
    let (one, two) = (bed.topic("a", 3, 3, &[])?, bed.topic("b", 2, 1, &[])?);
    for id in 1..=3 {
        // Every broker shows a topic in its own time.
        let all = asked(&[&one, &two], 100, None);
        let whole = bed.until("both are shown", || {
            let answer = bed.call_broker(id, &all, 0)?;
            Ok(answer.topics.iter().all(|topic| topic.error_code == 0).then_some(answer))
        })?;
        told(bed, "all", &whole);
    }
    let mut cursor = None;
    let mut pages = Vec::new();
    loop {
        let from = cursor.as_ref().map(|(topic, partition): &(String, i32)| (topic.as_str(), *partition));
        let answer = bed.call(&asked(&[&two, &one], 2, from), 0)?;
        told(bed, "a page", &answer);
        pages.push(answer.topics.iter().map(|topic| topic.partitions.len()).sum::<usize>());
        let Some(next) = answer.next_cursor else { break };
        cursor = Some((next.topic_name.to_string(), next.partition_index));
    }
    bed.is("pages", pages, [2, 2, 1])
}

fn pages_that_cannot_be_are_refused(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 2, 1, &[])?;
    let missing = bed.name("missing");
    for (what, request) in [
        ("a topic that is not there", asked(&[&missing], 10, None)),
        ("a page of nothing", asked(&[&topic], 0, None)),
        ("a partition behind the last", asked(&[&topic], 10, Some((&topic, 9)))),
        ("a topic that is not asked for", asked(&[&topic], 10, Some((&missing, 0)))),
        ("a partition before the first", asked(&[&topic], 10, Some((&topic, -2)))),
    ] {
        match bed.call(&request, 0) {
            Ok(answer) => told(bed, what, &answer),
            Err(_) => bed.tell(format!("{what}: no answer")),
        }
    }
    let answer = bed.call(&asked(&[&missing], 10, None), 0)?;
    bed.is("code", answer.topics.first().map(|topic| topic.error_code), Some(3))
}

fn resources_with_configs_are_listed(bed: &Bed) -> Result<()> {
    const LOGGERS: i8 = 8;
    let topic = bed.topic("orders", 1, 1, &[])?;
    let list = |kinds: &[i8], version| {
        bed.call(&ListConfigResourcesRequest::default().with_resource_types(kinds.to_vec()), version)
    };
    for kind in [TOPIC, BROKER, LOGGERS, GROUP, CLIENT_METRICS] {
        let mut found: Vec<(i8, String)> = list(&[kind], 1)?
            .config_resources
            .iter()
            .map(|one| (one.resource_type, one.resource_name.to_string()))
            .filter(|(kind, name)| *kind != TOPIC || *name == topic)
            .collect();
        found.sort();
        bed.tell(format!("{kind}: {found:?}"));
    }
    let everything = list(&[], 1)?;
    bed.is("code", everything.error_code, 0)?;
    let mine = everything.config_resources.iter().find(|one| *one.resource_name == *topic);
    bed.is("the topic is there", mine.context("the topic")?.resource_type, TOPIC)?;
    bed.is("in version 0", (list(&[], 0)?.error_code, list(&[], 0)?.config_resources.len()), (0, 0))?;
    for kinds in [&[1][..], &[TOPIC, 99], &[-1]] {
        bed.is(&format!("{kinds:?}"), list(kinds, 1)?.error_code, 35)?;
    }
    Ok(())
}
