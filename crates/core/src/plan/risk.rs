use std::{fmt, str};

/// What a change may lose or break, by the names of `--allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Records go, or may go.
    LosesData,
    /// Keys land on other partitions than before.
    MovesKeys,
    /// Producers may be refused.
    StopsWrites,
    /// Fewer copies, or fewer that must have a record.
    WeakensDurability,
    /// Replicas are copied between brokers.
    MovesReplicas,
    /// Readers may no longer be able to decode.
    BreaksReaders,
    /// The resource is marked as protected.
    Protected,
    /// A group will not read some records.
    SkipsRecords,
    /// A group will read some records again.
    RepeatsRecords,
    /// Somebody may do more than before.
    OpensAccess,
    /// Somebody may do less than before.
    ClosesAccess,
    /// An undo starts from a state that has moved on since the record was made.
    MovedSince,
}

/// The word is not the name of a risk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the name of a risk")]
pub struct UnknownRisk(pub String);

impl Risk {
    /// Every risk.
    pub const ALL: [Risk; 12] = [
        Risk::LosesData,
        Risk::MovesKeys,
        Risk::StopsWrites,
        Risk::WeakensDurability,
        Risk::MovesReplicas,
        Risk::BreaksReaders,
        Risk::Protected,
        Risk::SkipsRecords,
        Risk::RepeatsRecords,
        Risk::OpensAccess,
        Risk::ClosesAccess,
        Risk::MovedSince,
    ];

    /// The name in `--allow` and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Risk::LosesData => "loses-data",
            Risk::MovesKeys => "moves-keys",
            Risk::StopsWrites => "stops-writes",
            Risk::WeakensDurability => "weakens-durability",
            Risk::MovesReplicas => "moves-replicas",
            Risk::BreaksReaders => "breaks-readers",
            Risk::Protected => "protected",
            Risk::SkipsRecords => "skips-records",
            Risk::RepeatsRecords => "repeats-records",
            Risk::OpensAccess => "opens-access",
            Risk::ClosesAccess => "closes-access",
            Risk::MovedSince => "moved-since",
        }
    }

    /// One sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Risk::LosesData => "records that exist, or may exist, become deletable",
            Risk::MovesKeys => {
                "new records of a key may land on another partition than its old ones, so that readers see them out of order"
            }
            Risk::StopsWrites => "producers may be refused",
            Risk::WeakensDurability => "an acknowledged record may be lost with fewer failures than before",
            Risk::MovesReplicas => "replicas are copied to other brokers, or given up",
            Risk::BreaksReaders => "readers of the subject may no longer be able to decode",
            Risk::Protected => "the resource is marked as protected",
            Risk::SkipsRecords => "the group will not read some records",
            Risk::RepeatsRecords => "the group will read some records again",
            Risk::OpensAccess => "somebody may do more than before",
            Risk::ClosesAccess => "somebody may do less than before, and clients that rely on it are refused",
            Risk::MovedSince => "things have moved since the record was made",
        }
    }

    /// Whether `--yes` alone is enough.
    pub fn is_covered_by_yes(self) -> bool {
        matches!(self, Risk::SkipsRecords | Risk::RepeatsRecords)
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl str::FromStr for Risk {
    type Err = UnknownRisk;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Risk::ALL.into_iter().find(|risk| risk.as_str() == text).ok_or_else(|| UnknownRisk(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for risk in Risk::ALL {
            assert_eq!(risk.as_str().parse(), Ok(risk));
        }
    }
}
