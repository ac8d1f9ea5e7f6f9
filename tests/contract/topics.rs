//! Topics come, are shown, and go.

use anyhow::{Context, Result};
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::{BrokerId, CreateTopicsRequest, DeleteTopicsRequest};

use crate::bed::{Bed, text, topic_name};
use crate::case::cases;

cases![Same:
    a_new_topic_is_made_and_shown,
    a_topic_that_exists_is_refused,
    the_broker_fills_in_what_is_left_to_it,
    more_replicas_than_brokers_are_refused,
    no_replicas_are_refused,
    no_partitions_are_refused,
    names_that_cannot_be_are_refused,
    names_that_collide_are_refused,
    validate_only_makes_nothing,
    assignments_are_checked,
    configs_are_checked,
    one_name_twice_in_a_request_is_refused,
    a_topic_is_deleted_and_made_again_with_another_id,
    deleting_what_is_not_there_is_refused,
];

/// A topic to create.
pub fn wanted(name: &str, partitions: i32, replication: i16) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(topic_name(name))
        .with_num_partitions(partitions)
        .with_replication_factor(replication)
}

fn config(key: &str, value: Option<&str>) -> CreatableTopicConfig {
    CreatableTopicConfig::default().with_name(text(key)).with_value(value.map(text))
}

/// Asks for topics and tells what was said of each.
fn create(bed: &Bed, topics: Vec<CreatableTopic>, validate_only: bool) -> Result<Vec<CreatableTopicResult>> {
    let request = CreateTopicsRequest::default()
        .with_topics(topics)
        .with_timeout_ms(30_000)
        .with_validate_only(validate_only);
    let mut results = bed.call(&request, 7)?.topics;
    results.sort_by(|a, b| a.name.cmp(&b.name));
    for result in &results {
        bed.said(&format!("create {}", &**result.name), result.error_code, result.error_message.as_ref());
    }
    Ok(results)
}

fn codes(results: &[CreatableTopicResult]) -> Vec<i16> {
    results.iter().map(|result| result.error_code).collect()
}

fn a_new_topic_is_made_and_shown(bed: &Bed) -> Result<()> {
    let name = bed.name("orders");
    let results = create(bed, vec![wanted(&name, 4, 3)], false)?;
    let made = results.first().context("an answer")?;
    bed.is("partitions and replication", (made.num_partitions, made.replication_factor), (4, 3))?;
    let shown = bed.topic_once(&name, |topic| topic.error_code == 0 && topic.partitions.len() == 4)?;
    bed.is("the id is the one that was answered", shown.topic_id == made.topic_id, true)?;
    bed.is("internal", shown.is_internal, false)?;
    for partition in &shown.partitions {
        bed.is("replicas", partition.replica_nodes.len(), 3)?;
        bed.is("in sync", partition.isr_nodes.len(), 3)?;
        bed.is(
            "the first replica leads",
            partition.replica_nodes.first() == Some(&partition.leader_id),
            true,
        )?;
        bed.is("leader epoch", partition.leader_epoch, 0)?;
    }
    Ok(())
}

fn a_topic_that_exists_is_refused(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    bed.is("codes", codes(&create(bed, vec![wanted(&name, 1, 1)], false)?), [36])?;
    bed.is("codes when only validated", codes(&create(bed, vec![wanted(&name, 1, 1)], true)?), [36])
}

fn the_broker_fills_in_what_is_left_to_it(bed: &Bed) -> Result<()> {
    let results = create(bed, vec![wanted(&bed.name("orders"), -1, -1)], false)?;
    let made = results.first().context("an answer")?;
    bed.is("partitions and replication", (made.num_partitions, made.replication_factor), (1, 3))
}

fn more_replicas_than_brokers_are_refused(bed: &Bed) -> Result<()> {
    bed.is("codes", codes(&create(bed, vec![wanted(&bed.name("orders"), 1, 5)], true)?), [38])
}

fn no_replicas_are_refused(bed: &Bed) -> Result<()> {
    let topics = vec![wanted(&bed.name("none"), 1, 0), wanted(&bed.name("two-less"), 1, -2)];
    bed.is("codes", codes(&create(bed, topics, false)?), [38, 38])
}

fn no_partitions_are_refused(bed: &Bed) -> Result<()> {
    let topics = vec![wanted(&bed.name("none"), 0, 1), wanted(&bed.name("two-less"), -2, 1)];
    bed.is("codes", codes(&create(bed, topics, false)?), [37, 37])
}

fn names_that_cannot_be_are_refused(bed: &Bed) -> Result<()> {
    for name in ["", ".", "..", "a b", "a/b", "a\u{e4}", &"x".repeat(250)] {
        bed.is(name, codes(&create(bed, vec![wanted(name, 1, 1)], true)?), [17])?;
    }
    let longest = format!("{}{}", bed.name("x"), "x".repeat(249 - bed.name("x").len()));
    bed.is("249 characters", codes(&create(bed, vec![wanted(&longest, 1, 1)], true)?), [0])
}

