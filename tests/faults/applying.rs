//! What goes wrong with an apply.

use crate::row::{OVER, Row};

/// The steps for the three topics that are created, for the two that grow, for the two whose configs change, for the two that go,
/// and for the two subjects.
const CREATED: &str = "create-topic";
const GROWN: &str = "add-partitions";
const TUNED: &str = "set-config";
const DELETED: &str = "delete-topic";
const LEVEL: &str = "set-compatibility grown.a-value";
const MADE: &str = "register-schema made.a-value";
const SECOND: &str = "register-schema grown.a-value";

/// Nothing is done where a part of the file cannot be.
const UNTOUCHED: &[(&str, &str)] = &[("", "not-attempted")];

pub fn rows() -> Vec<Row> {
    [creating(), growing(), tuning(), deleting(), registering(), looking(), planning(), whole(), of_brokers()]
        .concat()
}

fn creating() -> Vec<Row> {
    let row = |name, faults: &[&'static str]| Row::new(name, faults).planned();
    vec![
        row("a topic is refused", &["CreateTopics resource=made.a refuse 44 \"not here\""])
            .partly(&[("create-topic made.a", "rejected")]),
        row("all topics are refused", &["CreateTopics refuse-request 44 once"])
            .partly(&[(CREATED, "rejected")]),
        row("a topic is said to exist and does not", &["CreateTopics resource=made.a refuse 36"])
            .partly(&[("create-topic made.a", "rejected")]),
        row("a topic is created too late for the broker", &["CreateTopics resource=made.a answer 7"]),
        row("a topic is not created in the broker's time", &["CreateTopics resource=made.a refuse 7"])
            .partly(&[("create-topic made.a", "unknown")]),
        row(
            "a topic is created, and the server says that it does not know",
            &["CreateTopics resource=made.a answer -1"],
        ),
        row(
            "a topic is not created, and the server says that it does not know",
            &["CreateTopics resource=made.a refuse -1"],
        )
        .partly(&[("create-topic made.a", "unknown")]),
        // A controller that kept silent once is not asked again.
        row("the answer about new topics is late", &["CreateTopics late 8s once"]).partly(&[
            (GROWN, "not-attempted"),
            (TUNED, "not-attempted"),
            (DELETED, "not-attempted"),
        ]),
        row("the connection closes before topics are created", &["CreateTopics close-before once"])
            .partly(&[(CREATED, "unknown")]),
        row("the connection closes after topics are created", &["CreateTopics close-after once"]),
        row("nothing is heard of new topics", &["CreateTopics silence once"]).partly(&[
            (CREATED, "unknown"),
            (GROWN, "not-attempted"),
            (TUNED, "not-attempted"),
            (DELETED, "not-attempted"),
        ]),
        row("new topics are throttled", &["CreateTopics throttle 300ms once"]),
        row("the quota for new topics is used up for a while", &["CreateTopics quota 200ms 2 times"]),
        row("the quota is used up for one topic", &["CreateTopics resource=made.b quota 200ms once"]),
        row("a topic is left out of the answer", &["CreateTopics resource=made.b omit"]),
        row("the controller moves before topics are created", &["CreateTopics move once"]),
        row("the controller moves after topics are created", &["CreateTopics answer 41 once"]),
        row("creating topics is not offered", &["CreateTopics absent"]).partly(&[(CREATED, "not-attempted")]),
    ]
}

fn growing() -> Vec<Row> {
    let row = |name, faults: &[&'static str]| Row::new(name, faults).planned();
    vec![
        row("partitions of one topic are refused", &["CreatePartitions resource=grown.a refuse 44"])
            .partly(&[("add-partitions grown.a", "rejected")]),
        row("all partitions are refused", &["CreatePartitions refuse 29"]).partly(&[(GROWN, "rejected")]),
        row("partitions are added too late for the broker", &["CreatePartitions answer 7"])
            .partly(&[(TUNED, "not-attempted"), (DELETED, "not-attempted")]),
        row("partitions are not added in the broker's time", &["CreatePartitions resource=grown.b refuse 7"])
            .partly(&[("add-partitions grown.b", "unknown")]),
        row("the answer about partitions is late", &["CreatePartitions late 8s once"])
            .partly(&[(TUNED, "not-attempted"), (DELETED, "not-attempted")]),
        row("the connection closes before partitions are added", &["CreatePartitions close-before once"])
            .partly(&[(GROWN, "unknown")]),
        row("the connection closes after partitions are added", &["CreatePartitions close-after once"]),
        row("nothing is heard of partitions", &["CreatePartitions silence once"]).partly(&[
            (GROWN, "unknown"),
            (TUNED, "not-attempted"),
            (DELETED, "not-attempted"),
        ]),
        row("partitions are throttled", &["CreatePartitions throttle 300ms once"]),
        row("the quota for partitions is used up for a while", &["CreatePartitions quota 200ms 2 times"]),
        row("a grown topic is left out of the answer", &["CreatePartitions resource=grown.a omit"]),
        row("the controller moves before partitions are added", &["CreatePartitions move once"]),
        row("the controller moves after partitions are added", &["CreatePartitions answer 41 once"]),
    ]
}

fn tuning() -> Vec<Row> {
    let row = |name, faults: &[&'static str]| Row::new(name, faults).planned();
    vec![
        row(
            "configs of one topic are refused",
            &["IncrementalAlterConfigs resource=tuned.a refuse 40 \"bad\""],
        )
        .partly(&[("set-config tuned.a", "rejected")]),
        row("all configs are refused", &["IncrementalAlterConfigs refuse 29"]).partly(&[(TUNED, "rejected")]),
        row("configs are set too late for the broker", &["IncrementalAlterConfigs answer 7"])
            .partly(&[(DELETED, "not-attempted")]),
        row("configs are not set in the broker's time", &["IncrementalAlterConfigs refuse 7"])
            .partly(&[(TUNED, "unknown"), (DELETED, "not-attempted")]),
        row("the answer about configs is late", &["IncrementalAlterConfigs late 8s once"])
            .partly(&[(DELETED, "not-attempted")]),
        row("the connection closes before configs are set", &["IncrementalAlterConfigs close-before once"]),
        row("the connection always closes before configs are set", &["IncrementalAlterConfigs close-before"])
            .partly(&[(TUNED, "unknown")]),
        row("the connection closes after configs are set", &["IncrementalAlterConfigs close-after once"]),
        row(
            "configs are set, the connection closes, and then they are refused",
            &["IncrementalAlterConfigs close-after once", "IncrementalAlterConfigs refuse 29 after 1"],
        ),
        row(
            "configs are set, the connection closes, then they are refused, and no look shows them",
            &[
                "IncrementalAlterConfigs close-after once",
                "IncrementalAlterConfigs refuse 29 after 1",
                "DescribeConfigs stale 60s",
            ],
        )
        .partly(&[
            (TUNED, "unknown"),
            ("create-topic made.a", "accepted"),
            ("create-topic made.c", "accepted"),
        ]),
        row(
            "the controller moves after topics are created, and no look shows them",
            &["CreateTopics answer 41 once", "Metadata stale 60s"],
        )
        .partly(&[(CREATED, "unknown"), (GROWN, "accepted"), (DELETED, "accepted")]),
        row("nothing is heard of configs", &["IncrementalAlterConfigs silence once"])
            .partly(&[(TUNED, "unknown"), (DELETED, "not-attempted")]),
        row("configs are throttled", &["IncrementalAlterConfigs throttle 300ms once"]),
        row("configs are left out of the answer", &["IncrementalAlterConfigs resource=tuned.b omit"]),
        row("the controller moves before configs are set", &["IncrementalAlterConfigs move once"]),
    ]
}

fn deleting() -> Vec<Row> {
    let row = |name, faults: &[&'static str]| Row::new(name, faults).planned();
    vec![
        row("a deletion is refused", &["DeleteTopics resource=old.a refuse 29"])
            .partly(&[("delete-topic old.a", "rejected")]),
        row("deletions are forbidden", &["DeleteTopics refuse 73"]).partly(&[(DELETED, "rejected")]),
        row("a topic is deleted too late for the broker", &["DeleteTopics answer 7"]),
        row("a topic is not deleted in the broker's time", &["DeleteTopics resource=old.b refuse 7"])
            .partly(&[("delete-topic old.b", "unknown")]),
        row("a topic is deleted, and the server says that it does not know", &["DeleteTopics answer -1"]),
        row("the answer about deletions is late", &["DeleteTopics late 8s once"]),
        row("the connection closes before topics are deleted", &["DeleteTopics close-before once"])
            .partly(&[(DELETED, "unknown")]),
        row("the connection closes after topics are deleted", &["DeleteTopics close-after once"]),
        row("nothing is heard of deletions", &["DeleteTopics silence once"]).partly(&[(DELETED, "unknown")]),
        row("the quota for deletions is used up for a while", &["DeleteTopics quota 200ms 2 times"]),
        row("a deletion is left out of the answer", &["DeleteTopics resource=old.a omit"]),
        row("the controller moves before topics are deleted", &["DeleteTopics move once"]),
        row("the controller moves after topics are deleted", &["DeleteTopics answer 41 once"]),
        row(
            "deleted topics are seen for longer than anybody waits",
            &["DeleteTopics close-after once", "Metadata stale 60s"],
        )
        .partly(&[(DELETED, "unknown"), (CREATED, "accepted"), (GROWN, "accepted")]),
    ]
}

fn registering() -> Vec<Row> {
    let row = |name, faults: &[&'static str]| Row::new(name, faults).planned();
    let post = |name, fault: &'static str| row(name, &[fault]);
    vec![
        post("a schema is refused", "POST /subjects/made.a-value/versions status 422")
            .partly(&[(MADE, "rejected")]),
        post("credentials are refused", "POST /subjects/made.a-value/versions status 401")
            .partly(&[(MADE, "rejected")]),
        post("the registry fails before it registers", "POST /subjects/made.a-value/versions status 500")
            .partly(&[(MADE, "unknown")]),
        post("a page comes instead of the registry", "POST /subjects/made.a-value/versions page 404")
            .partly(&[(MADE, "rejected")]),
        post("a page says that it went well", "POST /subjects/made.a-value/versions page-after 200"),
        post(
            "a gateway gives up after it was registered",
            "POST /subjects/made.a-value/versions page-after 504",
        ),
        post("half of the answer about a schema comes", "POST /subjects/made.a-value/versions half"),
        post("the answer about a schema is late", "POST /subjects/made.a-value/versions late 8000"),
        post("the registry closes before it registers", "POST /subjects/made.a-value/versions close-before")
            .partly(&[(MADE, "unknown")]),
        post("the registry closes after it registers", "POST /subjects/made.a-value/versions close-after"),
        post("nothing is heard of a schema", "POST /subjects/made.a-value/versions silence")
            .partly(&[(MADE, "unknown")]),
        post("a second version is refused", "POST /subjects/grown.a-value/versions status 409")
            .partly(&[(SECOND, "rejected")]),
        post("a level is refused", "PUT /config/grown.a-value status 422")
            .partly(&[(LEVEL, "rejected"), (SECOND, "not-attempted")]),
        post("a level is refused for a while", "PUT /config/grown.a-value again 503 once"),
        post("the registry closes before it sets a level", "PUT /config/grown.a-value close-before once"),
        post("the registry closes after it set a level", "PUT /config/grown.a-value close-after once"),
        row(
            "a level is set, the connection closes, and then it is refused",
            &["PUT /config/grown.a-value close-after once", "PUT /config/grown.a-value status 403"],
        ),
        post("nothing is heard of a level", "PUT /config/grown.a-value silence")
            .partly(&[(LEVEL, "unknown"), (SECOND, "not-attempted")]),
        post("versions cannot be looked at", "GET /subjects/made.a-value/versions/latest status 500")
            .ends(1, UNTOUCHED),
        Row::new("the registry is a page", &["GET / page 200"]).fails("registry"),
        Row::new("the registry refuses everything", &["GET / status 401"]).fails("auth"),
        Row::new("the registry never answers", &["GET / silence"]).fails("timeout"),
        Row::new("the registry fails once", &["GET / status 500 once"]),
        Row::new("the registry closes once", &["GET / close-before once"]),
    ]
}

/// Reads around the writes of a plan that was made before.
fn looking() -> Vec<Row> {
    let row = |name, faults: &[&'static str]| Row::new(name, faults).planned();
    vec![
        row("metadata lags for some looks", &["Metadata stale 3 times"]),
        row("configs lag for some looks", &["DescribeConfigs stale 3 times"]),
        row("metadata lags for longer than anybody waits", &["Metadata stale 60s"]).partly(&[
            (CREATED, "accepted"),
            (GROWN, "accepted"),
            (DELETED, "accepted"),
        ]),
        row("configs lag for longer than anybody waits", &["DescribeConfigs stale 60s"]).partly(&[
            (TUNED, "accepted"),
            ("create-topic made.a", "accepted"),
            ("create-topic made.c", "accepted"),
        ]),
        row("a topic cannot be looked at afterwards", &["Metadata resource=made.b deny after 2"])
            .counting_looks()
            .partly(&[("create-topic made.b", "accepted")]),
        row(
            "configs cannot be looked at afterwards",
            &["DescribeConfigs resource=tuned.a refuse 29 after 3"],
        )
        .counting_looks()
        .partly(&[("set-config tuned.a", "accepted")]),
        row("the connection closes at the look before the changes", &["Metadata close-before once"]),
        row("the connection closes at the look afterwards", &["DescribeConfigs close-after after 2 once"])
            .counting_looks(),
        row("the look afterwards is late", &["Metadata late 300ms"]),
        row("the look afterwards is never answered", &["Metadata silence after 5"]).counting_looks().partly(
            &[
                (CREATED, "accepted"),
                (GROWN, "accepted"),
                (TUNED, "accepted"),
                (DELETED, "accepted"),
                (LEVEL, "accepted"),
                (MADE, "accepted"),
            ],
        ),
    ]
}

/// Faults that are there from the start.
fn planning() -> Vec<Row> {
    vec![
        Row::new("nothing goes wrong", &[]),
        Row::new("lists leave out what may not be seen", &["Metadata resource=foreign omit"]),
        Row::new("metadata is never answered", &["Metadata silence"]).fails("connect"),
        Row::new("every connection closes", &["* close-before"]).fails("connect"),
        Row::new("a topic may not be seen", &["Metadata resource=tuned.a deny"]).ends(1, UNTOUCHED),
        Row::new("configs may not be read", &["DescribeConfigs resource=tuned.a deny"]).ends(1, UNTOUCHED),
        Row::new("configs cannot be read", &["DescribeConfigs resource=tuned.a refuse -1"])
            .ends(1, UNTOUCHED),
        Row::new("configs are never answered", &["DescribeConfigs silence"]).fails("timeout"),
        Row::new("configs are late", &["DescribeConfigs late 300ms"]),
        Row::new("the connection closes once while it looks", &["DescribeConfigs close-before once"]),
        Row::new("offsets are never answered", &["ListOffsets silence"]),
        Row::new("the preflight is never answered", &["CreateTopics silence once"]).ends(1, UNTOUCHED),
        Row::new("the preflight is refused", &["CreateTopics resource=made.a refuse 44 \"not here\""])
            .ends(1, UNTOUCHED),
        Row::new("the preflight may not be asked", &["CreateTopics resource=made.a refuse 29"])
            .ends(4, UNTOUCHED),
    ]
}

/// Faults of brokers and of every API.
fn whole() -> Vec<Row> {
    vec![
        Row::new("everything is throttled", &["* throttle 50ms"]),
        Row::new("everything is late", &["* late 60ms"]),
        Row::new("one broker closes every connection", &["* node=1 close-before"]),
        Row::new("one broker never answers", &["* node=1 silence"]),
        // Whether a topic is still empty is for its leader to say.
        Row::new("a broker closes in the middle", &["* node=1 close-before after 10"])
            .planned()
            .partly(&[(CREATED, "unknown"), (GROWN, "not-attempted")]),
        Row::new("a broker falls silent in the middle", &["* node=1 silence after 10"]).planned().partly(&[
            (CREATED, "unknown"),
            (GROWN, "not-attempted"),
            (TUNED, "not-attempted"),
            (DELETED, "not-attempted"),
        ]),
        Row::new("time is over while nothing is heard", &["CreateTopics silence"])
            .planned()
            .flags(OVER)
            .ends(3, &[(CREATED, "unknown"), ("", "not-attempted")]),
    ]
}

/// Brokers that stop, and brokers that are old.
fn of_brokers() -> Vec<Row> {
    vec![
        Row::new("a broker is down", &["stop 2"]),
        Row::new("a broker goes down once it is planned", &["stop 3"]).planned(),
        Row::new("two brokers are down", &["stop 2", "stop 3"]),
        Row::new("the controller goes down before topics are created", &["CreateTopics stop-before once"])
            .planned()
            .partly(&[(CREATED, "unknown")]),
        Row::new("the controller goes down after topics are created", &["CreateTopics stop-after once"])
            .planned(),
        Row::new(
            "the controller goes down before partitions are added",
            &["CreatePartitions stop-before once"],
        )
        .planned()
        .partly(&[(GROWN, "unknown")]),
        Row::new(
            "the controller goes down after configs are set",
            &["IncrementalAlterConfigs stop-after once"],
        )
        .planned(),
        Row::new("the controller goes down before topics are deleted", &["DeleteTopics stop-before once"])
            .planned()
            .partly(&[(DELETED, "unknown")]),
        Row::new("a broker goes down while it is looked at", &["DescribeConfigs stop-before once"]),
        Row::new("the brokers are of Kafka 3.9", &["release 3.9"]),
        Row::new("topics are created as years ago", &["CreateTopics cap 4"]),
        Row::new("metadata is as years ago", &["Metadata cap 8"]),
        Row::new("configs are not altered one by one", &["IncrementalAlterConfigs absent"])
            .ends(1, UNTOUCHED),
        Row::new("one broker is older than the others", &["* node=2 cap 3"]),
    ]
}
