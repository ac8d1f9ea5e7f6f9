use super::*;
use crate::plan::{DiffOptions, Families};
use crate::schema::CompatibilityLevel;
use crate::testing::{TopicBuilder, failure, plan, topic, world};
use crate::topology::{Files, Topology, parse, resolve};
use crate::values::{Known, Pattern, TopicPartition};
use crate::world::{Committed, RegistryView, SchemaReference, SchemaType, SubjectView, VersionView, World};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RECORD: &str = r#"{"type":"record","name":"A","fields":[]}"#;

pub(super) fn options() -> ExportOptions {
    ExportOptions { covered: DiffOptions::default(), schema_files: true, left_out: None }
}

/// The topology that an export comes to.
pub(super) fn read(export: &Export) -> Topology {
    let files: Files =
        export.schemas.iter().map(|schema| (schema.path.clone(), Ok(schema.text.clone()))).collect();
    resolve(parse([("topology.yaml".to_owned(), export.topology.clone())]), &files)
        .unwrap_or_else(|faults| panic!("{faults}\n{}", export.topology))
}

pub(super) fn schema(text: &str, kind: SchemaType, level: Option<CompatibilityLevel>) -> SubjectView {
    let version = VersionView { version: 3, id: 7, kind, text: text.to_owned(), references: Vec::new() };
    SubjectView {
        versions: vec![version],
        level: level.map_or(Known::Absent, Known::Known),
        effective_level: Known::Known(level.unwrap_or(CompatibilityLevel::Backward)),
    }
}

impl World {
    pub(super) fn with_subject(mut self, name: &str, seen: Known<SubjectView>) -> Self {
        if self.registry.known().is_none() {
            self.registry = Known::Known(RegistryView::default());
        }
        if let Known::Known(registry) = &mut self.registry {
            registry.subjects.insert(name.to_owned(), seen);
        }
        self
    }

    /// A group with a commit on the first partition of each of these.
    pub(super) fn with_reader(self, name: &str, topics: &[&str]) -> Self {
        let mut world = self.with_listed_group(name);
        let commit = Known::Known(Committed { offset: 5, leader_epoch: None, metadata: String::new() });
        let commits: BTreeMap<_, _> = topics
            .iter()
            .map(|topic| (TopicPartition { topic: (*topic).into(), partition: 0 }, commit.clone()))
            .collect();
        if let Some(Known::Known(group)) = world.groups.groups.get_mut(name) {
            group.committed = Known::Known(commits);
        }
        world
    }
}

/// The export, after it was shown that nothing is left to do with it.
pub(super) fn exported(world: &World) -> Export {
    let export = export(world, &options());
    let plan = plan(&read(&export), world);
    assert!(plan.steps.is_empty() && plan.conflicts.is_empty(), "{plan:?}\n{}", export.topology);
    export
}

