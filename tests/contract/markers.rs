//! Transactions that hang are ended by whoever looks after the cluster (KIP-664).

use anyhow::{Context, Result};
use kafka_protocol::messages::WriteTxnMarkersRequest;
use kafka_protocol::messages::write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic};

use crate::bed::{Bed, code_name, topic_name};
use crate::case::cases;
use crate::fetch;
use crate::transactions::{Producer, ends_at};

cases![Same:
    a_transaction_that_hangs_is_ended_by_a_marker,
    markers_that_cannot_be_are_refused,
];

fn request(producer: &Producer, topic: &str, partition: i32, epoch: i16) -> WriteTxnMarkersRequest {
    let topic = WritableTxnMarkerTopic::default()
        .with_name(topic_name(topic))
        .with_partition_indexes(vec![partition]);
    let marker = WritableTxnMarker::default()
        .with_producer_id(producer.id.into())
        .with_producer_epoch(epoch)
        .with_coordinator_epoch(0)
        .with_transaction_result(false)
        .with_topics(vec![topic]);
    WriteTxnMarkersRequest::default().with_markers(vec![marker])
}

fn a_transaction_that_hangs_is_ended_by_a_marker(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let producer = Producer::new(bed, "payments")?;
    bed.is("add", producer.adds(bed, &topic, 0)?, 0)?;
    bed.is("send", producer.sends(bed, &topic, 0, 9)?, 0)?;
    ends_at(bed, &topic, 0, 2)?;
    let answer = bed.call_leader(&topic, 0, &request(&producer, &topic, 0, 0), 1)?;
    let marked = answer.markers.first().context("a marker")?;
    bed.is("same producer", marked.producer_id.0 == producer.id, true)?;
    bed.is("code", marked.topics[0].partitions[0].error_code, 0)?;
    ends_at(bed, &topic, 3, 3)?;
    let batches = fetch::batches(bed, &topic, 0)?;
    let last = batches.last().context("a batch")?.header();
    bed.is("it is a marker", (last.is_control(), last.producer_epoch), (true, 0))
}

fn markers_that_cannot_be_are_refused(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let copied = bed.topic("copied", 1, 3, &[])?;
    let producer = Producer::new(bed, "payments")?;
    bed.is("add", producer.adds(bed, &topic, 0)?, 0)?;
    bed.is("send", producer.sends(bed, &topic, 0, 9)?, 0)?;
    let leader_of = |topic: &str| {
        let shown = bed.topic_once(topic, |topic| topic.error_code == 0)?;
        anyhow::Ok(usize::try_from(shown.partitions[0].leader_id.0)?)
    };
    let (leader, leader_of_copied) = (leader_of(&topic)?, leader_of(&copied)?);
    let missing = bed.name("missing");
    for (what, broker, request) in [
        ("at a broker without a replica", leader % 3 + 1, request(&producer, &topic, 0, 0)),
        ("at a broker that follows", leader_of_copied % 3 + 1, request(&producer, &copied, 0, 0)),
        ("a topic that is not there", leader, request(&producer, &missing, 0, 0)),
        ("a partition that is not there", leader, request(&producer, &topic, 7, 0)),
    ] {
        let answer = bed.call_broker(broker, &request, 1)?;
        let code = answer.markers[0].topics[0].partitions[0].error_code;
        bed.tell(format!("{what}: {}", code_name(code)));
        bed.holds(&format!("{what} is refused"), code != 0)?;
    }
    bed.is("end", producer.ends(bed, true, 3)?.0, 0)?;
    ends_at(bed, &topic, 3, 3)?;
    // An end that has come leaves nothing to mark for an older producer.
    let late = request(&producer, &topic, 0, 0);
    let code = bed.call_leader(&topic, 0, &late, 1)?.markers[0].topics[0].partitions[0].error_code;
    bed.tell(format!("without a transaction: {}", code_name(code)));
    Ok(())
}
