//! Transactions: their producers, what readers see of them, and how they end.

use anyhow::{Context, Result, bail};
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, DescribeProducersRequest, DescribeTransactionsRequest,
    EndTxnRequest, FindCoordinatorRequest, GroupId, InitProducerIdRequest, InitProducerIdResponse,
    ListOffsetsRequest, ListTransactionsRequest, OffsetFetchRequest, TransactionalId, TxnOffsetCommitRequest,
};
use kafka_protocol::protocol::Request;
use klerk_sandbox::state::log::Header;

use crate::bed::{Bed, code_name, text, topic_name};
use crate::case::cases;
use crate::fetch;
use crate::produce::{batch, header, request as produce};

cases![Same:
    a_transaction_commits_and_another_aborts,
    readers_of_what_is_committed_stop_before_an_open_transaction,
    a_producer_that_starts_again_fences_the_one_before,
    a_transaction_wants_to_know_its_partitions_first,
    offsets_count_when_their_transaction_commits,
    transactions_are_listed_and_described,
    what_no_producer_may_ask_is_refused,
];

fn id(name: &str) -> TransactionalId {
    TransactionalId(text(name))
}

/// Asks the coordinator of a transactional id, which may still be on its way.
fn call<R: Request>(bed: &Bed, name: &str, request: &R, version: i16) -> Result<R::Response> {
    let found = bed.until("there is a coordinator", || {
        let asked =
            FindCoordinatorRequest::default().with_key_type(1).with_coordinator_keys(vec![text(name)]);
        let answer = bed.call(&asked, 4)?;
        Ok(answer.coordinators.into_iter().next().filter(|found| found.error_code == 0))
    })?;
    bed.call_broker(usize::try_from(found.node_id.0)?, request, version)
}

/// Starts a producer; what a new coordinator says at first is borne.
fn started(bed: &Bed, name: &str) -> Result<InitProducerIdResponse> {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(id(name)))
        .with_transaction_timeout_ms(60_000)
        .with_producer_id((-1).into())
        .with_producer_epoch(-1);
    bed.until("the producer has its id", || match call(bed, name, &request, 4)? {
        answer if matches!(answer.error_code, 14..=16) => Ok(None),
        answer => Ok(Some(answer)),
    })
}

/// A producer that is in a transaction with one partition.
pub struct Producer {
    pub name: String,
    pub id: i64,
    pub epoch: i16,
}

impl Producer {
    pub fn new(bed: &Bed, what: &str) -> Result<Producer> {
        let name = bed.name(what);
        let given = started(bed, &name)?;
        bed.is("code and epoch", (given.error_code, given.producer_epoch), (0, 0))?;
        Ok(Producer { name, id: given.producer_id.0, epoch: 0 })
    }

    pub fn adds(&self, bed: &Bed, topic: &str, index: i32) -> Result<i16> {
        let topics = vec![
            AddPartitionsToTxnTopic::default().with_name(topic_name(topic)).with_partitions(vec![index]),
        ];
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(id(&self.name))
            .with_v3_and_below_producer_id(self.id.into())
            .with_v3_and_below_producer_epoch(self.epoch)
            .with_v3_and_below_topics(topics);
        // The one before may still be ending.
        bed.until("the partition is added", || {
            let answer = call(bed, &self.name, &request, 3)?;
            let code = answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code;
            Ok((code != 51).then_some(code))
        })
    }

    pub fn sends(&self, bed: &Bed, topic: &str, sequence: i32, version: i16) -> Result<i16> {
        let header = Header {
            attributes: Header::attributes(0, false, true, false),
            producer_id: self.id,
            producer_epoch: self.epoch,
            base_sequence: sequence,
            ..header(2)
        };
        let request = produce(topic, 0, Some(batch(&header, 2)?)).with_transactional_id(Some(id(&self.name)));
        // The transaction before may still be ending, where the broker adds the partition by itself.
        bed.until("the batch is taken or refused", || {
            let answer = bed.call_leader(topic, 0, &request, version)?;
            let code = answer.responses[0].partition_responses[0].error_code;
            Ok((code != 51).then_some(code))
        })
    }

