use crate::plan::{DiffOptions, Families, diff, wanted};
use crate::testing::{failure, plan, plan_text, topic, topology, wish, world};
use crate::topology::{Files, parse, resolve_in};
use crate::values::{Known, Pattern};
use crate::world::{ConfigSource, ConfigType, Selection};
use insta::assert_snapshot;

#[test]
fn what_is_missing_is_created_and_what_is_not_said_is_left_to_the_broker() {
    let want = topology([
        wish("orders").partitions(12).replication(3).set("retention.ms", "86400000").unset("segment.ms"),
        wish("plain"),
    ]);
    let have = world(3).without(&["orders", "plain"]).with("other", topic(1, 1)).with_listed_group("g");
    assert_snapshot!(plan_text(&plan(&want, &have)), @r#"
    1 create-topic orders partitions=Some(12) replication=Some(3) {"retention.ms": "86400000"}
    2 create-topic plain partitions=None replication=None {}
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    unmanaged topics {"other"}
    unmanaged groups {"g"}
    preflight full, Summary { create: 2, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn partitions_grow_configs_are_set_and_unset_and_only_what_differs_is_sent() {
    let want = topology([wish("orders")
        .partitions(6)
        .replication(3)
        .set("segment.ms", "0500")
        .set("min.cleanable.dirty.ratio", "0.50")
        .set("compression.type", "zstd")
        .unset("preallocate")
        .unset("retention.bytes")
        .key_by("customer")])
    .with_group("billing", &["orders"]);
    let have = world(3).with(
        "orders",
        topic(4, 3)
            .set("segment.ms", "500")
            .set("min.cleanable.dirty.ratio", "0.5")
            .set("preallocate", "true")
            .set("max.message.bytes", "2000000"),
    );
    assert_snapshot!(plan_text(&plan(&want, &have)), @r#"
    1 add-partitions orders 4 -> 6
        risk moves-keys
        records are keyed by customer
        the topic holds up to 40 records, by its offsets
        groups ["billing"]
    2 set-config orders compression.type: unset -> zstd preallocate: true -> unset
        preallocate follows the broker: false
        groups ["billing"]
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    ? topic orders topic/pinned-default: 'orders' pins min.cleanable.dirty.ratio to 0.50, which the broker gives anyhow: it does not follow when the broker's default changes
    ? topic orders topic/unlisted-configs: 1 config set on the topic and not named by the file, left alone: max.message.bytes=2000000
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn equal_states_have_an_empty_plan() {
    let want =
        topology([wish("orders").partitions(4).replication(3).set("cleanup.policy", "delete, compact")]);
    let have = world(3).with("orders", topic(4, 3).set("cleanup.policy", "compact,delete"));
    let plan = plan(&want, &have);
    assert!(plan.is_empty());
    assert_snapshot!(plan_text(&plan), @r"
    ? topic orders topic/compaction-without-key: 'orders' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    ");
}

#[test]
fn fewer_partitions_and_more_replicas_than_brokers_are_conflicts() {
    let want = topology([wish("orders").partitions(2).replication(4)]);
    let have = world(3).with("orders", topic(4, 3));
    let plan = plan(&want, &have);
    assert!(!plan.is_appliable());
    assert_snapshot!(plan_text(&plan), @r"
    ! topic orders fewer-partitions topology.yaml:2:1
        'orders' has 4 partitions and the file wants 2; Kafka cannot remove partitions. Ask for 4 or more, or make a new topic and move its readers and writers there
    ! topic orders replication-differs topology.yaml:3:1
        'orders' cannot have 4 replicas now: replication 4 needs 4 live brokers and there are 3
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 4 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
}

#[test]
fn uneven_replication_is_told_and_is_evened_out_when_the_file_wants_a_factor() {
    let have = world(3).with("orders", topic(3, 3).replicas(1, &[1, 2], &[1, 2]));
    assert_snapshot!(plan_text(&plan(&topology([wish("orders").replication(3)]), &have)), @r"
    1 move-replicas orders 1: [1, 2] -> [1, 2, 3] unthrottled (not preflighted)
        risk moves-replicas
    ? topic orders topic/min-isr-missing: 'orders' has replication factor 3 and says no min.insync.replicas: the broker's default of 1 holds, so that an acknowledged record may be on one replica only
    preflight none, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    assert_snapshot!(plan_text(&plan(&topology([wish("orders")]), &have)), @r"
    ? topic orders topic/uneven-replication: its partitions differ in replication: 1 partition with 2, 2 partitions with 3
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    ");
}

#[test]
fn a_value_equal_to_the_inherited_one_is_set_once_and_called_pinned() {
    let want = topology([wish("orders").set("retention.ms", "604800000")]);
    let have = world(3).with("orders", topic(1, 1));
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    1 set-config orders retention.ms: unset -> 604800000
    ? topic orders topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
    let pinned = world(3).with("orders", topic(1, 1).set("retention.ms", "604800000"));
    assert_snapshot!(plan_text(&plan(&want, &pinned)), @r"
    ? topic orders topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    ");
}

#[test]
fn what_eligible_leader_replicas_show_as_cluster_wide_is_no_override() {
    let want = topology([wish("orders").set("min.insync.replicas", "1").unset("segment.ms")]);
    let shown =
        topic(1, 1).editing("min.insync.replicas", |view| view.source = ConfigSource::DynamicDefaultBroker);
    assert_snapshot!(plan_text(&plan(&want, &world(1).with("orders", shown))), @r"
    1 set-config orders min.insync.replicas: unset -> 1
    ? topic orders topic/pinned-default: 'orders' pins min.insync.replicas to 1, which the broker gives anyhow: it does not follow when the broker's default changes
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn throttles_are_foreign_unless_declared() {
    let key = "leader.replication.throttled.replicas";
    let have = world(3).with(
        "orders",
        topic(1, 1).set(key, "0:1,0:2").editing(key, |view| {
            view.kind = ConfigType::List;
            view.inherited = Some(String::new());
        }),
    );
    assert_snapshot!(plan_text(&plan(&topology([wish("orders")]), &have)), @"preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }");
    assert_snapshot!(plan_text(&plan(&topology([wish("orders").set(key, "0:2, 0:1")]), &have)), @"preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }");
    assert_snapshot!(plan_text(&plan(&topology([wish("orders").unset(key)]), &have)), @r"
    1 set-config orders leader.replication.throttled.replicas: 0:1,0:2 -> unset
    preflight full, Summary { create: 0, change: 1, delete: 0, blocked: 0, unchanged: 0 }
    ");
}

#[test]
fn a_hidden_value_is_not_set_over_and_over() {
    let want = topology([wish("orders").set("secret.key", "x")]);
    let hidden = topic(1, 1).set("secret.key", "").editing("secret.key", |view| {
        view.value = None;
        view.sensitive = true;
        view.kind = ConfigType::Password;
    });
    assert_snapshot!(plan_text(&plan(&want, &world(1).with("orders", hidden))), @r"
    ? topic orders topic/not-comparable: secret.key is set, and the broker hides its value, so it cannot be compared
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }
    ");
}

#[test]
fn a_read_only_key_is_a_conflict_only_when_it_differs() {
    let have = || world(1).with("orders", topic(1, 1).editing("preallocate", |view| view.read_only = true));
    assert_snapshot!(plan_text(&plan(&topology([wish("orders").set("preallocate", "true")]), &have())), @r"
    ! topic orders other topology.yaml:4:1
        preallocate of 'orders' is false and the file wants true, but the broker marks the key as read-only; remove it from the topology
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 1, unchanged: 0 }
    ");
    assert_snapshot!(plan_text(&plan(&topology([wish("orders").set("preallocate", "FALSE")]), &have())), @"preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 1 }");
}

#[test]
fn what_could_not_be_read_is_never_taken_for_absent() {
    let want = topology([
        wish("denied").partitions(3),
        wish("failed"),
        wish("never-asked"),
        wish("closed").partitions(2).set("retention.ms", "1"),
        wish("closed-but-nothing-to-compare").partitions(1),
    ]);
    let refused = || failure(29, "TOPIC_AUTHORIZATION_FAILED", "Topic authorization failed.");
    let have = world(3)
        .with_seen("denied", Known::Denied(refused()))
        .with_seen("failed", Known::Failed(failure(7, "REQUEST_TIMED_OUT", "")))
        .with("closed", topic(1, 1).configs(Known::Denied(refused())))
        .with("closed-but-nothing-to-compare", topic(1, 1).configs(Known::Denied(refused())));
    assert_snapshot!(plan_text(&plan(&want, &have)), @r"
    1 add-partitions closed 1 -> 2
        risk moves-keys
        whether the topic is compacted could not be read: TOPIC_AUTHORIZATION_FAILED (29): Topic authorization failed.
        the topic holds up to 10 records, by its offsets
    ! topic closed not-readable topology.yaml:4:1
        the configs of 'closed' could not be read: TOPIC_AUTHORIZATION_FAILED (29): Topic authorization failed. Allow this principal Describe and DescribeConfigs on the topic
    ! topic denied not-readable topology.yaml:1:1
        whether 'denied' exists, and how, could not be read: TOPIC_AUTHORIZATION_FAILED (29): Topic authorization failed. Allow this principal Describe and DescribeConfigs on the topic
    ! topic failed not-readable topology.yaml:1:1
        whether 'failed' exists, and how, could not be read: REQUEST_TIMED_OUT (7). Try again; a plan is made on what could be read only
    ! topic never-asked not-readable topology.yaml:1:1
        whether 'never-asked' exists, and how, could not be read: not asked for. Try again; a plan is made on what could be read only
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 4, unchanged: 1 }
    ");
}

#[test]
fn topics_of_kafka_and_of_others_are_not_planned() {
    let want = topology([wish("__consumer_offsets").partitions(3), wish("state"), wish("theirs.a")])
        .with_external_topic("theirs.*");
    let have = world(3)
        .without(&["__consumer_offsets", "theirs.a"])
        .with("state", topic(1, 1).internal())
        .with("__transaction_state", topic(50, 1).internal())
        .with("__odd", topic(1, 1))
        .with("theirs.b", topic(1, 1))
        .with("unlisted", topic(1, 1));
    assert_snapshot!(plan_text(&plan(&want, &have)), @r#"
    ! topic __consumer_offsets internal topology.yaml:1:1
        '__consumer_offsets' is Kafka's own topic; klerk does not plan it. Remove it from the topology; brokers set it up by their own properties
    ! topic state internal topology.yaml:1:1
        'state' is Kafka's own topic; klerk does not plan it. Remove it from the topology; brokers set it up by their own properties
    ! topic theirs.a other topology.yaml:1:1
        'theirs.a' is declared here and also listed under 'external', which is never planned; remove it from one of the two
    unmanaged topics {"__odd", "unlisted"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 3, unchanged: 0 }
    "#);
}

#[test]
fn filters_take_away_and_never_add() {
    let want = topology([wish("orders.a"), wish("users.a")]);
    let have = world(3)
        .without(&["orders.a", "users.a"])
        .with("orders.z", topic(1, 1))
        .with("users.z", topic(1, 1))
        .with_listed_group("orders.g")
        .with_listed_group("users.g");
    let orders = DiffOptions { matching: Some(Pattern::new("orders.*")), ..DiffOptions::default() };
    let proposal = diff(&want, &have, &orders);
    assert_eq!(proposal.changes.len(), 1);
    assert_eq!(proposal.unmanaged.topics.iter().collect::<Vec<_>>(), ["orders.z"]);
    assert_eq!(proposal.unmanaged.groups.iter().collect::<Vec<_>>(), ["orders.g"]);

    let groups = Families { groups: true, ..Families::NONE };
    let proposal = diff(&want, &have, &DiffOptions { families: groups, ..DiffOptions::default() });
    assert!(proposal.changes.is_empty() && proposal.unmanaged.topics.is_empty());
    assert_eq!(proposal.unmanaged.groups.len(), 2);
}

#[test]
fn a_look_asks_for_what_is_compared_and_no_more() {
    let want = topology([wish("orders.a"), wish("users.a")]);
    let topics = Families { topics: true, ..Families::NONE };
    let options =
        DiffOptions { families: topics, matching: Some(Pattern::new("orders.*")), ..DiffOptions::default() };
    let wanted = wanted(&want, &options);
    let orders = ["orders.a".to_owned()].into();
    assert_eq!(wanted.topics, Selection::AllVisible(std::collections::BTreeSet::clone(&orders)));
    assert_eq!(wanted.configs, Selection::Named(orders));
    assert!(wanted.subjects.is_none() && wanted.groups.is_none() && wanted.log_offsets.is_none());
}

#[test]
fn a_list_of_groups_with_a_hole_is_not_passed_off_as_whole() {
    let mut have = world(2).with_listed_group("seen");
    have.groups.unlisted.insert(2, failure(14, "COORDINATOR_LOAD_IN_PROGRESS", ""));
    assert_snapshot!(plan_text(&plan(&topology([]), &have)), @r#"
    ? broker 2 group/not-listed: the groups that broker 2 coordinates could not be listed: COORDINATOR_LOAD_IN_PROGRESS (14)
    unmanaged groups {"seen"}
    preflight full, Summary { create: 0, change: 0, delete: 0, blocked: 0, unchanged: 0 }
    "#);
}

#[test]
fn every_value_that_a_file_asks_for_knows_its_line() {
    let text = "klerk: 1
defaults: { partitions: 3, replication: 3 }
classes: { audit: { retention.ms: 30d } }
topics:
  new: { class: audit }
  old: { class: audit, partitions: 6 }
  gone: { state: absent }
environments:
  prod: { override: { retention.ms: 40d } }
";
    let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
    let want = resolve_in(&draft, "prod", &Files::new()).unwrap().unwrap();
    let have = world(3).without(&["new"]).with("old", topic(3, 3)).with("gone", topic(1, 1));
    let told = plan(&want, &have)
        .steps
        .iter()
        .map(|step| {
            let lines = step.origins.iter().map(|(key, said)| {
                let layer = said.layer.as_deref().unwrap_or("its own");
                format!("{key}: line {}, {layer}", said.origin.line)
            });
            format!("{} {}", step.change.kind(), lines.collect::<Vec<_>>().join("; "))
        })
        .collect::<Vec<_>>();
    assert_snapshot!(told.join("\n"), @r"
    create-topic partitions: line 2, defaults; replication: line 2, defaults; retention.ms: line 9, override of prod
    add-partitions partitions: line 6, its own
    set-config retention.ms: line 9, override of prod
    delete-topic state: line 7, its own
    ");
}
