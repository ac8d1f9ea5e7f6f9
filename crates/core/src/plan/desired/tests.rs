//! What is unwise, told of topologies as people write them.

use super::*;
use crate::testing::{TopicBuilder, topic, world};
use crate::topology::{Files, parse, resolve_all};
use crate::world::World;

const SCHEMA: &str = r#"{"type": "record", "name": "A", "fields": []}"#;

fn resolved(text: &str) -> Vec<Topology> {
    let draft = parse([("t.yaml".to_owned(), format!("klerk: 1\n{text}"))]);
    let files: Files = draft.wanted().into_iter().map(|path| (path, Ok(SCHEMA.to_owned()))).collect();
    resolve_all(&draft, &files).unwrap_or_else(|faults| panic!("{faults}"))
}

fn told(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let at = finding.origin.as_ref().map_or(0, |origin| origin.line);
        let (severity, code) = (finding.severity.as_str(), finding.code);
        format!("{at} {severity} {code} {}: {}", finding.resource, finding.message)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn of(text: &str, have: Option<&World>) -> String {
    told(&desired_findings(&resolved(text)[0], have, &DiffOptions::default()))
}

fn within(environment: &str, text: &str) -> String {
    let all = resolved(text);
    let named =
        |topology: &&Topology| topology.environment.as_ref().is_some_and(|found| found.name == environment);
    told(&desired_findings(all.iter().find(named).unwrap(), None, &DiffOptions::default()))
}

#[test]
fn too_few_replicas_are_told_in_production() {
    let text = "defaults: { replication: 2, min.insync.replicas: unset }
topics: { a: {}, b: { replication: 3, min.insync.replicas: 2 }, c: { replication: 3 }, d: { replication: 1, min.insync.replicas: 1 } }
environments:
  dev: { at_most: { replication: 1 } }
  prod: {}
  dr: { extends: prod, at_most: { replication: 1 } }
  stage: { production: true, topics: { a: { replication: 3 } } }
  prod-test: { production: false }
  eu-production: { override: { replication: 3, min.insync.replicas: 2 } }
  product: {}
";
    let all = ["dev", "prod", "dr", "stage", "prod-test", "eu-production", "product"];
    let all = all.map(|name| format!("{name}\n{}", within(name, text)));
    insta::assert_snapshot!(all.join("\n"), @r"
    dev
    3 warning topic/min-isr-above-replication topic b: min.insync.replicas 2 of 'b' is above its replication factor 1, which caps it
    prod
    2 warning topic/low-replication topic a: 'a' has replication factor 2 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    3 warning topic/min-isr-missing topic a: 'a' has replication factor 2 in production and says no min.insync.replicas: the broker's default holds, which is 1 unless somebody has set it, so that an acknowledged record may be on one replica only
    3 warning topic/min-isr-missing topic c: 'c' has replication factor 3 in production and says no min.insync.replicas: the broker's default holds, which is 1 unless somebody has set it, so that an acknowledged record may be on one replica only
    3 warning topic/low-replication topic d: 'd' has replication factor 1 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    dr
    7 warning topic/low-replication topic a: 'a' has replication factor 1 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    7 warning topic/low-replication topic b: 'b' has replication factor 1 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    3 warning topic/min-isr-above-replication topic b: min.insync.replicas 2 of 'b' is above its replication factor 1, which caps it
    7 warning topic/low-replication topic c: 'c' has replication factor 1 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    3 warning topic/low-replication topic d: 'd' has replication factor 1 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    stage
    3 warning topic/min-isr-missing topic a: 'a' has replication factor 3 in production and says no min.insync.replicas: the broker's default holds, which is 1 unless somebody has set it, so that an acknowledged record may be on one replica only
    3 warning topic/min-isr-missing topic c: 'c' has replication factor 3 in production and says no min.insync.replicas: the broker's default holds, which is 1 unless somebody has set it, so that an acknowledged record may be on one replica only
    3 warning topic/low-replication topic d: 'd' has replication factor 1 in production: with fewer than 3, a broker that is down leaves no room for a second failure
    prod-test

    eu-production

    product
    ");
}

#[test]
fn values_that_kafka_takes_and_nobody_should_want() {
    insta::assert_snapshot!(
        of(
            "topics:
  above: { replication: 2, min.insync.replicas: 3 }
  equal: { replication: 3, min.insync.replicas: 3 }
  single: { replication: 1, min.insync.replicas: 1 }
  unclean: { unclean.leader.election.enable: TRUE }
  mute: { max.message.bytes: 0 }
  short: { retention.ms: 1h, segment.ms: 1d }
  small: { retention.bytes: 1MB, segment.bytes: 1GiB }
  forever: { retention.ms: forever, segment.ms: 1d }
  compact: { cleanup.policy: compact, retention.ms: 1h, segment.ms: 1d }
  keyed: { cleanup.policy: [compact, delete], key: a.avsc }
",
            None
        ),
        @r"
    3 warning topic/min-isr-above-replication topic above: min.insync.replicas 3 of 'above' is above its replication factor 2, which caps it
    11 info topic/compaction-without-key topic compact: 'compact' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
    4 warning topic/min-isr-equals-replication topic equal: min.insync.replicas 3 of 'equal' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 2 leaves room for one
    7 warning topic/no-message-fits topic mute: 'mute' has max.message.bytes 0, so that nothing can be written to it
    8 warning topic/retention-below-segment topic short: 'short' has retention.ms 1h (3600000) below segment.ms 1d (86400000): Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer
    9 warning topic/retention-below-segment topic small: 'small' has retention.bytes 1 MB (1000000) below segment.bytes 1 GiB (1073741824): Kafka deletes whole segments, by size only those that are closed, so records stay until theirs is
    6 warning topic/unclean-election topic unclean: 'unclean' lets a replica that is behind become leader, which drops records that were acknowledged; leave unclean.leader.election.enable out to wait for one that is not
    "
    );
}

#[test]
fn the_cluster_tells_what_the_file_does_not_say() {
    let have = world(3)
        .with("a", topic(2, 1).set("segment.ms", "86400000"))
        .with("b", topic(2, 3).set("min.insync.replicas", "3"))
        .with("c", topic(2, 3).set("min.insync.replicas", "4").set("unclean.leader.election.enable", "true"));
    let text = "topics:
  a: { min.insync.replicas: 2, retention.ms: 1h }
  b: { replication: 3 }
  c: {}
";
    insta::assert_snapshot!(of(text, Some(&have)), @r"
    3 warning topic/min-isr-above-replication topic a: min.insync.replicas 2 of 'a' is above its replication factor 1, which caps it
    3 info topic/retention-below-segment topic a: 'a' has retention.ms 1h (3600000) below segment.ms 1d (86400000), as the broker has it: Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer
    4 warning topic/min-isr-equals-replication topic b: min.insync.replicas 3 of 'b' equals its replication factor: as soon as one replica is behind, writes with acks=all are refused; 2 leaves room for one
    ");
    let reset = format!("{text}policy: {{ unlisted_configs: reset }}\n");
    insta::assert_snapshot!(of(&reset, Some(&have)), @r"
    3 warning topic/min-isr-above-replication topic a: min.insync.replicas 2 of 'a' is above its replication factor 1, which caps it
    3 info topic/retention-below-segment topic a: 'a' has retention.ms 1h (3600000) below segment.ms 7d (604800000), as the broker has it: Kafka deletes whole segments, so records stay until the newest of their segment is that old, which can take up to segment.ms longer
    4 info topic/min-isr-missing topic b: 'b' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    5 info topic/min-isr-missing topic c: 'c' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ");
}

/// A value that only the topic's own answer does not tell is that of topics which follow the broker.
#[test]
fn what_the_broker_gives_anyhow_is_told_of_topics_to_come_and_of_those_that_are_there() {
    let untold = |topic: TopicBuilder| topic.editing("retention.ms", |view| view.inherited = None);
    let have = world(3)
        .with("set", untold(topic(1, 1).set("retention.ms", "604800000").set("segment.ms", "1")))
        .with("follows", topic(1, 1))
        .with("hidden", topic(1, 1).editing("preallocate", |view| view.read_only = true))
        .without(&["new"]);
    let text = "defaults: { retention.ms: 7d, segment.ms: 1ms }
topics:
  set: {}
  follows: { cleanup.policy: [delete], max.message.bytes: 1048587, segment.ms: unset }
  new: { min.cleanable.dirty.ratio: .5 }
  hidden: { preallocate: false, retention.ms: unset }
";
    insta::assert_snapshot!(of(text, Some(&have)), @r"
    5 info topic/pinned-default topic follows: 'follows' pins cleanup.policy to delete, which the broker gives anyhow: it does not follow when the broker's default changes
    2 info topic/pinned-default topic follows: 'follows' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes
    6 info topic/pinned-default topic new: 'new' pins min.cleanable.dirty.ratio to .5, which the broker gives anyhow: it does not follow when the broker's default changes
    2 info topic/pinned-default topic new: 'new' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes
    2 info topic/pinned-default topic set: 'set' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes
    ");
    assert!(!of(text, None).contains("pinned"), "offline nobody knows what the broker gives");
    let apart =
        have.with("other", topic(1, 1).editing("retention.ms", |view| view.inherited = Some("1".to_owned())));
    assert!(!of(text, Some(&apart)).contains("topic new: retention.ms"), "brokers differ");
}

#[test]
fn of_topics_elsewhere_min_isr_is_missed_where_the_default_is_seen() {
    let text = |topics: &str| format!("topics: {{ {topics} }}\nenvironments: {{ dev: {{}} }}\n");
    let topics = "one: { replication: 1 }, two: { replication: 2 }, said: { replication: 3, min.insync.replicas: 2 }, \
                  own: { replication: 3 }, raised: {}, gone: { min.insync.replicas: unset }, new: { replication: 3 }";
    let world = || {
        world(3)
            .with("one", topic(1, 1))
            .with("two", topic(1, 2))
            .with("said", topic(1, 3))
            .with("own", topic(1, 3).set("min.insync.replicas", "1"))
            .with("raised", topic(1, 3).set("min.insync.replicas", "2"))
            .with("gone", topic(1, 3).set("min.insync.replicas", "2"))
            .without(&["new"])
    };
    insta::assert_snapshot!(of(&text(topics), Some(&world())), @r"
    2 info topic/min-isr-missing topic gone: 'gone' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    2 info topic/min-isr-missing topic new: 'new' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    2 info topic/min-isr-missing topic own: 'own' has replication factor 3 and says no min.insync.replicas: the topic has 1 of its own, so that an acknowledged record may be on one replica only
    2 info topic/min-isr-missing topic two: 'two' has replication factor 2 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ");
    assert_eq!(of(&text(topics), None), "", "offline nobody knows the default");
}

#[test]
fn names_that_look_alike() {
    let text = "topics: { orders.paid: {}, Orders-paid: {}, ordersPaid: {}, users: {}, b.c: {} }
external: { topics: [orders_paid, 'x*'] }
";
    insta::assert_snapshot!(of(text, None), @r"
    2 warning topic/name-collision topic orders.paid: 'orders.paid' and the external 'orders_paid' differ only in '.' and '_', so that Kafka has one of them only
    2 info topic/similar-name topic orders.paid: 'orders.paid' and 'Orders-paid' differ only in case and in '.', '_' and '-'
    2 info topic/similar-name topic ordersPaid: 'ordersPaid' and 'Orders-paid' differ only in case and in '.', '_' and '-'
    ");
    let have = world(3).with("Users", topic(1, 1)).with("b.c", topic(1, 1)).with("b_c", topic(1, 1));
    let have = have.without(&["users", "orders.paid", "Orders-paid", "ordersPaid"]);
    let text = "topics: { users: {}, b.c: {} }\n";
    insta::assert_snapshot!(of(text, Some(&have)), @"2 warning topic/similar-name topic users: 'users' is to be created beside 'Users', which no file names, and from which it differs only in case and in '.', '_' and '-'");
}

#[test]
fn contracts_that_cannot_be_kept() {
    let text = "topics: { a: { partitions: 2 }, b: { partitions: 1 }, c: {} }
external: { topics: [other, gone, 'x.*'] }
groups:
  many: { topics: [a, b], members: 4 }
  some: { topics: [a, b], members: 2..4 }
  few: { topics: [a, b], members: 3 }
  unknown: { topics: [a, c], members: 9 }
  wild: { topics: ['x.*', a], members: 9 }
  reads: { topics: [other, gone, a], members: 9 }
";
    insta::assert_snapshot!(of(text, None), @r"
    5 warning group/members-above-partitions group many: 'many' is to have 4 members, and its topics have 3 partitions in all: some members would have nothing to read
    6 info group/members-above-partitions group some: 'some' is to have up to 4 members, and its topics have 3 partitions in all: some members would have nothing to read
    ");
    let have = world(3).with("c", topic(1, 1)).with("other", topic(1, 1)).without(&["a", "b", "gone"]);
    insta::assert_snapshot!(of(text, Some(&have)), @r"
    5 warning group/members-above-partitions group many: 'many' is to have 4 members, and its topics have 3 partitions in all: some members would have nothing to read
    10 warning group/topic-missing group reads: 'reads' reads the external topic 'gone', which does not exist
    6 info group/members-above-partitions group some: 'some' is to have up to 4 members, and its topics have 3 partitions in all: some members would have nothing to read
    8 warning group/members-above-partitions group unknown: 'unknown' is to have 9 members, and its topics have 3 partitions in all: some members would have nothing to read
    ");
}

/// Brokers compare texts, and write an address as Java does.
#[test]
fn a_host_that_no_client_has_is_told() {
    let text = "topics: { a: {} }
access:
  app:
    acls:
      - { resource: topic, name: a, operation: [read, write], host: app.example }
      - { resource: topic, name: a, operation: read, host: 10.0.0.0/8, permission: deny }
      - { resource: topic, name: a, operation: read, host: '::1' }
      - { resource: topic, name: a, operation: read, host: '[2001:DB8::A]' }
      - { resource: topic, name: a, operation: read, host: '::ffff:10.0.0.7' }
      - { resource: topic, name: a, operation: read, host: 10.0.0.300 }
      - { resource: topic, name: a, operation: read, host: 10.0.0.30 }
      - { resource: topic, name: a, operation: read, host: '0:0:0:0:0:0:0:1' }
      - { resource: topic, name: a, operation: read, host: 'fe80:0:0:0:0:0:0:1%eth0' }
      - { resource: topic, name: a, operation: read, host: '*' }
";
    insta::assert_snapshot!(of(text, None), @r"
    7 warning access/host acl User:app: User:app: '10.0.0.0/8' is no address as brokers compare it, so that this keeps nobody out: brokers know no ranges, so write an entry for each address
    11 warning access/host acl User:app: User:app: '10.0.0.300' is no address as brokers compare it, so that this allows nobody anything: brokers look up no names, so write the client's IP address
    8 warning access/host acl User:app: User:app: '::1' is no address as brokers compare it, so that this allows nobody anything: write 0:0:0:0:0:0:0:1
    10 warning access/host acl User:app: User:app: '::ffff:10.0.0.7' is no address as brokers compare it, so that this allows nobody anything: write 10.0.0.7
    9 warning access/host acl User:app: User:app: '[2001:DB8::A]' is no address as brokers compare it, so that this allows nobody anything: write 2001:db8:0:0:0:0:0:a
    6 warning access/host acl User:app: User:app: 'app.example' is no address as brokers compare it, so that this allows nobody anything: brokers look up no names, so write the client's IP address
    ");
}
