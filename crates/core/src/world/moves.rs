use crate::values::TopicPartition;
use std::collections::BTreeMap;

/// A partition whose replicas are on their way, as ListPartitionReassignments (KIP-455) tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OngoingMove {
    /// Every replica of now: those that stay or come, and those that will go.
    pub replicas: Vec<i32>,
    /// Those that are still copying.
    pub adding: Vec<i32>,
    /// Those that go once the others have everything.
    pub removing: Vec<i32>,
}

/// Every move that is under way, by partition.
pub type OngoingMoves = BTreeMap<TopicPartition, OngoingMove>;

impl OngoingMove {
    /// The replicas in the end.
    pub fn target(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|id| !self.removing.contains(id)).collect()
    }

    /// The replicas before the move began.
    pub fn before(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|id| !self.adding.contains(id)).collect()
    }
}