#[test]
fn an_estate_reads_as_if_people_had_written_it() {
    let stream = || topic(16, 3).set("retention.ms", "604800000").set("compression.type", "snappy");
    let payment = || topic(8, 3).set("retention.ms", "2592000000").set("min.insync.replicas", "2");
    let world = world(3)
        .with("escrow.released", payment())
        .with("escrow.refunded", payment())
        .with("escrow.opened", payment().set("segment.bytes", "1073741824"))
        .with("trading.executed", stream())
        .with("trading.placed", stream())
        .with("trading.settled", stream())
        .with(
            "wallet.balance",
            topic(8, 3).set("cleanup.policy", "compact,delete").set("min.cleanable.dirty.ratio", "0.1"),
        )
        .with("__consumer_offsets", topic(50, 3).internal())
        .with_subject(
            "escrow.released-value",
            Known::Known(schema(RECORD, SchemaType::Avro, Some(CompatibilityLevel::Full))),
        )
        .with_subject("wallet.balance-key", Known::Known(schema("\"string\"", SchemaType::Avro, None)))
        .with_subject("com.purpleflea.Money", Known::Known(schema(RECORD, SchemaType::Avro, None)))
        .with_reader("pf-settlement-cg", &["escrow.released", "escrow.refunded"])
        .with_reader("pf-alert-cg", &["trading.executed", "trading.placed", "gone", "__consumer_offsets"])
        .with_reader("new-cg", &[]);
    let export = exported(&world);
    insta::assert_snapshot!(export.topology, @r#"
    # Exported by klerk from cluster test-cluster: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1

    defaults: { partitions: 8, replication: 3 }

    classes:
      snappy-keep-7d: { partitions: 16, compression.type: snappy, retention.ms: 7d }

    topics:
      escrow.opened: { min.insync.replicas: 2, retention.ms: 30d, segment.bytes: 1GiB }
      escrow.refunded: { min.insync.replicas: 2, retention.ms: 30d }
      escrow.released:
        min.insync.replicas: 2
        retention.ms: 30d
        value: { schema: schemas/escrow.released-value.avsc, compatibility: FULL }
      trading.executed: { class: snappy-keep-7d }
      trading.placed: { class: snappy-keep-7d }
      trading.settled: { class: snappy-keep-7d }
      wallet.balance:
        cleanup.policy: [compact, delete]
        min.cleanable.dirty.ratio: 0.1
        key: schemas/wallet.balance-key.avsc

    schemas:
      subjects:
        com.purpleflea.Money: schemas/com.purpleflea.Money.avsc

    groups:
      new-cg: {}
      # pf-alert-cg: it has commits on Kafka's own topic __consumer_offsets too
      # pf-alert-cg: it has commits on gone too, which is not there or not visible
      pf-alert-cg: { topics: [trading.executed, trading.placed] }
      pf-settlement-cg: { topics: [escrow.refunded, escrow.released] }
    "#);
    let paths: Vec<&str> = export.schemas.iter().map(|schema| schema.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "schemas/com.purpleflea.Money.avsc",
            "schemas/escrow.released-value.avsc",
            "schemas/wallet.balance-key.avsc"
        ]
    );
}

