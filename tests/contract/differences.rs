//! What the brokers of the sandbox do differently on purpose. Its crate documentation has a line for each of these.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_quorum_request;
use kafka_protocol::messages::update_features_request::FeatureUpdateKey;
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    CreateAclsRequest, DescribeConfigsRequest, DescribeQuorumRequest, FindCoordinatorRequest,
    MetadataRequest, SaslAuthenticateRequest, SaslHandshakeRequest, UnregisterBrokerRequest,
    UpdateFeaturesRequest,
};
use kafka_protocol::protocol::Request;
use klerk_sandbox::state::log::Header;
use klerk_testbed::Record;

use crate::access;
use crate::bed::{Bed, code_name, text, topic_name};
use crate::case::cases;
use crate::configs::{BROKER, CLIENT_METRICS, GROUP, SET, TOPIC, alter};
use crate::fetch;
use crate::groups::group_id;
use crate::members;
use crate::produce::{TIME, batch, header, request as produce};
use crate::replicas;
use crate::schema_differences;
use crate::servers::On;

cases![
    Different:
        the_cluster_id_says_that_it_is_simulated,
        groups_and_client_metrics_have_no_configs,
        a_broker_may_have_any_number_of_threads,
        fetches_begin_no_sessions,
        quotas_are_kept_and_not_enforced,
        features_are_not_changed,
        groups_subscribe_to_topics_by_name_only,
        groups_do_not_change_their_protocol;
    Alone:
        acls_are_kept_and_not_enforced,
        throttles_slow_no_moves,
        a_broker_is_not_unregistered,
        the_quorum_has_one_voter,
        a_new_cluster_has_its_coordinators_at_once,
        a_first_member_waits_for_nobody,
        logs_keep_house_when_they_are_asked_to,
        compaction_heeds_no_ratio,
        producers_are_never_forgotten,
        offsets_never_expire,
        commits_are_no_records,
        idle_connections_stay_open,
        nobody_logs_in,
];

/// Whether the sandbox's documentation lists these cases and those of its registry, and no others.
pub fn documented() -> Result<()> {
    for (place, documentation, cases) in [
        ("lib.rs", include_str!("../../crates/sandbox/src/lib.rs"), CASES),
        (
            "registry/mod.rs",
            include_str!("../../crates/sandbox/src/registry/mod.rs"),
            schema_differences::CASES,
        ),
    ] {
        let (_, list) = documentation.split_once("//! # What it does differently\n").unwrap_or_default();
        let listed: Vec<&str> = list
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .filter_map(|line| line.strip_prefix("//! - `")?.split_once('`').map(|(name, _)| name))
            .collect();
        let cases: Vec<&str> = cases.iter().filter_map(|case| case.name.rsplit("::").next()).collect();
        ensure!(listed == cases, "crates/sandbox/src/{place} lists {listed:?}, and the cases are {cases:?}");
    }
    Ok(())
}

fn in_sandbox(bed: &Bed) -> bool {
    bed.on() == On::Sandbox
}

fn the_cluster_id_says_that_it_is_simulated(bed: &Bed) -> Result<()> {
    let id = bed.client().metadata(Some(&[]))?.cluster_id.map(|id| id.to_string()).unwrap_or_default();
    bed.is("length", id.len(), 22)?;
    bed.is("the id begins with sandbox", id.starts_with("sandbox-"), in_sandbox(bed))
}

fn groups_and_client_metrics_have_no_configs(bed: &Bed) -> Result<()> {
    for (kind, key) in [(GROUP, "consumer.session.timeout.ms"), (CLIENT_METRICS, "interval.ms")] {
        let code = alter(bed, kind, &bed.name("any"), &[(key, SET, Some("50000"))], true)?;
        bed.is("code", code, if in_sandbox(bed) { 42 } else { 0 })?;
    }
    Ok(())
}

fn a_broker_may_have_any_number_of_threads(bed: &Bed) -> Result<()> {
    // Kafka takes no more than twice as many as there are.
    let code = alter(bed, BROKER, "", &[("num.io.threads", SET, Some("1000"))], true)?;
    bed.is("code", code, if in_sandbox(bed) { 0 } else { 42 })
}

fn fetches_begin_no_sessions(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let asked = fetch::request(&topic, vec![fetch::wanted(0, 0, 1000)], 1000).with_session_epoch(0);
    let answer = bed.call_leader(&topic, 0, &asked, 11)?;
    bed.is("code", answer.error_code, 0)?;
    bed.is("there is no session", answer.session_id == 0, in_sandbox(bed))
}

