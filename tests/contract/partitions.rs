//! Topics grow.

use anyhow::{Context, Result};
use kafka_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use kafka_protocol::messages::{BrokerId, CreatePartitionsRequest};

use crate::bed::{Bed, topic_name};
use crate::case::cases;

cases![Same:
    partitions_are_added_and_shown,
    a_topic_never_shrinks,
    partitions_of_what_is_not_there_are_refused,
    assignments_of_new_partitions_are_checked,
    growing_one_topic_twice_at_once_is_refused,
];

fn wanted(name: &str, count: i32, assignments: Option<&[&[i32]]>) -> CreatePartitionsTopic {
    let assignment = |brokers: &&[i32]| {
        CreatePartitionsAssignment::default().with_broker_ids(brokers.iter().copied().map(BrokerId).collect())
    };
    CreatePartitionsTopic::default()
        .with_name(topic_name(name))
        .with_count(count)
        .with_assignments(assignments.map(|assignments| assignments.iter().map(assignment).collect()))
}

/// Asks for partitions and tells what was said.
fn grow(bed: &Bed, topics: Vec<CreatePartitionsTopic>, validate_only: bool) -> Result<i16> {
    let request = CreatePartitionsRequest::default()
        .with_topics(topics)
        .with_timeout_ms(30_000)
        .with_validate_only(validate_only);
    let results = bed.call(&request, 3)?.results;
    for result in &results {
        bed.said(&format!("grow {}", &**result.name), result.error_code, result.error_message.as_ref());
    }
    Ok(results.first().context("an answer")?.error_code)
}

fn partitions_are_added_and_shown(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 2, 2, &[])?;
    bed.is("validated", grow(bed, vec![wanted(&name, 5, None)], true)?, 0)?;
    bed.is("grown", grow(bed, vec![wanted(&name, 4, Some(&[&[3, 1], &[2, 1]]))], false)?, 0)?;
    let shown = bed.topic_once(&name, |topic| topic.partitions.len() == 4)?;
    let mut leaders: Vec<_> =
        shown.partitions.iter().map(|one| (one.partition_index, one.leader_id.0)).collect();
    leaders.sort_unstable();
    bed.is("leaders of the new ones", leaders.split_off(2), [(2, 3), (3, 2)])
}

fn a_topic_never_shrinks(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 2, 1, &[])?;
    for count in [2, 1, 0, -1] {
        bed.is("code", grow(bed, vec![wanted(&name, count, None)], false)?, 37)?;
    }
    Ok(())
}

fn partitions_of_what_is_not_there_are_refused(bed: &Bed) -> Result<()> {
    bed.is("code", grow(bed, vec![wanted(&bed.name("nothing"), 3, None)], false)?, 3)
}

fn assignments_of_new_partitions_are_checked(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 2, 2, &[])?;
    let bad: [(i32, &[&[i32]]); 7] = [
        (4, &[&[1, 2]]),
        (3, &[&[1, 2], &[2, 3]]),
        (3, &[&[1]]),
        (3, &[&[1, 9]]),
        (3, &[&[1, 1]]),
        (3, &[&[]]),
        (3, &[]),
    ];
    for (count, assignments) in bad {
        bed.is("code", grow(bed, vec![wanted(&name, count, Some(assignments))], true)?, 39)?;
    }
    Ok(())
}

fn growing_one_topic_twice_at_once_is_refused(bed: &Bed) -> Result<()> {
    let name = bed.topic("orders", 1, 1, &[])?;
    bed.is("code", grow(bed, vec![wanted(&name, 2, None), wanted(&name, 3, None)], false)?, 42)
}
