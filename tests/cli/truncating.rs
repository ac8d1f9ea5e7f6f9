//! The first records of topics go, and nothing else, from a simulated cluster.

use crate::run::{Place, Ran};
use crate::simulated::Simulated;
use serde_json::{Value, json};

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 3, replication: 3 }
  audit: { partitions: 1, replication: 1, protected: true }
  wallets: { partitions: 1, replication: 1, cleanup.policy: compact }
";

/// `orders` with 12 records in partition 0 and 5 in partition 2, a minute apart up to now, of which a group has read 9.
fn estate() -> (Simulated, Place) {
    let cluster = Simulated::start();
    let place = Place::new().file("topology.yaml", ESTATE);
    let made = place.run(&cluster.line("apply --yes"));
    assert_eq!(made.status, 0, "{}", made.all());
    cluster.fill("orders", 0, 12);
    cluster.fill("orders", 2, 5);
    cluster.fill("audit", 0, 3);
    cluster.commit("billing", "orders", &[9]);
    (cluster, place)
}

fn run(cluster: &Simulated, place: &Place, line: &str) -> Ran {
    place.run(&cluster.line(line))
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("one JSON document")
}

/// The log start of each partition.
fn starts(cluster: &Simulated, topic: &str) -> Vec<i64> {
    cluster.with(|state| {
        let topic = state.topics.get(topic).expect("the topic");
        topic.partitions.iter().map(|partition| partition.log.start()).collect()
    })
}