fn quotas_are_kept_and_not_enforced(bed: &Bed) -> Result<()> {
    let (topic, client) = (bed.topic("orders", 1, 1, &[])?, bed.name("client"));
    let entity = [("client-id", Some(client.as_str()))];
    bed.is("set", access::alter(bed, &entity, &[("producer_byte_rate", Some(1.0))], false)?, 0)?;
    let leader = bed.topic_once(&topic, |topic| topic.error_code == 0)?.partitions[0].leader_id.0;
    let send = || {
        let mut at = bed.connect(usize::try_from(leader)?)?.named(&client);
        anyhow::Ok(at.call(&produce(&topic, 0, Some(batch(&header(9), 9)?)), 9)?.throttle_time_ms)
    };
    let throttled = if in_sandbox(bed) {
        send()?.max(send()?) > 0
    } else {
        // The quota reaches a broker some time after it is set.
        bed.until("the client is throttled", || Ok((send()? > 0).then_some(true)))?
    };
    bed.is("throttled", throttled, !in_sandbox(bed))?;
    bed.is("removed", access::alter(bed, &entity, &[("producer_byte_rate", None)], false)?, 0)
}

fn features_are_not_changed(bed: &Bed) -> Result<()> {
    let update = FeatureUpdateKey::default()
        .with_feature(text("transaction.version"))
        .with_max_version_level(1)
        .with_upgrade_type(2);
    let request = UpdateFeaturesRequest::default().with_feature_updates(vec![update]);
    let answer = bed.call(&request.with_timeout_ms(30_000).with_validate_only(true), 1)?;
    bed.said("update", answer.error_code, answer.error_message.as_ref());
    bed.is("code", answer.error_code, if in_sandbox(bed) { 96 } else { 0 })
}

fn joining(group: &str, member: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group_id(group))
        .with_member_id(text(member))
        .with_member_epoch(0)
        .with_rebalance_timeout_ms(30_000)
        .with_topic_partitions(Some(Vec::new()))
}

fn beat(bed: &Bed, request: &ConsumerGroupHeartbeatRequest) -> Result<ConsumerGroupHeartbeatResponse> {
    let answer = members::coordinator(bed, &request.group_id)?.call(request, 1)?;
    bed.said("beat", answer.error_code, answer.error_message.as_ref());
    Ok(answer)
}

/// The id of a member of a KIP-848 group, which its client makes up.
const MEMBER: &str = "a-member-of-the-contract";

fn groups_subscribe_to_topics_by_name_only(bed: &Bed) -> Result<()> {
    let by_pattern =
        joining(&bed.name("readers"), MEMBER).with_subscribed_topic_regex(Some(text("c.*-none")));
    bed.is("code", beat(bed, &by_pattern)?.error_code, if in_sandbox(bed) { 128 } else { 0 })
}

/// ConsumerProtocolAssignment in version 0, of nothing.
const NO_PARTITIONS: &str = "\0\0\0\0\0\0\0\0\0\0";

fn groups_do_not_change_their_protocol(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let (new, old) = (bed.name("new"), bed.name("old"));
    let subscribed =
        |group: &str| joining(group, MEMBER).with_subscribed_topic_names(Some(vec![topic_name(&topic)]));
    bed.is("a KIP-848 group", beat(bed, &subscribed(&new))?.error_code, 0)?;
    let mut at = members::coordinator(bed, &new)?;
    let answer = at.call(&members::join(&new, "", &topic), 9)?;
    bed.is("a classic member joins it", answer.error_code, if in_sandbox(bed) { 23 } else { 79 })?;
    let mut at = members::coordinator(bed, &old)?;
    let joined = members::enter(&mut at, &old, &topic)?;
    at.call(&members::sync(&old, &joined, &[(&joined.member_id, NO_PARTITIONS)]), 5)?;
    let code = beat(bed, &subscribed(&old))?.error_code;
    bed.tell(format!("a KIP-848 member joins a classic group: {}", code_name(code)));
    bed.is("it is refused", code == 69, in_sandbox(bed))
}

