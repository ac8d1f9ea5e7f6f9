use super::*;
use crate::testing::topic;
use crate::values::Known;
use crate::world::{RegisteredBroker, StatusView};
use std::collections::BTreeMap;

/// Three live brokers and one topic of these partitions.
fn view() -> StatusView {
    let broker = |id: i32| {
        let broker = RegisteredBroker {
            host: "kafka".to_owned(),
            port: 9090 + id,
            rack: None,
            fenced: false,
            metadata_versions: Known::NotAsked,
        };
        (id, broker)
    };
    StatusView {
        id: "test".to_owned(),
        brokers: (1..=3).map(broker).collect(),
        quorum: Known::NotAsked,
        features: Known::NotAsked,
        topics: BTreeMap::from([("orders".to_owned(), Known::Known(topic(2, 3).build()))]),
        disks: BTreeMap::new(),
        moves: Known::Known(BTreeMap::new()),
        throttles: BTreeMap::new(),
    }
}

#[test]
fn a_cluster_that_lacks_nothing_has_no_problems() {
    let status = status(&view());
    assert_eq!(status.problems, []);
    assert_eq!((status.live(), status.partitions.counts.total), (3, 2));
}