    pub fn ends(&self, bed: &Bed, commit: bool, version: i16) -> Result<(i16, i16)> {
        let request = EndTxnRequest::default()
            .with_transactional_id(id(&self.name))
            .with_producer_id(self.id.into())
            .with_producer_epoch(self.epoch)
            .with_committed(commit);
        bed.until("the transaction ends", || {
            let answer = call(bed, &self.name, &request, version)?;
            Ok((answer.error_code != 51).then_some((answer.error_code, answer.producer_epoch)))
        })
    }
}

fn end_of(bed: &Bed, topic: &str, isolation: i8) -> Result<i64> {
    let asked = ListOffsetsPartition::default().with_timestamp(-1).with_current_leader_epoch(-1);
    let asked = ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(vec![asked]);
    let request = ListOffsetsRequest::default().with_replica_id((-1).into()).with_isolation_level(isolation);
    let answer = bed.call_leader(topic, 0, &request.with_topics(vec![asked]), 7)?;
    Ok(answer.topics[0].partitions[0].offset)
}

/// Waits until what is committed ends at `stable`, and the log at `end`.
pub fn ends_at(bed: &Bed, topic: &str, stable: i64, end: i64) -> Result<()> {
    bed.until(&format!("{topic} is stable to {stable} and ends at {end}"), || {
        Ok(((end_of(bed, topic, 1)?, end_of(bed, topic, 0)?) == (stable, end)).then_some(()))
    })?;
    bed.is("stable and end", (stable, end), (stable, end))
}

fn a_transaction_commits_and_another_aborts(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let producer = Producer::new(bed, "payments")?;
    for (sequence, commit) in [(0, true), (2, false), (4, true)] {
        bed.is("add", producer.adds(bed, &topic, 0)?, 0)?;
        bed.is("send", producer.sends(bed, &topic, sequence, 9)?, 0)?;
        bed.is("end", producer.ends(bed, commit, 3)?.0, 0)?;
        bed.is("end again", producer.ends(bed, commit, 3)?.0, 0)?;
        bed.is("end otherwise", producer.ends(bed, !commit, 3)?.0, 48)?;
    }
    ends_at(bed, &topic, 9, 9)?;
    for batch in fetch::batches(bed, &topic, 0)? {
        let header = batch.header();
        bed.tell(format!(
            "{} to {}: transactional {}, control {}, sequence {}, epoch {}",
            header.base_offset,
            header.last_offset(),
            header.is_transactional(),
            header.is_control(),
            header.base_sequence,
            header.producer_epoch
        ));
        if header.is_control() {
            let marker = klerk_sandbox::state::log::records(&batch)?;
            bed.tell(format!("{:?} {:?}", marker[0].key, marker[0].value.as_ref().map(|value| value.len())));
        }
    }
    for from in [0, 3, 5, 6] {
        let asked =
            fetch::request(&topic, vec![fetch::wanted(0, from, 1 << 20)], 1 << 20).with_isolation_level(1);
        let answer = bed.call_leader(&topic, 0, &asked, 11)?;
        let aborted = answer.responses[0].partitions[0].aborted_transactions.clone().context("a list")?;
        let aborted: Vec<(bool, i64)> =
            aborted.iter().map(|one| (one.producer_id.0 == producer.id, one.first_offset)).collect();
        bed.tell(format!("aborted from {from}: {aborted:?}"));
    }
    Ok(())
}

fn readers_of_what_is_committed_stop_before_an_open_transaction(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let producer = Producer::new(bed, "payments")?;
    bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header(2), 2)?)), 9)?;
    bed.is("add", producer.adds(bed, &topic, 0)?, 0)?;
    bed.is("send", producer.sends(bed, &topic, 0, 9)?, 0)?;
    bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header(2), 2)?)), 9)?;
    ends_at(bed, &topic, 2, 6)?;
    for (isolation, from) in [(0, 0), (1, 0), (1, 2), (1, 4)] {
        let asked = fetch::request(&topic, vec![fetch::wanted(0, from, 1 << 20)], 1 << 20);
        let answer = bed.call_leader(&topic, 0, &asked.with_isolation_level(isolation), 11)?;
        fetch::told(bed, &format!("from {from}, isolation {isolation}"), &answer.responses[0].partitions[0])?;
    }
    bed.is("end", producer.ends(bed, false, 3)?.0, 0)?;
    ends_at(bed, &topic, 7, 7)
}