// These servers have no authorizer, as their clients have no principals.
fn acls_are_kept_and_not_enforced(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    bed.sandbox()?.with(|state| state.acls.authorizer = true);
    let denial = AclCreation::default()
        .with_resource_type(2)
        .with_resource_name(text(&topic))
        .with_resource_pattern_type(3)
        .with_principal(text("User:*"))
        .with_host(text("*"))
        .with_operation(2)
        .with_permission_type(2);
    let created = bed.call(&CreateAclsRequest::default().with_creations(vec![denial]), 3)?.results;
    bed.is("kept", created.first().map(|result| result.error_code), Some(0))?;
    let answer = bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header(2), 2)?)), 9)?;
    bed.is("written by whom it denies", answer.responses[0].partition_responses[0].error_code, 0)
}

// A throttle of the brokers would slow the moves of all cases on Kafka.
fn throttles_slow_no_moves(bed: &Bed) -> Result<()> {
    let topic = replicas::placed(bed, "orders", &[1])?;
    for key in ["leader.replication.throttled.rate", "follower.replication.throttled.rate"] {
        bed.is("rate", alter(bed, BROKER, "", &[(key, SET, Some("1"))], false)?, 0)?;
    }
    for key in ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"] {
        bed.is("replicas", alter(bed, TOPIC, &topic, &[(key, SET, Some("*"))], false)?, 0)?;
    }
    bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header(9), 9)?)), 9)?;
    bed.is("move", replicas::reassign(bed, &topic, 0, Some(&[2]), 0)?, 0)?;
    replicas::moved(bed, &topic, &[2])
}

// Kafka would forget a broker that all cases share.
fn a_broker_is_not_unregistered(bed: &Bed) -> Result<()> {
    let answer = bed.call(&UnregisterBrokerRequest::default().with_broker_id(BrokerId(3)), 0)?;
    bed.said("unregister", answer.error_code, answer.error_message.as_ref());
    bed.is("code", answer.error_code, 42)
}

// The cluster of Kafka is no longer new when the cases begin.
fn a_new_cluster_has_its_coordinators_at_once(bed: &Bed) -> Result<()> {
    for kind in [0, 1] {
        let request = FindCoordinatorRequest::default()
            .with_key_type(kind)
            .with_coordinator_keys(vec![text(&bed.name("first"))]);
        bed.is("code", bed.call(&request, 4)?.coordinators[0].error_code, 0)?;
    }
    Ok(())
}

// The brokers of Kafka are told here not to wait, as their default would hold up every case that joins.
fn a_first_member_waits_for_nobody(bed: &Bed) -> Result<()> {
    let group = bed.name("readers");
    let key = "group.initial.rebalance.delay.ms";
    let asked = DescribeConfigsResource::default()
        .with_resource_type(BROKER)
        .with_resource_name(text("1"))
        .with_configuration_keys(Some(vec![text(key)]));
    let described = bed.call_broker(1, &DescribeConfigsRequest::default().with_resources(vec![asked]), 4)?;
    bed.tell(format!("{key}: {:?}", described.results[0].configs.first().map(|config| &config.value)));
    let mut shortest = Duration::MAX;
    // A busy machine may hold up one of them, and a delay that is set holds up all.
    for number in 0..4 {
        let group = format!("{group}-{number}");
        let mut at = members::coordinator(bed, &group)?;
        let begun = Instant::now();
        let joined = members::alone(&mut at, &group, "orders")?;
        bed.is("generation", joined.generation_id, 1)?;
        shortest = shortest.min(begun.elapsed());
    }
    bed.holds("one is let in sooner than after three seconds", shortest < Duration::from_secs(3))
}

// Kafka looks at its logs every few minutes, on the clock of the machine.
fn logs_keep_house_when_they_are_asked_to(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[("retention.ms", "1000"), ("segment.ms", "1000")])?;
    for _ in 0..2 {
        bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header(2), 2)?)), 9)?;
    }
    bed.sandbox()?.with(|state| state.clock.advance(Duration::from_secs(86_400)));
    bed.is("first offset after a day", bed.client().log_start(&topic, 0)?, 0)?;
    let gone = bed.sandbox()?.with(|state| state.run_retention());
    bed.holds("segments go when it is asked for", gone > 0)?;
    bed.holds("the log begins later", bed.client().log_start(&topic, 0)? > 0)
}

// The cleaner of Kafka has its own time, and what it leaves is not to be waited for.
fn compaction_heeds_no_ratio(bed: &Bed) -> Result<()> {
    let configs =
        [("cleanup.policy", "compact"), ("segment.ms", "1000"), ("min.cleanable.dirty.ratio", "1.0")];
    let topic = bed.topic("orders", 1, 1, &configs)?;
    let minute = |minute: i64, key| Record::new(TIME + minute * 60_000, Some(key), "v");
    let clean = |records: &[Record]| {
        // One at a time, so that each begins a segment.
        for record in records {
            bed.client().produce(&topic, 0, std::slice::from_ref(record))?;
        }
        anyhow::Ok(bed.sandbox()?.with(|state| state.run_compaction()))
    };
    bed.is("gone at first", clean(&[minute(0, "a"), minute(1, "b"), minute(2, "b"), minute(3, "c")])?, 1)?;
    bed.is("gone when half is clean", clean(&[minute(4, "c"), minute(5, "d")])?, 1)
}

