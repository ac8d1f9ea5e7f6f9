//! Topics go only where a file or a command says so, from a simulated cluster.

use crate::run::{Place, Ran};
use crate::simulated::Simulated;
use serde_json::{Value, json};

const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 2, replication: 3, retention.ms: 7d }
  legacy: { partitions: 3, replication: 1, retention.ms: 1d }
  unused: { partitions: 1, replication: 1 }
";
const WITHOUT: &str = "klerk: 1
topics:
  orders: { partitions: 2, replication: 3, retention.ms: 7d }
  legacy: { state: absent, owner: platform }
  unused: { state: absent }
";

/// A cluster with three topics, one of them with 12 records, and a file that two of them are not in any more.
fn estate() -> (Simulated, Place) {
    let cluster = Simulated::start();
    let place = Place::new().file("all.yaml", ESTATE).file("topology.yaml", WITHOUT);
    let made = place.run(&cluster.line("apply --yes -f all.yaml"));
    assert_eq!(made.status, 0, "{}", made.all());
    cluster.fill("legacy", 1, 12);
    let slow = "group reset billing --topic legacy:1 --to-offset 9 --new-group --yes -q";
    assert_eq!(place.run(&cluster.line(slow)).status, 0);
    (cluster, place)
}

fn run(cluster: &Simulated, place: &Place, line: &str) -> Ran {
    place.run(&cluster.line(line))
}

/// What stands on standard output; the plan stands on the other stream.
fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("one JSON document")
}