fn names_that_collide_are_refused(bed: &Bed) -> Result<()> {
    bed.topic("escrow.released", 1, 1, &[])?;
    let colliding = wanted(&bed.name("escrow_released"), 1, 1);
    bed.is("codes", codes(&create(bed, vec![colliding], true)?), [17])
}

fn validate_only_makes_nothing(bed: &Bed) -> Result<()> {
    let name = bed.name("orders");
    let results = create(bed, vec![wanted(&name, 2, 2)], true)?;
    bed.is("codes", codes(&results), [0])?;
    bed.is("answered partitions", results.first().map(|result| result.num_partitions), Some(2))?;
    // What was made would be refused the second time.
    bed.is("codes again", codes(&create(bed, vec![wanted(&name, 2, 2)], true)?), [0])
}

fn assignments_are_checked(bed: &Bed) -> Result<()> {
    let assigned = |name: &str, partitions: &[(i32, &[i32])]| {
        let assignments = partitions.iter().map(|(index, brokers)| {
            CreatableReplicaAssignment::default()
                .with_partition_index(*index)
                .with_broker_ids(brokers.iter().copied().map(BrokerId).collect())
        });
        wanted(&bed.name(name), -1, -1).with_assignments(assignments.collect())
    };
    for (name, partitions, code) in [
        ("good", &[(0, &[2, 1][..]), (1, &[3, 2])][..], 0),
        ("unknown", &[(0, &[1, 9])], 39),
        ("duplicate", &[(0, &[1, 1])], 39),
        ("uneven", &[(0, &[1, 2]), (1, &[3])], 39),
        ("gap", &[(0, &[1]), (2, &[1])], 39),
        ("empty", &[(0, &[])], 39),
    ] {
        bed.is(name, codes(&create(bed, vec![assigned(name, partitions)], false)?), [code])?;
    }
    let shown = bed.topic_once(&bed.name("good"), |topic| topic.partitions.len() == 2)?;
    let mut leaders: Vec<_> =
        shown.partitions.iter().map(|one| (one.partition_index, one.leader_id.0)).collect();
    leaders.sort_unstable();
    bed.is("leaders", leaders, [(0, 2), (1, 3)])?;
    let mut both = assigned("both", &[(0, &[1])]);
    both.num_partitions = 1;
    bed.is("numbers beside an assignment", codes(&create(bed, vec![both], true)?), [42])
}

fn configs_are_checked(bed: &Bed) -> Result<()> {
    for (key, value, code) in [
        ("retention.ms", Some("60000"), 0),
        ("retention.ms", Some("7 days"), 40),
        ("cleanup.policy", Some("shred"), 40),
        ("no.such.key", Some("1"), 40),
        ("segment.bytes", Some("1024"), 40),
        ("retention.ms", None, 40),
    ] {
        let topic = wanted(&bed.name("orders"), 1, 1).with_configs(vec![config(key, value)]);
        bed.is(&format!("{key} {value:?}"), codes(&create(bed, vec![topic], true)?), [code])?;
    }
    Ok(())
}

fn one_name_twice_in_a_request_is_refused(bed: &Bed) -> Result<()> {
    let name = bed.name("orders");
    let codes = codes(&create(bed, vec![wanted(&name, 1, 1), wanted(&name, 2, 1)], false)?);
    bed.is("codes", codes, [42])
}

/// Deletes topics by name and tells what was said of each.
fn delete(bed: &Bed, names: &[&str]) -> Result<Vec<i16>> {
    let named = |name: &&str| DeleteTopicState::default().with_name(Some(topic_name(name)));
    let request =
        DeleteTopicsRequest::default().with_topics(names.iter().map(named).collect()).with_timeout_ms(30_000);
    let results = bed.call(&request, 6)?.responses;
    for result in &results {
        let name = result.name.as_ref().map(|name| name.to_string()).unwrap_or_default();
        bed.said(&format!("delete {name}"), result.error_code, result.error_message.as_ref());
    }
    Ok(results.iter().map(|result| result.error_code).collect())
}

fn a_topic_is_deleted_and_made_again_with_another_id(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 3, 1, &[])?;
    let before = bed.topic_once(&name, |topic| topic.error_code == 0)?.topic_id;
    bed.is("delete", delete(bed, &[&name])?, [0])?;
    let made = create(bed, vec![wanted(&name, 2, 1)], false)?;
    let made = made.first().context("an answer")?;
    bed.is("create", made.error_code, 0)?;
    let after =
        bed.topic_once(&name, |topic| topic.topic_id == made.topic_id && topic.partitions.len() == 2)?;
    bed.holds("the id is another", after.topic_id != before)
}

fn deleting_what_is_not_there_is_refused(bed: &Bed) -> Result<()> {
    bed.is("delete", delete(bed, &[&bed.name("nothing")])?, [3])
}