#[test]
fn what_goes_is_shown_allowed_done_and_reported_by_partition() {
    let (cluster, place) = estate();
    let plan = run(&cluster, &place, "topic truncate orders --older-than 4m30s --dry-run -q");
    insta::assert_snapshot!(cluster.told(&plan), @r"
    status 0
    --- stdout
    ~ topic orders
        PARTITION  START  NEW START  END  GO
                0      0          7   12   7
                1      0          0    0   0
                2      0          0    5   0
        3 partitions, 1 of them losing records; records that go: 7, older than <time>; topic id <id>
        risk loses-data: records that exist, or may exist, become deletable
        estimate: 7 records go (by offsets; fewer where some were compacted away or mark the end of a transaction)
        estimate: 1.1 kB (1190) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)
        seen reading it: billing (empty, no contract) (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    ");
    let refused = run(&cluster, &place, "topic truncate orders --to-latest --yes -q");
    assert_eq!(refused.status, 4, "{}", refused.all());
    assert_eq!(starts(&cluster, "orders"), [0, 0, 0]);

    let done = run(
        &cluster,
        &place,
        "topic truncate orders:0-1 --to-offset 7 --yes --allow loses-data -q --record r.jsonl",
    );
    insta::assert_snapshot!(cluster.told(&done), @r"
    status 0
    --- stdout
    ~ topic orders
        PARTITION  START  NEW START  END  GO
                0      0          7   12   7
                1      0          0    0   0  7 lies past the log end: moved to it
        2 partitions, 1 of them losing records; records that go: 7; topic id <id>
        risk loses-data: records that exist, or may exist, become deletable
        estimate: 7 records go (by offsets; fewer where some were compacted away or mark the end of a transaction)
        estimate: 1.1 kB (1190) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record, as if they were written evenly in between)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)
        seen reading it: billing (empty, no contract) (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    done           ~ delete-records orders
    Done: 1 step: 1 done.
    record: r.jsonl
    --- stderr
    ");
    assert_eq!(starts(&cluster, "orders"), [7, 0, 0]);

    let done = run(&cluster, &place, "topic truncate orders --to-latest --yes --allow loses-data -o json");
    let report = document(&done);
    let step = &report["steps"][0];
    assert_eq!(
        (&report["outcome"], &step["kind"], &step["resource"], &step["from"], &step["to"]),
        (
            &json!("done"),
            &json!("delete-records"),
            &json!({ "type": "topic", "name": "orders" }),
            &json!(null),
            &json!(null)
        )
    );
    let row = |number: usize| {
        let row = &step["partitions"][number];
        [&row["from"], &row["to"], &row["delta"], &row["end"]].map(|value| value.as_i64())
    };
    assert_eq!(row(0), [7, 12, 5, 12].map(Some));
    assert_eq!(row(2), [0, 5, 5, 5].map(Some));
    assert_eq!(starts(&cluster, "orders"), [12, 0, 5]);

    let again = run(&cluster, &place, "topic truncate orders --to-latest --yes -o json");
    assert_eq!((again.status, &document(&again)["outcome"]), (0, &json!("nothing-to-do")));
    let record = report["record"].as_str().expect("a record");
    let undo = run(&cluster, &place, &format!("undo {record} --yes -q"));
    insta::assert_snapshot!(cluster.told(&undo), @r"
    status 4
    --- stdout
    warning undo/not-reversible: topic orders: the records that were deleted, up to 10, are gone for good

    0 to create, 0 to change, 0 blocked; 0 unchanged
    error: nothing of what the record tells can be taken back
      → topic orders: the records that were deleted, up to 10, are gone for good
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn what_cannot_be_truncated_stops_everything_before_the_first_write() {
    let (cluster, place) = estate();
    let all = run(&cluster, &place, "topic truncate orders wallets --to-latest --yes --allow loses-data -q");
    insta::assert_snapshot!(cluster.told(&all), @r"
    status 1
    --- stdout
    ~ topic orders
        PARTITION  START  NEW START  END  GO
                0      0         12   12  12
                1      0          0    0   0
                2      0          5    5   5
        3 partitions, 2 of them losing records; records that go: 17; topic id <id>
        risk loses-data: records that exist, or may exist, become deletable
        estimate: 17 records go (by offsets; fewer where some were compacted away or mark the end of a transaction)
        estimate: 2.8 kB (2890) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)
        estimate: not read yet by billing (3) (by the commits of the groups that have any on the topic)
        seen reading it: billing (empty, no contract) (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)
    ! topic wallets
        refused-by-broker: 'wallets' is compacted (cleanup.policy compact), and brokers delete no records of such a topic. Add delete to its cleanup.policy, or write tombstones for the keys that shall go

    0 to create, 1 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → ask for something else, or change what stands in the way, and run the command again
    Refused; nothing was changed.
    --- stderr
    ");
    assert_eq!(starts(&cluster, "orders"), [0, 0, 0]);
    for (line, status) in [
        ("topic truncate audit --to-latest --yes --allow loses-data", 4),
        ("topic truncate __consumer_offsets --to-latest --yes --allow loses-data", 1),
        ("topic truncate ordres --to-latest --yes --allow loses-data", 1),
        ("topic truncate orders:7 --to-latest --yes --allow loses-data", 1),
        ("topic truncate orders", 64),
        ("topic truncate orders --to-latest --to-offset 3", 64),
        ("topic truncate orders --before 2026-01-01T00:00:00", 64),
        ("topic truncate orders --to-offset -3", 64),
        ("topic truncate --to-latest", 64),
    ] {
        let ran = run(&cluster, &place, line);
        assert_eq!(ran.status, status, "{line}: {}", ran.all());
    }
    assert_eq!((starts(&cluster, "orders"), starts(&cluster, "audit")), (vec![0, 0, 0], vec![0]));
}

#[test]
fn a_saved_truncation_is_for_the_topic_and_the_records_that_were_seen() {
    let (cluster, place) = estate();
    let saved = run(&cluster, &place, "topic truncate orders --to-latest --out p.json");
    assert_eq!(saved.status, 0, "{}", saved.all());
    cluster.fill("orders", 0, 4);
    let done = run(&cluster, &place, "apply p.json --yes --allow loses-data -q");
    assert_eq!(done.status, 0, "{}", done.all());
    assert_eq!(starts(&cluster, "orders"), [12, 0, 5], "what came later stays");

    let saved = run(&cluster, &place, "topic truncate orders --to-latest --out q.json");
    assert_eq!(saved.status, 0, "{}", saved.all());
    cluster.make_anew("orders");
    let stale = run(&cluster, &place, "apply q.json --yes --allow loses-data -o json");
    assert_eq!((stale.status, &document(&stale)["error"]["kind"]), (5, &json!("stale")));
}

#[test]
fn partitions_that_a_broker_refuses_are_named_and_the_others_are_done() {
    let (cluster, place) = estate();
    let fault = "DeleteRecords resource=orders-2 refuse 29 always".parse().expect("a fault");
    cluster.with(|state| state.faults.arm(fault));
    let line = "topic truncate orders --to-latest --yes --allow loses-data -q --record r.jsonl";
    let ran = run(&cluster, &place, line);
    insta::assert_snapshot!(cluster.told(&ran), @r"
    status 3
    --- stdout
    ~ topic orders
        PARTITION  START  NEW START  END  GO
                0      0         12   12  12
                1      0          0    0   0
                2      0          5    5   5
        3 partitions, 2 of them losing records; records that go: 17; topic id <id>
        risk loses-data: records that exist, or may exist, become deletable
        estimate: 17 records go (by offsets; fewer where some were compacted away or mark the end of a transaction)
        estimate: 2.8 kB (2890) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)
        estimate: not read yet by billing (3) (by the commits of the groups that have any on the topic)
        seen reading it: billing (empty, no contract) (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

    0 to create, 1 to change, 0 blocked; 0 unchanged
    partial        ~ delete-records orders  1 of 2
        TOPIC_AUTHORIZATION_FAILED (29)
        orders-2: TOPIC_AUTHORIZATION_FAILED (29)
        not as asked for:
        log-start.2: asked for 5, found 0
    Partly done: 1 step: 1 partial; 1 not as asked.
    record: r.jsonl
      → the same command again does what is left
    --- stderr
    ");
    assert_eq!(starts(&cluster, "orders"), [12, 0, 0]);
}

#[test]
fn the_requests_are_the_same_for_one_topic_and_for_many() {
    let (cluster, place) = estate();
    // One broker is given: where there are several, others are asked who is there too when the first one takes its time.
    let count = |line: &str| {
        let ran = place.run(&format!("{line} --explain-requests -b {}", cluster.first_broker()));
        assert_eq!(ran.status, 0, "{}", ran.all());
        let last = ran.stderr.lines().last().expect("a last line").to_owned();
        last.strip_prefix("requests ").and_then(|count| count.parse::<u32>().ok()).expect("a count")
    };
    let one = count("topic truncate orders --older-than 3m --dry-run");
    assert_eq!(count("topic truncate orders audit --older-than 3m --dry-run"), one);
}
