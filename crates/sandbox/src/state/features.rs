//! The features of a cluster, as each release finalizes them on a new one.

use crate::state::Release;

/// One feature: its name, the levels that the brokers can do, and the level that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// The lowest level that the brokers can do.
    pub min: i16,
    /// The highest.
    pub max: i16,
    /// The level that holds; `None` where there is none.
    pub finalized: Option<i16>,
}

const KAFKA_43: [Feature; 7] = [
    feature("eligible.leader.replicas.version", 0, 1, Some(1)),
    feature("group.version", 0, 1, Some(1)),
    feature("kraft.version", 0, 1, None),
    feature("metadata.version", 7, 30, Some(30)),
    feature("share.version", 0, 1, Some(1)),
    feature("streams.version", 0, 1, Some(1)),
    feature("transaction.version", 0, 2, Some(2)),
];

const KAFKA_39: [Feature; 2] =
    [feature("kraft.version", 0, 1, None), feature("metadata.version", 1, 21, Some(21))];

impl Release {
    /// Its features, by name.
    pub fn features(self) -> &'static [Feature] {
        match self {
            Release::Kafka43 => &KAFKA_43,
            Release::Kafka39 => &KAFKA_39,
        }
    }
}

const fn feature(name: &'static str, min: i16, max: i16, finalized: Option<i16>) -> Feature {
    Feature { name, min, max, finalized }
}