fn a_producer_that_starts_again_fences_the_one_before(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let old = Producer::new(bed, "payments")?;
    bed.is("add", old.adds(bed, &topic, 0)?, 0)?;
    bed.is("send", old.sends(bed, &topic, 0, 9)?, 0)?;
    bed.is("the first answer to the new one", started(bed, &old.name)?.error_code, 51)?;
    let given = bed.until("the new one has its id", || {
        Ok(Some(started(bed, &old.name)?).filter(|given| given.error_code == 0))
    })?;
    bed.is("the same id, with an epoch", (given.producer_id.0 == old.id, given.producer_epoch), (true, 2))?;
    bed.tell(format!("old send: {}", code_name(old.sends(bed, &topic, 2, 9)?)));
    bed.tell(format!("old add: {}", code_name(old.adds(bed, &topic, 0)?)));
    bed.tell(format!("old end: {}", code_name(old.ends(bed, true, 3)?.0)));
    bed.tell(format!("old end in version 1: {}", code_name(old.ends(bed, true, 1)?.0)));
    ends_at(bed, &topic, 3, 3)?;
    let new = Producer { epoch: 2, name: old.name.clone(), id: old.id };
    bed.is("add", new.adds(bed, &topic, 0)?, 0)?;
    bed.is("send", new.sends(bed, &topic, 0, 9)?, 0)?;
    bed.is("end", new.ends(bed, true, 3)?.0, 0)?;
    let stranger = Producer { id: old.id + 1_000_000, epoch: 0, name: old.name };
    bed.tell(format!("a stranger adds: {}", code_name(stranger.adds(bed, &topic, 0)?)));
    bed.tell(format!("a stranger ends: {}", code_name(stranger.ends(bed, true, 3)?.0)));
    ends_at(bed, &topic, 6, 6)
}

fn a_transaction_wants_to_know_its_partitions_first(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let producer = Producer::new(bed, "payments")?;
    for version in [9, 10, 11] {
        bed.tell(format!("version {version}: {}", code_name(producer.sends(bed, &topic, 0, version)?)));
    }
    let nobody = Producer { name: bed.name("nobody"), id: producer.id, epoch: 0 };
    bed.tell(format!("an unknown id: {}", code_name(nobody.sends(bed, &topic, 0, 9)?)));
    bed.tell(format!("an unknown topic: {}", code_name(producer.adds(bed, &bed.name("missing"), 0)?)));
    bed.tell(format!("an end without a beginning: {}", code_name(producer.ends(bed, true, 3)?.0)));
    bed.tell(format!("an abort without a beginning: {}", code_name(producer.ends(bed, false, 3)?.0)));
    bed.is("version 12 adds by itself", producer.sends(bed, &topic, 0, 12)?, 0)?;
    let (code, epoch) = producer.ends(bed, true, 5)?;
    bed.is("version 5 ends with a new epoch", (code, epoch), (0, 1))?;
    let (code, epoch) = producer.ends(bed, true, 5)?;
    bed.is("and again", (code, epoch), (0, 1))?;
    ends_at(bed, &topic, 3, 3)?;
    let markers = fetch::batches(bed, &topic, 0)?;
    bed.is("epoch of the marker", markers.last().context("a marker")?.header().producer_epoch, 1)?;
    let next = Producer { epoch: 1, ..producer };
    bed.is("the next begins its sequence anew", next.sends(bed, &topic, 0, 12)?, 0)?;
    bed.is("and aborts", next.ends(bed, false, 5)?, (0, 2))
}

