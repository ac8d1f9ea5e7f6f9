//! Which release of Kafka the cluster passes for.

/// A release, as far as clients see it in the versions of APIs. Differences that follow from a version (such as
/// DescribeGroups, which before version 6 answers an absent group with state Dead and no error) come with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Release {
    /// Kafka 4.3.
    #[default]
    Kafka43,
    /// Kafka 3.9 with KRaft.
    Kafka39,
}

impl Release {
    /// The newest version of an API in this release; −1 when it has no such API, and `None` when it is Kafka 4.3, whose
    /// versions are those that the sandbox can do.
    pub(crate) fn newest(self, key: i16) -> Option<i16> {
        match self {
            Release::Kafka43 => None,
            Release::Kafka39 => {
                let place = KAFKA_39.binary_search_by_key(&key, |(key, _)| *key).ok();
                Some(place.and_then(|place| KAFKA_39.get(place)).map_or(-1, |(_, newest)| *newest))
            }
        }
    }
}

/// What a broker of Kafka 3.9.1 answers to ApiVersions: the newest version by key.
#[rustfmt::skip]
const KAFKA_39: [(i16, i16); 61] = [
    (0, 11), (1, 17), (2, 9), (3, 12), (8, 9), (9, 9), (10, 6), (11, 9), (12, 4), (13, 5), (14, 5), (15, 5), (16, 5),
    (17, 1), (18, 4), (19, 7), (20, 6), (21, 2), (22, 5), (23, 4), (24, 5), (25, 4), (26, 4), (27, 1), (28, 4), (29, 3),
    (30, 3), (31, 3), (32, 4), (33, 2), (34, 2), (35, 4), (36, 2), (37, 3), (38, 3), (39, 2), (40, 2), (41, 3), (42, 2),
    (43, 2), (44, 1), (45, 0), (46, 0), (47, 0), (48, 1), (49, 1), (50, 0), (51, 0), (55, 2), (57, 1), (60, 1), (61, 0),
    (64, 0), (65, 0), (66, 1), (68, 0), (69, 0), (74, 0), (75, 0), (80, 0), (81, 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_decides_for_every_api() {
        assert!(KAFKA_39.is_sorted_by_key(|(key, _)| *key));
        let newest = |key| Release::Kafka39.newest(key);
        assert_eq!((newest(15), newest(9), newest(3), newest(88)), (Some(5), Some(9), Some(12), Some(-1)));
        assert_eq!(Release::Kafka43.newest(15), None);
    }
}
