//! Who is touched by a change, on a simulated cluster.

use crate::scene::Scene;

const GROWN: &str = "klerk: 1
topics:
  orders: { partitions: 4, replication: 3, cleanup.policy: compact, key_by: order_id }
groups: { billing: { topics: [orders] } }
";

/// A compacted topic with records, read by a group with a contract, by one without, and by a streams application.
fn used() -> Scene {
    let scene = Scene::applied(&GROWN.replace("partitions: 4", "partitions: 2").replace("compact", "delete"));
    scene.cluster.fill("orders", 0, 10);
    scene.cluster.alter("orders", "cleanup.policy", Some("compact"));
    scene.cluster.commit("billing", "orders", &[5, 0]);
    scene.cluster.commit("audit", "orders", &[3]);
    scene.cluster.commit("counter", "orders", &[1, 0]);
    scene.file("topology.yaml", GROWN)
}

#[test]
fn more_partitions_name_who_feels_them() {
    let scene = used();
    let counts = "klerk: 1\ntopics: { counter-by-id-changelog: { partitions: 2, replication: 3 } }\n";
    let scene = scene.file("counts.yaml", counts);
    assert_eq!(scene.run("apply -f counts.yaml --yes").status, 0);
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:3)
        partitions  2 → 4
        risk moves-keys: new records of a key may land on another partition than its old ones, so that readers see them out of order
        read by billing
        records are keyed by order_id
        the topic is compacted: the last value of a key that moves stays in its old partition, beside the new one, and no compaction ever removes it
        the topic holds up to 10 records, by its offsets
        counter looks like a Kafka Streams application, by its topic counter-by-id-changelog: it stops when the number of partitions is not that of its internal topics, until it is reset
        seen reading it: audit (empty, no contract), billing (empty), counter (empty, no contract) (by the commits and members of the groups that can be seen)

    unmanaged, left alone: 1 topic: counter-by-id-changelog
    unmanaged, left alone: 2 groups: audit, counter
    info topic/compaction-without-key: 'orders' is compacted, and its keys have no schema: Kafka refuses records without a key there, and keeps one record for each spelling of a key  (topology.yaml:3)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow moves-keys is needed.
    --- stderr
    ");
}

#[test]
fn a_deletion_names_readers_without_a_contract_and_writers() {
    let scene = used();
    let scene = scene.file("absent.yaml", "klerk: 1\ntopics: { orders: { state: absent } }\n");
    insta::assert_snapshot!(scene.told("plan -f absent.yaml"), @r"
    status 0
    --- stdout
    - topic orders  (absent.yaml:2)
        the whole topic: partitions 2, replication 3, id <id>
        risk loses-data: records that exist, or may exist, become deletable
        the topic holds up to 10 records, by its offsets
        subjects of a schema registry stay as they are
        estimate: 10 records go (by offsets; fewer where some were compacted away or mark the end of a transaction)
        estimate: 1.7 kB (1700) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)
        estimate: not read yet by audit (7), billing (5), counter (9) (by the commits of the groups that have any on the topic)
        seen reading it: audit (empty, no contract), billing (empty, no contract), counter (empty, no contract) (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

    unmanaged, left alone: 3 groups: audit, billing, counter

    0 to create, 0 to change, 1 to delete, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    ");
}

#[test]
fn users_are_asked_for_all_topics_together() {
    let topics = |count: usize, partitions: u32| {
        let lines: Vec<String> = (0..count)
            .map(|number| format!("  t{number}: {{ partitions: {partitions}, replication: 3 }}\n"))
            .collect();
        format!("klerk: 1\ntopics:\n{}", lines.concat())
    };
    let counted = |count: usize| {
        let scene = Scene::applied(&topics(count, 2)).file("topology.yaml", &topics(count, 3));
        let line = format!("plan -q --explain-requests -b {}", scene.cluster.first_broker());
        let ran = scene.run(&line);
        assert_eq!(ran.status, 0, "{}", ran.all());
        ran.stderr
    };
    let few = counted(2);
    insta::assert_snapshot!(few, @r"
    CreatePartitions 1
    DescribeConfigs 1
    ListGroups 6
    ListOffsets 6
    ListPartitionReassignments 1
    Metadata 3
    requests 18
    ");
    assert_eq!(counted(20), few, "nothing is asked per topic");
}

#[test]
fn a_key_that_is_unset_is_weighed_by_what_the_brokers_will_give_it() {
    let said = |value: &str| {
        format!(
            "klerk: 1\ntopics: {{ orders: {{ partitions: 2, replication: 3, retention.ms: {value} }} }}\n"
        )
    };
    let scene = Scene::applied(&said("30d"));
    scene.cluster.fill("orders", 0, 10);
    let scene = scene.file("topology.yaml", &said("unset"));
    // Kafka's own 7d, which brokers keep in hours.
    insta::assert_snapshot!(scene.told("plan"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        retention.ms  30d (2592000000) → unset, as the broker has it
        risk loses-data: records that exist, or may exist, become deletable
        retention.ms is lowered from 30d (2592000000) to 7d (604800000)
        the topic holds up to 10 records, by its offsets
        retention.ms follows the broker: 7d (604800000)
        estimate: 0 records go (by offsets and times; whole segments go, each once its newest record is that old)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    ");
    scene.cluster.alter("orders", "retention.ms", Some("1000"));
    insta::assert_snapshot!(scene.told("plan -q"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        retention.ms  1s (1000) → unset, as the broker has it
        retention.ms follows the broker: 7d (604800000)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    --- stderr
    ");
    let line = "cluster configs 2 --set log.retention.ms=5000 --yes --allow loses-data";
    let ran = scene.run(line);
    assert_eq!(ran.status, 0, "{}", ran.all());
    // Brokers differ, so there is no one value to tell.
    insta::assert_snapshot!(scene.told("plan -q"), @r"
    status 0
    --- stdout
    ~ topic orders  (topology.yaml:2)
        retention.ms  1s (1000) → unset, as the broker has it
        risk loses-data: records that exist, or may exist, become deletable
        retention.ms is lowered from 1s (1000) to what was not told
        the topic holds up to 10 records, by its offsets
        retention.ms follows the broker, whose value was not told

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    ");
}

#[test]
fn a_setting_that_is_taken_back_is_weighed_by_what_the_brokers_will_give_it() {
    let scene = Scene::applied("klerk: 1\ntopics: { orders: { partitions: 2, replication: 3 } }\n");
    scene.cluster.fill("orders", 0, 10);
    scene.apply_other("klerk: 1\ntopics: { orders: { retention.ms: 30d, segment.ms: 1d } }\n");
    insta::assert_snapshot!(scene.told("undo last --dry-run"), @r"
    status 0
    --- stdout
    ~ topic orders
        retention.ms  30d (2592000000) → unset, as the broker has it
        segment.ms  1d (86400000) → unset, as the broker has it
        risk loses-data: records that exist, or may exist, become deletable
        retention.ms is lowered from 30d (2592000000) to 7d (604800000)
        the topic holds up to 10 records, by its offsets
        retention.ms follows the broker: 7d (604800000)
        segment.ms follows the broker: 7d (604800000)
        estimate: 0 records go (by offsets and times; whole segments go, each once its newest record is that old)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    protection by topology.yaml
    ");
}