fn committed(bed: &Bed, group: &str, stable: bool) -> Result<Vec<(i64, i16)>> {
    let asked = OffsetFetchRequestGroup::default().with_group_id(GroupId(text(group))).with_topics(None);
    let request = OffsetFetchRequest::default().with_groups(vec![asked]).with_require_stable(stable);
    let answer = bed.call_coordinator(group, &request, 8)?;
    let partitions = answer.groups[0].topics.iter().flat_map(|topic| &topic.partitions);
    Ok(partitions.map(|partition| (partition.committed_offset, partition.error_code)).collect())
}

fn offsets_count_when_their_transaction_commits(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 1, &[])?, bed.name("readers"));
    let producer = Producer::new(bed, "payments")?;
    let commit = |offset: i64, version: i16| {
        let partition = TxnOffsetCommitRequestPartition::default().with_committed_offset(offset);
        let topic = TxnOffsetCommitRequestTopic::default().with_name(topic_name(&topic));
        let request = TxnOffsetCommitRequest::default()
            .with_transactional_id(id(&producer.name))
            .with_group_id(GroupId(text(&group)))
            .with_producer_id(producer.id.into())
            .with_producer_epoch(producer.epoch)
            .with_generation_id(-1)
            .with_topics(vec![topic.with_partitions(vec![partition])]);
        let answer = bed.call_coordinator(&group, &request, version)?;
        anyhow::Ok(answer.topics[0].partitions[0].error_code)
    };
    bed.tell(format!("before the group is added: {}", code_name(commit(3, 3)?)));
    let request = AddOffsetsToTxnRequest::default()
        .with_transactional_id(id(&producer.name))
        .with_producer_id(producer.id.into())
        .with_producer_epoch(producer.epoch)
        .with_group_id(GroupId(text(&group)));
    for (offset, valid) in [(5, true), (9, false)] {
        bed.until("the group is added", || {
            let code = call(bed, &producer.name, &request, 3)?.error_code;
            if code != 0 && code != 51 {
                bail!("adding the group: {}", code_name(code));
            }
            Ok((code == 0).then_some(()))
        })?;
        bed.is("commit", commit(offset, 3)?, 0)?;
        bed.tell(format!(
            "open: {:?}, stable {:?}",
            committed(bed, &group, false)?,
            committed(bed, &group, true)?
        ));
        bed.is("end", producer.ends(bed, valid, 3)?.0, 0)?;
        let settled = bed.until("the offsets are settled", || {
            Ok(Some(committed(bed, &group, true)?).filter(|found| found == &[(5, 0)]))
        })?;
        bed.is("afterwards", settled, vec![(5, 0)])?;
    }
    Ok(())
}

