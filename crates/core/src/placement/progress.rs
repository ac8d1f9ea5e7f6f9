use crate::values::{Known, TopicPartition};
use crate::world::OngoingMoves;
use std::collections::{BTreeMap, VecDeque};

/// How far back the pace of copying is measured, in milliseconds.
const WINDOW_MS: i64 = 30_000;

/// The bytes of replicas: by broker, then by partition.
pub type ReplicaSizes = BTreeMap<i32, BTreeMap<TopicPartition, Known<i64>>>;

/// How far moves of replicas have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MoveProgress {
    /// Partitions that are still on their way.
    pub partitions: usize,
    /// Bytes that the new replicas have.
    pub copied: i64,
    /// Bytes that they need, by what the leaders hold; at least that much where some were not told.
    pub of: i64,
    /// Replicas whose bytes were not told.
    pub untold: usize,
    /// The pace of late; `None` until it can be told.
    pub bytes_per_second: Option<i64>,
    /// How long it takes at that pace, in milliseconds: an estimate.
    pub left_ms: Option<i64>,
}

/// Keeps count of what is copied, look after look. A replica that is not on its way any more has everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    replicas: BTreeMap<(TopicPartition, i32), Copied>,
    untold: usize,
    partitions: usize,
    /// Moments in milliseconds, each with what had been copied by then.
    pace: VecDeque<(i64, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Copied {
    bytes: i64,
    of: i64,
}

/// The replicas whose bytes tell how far these moves are, by broker: those that copy, and their leaders'.
pub fn replicas_to_measure(
    moves: &OngoingMoves,
    leader: impl Fn(&TopicPartition) -> Option<i32>,
) -> BTreeMap<i32, Vec<TopicPartition>> {
    let mut replicas: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
    for (partition, ongoing) in moves.iter().filter(|(_, ongoing)| !ongoing.adding.is_empty()) {
        for id in ongoing.adding.iter().copied().chain(leader(partition)) {
            replicas.entry(id).or_default().push(partition.clone());
        }
    }
    replicas
}

impl Tally {
    /// Takes in one look, made at this moment (of any clock that goes forward, in milliseconds).
    pub fn note(
        &mut self,
        at_ms: i64,
        moves: &OngoingMoves,
        leader: impl Fn(&TopicPartition) -> Option<i32>,
        sizes: &ReplicaSizes,
    ) {
        for ((partition, id), copied) in &mut self.replicas {
            if !moves.get(partition).is_some_and(|ongoing| ongoing.adding.contains(id)) {
                copied.bytes = copied.of;
            }
        }
        self.untold = 0;
        self.partitions = moves.len();
        for (partition, ongoing) in moves {
            let size = |id: i32| sizes.get(&id)?.get(partition)?.known().copied();
            let whole = leader(partition).and_then(size);
            for id in &ongoing.adding {
                match (whole, size(*id)) {
                    (Some(of), Some(bytes)) => {
                        let copied = Copied { bytes: bytes.min(of), of };
                        self.replicas.insert((partition.clone(), *id), copied);
                    }
                    // A replica that its broker does not show has just been asked for.
                    (Some(of), None) => {
                        self.replicas.entry((partition.clone(), *id)).or_insert(Copied { bytes: 0, of });
                        self.untold += 1;
                    }
                    (None, _) => self.untold += 1,
                }
            }
        }
        let copied = self.copied();
        self.pace.push_back((at_ms, copied));
        while self.pace.len() > 2 && self.pace.front().is_some_and(|(first, _)| at_ms - first > WINDOW_MS) {
            self.pace.pop_front();
        }
    }

    /// How far it is.
    pub fn progress(&self) -> MoveProgress {
        let (copied, of) = (self.copied(), self.replicas.values().map(|copied| copied.of).sum::<i64>());
        let bytes_per_second = self.bytes_per_second();
        let left_ms =
            bytes_per_second.filter(|pace| *pace > 0).map(|pace| (of - copied).saturating_mul(1000) / pace);
        MoveProgress {
            partitions: self.partitions,
            copied,
            of,
            untold: self.untold,
            bytes_per_second,
            left_ms,
        }
    }

    /// Bytes that the new replicas of a partition have, and that they need; `None` where they were not told.
    pub fn of_partition(&self, partition: &TopicPartition) -> Option<(i64, i64)> {
        let mut replicas = self.replicas.iter().filter(|((at, _), _)| at == partition).peekable();
        replicas.peek()?;
        Some(replicas.fold((0, 0), |(bytes, of), (_, copied)| (bytes + copied.bytes, of + copied.of)))
    }

    fn copied(&self) -> i64 {
        self.replicas.values().map(|copied| copied.bytes).sum()
    }

    fn bytes_per_second(&self) -> Option<i64> {
        let ((first_ms, first), (last_ms, last)) = (self.pace.front()?, self.pace.back()?);
        let passed = last_ms - first_ms;
        (passed > 0).then(|| (last - first).max(0).saturating_mul(1000) / passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::OngoingMove;

    fn orders(number: i32) -> TopicPartition {
        TopicPartition::new("orders", number)
    }

    fn moves(adding: &[(i32, &[i32])]) -> OngoingMoves {
        let one = |(number, adding): &(i32, &[i32])| {
            let replicas = std::iter::once(1).chain(adding.iter().copied()).collect();
            (orders(*number), OngoingMove { replicas, adding: adding.to_vec(), removing: Vec::new() })
        };
        adding.iter().map(one).collect()
    }

    fn sizes(of: &[(i32, i32, i64)]) -> ReplicaSizes {
        let mut sizes = ReplicaSizes::new();
        for (id, number, bytes) in of {
            sizes.entry(*id).or_default().insert(orders(*number), Known::Known(*bytes));
        }
        sizes
    }

    #[test]
    fn copies_and_their_leaders_are_measured() {
        let asked = replicas_to_measure(&moves(&[(0, &[2, 3]), (1, &[])]), |_| Some(1));
        let all = vec![orders(0)];
        assert_eq!(asked, [(1, all.clone()), (2, all.clone()), (3, all)].into());
    }

    #[test]
    fn bytes_pace_and_time_are_told_and_what_has_arrived_is_whole() {
        let mut tally = Tally::default();
        let both = moves(&[(0, &[2]), (1, &[3])]);
        let leader = |_: &TopicPartition| Some(1);
        tally.note(0, &both, leader, &sizes(&[(1, 0, 100), (1, 1, 300), (2, 0, 0)]));
        let progress = tally.progress();
        assert_eq!((progress.copied, progress.of, progress.untold), (0, 400, 1));
        assert_eq!((progress.bytes_per_second, progress.left_ms), (None, None));

        tally.note(2_000, &both, leader, &sizes(&[(1, 0, 100), (1, 1, 300), (2, 0, 50), (3, 1, 50)]));
        let progress = tally.progress();
        assert_eq!(
            (progress.copied, progress.bytes_per_second, progress.left_ms),
            (100, Some(50), Some(6_000))
        );

        // The leader has grown, and partition 0 has arrived.
        tally.note(4_000, &moves(&[(1, &[3])]), leader, &sizes(&[(1, 1, 400), (3, 1, 100)]));
        let progress = tally.progress();
        assert_eq!((progress.partitions, progress.copied, progress.of, progress.untold), (1, 200, 500, 0));
    }

    #[test]
    fn the_pace_is_that_of_late() {
        let mut tally = Tally::default();
        for second in 0..100 {
            let done = if second < 60 { 0 } else { (second - 60) * 10 };
            tally.note(
                second * 1_000,
                &moves(&[(0, &[2])]),
                |_| Some(1),
                &sizes(&[(1, 0, 1_000), (2, 0, done)]),
            );
        }
        assert_eq!(tally.progress().bytes_per_second, Some(10));
    }
}
