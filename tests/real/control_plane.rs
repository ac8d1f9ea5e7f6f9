//! The control-plane client: what it sees and changes on real brokers, beside what the test bed's own client sees.

use crate::scene::{IN_GOOD_TIME, until};
use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::alter_client_quotas_request::{EntityData, EntryData, OpData};
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::{AlterClientQuotasRequest, DescribeClientQuotasRequest, ListGroupsRequest};
use kafka_protocol::protocol::StrBytes;
use klerk::kafka::batch::{Outcome, Unwatched};
use klerk::kafka::{
    At, Cluster, ConfigChange, ConnectOptions, Isolation, Mode, MorePartitions, NewTopic, Retry, To,
};
use klerk_core::values::{Known, TopicPartition};
use klerk_core::world::{ConfigType, LogRange, Selection, Wanted, followed_times};
use klerk_testbed::{Client, Cluster as Bed, ClusterOptions, Record, shared, unique_name};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

async fn connect(bed: &Bed) -> Result<Cluster> {
    Ok(Cluster::connect(ConnectOptions::new([bed.bootstrap()])).await?)
}

fn named(names: &[&str]) -> Selection {
    Selection::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn new_topic(name: &str) -> NewTopic {
    NewTopic { name: name.to_owned(), partitions: Some(2), replication: Some(3), configs: BTreeMap::new() }
}

/// The error code and the broker's words of an outcome that is a refusal.
fn refusal<T>(outcome: &Outcome<T>) -> Option<(i32, &str)> {
    match outcome {
        Outcome::Refused(failure) => Some((failure.code?, &failure.message)),
        Outcome::Accepted(_) | Outcome::NoReply(_) | Outcome::NotSent(_) => None,
    }
}

/// Looks until `found` finds what it wants, for reads lag writes.
async fn see<T>(
    cluster: &Cluster,
    wanted: &Wanted,
    found: impl Fn(&klerk_core::world::ClusterView) -> Option<T>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        let view = cluster.look(wanted).await?;
        if let Some(found) = found(&view) {
            return Ok(found);
        }
        ensure!(started.elapsed() < Duration::from_secs(30), "not seen: {view:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_sees_brokers_topics_configs_and_logs() -> Result<()> {
    let bed = &shared()?.cluster;
    let (name, absent) = (unique_name("look"), unique_name("look-absent"));
    let client = bed.client();
    client.create_topic(&name, 3, 3, &[("retention.ms", "86400000"), ("max.message.bytes", "2000")])?;
    client.produce(
        &name,
        1,
        &[Record::new(1_700_000_000_000, None, "one"), Record::new(1_700_000_005_000, None, "two")],
    )?;

    let cluster = connect(bed).await?;
    let wanted = Wanted {
        topics: Selection::AllVisible([name.clone(), absent.clone()].into()),
        configs: named(&[&name]),
        log_offsets: named(&[&name]),
        ..Wanted::default()
    };
    let view = see(&cluster, &wanted, |view| {
        view.topics.get(&name)?.known()?.configs.known()?;
        view.logs.values().all(|log| log.known().is_some()).then(|| view.clone())
    })
    .await?;

    let racks: Vec<_> = view.brokers.values().map(|broker| (broker.id, broker.rack.as_deref())).collect();
    assert_eq!(racks, [(1, Some("r1")), (2, Some("r2")), (3, Some("r3"))]);
    assert!(view.topics[&absent].is_absent());
    assert!(!client.topics()?.contains_key(&absent), "looking must not create a topic");

    let topic = view.topics[&name].known().context("known")?;
    assert_eq!((topic.partitions.len(), topic.replication(), topic.internal), (3, Some(3), false));
    assert!(topic.id.is_some());
    let configs = topic.configs.known().context("configs")?;
    let size = &configs["max.message.bytes"];
    assert!(size.is_override() && size.kind == ConfigType::Int);
    assert_eq!((size.value.as_deref(), size.inherited.as_deref()), (Some("2000"), Some("1048588")));
    let retention = &configs["retention.ms"];
    assert_eq!((retention.value.as_deref(), retention.inherited.as_deref()), (Some("86400000"), None));
    assert!(!configs["cleanup.policy"].is_override());
    assert_eq!(configs["cleanup.policy"].inherited.as_deref(), Some("delete"));
    // Brokers keep the default in hours, and tell it of themselves only.
    let followed = Wanted { followed_times: followed_times().collect(), ..wanted.clone() };
    let view = cluster.look(&followed).await?;
    let configs = view.topics[&name].known().and_then(|topic| topic.configs.known()).context("configs")?;
    assert_eq!(configs["retention.ms"].inherited.as_deref(), Some("604800000"));

    let log = |partition| view.logs[&TopicPartition::new(name.as_str(), partition)].clone();
    assert_eq!(log(1), Known::Known(LogRange { start: 0, end: 2 }));
    assert_eq!(log(0), Known::Known(LogRange { start: 0, end: 0 }));
    assert_eq!(view.logs.len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_by_time_agree_with_the_broker_and_have_an_end() -> Result<()> {
    let bed = &shared()?.cluster;
    let name = unique_name("by-time");
    let client = bed.client();
    client.create_topic(&name, 1, 3, &[("retention.ms", "-1")])?;
    let times = [1_700_000_000_000, 1_700_000_001_000, 1_700_000_002_000];
    client.produce(&name, 0, &times.map(|time| Record::new(time, None, "x")))?;
    let cluster = connect(bed).await?;
    let partition = TopicPartition::new(name.as_str(), 0);
    let missing = TopicPartition::new(name.as_str(), 7);
    for time in [0, 1_700_000_000_500, 1_700_000_002_000] {
        let asked = [(partition.clone(), At::Time(time)), (missing.clone(), At::Time(time))];
        let found = cluster.log_offsets(asked, Isolation::ReadUncommitted).await;
        let offset = found[&partition].known().context("an offset")?;
        assert_eq!(offset.offset, client.offset_at(&name, 0, time)?);
        assert_eq!(offset.timestamp, Some(times[usize::try_from(offset.offset)?]));
        assert!(found[&missing].is_absent());
    }
    let asked = [(partition.clone(), At::Time(1_700_000_002_001))];
    assert!(cluster.log_offsets(asked, Isolation::ReadUncommitted).await[&partition].is_absent());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_topics_has_its_own_outcome() -> Result<()> {
    let bed = &shared()?.cluster;
    let (existing, fine) = (unique_name("exists"), unique_name("fine"));
    bed.client().create_topic(&existing, 1, 3, &[])?;
    let cluster = connect(bed).await?;
    let topics = [
        new_topic(&existing),
        NewTopic { replication: Some(9), ..new_topic(&unique_name("too-many-replicas")) },
        new_topic("not a name"),
        NewTopic {
            configs: BTreeMap::from([("retention.ms".to_owned(), "soon".to_owned())]),
            ..new_topic(&unique_name("bad-config"))
        },
        NewTopic { partitions: Some(10_001), replication: Some(1), ..new_topic(&unique_name("wide")) },
        NewTopic { partitions: None, replication: None, ..new_topic(&fine) },
    ];
    for mode in [Mode::Validate, Mode::Apply] {
        let outcomes = cluster.create_topics(&topics, mode, &mut Unwatched).await;
        let codes: Vec<_> = outcomes.iter().map(|outcome| refusal(outcome).map(|(code, _)| code)).collect();
        assert_eq!(codes, [Some(36), Some(38), Some(17), Some(40), Some(44), None], "{outcomes:#?}");
        assert!(
            outcomes[..5].iter().all(|outcome| refusal(outcome).is_some_and(|(_, words)| !words.is_empty()))
        );
        let Outcome::Accepted(created) = &outcomes[5] else { anyhow::bail!("{:?}", outcomes[5]) };
        assert_eq!((created.partitions, created.replication), (Some(1), Some(3)));
        assert_eq!(created.id.is_some(), mode == Mode::Apply);
        if mode == Mode::Validate {
            assert!(!bed.client().topics()?.contains_key(&fine), "asking must not create a topic");
        }
    }
    let wanted = Wanted { topics: named(&[&fine]), ..Wanted::default() };
    see(&cluster, &wanted, |view| view.topics[&fine].known().map(|_| ())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_added_and_configs_set_and_taken_off() -> Result<()> {
    let bed = &shared()?.cluster;
    let (name, absent) = (unique_name("grow"), unique_name("grow-absent"));
    bed.client().create_topic(&name, 2, 3, &[("retention.ms", "1000"), ("segment.ms", "60000")])?;
    let cluster = connect(bed).await?;
    let wanted = Wanted { topics: named(&[&name]), configs: named(&[&name]), ..Wanted::default() };
    see(&cluster, &wanted, |view| view.topics[&name].known().map(|_| ())).await?;

    let grow = |topic: &str, to| MorePartitions { topic: topic.to_owned(), from: 2, to };
    let asked = [grow(&name, 5), grow(&absent, 5)];
    let outcomes = cluster.create_partitions(&asked, Mode::Validate, &mut Unwatched).await;
    assert!(matches!(outcomes[0], Outcome::Accepted(())), "{outcomes:?}");
    assert_eq!(refusal(&outcomes[1]).map(|(code, _)| code), Some(3));
    let outcomes = cluster.create_partitions(&[grow(&name, 5)], Mode::Apply, &mut Unwatched).await;
    assert_eq!(outcomes, [Outcome::Accepted(())]);
    let outcomes = cluster.create_partitions(&[grow(&name, 4)], Mode::Validate, &mut Unwatched).await;
    assert_eq!(refusal(&outcomes[0]).map(|(code, _)| code), Some(37));

    let change = |values: &[(&str, Option<&str>)]| ConfigChange {
        topic: name.clone(),
        values: values.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect(),
    };
    let bad = change(&[("segment.ms", None), ("no.such.key", Some("1"))]);
    let outcomes = cluster.alter_topic_configs(&[bad], Mode::Validate, &mut Unwatched).await;
    assert_eq!(refusal(&outcomes[0]).map(|(code, _)| code), Some(40));
    let good = change(&[("segment.ms", None), ("retention.ms", Some("2000"))]);
    let outcomes = cluster.alter_topic_configs(&[good], Mode::Apply, &mut Unwatched).await;
    assert_eq!(outcomes, [Outcome::Accepted(())]);

    see(&cluster, &wanted, |view| {
        let topic = view.topics[&name].known()?;
        let configs = topic.configs.known()?;
        let done = topic.partitions.len() == 5
            && configs["retention.ms"].value.as_deref() == Some("2000")
            && !configs["segment.ms"].is_override();
        done.then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_topics_take_few_requests_and_a_mutation_quota_only_time() -> Result<()> {
    let bed = &shared()?.cluster;
    let client_id = unique_name("limited");
    let entity = EntityData::default()
        .with_entity_type(StrBytes::from_static_str("client-id"))
        .with_entity_name(Some(StrBytes::from_string(client_id.clone())));
    let quota =
        OpData::default().with_key(StrBytes::from_static_str("controller_mutation_rate")).with_value(20.0);
    let entry = EntryData::default().with_entity(vec![entity]).with_ops(vec![quota]);
    bed.client().call(&AlterClientQuotasRequest::default().with_entries(vec![entry]), 1)?;
    // The quota reaches the controller with its metadata log, and a moment later the broker beside it.
    let named = ComponentData::default()
        .with_entity_type(StrBytes::from_static_str("client-id"))
        .with_match_type(0)
        .with_match(Some(StrBytes::from_string(client_id.clone())));
    let asked = DescribeClientQuotasRequest::default().with_components(vec![named]);
    let beside = Client::new(vec![bed.broker_address(1)]);
    until("the quota is known", || {
        Ok(beside.call(&asked, 1)?.entries.is_some_and(|entries| !entries.is_empty()))
    })?;

    let prefix = unique_name("quota");
    let names: Vec<String> = (0..60).map(|number| format!("{prefix}-{number}")).collect();
    let topics: Vec<NewTopic> = names
        .iter()
        .map(|name| NewTopic { partitions: Some(10), replication: Some(1), ..new_topic(name) })
        .collect();
    let limited = ConnectOptions { client_id, ..ConnectOptions::new([bed.bootstrap()]) };
    let limited = Cluster::connect(limited).await?.within(Duration::from_secs(90));
    let started = Instant::now();
    let outcomes = limited.create_topics(&topics, Mode::Apply, &mut Unwatched).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Accepted(_))), "{outcomes:#?}");
    let sent = limited.meter().counts().requests["CreateTopics"].requests;
    assert!(sent > 1, "the quota was never felt");
    assert!(sent < 60, "{sent} requests");
    assert!(started.elapsed() > Duration::from_secs(5), "{:?}: the quota was not kept", started.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn coordinators_are_found_on_a_real_cluster() -> Result<()> {
    let bed = &shared()?.cluster;
    let cluster = connect(bed).await?;
    let groups: Vec<String> = (0..20).map(|number| format!("{}-{number}", unique_name("find"))).collect();
    let found = cluster.coordinators(groups.clone()).await?;
    assert!(found.unknown.is_empty(), "{:?}", found.unknown);
    assert_eq!(found.groups.values().map(Vec::len).sum::<usize>(), 20);
    for node in found.groups.keys() {
        cluster.call(To::Broker(*node), Retry::Safe, |_| ListGroupsRequest::default()).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_dies_is_gone_round() -> Result<()> {
    let bed = Bed::start(ClusterOptions::three_brokers().fast_failure())?;
    let name = unique_name("survivor");
    bed.client().create_topic(&name, 6, 3, &[])?;
    bed.client().produce(&name, 0, &[Record::new(1, None, "x")])?;
    let cluster = connect(&bed).await?;
    let wanted = Wanted { topics: named(&[&name]), log_offsets: named(&[&name]), ..Wanted::default() };
    let whole = |view: &klerk_core::world::ClusterView| {
        let known = view.logs.values().filter(|log| log.known().is_some()).count();
        (known == 6 && view.topics[&name].known()?.partitions.iter().all(|seen| seen.leader.is_some()))
            .then_some(())
    };
    see(&cluster, &wanted, whole).await?;
    bed.kill(3)?;
    // The same handle still holds leaders and a connection that are no more.
    see(&cluster, &wanted, whole).await?;

    // A server that is down at the head of the list holds nobody up.
    let servers = [bed.broker_address(3), bed.broker_address(1)];
    let started = Instant::now();
    let second = Cluster::connect(ConnectOptions::new(servers)).await?;
    assert!(started.elapsed() < IN_GOOD_TIME, "{:?}", started.elapsed());
    bed.await_brokers(2)?;
    let error = second
        .call(To::Broker(3), Retry::Safe, |_| ListGroupsRequest::default())
        .await
        .expect_err("broker 3 is dead");
    assert!(error.to_string().contains("broker 3"), "{error}");
    bed.end()
}
