//! What goes wrong with a reset of two groups.

use crate::row::{OVER, Row};

const FIRST: &str = "commit-offsets readers.a";

pub fn rows() -> Vec<Row> {
    [committing(), finding(), looking(), of_brokers()].concat()
}

fn committing() -> Vec<Row> {
    let once = |name, fault: &'static str| Row::new(name, &[fault]);
    vec![
        Row::new("nothing goes wrong", &[]),
        once("one partition is refused", "OffsetCommit resource=orders-1 refuse 12 once")
            .partly(&[(FIRST, "partial")]),
        once("two partitions are refused, for two groups", "OffsetCommit resource=orders refuse 29")
            .ends(3, &[("", "partial")]),
        once("all partitions of one group are refused", "OffsetCommit refuse 30 once")
            .partly(&[(FIRST, "rejected")]),
        once("members came in between", "OffsetCommit refuse 25").ends(1, &[("", "rejected")]),
        once("a commit is done too late for the broker", "OffsetCommit answer 7 once"),
        once("a commit is not done in the broker's time", "OffsetCommit refuse 7 once")
            .partly(&[(FIRST, "unknown")]),
        once("the connection closes before the commit", "OffsetCommit close-before once")
            .partly(&[(FIRST, "unknown")]),
        once("the connection closes after the commit", "OffsetCommit close-after once"),
        once("the answer to a commit is late", "OffsetCommit late 8s once"),
        once("nothing is heard of a commit", "OffsetCommit silence once").partly(&[(FIRST, "unknown")]),
        once("a partition is left out of the answer", "OffsetCommit resource=orders-2 omit once"),
        once("commits are throttled", "OffsetCommit throttle 300ms"),
        once("a commit is too large", "OffsetCommit refuse -1 once"),
        once("a group's commits close the connection", "OffsetCommit resource=readers.b close-before")
            .partly(&[("commit-offsets readers.b", "unknown")]),
    ]
}

fn finding() -> Vec<Row> {
    let once = |name, fault: &'static str| Row::new(name, &[fault]);
    vec![
        once("the coordinator moves before the commit", "OffsetCommit move once"),
        once("the coordinator moves after the commit", "OffsetCommit answer 16 once"),
        once("the coordinator loads for a while", "OffsetCommit refuse 14 2 times"),
        once("the coordinator loads for ever", "OffsetCommit refuse 14").ends(1, &[("", "rejected")]),
        once(
            "one partition says that the coordinator moved",
            "OffsetCommit resource=orders-0 refuse 16 once",
        )
        .partly(&[(FIRST, "partial")]),
        once("no coordinator for a while", "FindCoordinator refuse 15 2 times"),
        once("no coordinator", "FindCoordinator refuse 15").ends(1, &[("", "not-attempted")]),
        once("coordinators are never told", "FindCoordinator silence").ends(1, &[("", "not-attempted")]),
    ]
}

fn looking() -> Vec<Row> {
    let once = |name, fault: &'static str| Row::new(name, &[fault]);
    vec![
        once("commits may not be read", "OffsetFetch resource=readers.a refuse 30")
            .ends(1, &[("", "not-attempted")]),
        once("commits cannot be read for a while", "OffsetFetch refuse 14 2 times"),
        once("commits are never told", "OffsetFetch silence").ends(1, &[("", "not-attempted")]),
        once("the present offsets are late", "OffsetFetch late 300ms"),
        once("commits may not be read afterwards", "OffsetFetch refuse 30 after 6")
            .ends(3, &[("", "accepted")]),
        once(
            "the connection closes when commits are read afterwards",
            "OffsetFetch close-before after 6 once",
        ),
        once("the end of one partition is not told", "ListOffsets resource=orders-0 refuse 6")
            .ends(1, &[("", "not-attempted")]),
        once("ends are late", "ListOffsets late 300ms"),
        once("ends are never told", "ListOffsets silence").ends(1, &[("", "not-attempted")]),
        once("leaders move while ends are read", "ListOffsets move once"),
        once("one partition is left out of the ends", "ListOffsets resource=bills-0 omit")
            .ends(1, &[("", "not-attempted")]),
        once("groups cannot be listed for a while", "ListGroups refuse-request 14 2 times"),
        once("lists leave a group out", "ListGroups resource=readers.b omit"),
        // Nothing is done for the others where one group is asked for in vain.
        once("the coordinator of one group closes every connection", "* node=2 close-before")
            .ends(1, &[("", "not-attempted")]),
        once("everything is throttled", "* throttle 50ms"),
        once("time is over while nothing is heard", "OffsetCommit silence")
            .flags(OVER)
            .ends(3, &[(FIRST, "unknown"), ("", "not-attempted")]),
    ]
}

/// Brokers that stop, and brokers that are old.
fn of_brokers() -> Vec<Row> {
    let once = |name, fault: &'static str| Row::new(name, &[fault]);
    vec![
        once("a broker is down", "stop 2"),
        Row::new("two brokers are down", &["stop 1", "stop 2"]),
        once("the coordinator goes down before the commit", "OffsetCommit stop-before once")
            .partly(&[(FIRST, "unknown")]),
        once("the coordinator goes down after the commit", "OffsetCommit stop-after once"),
        once("the coordinator goes down while it is looked at", "OffsetFetch stop-before once"),
        once("a leader goes down while ends are read", "ListOffsets stop-before once"),
        once("the brokers are of Kafka 3.9", "release 3.9"),
        once("commits are made as years ago", "OffsetCommit cap 5"),
        once("commits are read as years ago", "OffsetFetch cap 5"),
        once("one broker is older than the others", "* node=2 cap 3"),
    ]
}
