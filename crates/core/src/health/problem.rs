/// The kinds of things that an operator should look after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The quorum has no leader, so that nothing can be changed.
    NoController,
    /// Partitions without a leader.
    OfflinePartitions,
    /// Partitions that refuse writes with acks=all.
    UnderMinIsr,
    /// Partitions that lack replicas in sync.
    UnderReplicated,
    /// Brokers that are not live.
    BrokersDown,
    /// Log folders that do not work.
    LogDirOffline,
    /// Voters that have fallen behind.
    VoterBehind,
    /// Something that should have been told was not.
    Unanswered,
}

impl ProblemKind {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ProblemKind::NoController => "no-controller",
            ProblemKind::OfflinePartitions => "offline-partitions",
            ProblemKind::UnderMinIsr => "under-min-isr",
            ProblemKind::UnderReplicated => "under-replicated",
            ProblemKind::BrokersDown => "brokers-down",
            ProblemKind::LogDirOffline => "log-dir-offline",
            ProblemKind::VoterBehind => "voter-behind",
            ProblemKind::Unanswered => "unanswered",
        }
    }
}

/// Something that an operator should look after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Of what kind.
    pub kind: ProblemKind,
    /// In words, without an end mark.
    pub message: String,
}