// The cluster of the contract has one controller too, where those in use have three or five.
fn the_quorum_has_one_voter(bed: &Bed) -> Result<()> {
    let partition = describe_quorum_request::PartitionData::default();
    let metadata = describe_quorum_request::TopicData::default()
        .with_topic_name(topic_name("__cluster_metadata"))
        .with_partitions(vec![partition]);
    let answer = bed.call(&DescribeQuorumRequest::default().with_topics(vec![metadata]), 2)?;
    let told = &answer.topics[0].partitions[0];
    bed.is("voters", told.current_voters.len(), 1)?;
    bed.is("observers", told.observers.len(), 2)
}

// Kafka forgets a producer a day after its last batch.
fn producers_are_never_forgotten(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let send = |sequence: i32| {
        let header = Header { producer_id: 7, producer_epoch: 0, base_sequence: sequence, ..header(1) };
        let answer = bed.call_leader(&topic, 0, &produce(&topic, 0, Some(batch(&header, 1)?)), 9)?;
        anyhow::Ok(answer.responses[0].partition_responses[0].error_code)
    };
    bed.is("the first", send(0)?, 0)?;
    bed.sandbox()?.with(|state| state.clock.advance(Duration::from_secs(30 * 86_400)));
    bed.is("one that leaves some out, a month later", send(5)?, 45)
}

// Kafka forgets them a week after the group was left (`offsets.retention.minutes`).
fn offsets_never_expire(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 1, &[])?, bed.name("readers"));
    bed.client().commit_offsets(&group, &[(&topic, 0, 5)])?;
    bed.sandbox()?.with(|state| {
        state.clock.advance(Duration::from_secs(30 * 86_400));
        state.run_retention()
    });
    bed.is("a month later", bed.client().committed(&group)?.get(&(topic, 0)).copied(), Some(5))
}

// What Kafka writes there depends on what all groups do.
fn commits_are_no_records(bed: &Bed) -> Result<()> {
    let (topic, group) = (bed.topic("orders", 1, 1, &[])?, bed.name("readers"));
    bed.client().commit_offsets(&group, &[(&topic, 0, 5)])?;
    let offsets = "__consumer_offsets";
    let partitions = bed.client().topics()?.get(offsets).copied().unwrap_or_default();
    bed.is("partitions", partitions, 50)?;
    for partition in 0..i32::try_from(partitions)? {
        let end = bed.client().log_end(offsets, partition)?;
        ensure!(end == 0, "{offsets}-{partition} ends at {end}");
    }
    bed.holds("all of them are empty", true)
}

// Kafka closes a connection after ten minutes without a request (`connections.max.idle.ms`).
fn idle_connections_stay_open(bed: &Bed) -> Result<()> {
    let mut connection = bed.connect(1)?;
    let request = MetadataRequest::default().with_topics(Some(Vec::new()));
    bed.is("brokers", connection.call(&request, 12)?.brokers.len(), 3)?;
    bed.sandbox()?.with(|state| state.clock.advance(Duration::from_secs(86_400)));
    bed.is("brokers a day later", connection.call(&request, 12)?.brokers.len(), 3)
}

// The brokers of the contract have plain listeners too, where Kafka answers that a handshake is out of place.
fn nobody_logs_in(bed: &Bed) -> Result<()> {
    let offered = bed.call(&ApiVersionsRequest::default(), 0)?.api_keys;
    let login = [SaslHandshakeRequest::KEY, SaslAuthenticateRequest::KEY];
    bed.is("is a login offered", offered.iter().any(|api| login.contains(&api.api_key)), false)?;
    let handshake = SaslHandshakeRequest::default().with_mechanism(text("PLAIN"));
    bed.is("a handshake closes the connection", bed.connect(1)?.call(&handshake, 1).is_err(), true)?;
    // The beginning of a TLS handshake: the record's kind, its version, and a length.
    let hello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc];
    bed.is("so does TLS", bed.connect(1)?.send_bytes(&hello).is_err(), true)
}