fn transactions_are_listed_and_described(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 2, 1, &[])?;
    let producer = Producer::new(bed, "payments")?;
    let told = |when: &str| {
        let request = DescribeTransactionsRequest::default().with_transactional_ids(vec![id(&producer.name)]);
        let answer = bed.until("no end is under way", || {
            let answer = call(bed, &producer.name, &request, 0)?.transaction_states.remove(0);
            Ok(Some(answer).filter(|answer| !answer.transaction_state.starts_with("Prepare")))
        })?;
        let sorted =
            |partitions: &[i32]| partitions.iter().copied().collect::<std::collections::BTreeSet<_>>();
        let topics: Vec<_> =
            answer.topics.iter().map(|topic| (topic.topic.to_string(), sorted(&topic.partitions))).collect();
        bed.tell(format!(
            "{when}: {}, {}, timeout {}, since {}, same id {}, epoch {}, {topics:?}",
            code_name(answer.error_code),
            &*answer.transaction_state,
            answer.transaction_timeout_ms,
            answer.transaction_start_time_ms > 0,
            answer.producer_id.0 == producer.id,
            answer.producer_epoch
        ));
        anyhow::Ok(())
    };
    let listed = |what: &str, request: &ListTransactionsRequest, version: i16| {
        let answer = call(bed, &producer.name, request, version)?;
        let mine = answer.transaction_states.iter().filter(|one| *one.transactional_id == *producer.name);
        let mine: Vec<&str> = mine.map(|one| &*one.transaction_state).collect();
        let unknown = &answer.unknown_state_filters;
        bed.tell(format!("{what}: {}, {mine:?}, unknown {unknown:?}", code_name(answer.error_code)));
        anyhow::Ok(())
    };
    told("at first")?;
    bed.is("add", producer.adds(bed, &topic, 1)?, 0)?;
    bed.is("add", producer.adds(bed, &topic, 0)?, 0)?;
    bed.is("send", producer.sends(bed, &topic, 0, 9)?, 0)?;
    told("while it is open")?;
    let all = ListTransactionsRequest::default().with_duration_filter(-1).with_transactional_id_pattern(None);
    listed("all", &all, 0)?;
    listed("open ones", &all.clone().with_state_filters(vec![text("Ongoing")]), 0)?;
    let odd = vec![text("CompleteCommit"), text("Sleeping")];
    listed("others", &all.clone().with_state_filters(odd), 0)?;
    listed("of this producer", &all.clone().with_producer_id_filters(vec![producer.id.into()]), 0)?;
    listed("long ones", &all.clone().with_duration_filter(3_600_000), 1)?;
    listed("at least a moment old", &all.clone().with_duration_filter(0), 1)?;
    let like = |pattern: &str| all.clone().with_transactional_id_pattern(Some(text(pattern)));
    listed("by the end of its name", &like(".*payments"), 2)?;
    listed("by a part of its name", &like("payments"), 2)?;
    listed("by what is no pattern", &like("["), 2)?;
    let asked = TopicRequest::default().with_name(topic_name(&topic)).with_partition_indexes(vec![0, 7]);
    let request = DescribeProducersRequest::default().with_topics(vec![asked]);
    for partition in &bed.call_leader(&topic, 0, &request, 0)?.topics[0].partitions {
        let words = partition.error_message.as_ref().map(ToString::to_string);
        bed.tell(format!(
            "producers of {}: {} {words:?}",
            partition.partition_index,
            code_name(partition.error_code)
        ));
        for one in &partition.active_producers {
            bed.tell(format!(
                "same id {}, epoch {}, sequence {}, coordinator {}, since {}, at {}",
                one.producer_id.0 == producer.id,
                one.producer_epoch,
                one.last_sequence,
                one.coordinator_epoch,
                one.current_txn_start_offset,
                one.last_timestamp
            ));
        }
    }
    bed.is("end", producer.ends(bed, true, 3)?.0, 0)?;
    told("afterwards")?;
    let request =
        DescribeTransactionsRequest::default().with_transactional_ids(vec![id(&bed.name("nobody"))]);
    let answer = call(bed, &bed.name("nobody"), &request, 0)?;
    bed.is("an unknown one", answer.transaction_states[0].error_code, 105)
}

fn what_no_producer_may_ask_is_refused(bed: &Bed) -> Result<()> {
    let producer = Producer::new(bed, "payments")?;
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(id(&producer.name)))
        .with_transaction_timeout_ms(60_000)
        .with_producer_id((-1).into())
        .with_producer_epoch(-1);
    let of =
        |given: i64, epoch: i16| request.clone().with_producer_id(given.into()).with_producer_epoch(epoch);
    for (what, request, version) in [
        ("too long a time", request.clone().with_transaction_timeout_ms(900_001), 4),
        ("no time", request.clone().with_transaction_timeout_ms(0), 4),
        ("another producer", of(producer.id + 1_000_000, 0), 4),
        ("an epoch to come", of(producer.id, 7), 4),
        ("an epoch to come, in version 3", of(producer.id, 7), 3),
        ("the present epoch", of(producer.id, 0), 4),
        ("an id without an epoch", of(producer.id, -1), 4),
    ] {
        let answer = call(bed, &producer.name, &request, version)?;
        bed.tell(format!("{what}: {}, epoch {}", code_name(answer.error_code), answer.producer_epoch));
    }
    let nameless = request.with_transactional_id(Some(id("")));
    bed.is("an empty name", bed.call(&nameless, 4)?.error_code, 42)
}