#[test]
fn what_a_file_says_is_absent_is_deleted_once_the_loss_is_allowed() {
    let (cluster, place) = estate();
    let plan = run(&cluster, &place, "plan -q --only topics");
    insta::assert_snapshot!(cluster.told(&plan), @r"
    status 0
    --- stdout
    - topic legacy  (topology.yaml:4)
        the whole topic: partitions 3, replication 1, id <id>
        risk loses-data: records that exist, or may exist, become deletable
        the topic holds up to 12 records, by its offsets
        subjects of a schema registry stay as they are
        estimate: 12 records go (by offsets; fewer where some were compacted away or mark the end of a transaction)
        estimate: 2.0 kB (2040) a replica go (the same share of what the leaders' log folders hold)
        estimate: they are from <time> to <time> (by the times of the first and the last record)
        estimate: last written at <time> (the latest time of a record, which its producer may have chosen)
        estimate: not read yet by billing (3) (by the commits of the groups that have any on the topic)
        seen reading it: billing (empty, no contract) (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)
    - topic unused  (topology.yaml:5)
        the whole topic: partitions 1, replication 1, id <id>
        the topic holds no records
        subjects of a schema registry stay as they are
        seen reading it: no group (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:3)

    0 to create, 0 to change, 2 to delete, 0 blocked; 1 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    ");
    let refused = run(&cluster, &place, "apply -q --yes");
    assert_eq!(refused.status, 4, "{}", refused.all());
    assert_eq!(cluster.topics(), ["legacy", "orders", "unused"]);

    let done = run(&cluster, &place, "apply --yes --allow loses-data -o json");
    assert_eq!(done.status, 0, "{}", done.all());
    let report = document(&done);
    let steps = report["steps"].as_array().expect("steps");
    let fates: Vec<_> =
        steps.iter().map(|step| (&step["resource"]["name"], &step["outcome"], &step["settled"])).collect();
    let (legacy, unused, outcome, settled) =
        (json!("legacy"), json!("unused"), json!("done"), json!("as-asked"));
    assert_eq!(fates, [(&legacy, &outcome, &settled), (&unused, &outcome, &settled)]);
    let before = json!({ "partitions": 3, "replication": 1, "configs": { "retention.ms": "86400000" } });
    assert_eq!(
        (&steps[0]["kind"], &steps[0]["from"], &steps[0]["to"]),
        (&json!("delete-topic"), &before, &json!(null))
    );
    assert_eq!(cluster.topics(), ["orders"]);

    let record = std::fs::read_to_string(report["record"].as_str().expect("a record")).expect("the record");
    assert!(record.contains(r#""retention.ms":"86400000""#), "what it takes to make it anew: {record}");
    let again = document(&run(&cluster, &place, "apply --yes -o json"));
    assert_eq!(again["outcome"], "nothing-to-do");
}

#[test]
fn a_filter_and_a_topic_that_no_file_names_keep_topics() {
    let (cluster, place) = estate();
    let narrow = run(&cluster, &place, "apply --yes --match unused -o json");
    assert_eq!(narrow.status, 0, "{}", narrow.all());
    assert_eq!(cluster.topics(), ["legacy", "orders"]);
    let none = document(&run(&cluster, &place, "apply --yes --only groups -o json"));
    assert_eq!(none["outcome"], "nothing-to-do");
    let place = place.file("topology.yaml", "klerk: 1\ntopics: {}\n");
    let left = document(&run(&cluster, &place, "apply --yes -o json"));
    assert_eq!(left["outcome"], "nothing-to-do");
    assert_eq!(cluster.topics(), ["legacy", "orders"]);
}

#[test]
fn a_saved_deletion_is_for_the_topic_that_was_seen() {
    let (cluster, place) = estate();
    assert_eq!(run(&cluster, &place, "plan --out p.json").status, 0);
    cluster.make_anew("unused");
    let stale = run(&cluster, &place, "apply p.json --yes --allow loses-data -q");
    assert_eq!(stale.status, 5, "{}", stale.all());
    assert_eq!(cluster.topics(), ["legacy", "orders", "unused"]);
}

#[test]
fn a_command_deletes_what_it_names_and_nothing_else() {
    let (cluster, place) = estate();
    let place = place.file("topology.yaml", "klerk: 1\ntopics: { orders: { protected: true } }\n");
    let dry = run(&cluster, &place, "topic delete orders unused --dry-run -q");
    insta::assert_snapshot!(cluster.told(&dry), @r"
    status 0
    --- stdout
    - topic orders
        the whole topic: partitions 2, replication 3, id <id>
        risk protected: the resource is marked as protected
        the topic holds no records
        subjects of a schema registry stay as they are
        seen reading it: no group (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)
    - topic unused
        the whole topic: partitions 1, replication 1, id <id>
        the topic holds no records
        subjects of a schema registry stay as they are
        seen reading it: no group (by the commits and members of the groups that can be seen)
        seen writing it: no producer (by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set)

    warning topic/declared: the topology declares 'orders', so the next apply makes it anew, without its records  (topology.yaml:2)

    0 to create, 0 to change, 2 to delete, 0 blocked; 0 unchanged
    To apply it, --allow protected is needed.
    --- stderr
    ");
    let refused = run(&cluster, &place, "topic delete orders --yes -q");
    assert_eq!(refused.status, 4, "{}", refused.all());
    let missing = run(&cluster, &place, "topic delete unused unsued --yes -q");
    insta::assert_snapshot!(missing.all(), @r"
    status 1
    --- stdout
    --- stderr
    error: topic unsued does not exist
      → did you mean unused?
      → nothing was deleted
    ");
    assert_eq!(cluster.topics(), ["legacy", "orders", "unused"]);
    let internal = run(&cluster, &place, "topic delete __consumer_offsets --yes --allow loses-data -q");
    insta::assert_snapshot!(cluster.told(&internal), @r"
    status 1
    --- stdout
    ! topic __consumer_offsets
        internal: '__consumer_offsets' is Kafka's own topic, which brokers make and keep their own state in; klerk deletes none of these

    0 to create, 0 to change, 1 blocked; 0 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → ask for something else, or change what stands in the way, and run the command again
    Refused; nothing was changed.
    --- stderr
    ");
    let pattern = run(&cluster, &place, "topic delete s.* --yes --allow loses-data");
    insta::assert_snapshot!(cluster.told(&pattern), @r"
    status 64
    --- stdout
    --- stderr
    error: 's.*' cannot be a topic: '*' is not one of a-z, A-Z, 0-9, '.', '_' and '-'
      → name each topic whole; a pattern might delete more than was meant
    ");
    let done = run(&cluster, &place, "topic delete legacy unused --yes --allow loses-data -o json");
    let report = document(&done);
    assert_eq!(
        (done.status, &report["command"], &report["outcome"]),
        (0, &json!("topic delete"), &json!("done"))
    );
    assert_eq!(cluster.topics(), ["orders"]);
}

#[test]
fn a_topic_that_was_empty_when_it_was_planned_and_is_no_longer_stays_as_it_is() {
    let (cluster, place) = estate();
    let grown =
        "klerk: 1\ntopics:\n  orders: { partitions: 4, retention.ms: 1s }\n  unused: { state: absent }\n";
    let place = place.file("grown.yaml", grown);
    let saved = run(&cluster, &place, "plan -q --only topics -f grown.yaml --out saved.json");
    assert_eq!(saved.status, 0, "{}", saved.all());
    assert!(!saved.all().contains("--allow"), "{}", saved.all());
    cluster.fill("orders", 0, 5);
    cluster.fill("unused", 0, 7);
    let stale = run(&cluster, &place, "apply saved.json --yes -o json");
    assert_eq!(stale.status, 5, "{}", stale.all());
    let report = document(&stale);
    assert!(report["steps"].as_array().is_some_and(|steps| steps.len() == 3));
    assert!(
        report["steps"].as_array().unwrap().iter().all(|step| step["outcome"] == "not-attempted"),
        "{report}"
    );
    let said = ["topic orders: records was 0 and is 5 now", "topic unused: records was 0 and is 7 now"];
    assert_eq!(report["error"]["hints"], json!(said));
    let fresh = run(&cluster, &place, "plan -q --only topics -f grown.yaml");
    assert!(fresh.stdout.contains("--allow loses-data --allow moves-keys"), "{}", fresh.stdout);
}

#[test]
fn many_topics_that_are_not_alike_take_a_line_each() {
    let line = |number: i32, absent: bool| match absent {
        true => format!("  old{number:02}: {{ state: absent }}\n"),
        false => format!(
            "  old{number:02}: {{ partitions: {}, replication: {} }}\n",
            1 + number % 5,
            1 + number % 3
        ),
    };
    let topology = |absent| -> String {
        let lines: String = (0..12).map(|number| line(number, absent)).collect();
        format!("klerk: 1\ntopics:\n{lines}")
    };
    let scene = crate::scene::Scene::applied(&topology(false)).file("topology.yaml", &topology(true));
    for number in (0..12).filter(|number| number % 4 != 3) {
        let topic = format!("old{number:02}");
        scene.cluster.fill(&topic, 0, 10 * (1 + i64::from(number)));
        if number % 3 == 0 {
            scene.cluster.commit("billing", &topic, &[4]);
        }
    }
    insta::assert_snapshot!(scene.told("plan --only topics"), @r"
    status 0
    --- stdout
    - 9 topics: old00, old01, old02, old04, old05, old06, old08, old09, old10
        the whole topic: partitions 1 to 5, replication 1 to 3
        risk loses-data: records that exist, or may exist, become deletable
        subjects of a schema registry stay as they are
        estimate of what goes:
        TOPIC  PARTITIONS  REPLICATION  RECORDS  BYTES A REPLICA  FROM                  TO                    NOT READ YET BY
        old00           1            1       10    1.7 kB (1700)  <time>  <time>  billing (6)
        old01           2            2       20    3.4 kB (3400)  <time>  <time>
        old02           3            3       30    5.1 kB (5100)  <time>  <time>
        old04           5            2       50    8.5 kB (8500)  <time>  <time>
        old05           1            3       60  10.2 kB (10200)  <time>  <time>
        old06           2            1       70  11.9 kB (11900)  <time>  <time>  billing (66)
        old08           4            3       90  15.3 kB (15300)  <time>  <time>
        old09           5            1      100  17.0 kB (17000)  <time>  <time>  billing (96)
        old10           1            2      110  18.7 kB (18700)  <time>  <time>
        bytes: the same share of what the leaders' log folders hold
        records: by offsets; fewer where some were compacted away or mark the end of a transaction
        time: by the times of the first and the last record
        unread: by the commits of the groups that have any on the topic
        seen reading: billing (empty, no contract): old00, old06, old09
        no group is seen reading 6 topics
        readers: by the commits and members of the groups that can be seen
        writers: by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set
    - 3 topics: old03, old07, old11
        the whole topic: partitions 2 to 4, replication 1 to 3
        the topic holds no records
        subjects of a schema registry stay as they are
        no group is seen reading 3 topics
        readers: by the commits and members of the groups that can be seen
        writers: by the producers with an id, whom brokers remember for producer.id.expiration.ms, 1 day unless set

    What changes alike is told of together; --full tells of each by itself.
    0 to create, 0 to change, 12 to delete, 0 blocked; 0 unchanged
    To apply it, --allow loses-data is needed.
    --- stderr
    ");
    let whole = scene.run("plan --only topics --full").stdout;
    assert_eq!(whole.matches("the whole topic: partitions").count(), 12, "{whole}");
}
