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
    /// Every kind, worst first.
    pub const ALL: [ProblemKind; 8] = [
        ProblemKind::NoController,
        ProblemKind::OfflinePartitions,
        ProblemKind::UnderMinIsr,
        ProblemKind::UnderReplicated,
        ProblemKind::BrokersDown,
        ProblemKind::LogDirOffline,
        ProblemKind::VoterBehind,
        ProblemKind::Unanswered,
    ];

    /// What it means, and what to do about it.
    pub fn meaning(self) -> &'static str {
        match self {
            ProblemKind::NoController => {
                "The quorum of controllers has no leader, so that nothing can be created, changed or elected. Bring a majority of the voters back."
            }
            ProblemKind::OfflinePartitions => {
                "Partitions have no leader, so that nobody can read or write them. Bring one of their replicas in sync back."
            }
            ProblemKind::UnderMinIsr => {
                "Fewer replicas are in sync than min.insync.replicas asks for, so that writes with acks=all are refused. Reads go on."
            }
            ProblemKind::UnderReplicated => {
                "Replicas are not in sync with their leaders. Replicas that a move adds are not counted before they have arrived."
            }
            ProblemKind::BrokersDown => {
                "A broker is registered and not live, or has replicas and is not there at all."
            }
            ProblemKind::LogDirOffline => {
                "A broker cannot use one of its log folders, as a rule because the disk failed. Its replicas there are offline."
            }
            ProblemKind::VoterBehind => {
                "A voter of the quorum has lacked records of the metadata log for more than ten seconds. With too many of them the quorum stands still."
            }
            ProblemKind::Unanswered => {
                "Something that should have been told was not, so that more may be wrong than is shown. What a cluster refuses to tell is not counted here."
            }
        }
    }

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