#[test]
fn what_topics_share_beside_settings_of_their_own_is_a_class() {
    let event = || topic(3, 3).set("compression.type", "zstd").set("max.message.bytes", "2097152");
    let capture = |built: TopicBuilder| {
        built
            .set("cleanup.policy", "compact,delete")
            .set("delete.retention.ms", "172800000")
            .set("retention.ms", "2592000000")
    };
    let world = world(3)
        .with("bank.cdc.accounts", capture(topic(6, 3)).set("min.compaction.lag.ms", "600000"))
        .with("bank.cdc.audit", capture(topic(6, 3)).set("min.compaction.lag.ms", "0"))
        .with("bank.cdc.rates", capture(topic(1, 3)).set("segment.ms", "3600000"))
        .with("bank.cmd.transfer", event().set("retention.ms", "3600000"))
        .with(
            "bank.evt.payments",
            event().set("retention.ms", "1209600000").set("retention.bytes", "1000000000"),
        )
        .with("bank.evt.payouts", event().set("retention.ms", "1209600000").set("segment.ms", "86400000"))
        .with("debug", topic(3, 3));
    insta::assert_snapshot!(exported(&world).topology, @r"
    # Exported by klerk from cluster test-cluster: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1

    defaults: { partitions: 3, replication: 3 }

    classes:
      compact-delete-keep-30d: { cleanup.policy: [compact, delete], delete.retention.ms: 2d, retention.ms: 30d }
      zstd-keep-14d: { compression.type: zstd, max.message.bytes: 2MiB, retention.ms: 14d }

    topics:
      bank.cdc.accounts: { class: compact-delete-keep-30d, partitions: 6, min.compaction.lag.ms: 10m }
      bank.cdc.audit: { class: compact-delete-keep-30d, partitions: 6, min.compaction.lag.ms: 0 }
      bank.cdc.rates: { class: compact-delete-keep-30d, partitions: 1, segment.ms: 1h }
      bank.cmd.transfer: { compression.type: zstd, max.message.bytes: 2MiB, retention.ms: 1h }
      bank.evt.payments: { class: zstd-keep-14d, retention.bytes: 1GB }
      bank.evt.payouts: { class: zstd-keep-14d, segment.ms: 1d }
      debug: {}
    ");
}

#[test]
fn what_a_topology_cannot_say_is_said_in_comments() {
    let mut refers = schema(RECORD, SchemaType::Avro, Some(CompatibilityLevel::Full));
    let reference = SchemaReference { name: "b.B".to_owned(), subject: "b".to_owned(), version: 2 };
    refers.versions[0].references.push(reference);
    let level_only =
        SubjectView { versions: Vec::new(), ..schema("", SchemaType::Avro, Some(CompatibilityLevel::None)) };
    let denied = || failure(29, "TOPIC_AUTHORIZATION_FAILED", "no");
    let world = world(3)
        .with("a_b", topic(1, 1))
        .with("a.b", topic(2, 1))
        .with("uneven", topic(2, 1).replicas(1, &[1, 2, 3], &[1, 2, 3]))
        .with(
            "hidden",
            topic(1, 1).set("x.secret", "").editing("x.secret", |view| {
                view.value = None;
                view.sensitive = true;
            }),
        )
        .with(
            "odd",
            topic(1, 1)
                .set("x.empty", "")
                .set("x.word", "unset")
                .set("x.lines", "a\nb: #")
                .set("undotted", "1"),
        )
        .with("moving", topic(1, 1).set("leader.replication.throttled.replicas", "0:1,0:2"))
        .with("unread", topic(1, 1).configs(Known::Denied(denied())))
        .with_seen("secret", Known::Denied(denied()))
        .with_subject("proto-value", Known::Known(schema("syntax = \"proto3\";", SchemaType::Protobuf, None)))
        .with_subject("json", Known::Known(schema("{}", SchemaType::Json, None)))
        .with_subject("refers", Known::Known(refers))
        .with_subject("broken", Known::Known(schema("{\"type\":\"recrd\"}", SchemaType::Avro, None)))
        .with_subject("level-only", Known::Known(level_only))
        .with_subject("closed", Known::Denied(failure(403, "HTTP 403", "")))
        .with_reader("all", &["uneven"])
        .with_reader("<<", &["uneven"])
        .with_reader("on\ntwo", &["uneven"])
        .with_reader("@team: #1", &["uneven", "all"]);
    let export = exported(&world);
    insta::assert_snapshot!(export.topology, @r#"
    # Exported by klerk from cluster test-cluster: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1

    # topic a_b is left out beside a.b: they differ only in '.' and '_', which no topology takes
    # topic secret could not be read: TOPIC_AUTHORIZATION_FAILED (29): no

    defaults: { partitions: 1, replication: 1 }

    topics:
      a.b: { partitions: 2 }
      # hidden: x.secret is set, and the broker hides its value
      hidden: {}
      # moving: leader.replication.throttled.replicas is left out, for it belongs to a move of replicas: 0:1,0:2
      moving: {}
      # odd: undotted = '1' is left out, for a topology has no way to say it
      # odd: x.empty = '' is left out, for a topology has no way to say it
      # odd: x.word = 'unset' is left out, for a topology has no way to say it
      odd: { x.lines: "a\nb: #" }
      # uneven: replication differs from partition to partition and is left out: 1 on 0, 3 on 1
      uneven: { partitions: 2, replication: unset }
      # unread: its configs could not be read: TOPIC_AUTHORIZATION_FAILED (29): no
      unread: {}

    # subject 'broken' (AVRO, version 3) is not in the topology and stands in schemas/broken.avsc: it does not read as an Avro schema: the type "recrd" is not defined in this schema
    # subject 'closed' could not be read: HTTP 403 (403)
    # subject 'json' (JSON, version 3) is not in the topology and stands in schemas/json.json: this version plans no JSON schemas
    # subject 'level-only' has no schema and is left out, level NONE
    # subject 'proto-value' (PROTOBUF, version 3) is not in the topology and stands in schemas/proto-value.proto: this version plans no PROTOBUF schemas
    # subject 'refers' (AVRO, version 3, level FULL) is not in the topology and stands in schemas/refers.avsc: this version plans no schemas that refer to others, and it refers to 'b.B' of subject 'b', version 2

    # group '<<' is left out, for a topology takes no such name
    # group 'all' is left out, for a topology takes no such name
    # group 'on\ntwo' is left out, for a topology takes no such name

    groups:
      # @team: #1: it reads the topic 'all' too, a name that means every topic here
      '@team: #1': { topics: [uneven] }
    "#);
    insta::assert_snapshot!(export.gaps.join("\n"), @r#"
    unread: its configs could not be read: TOPIC_AUTHORIZATION_FAILED (29): no
    topic secret could not be read: TOPIC_AUTHORIZATION_FAILED (29): no
    subject 'closed' could not be read: HTTP 403 (403)
    "#);
}

#[test]
fn a_filter_leaves_out_and_says_so() {
    let world = world(3)
        .with("a", topic(1, 1))
        .with("b", topic(1, 1))
        .with_subject("a-value", Known::Known(schema(RECORD, SchemaType::Avro, None)))
        .with_reader("a-readers", &["a", "b"]);
    let covered = DiffOptions { matching: Some(Pattern::new("a*")), ..DiffOptions::default() };
    let export = export(&world, &ExportOptions { covered, schema_files: false, left_out: None });
    insta::assert_snapshot!(export.topology, @r#"
    # Exported by klerk from cluster test-cluster: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    # Only names that match a*.
    klerk: 1

    topics:
      a: { partitions: 1, replication: 1 }

    # 1 subject is left out, for a schema stands in a file of its own: 'a-value'

    # Topics that groups read and that are not part of this export.
    external:
      topics: [b]

    groups:
      a-readers: { topics: [a, b] }
    "#);
    read(&export);

    let families = Families { groups: true, ..Families::NONE };
    let covered = DiffOptions { families, ..DiffOptions::default() };
    let groups = super::export(&world, &ExportOptions { covered: covered.clone(), ..options() });
    insta::assert_snapshot!(groups.topology, @r#"
    # Exported by klerk from cluster test-cluster: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    # Only groups.
    klerk: 1

    # Topics that groups read and that are not part of this export.
    external:
      topics: [a, b]

    groups:
      a-readers: { topics: [a, b] }
    "#);
    read(&groups);
    let wanted = wanted_for_export(&covered, BTreeSet::new());
    assert!(wanted.configs.is_none() && wanted.subjects.is_none() && !wanted.committed.is_none());
}

#[test]
fn an_empty_world_is_a_topology_too() {
    insta::assert_snapshot!(exported(&world(1)).topology, @r#"
    # Exported by klerk from cluster test-cluster: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1
    "#);
}

#[test]
fn one_level_of_all_subjects_is_said_once() {
    let full = |name: &str, world: World| {
        world.with_subject(
            name,
            Known::Known(schema(RECORD, SchemaType::Avro, Some(CompatibilityLevel::Full))),
        )
    };
    let all = full("a", full("b", world(1)));
    assert!(
        exported(&all)
            .topology
            .contains("\nschemas:\n  compatibility: FULL\n  subjects:\n    a: schemas/a.avsc\n")
    );
    let some = all.with_subject("c", Known::Known(schema(RECORD, SchemaType::Avro, None)));
    assert!(!exported(&some).topology.contains("  compatibility: FULL\n"));
}
