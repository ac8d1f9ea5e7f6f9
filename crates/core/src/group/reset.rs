use super::FileOffset;
use crate::world::PartitionView;
use std::fmt;
use std::ops::RangeInclusive;

/// What a reset asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetSpec {
    /// The groups, in the order named.
    pub groups: Vec<String>,
    /// Which partitions.
    pub scope: Scope,
    /// Where to.
    pub strategy: Strategy,
    /// Whether a group that does not exist may be given offsets.
    pub new_group: bool,
}

impl ResetSpec {
    /// The moment whose offsets must be looked up, in milliseconds since the epoch, for strategies by time.
    pub fn lookup_ms(&self, now_ms: i64) -> Option<i64> {
        match &self.strategy {
            Strategy::ToDatetime { ms } => Some(*ms),
            Strategy::ByDuration { ms } => Some(now_ms.saturating_sub(*ms)),
            _ => None,
        }
    }

    /// Every group whose commits must be read.
    pub fn groups_to_read(&self) -> impl Iterator<Item = &String> {
        let source = match &self.strategy {
            Strategy::FromGroup { group } => Some(group),
            _ => None,
        };
        self.groups.iter().chain(source)
    }
}

/// Where a reset moves a commit to. The names are those of Kafka's own tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    /// The log start.
    ToEarliest,
    /// The log end.
    ToLatest,
    /// This offset, moved to the nearer edge of the log where it lies outside.
    ToOffset {
        /// The offset, 0 or more.
        offset: i64,
    },
    /// So many records on, or back when negative, within the log.
    ShiftBy {
        /// The number of offsets.
        by: i64,
    },
    /// The first record that is no older than this moment; the log end where there is none.
    ToDatetime {
        /// Milliseconds since the epoch.
        ms: i64,
    },
    /// The first record that is no older than so long before now.
    ByDuration {
        /// Milliseconds.
        ms: i64,
    },
    /// Where the commit is; the log end where there is none.
    ToCurrent,
    /// What a file says, partition by partition.
    FromFile {
        /// The file's lines.
        offsets: Vec<FileOffset>,
    },
    /// Where another group is.
    FromGroup {
        /// The other group.
        group: String,
    },
}

impl Strategy {
    /// The flag that asks for it.
    pub fn flag(&self) -> &'static str {
        match self {
            Strategy::ToEarliest => "--to-earliest",
            Strategy::ToLatest => "--to-latest",
            Strategy::ToOffset { .. } => "--to-offset",
            Strategy::ShiftBy { .. } => "--shift-by",
            Strategy::ToDatetime { .. } => "--to-datetime",
            Strategy::ByDuration { .. } => "--by-duration",
            Strategy::ToCurrent => "--to-current",
            Strategy::FromFile { .. } => "--from-file",
            Strategy::FromGroup { .. } => "--from-group",
        }
    }

    /// Whether the target depends on the present commit, so that a commit which has moved on makes the plan stale.
    pub fn rests_on_present(&self) -> bool {
        matches!(self, Strategy::ShiftBy { .. } | Strategy::ToCurrent)
    }
}

/// Which partitions a reset covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every partition that the group (or the file, or the other group) has an offset for.
    AllTopics,
    /// These topics, whole or in part, partitions without a commit included.
    Topics(Vec<TopicScope>),
}

impl Scope {
    /// Whether the partition is meant; with [`Scope::AllTopics`] every one is.
    pub fn covers(&self, topic: &str, partition: i32) -> bool {
        match self {
            Scope::AllTopics => true,
            Scope::Topics(topics) => {
                topics.iter().any(|scope| scope.topic == topic && scope.covers(partition))
            }
        }
    }
}

/// One topic of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicScope {
    /// The topic.
    pub topic: String,
    /// Its partitions; `None` for all of them.
    pub partitions: Option<PartitionRanges>,
}

impl TopicScope {
    /// Whether the partition is meant.
    pub fn covers(&self, partition: i32) -> bool {
        self.partitions.as_ref().is_none_or(|ranges| ranges.contains(partition))
    }

    /// What is asked for and does not exist among `existing`, as ranges.
    pub fn missing(&self, existing: &[PartitionView]) -> Vec<RangeInclusive<i32>> {
        let last = i32::try_from(existing.len()).unwrap_or(i32::MAX) - 1;
        self.partitions
            .iter()
            .flat_map(|ranges| &ranges.0)
            .filter(|range| *range.end() > last)
            .map(|range| (*range.start()).max(last + 1)..=*range.end())
            .collect()
    }
}

/// Partition numbers as somebody wrote them: `0,2-5`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionRanges(pub Vec<RangeInclusive<i32>>);

impl PartitionRanges {
    /// Whether the number is in one of the ranges.
    pub fn contains(&self, partition: i32) -> bool {
        self.0.iter().any(|range| range.contains(&partition))
    }
}

impl fmt::Display for PartitionRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write_range(f, range)?;
        }
        Ok(())
    }
}

fn write_range(f: &mut fmt::Formatter<'_>, range: &RangeInclusive<i32>) -> fmt::Result {
    if range.start() == range.end() {
        write!(f, "{}", range.start())
    } else {
        write!(f, "{}-{}", range.start(), range.end())
    }
}

/// A text is not a topic with partitions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// Nothing before the colon.
    #[error("'{0}' names no topic: write TOPIC or TOPIC:PARTITIONS, for example orders:0,2-5")]
    WithoutTopic(String),
    /// Nothing after the colon.
    #[error(
        "'{0}' names no partition after the colon: write orders:0,2-5, or leave the colon out for all of them"
    )]
    WithoutPartitions(String),
    /// Not a partition number.
    #[error(
        "'{item}' in '{text}' is not a partition: write numbers from 0 and ranges, for example orders:0,2-5"
    )]
    NotANumber {
        /// What cannot be read.
        item: String,
        /// The whole text.
        text: String,
    },
    /// A range whose end lies before its beginning.
    #[error("the range '{item}' in '{text}' ends before it begins")]
    Backwards {
        /// The range.
        item: String,
        /// The whole text.
        text: String,
    },
}

impl std::str::FromStr for TopicScope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (topic, partitions) = match text.split_once(':') {
            None => (text, None),
            Some((_, "")) => return Err(InvalidScope::WithoutPartitions(text.to_owned())),
            Some((topic, partitions)) => (topic, Some(partitions)),
        };
        if topic.is_empty() {
            return Err(InvalidScope::WithoutTopic(text.to_owned()));
        }
        let partitions = partitions
            .map(|list| list.split(',').map(|item| parse_range(item.trim(), text)).collect::<Result<_, _>>())
            .transpose()?
            .map(PartitionRanges);
        Ok(TopicScope { topic: topic.to_owned(), partitions })
    }
}

fn parse_range(item: &str, text: &str) -> Result<RangeInclusive<i32>, InvalidScope> {
    let not_a_number = || InvalidScope::NotANumber { item: item.to_owned(), text: text.to_owned() };
    let number = |digits: &str| -> Result<i32, InvalidScope> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_number());
        }
        digits.parse().map_err(|_| not_a_number())
    };
    let (first, last) = item.split_once('-').unwrap_or((item, item));
    let (first, last) = (number(first)?, number(last)?);
    if last < first {
        return Err(InvalidScope::Backwards { item: item.to_owned(), text: text.to_owned() });
    }
    Ok(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(partition: i32) -> PartitionView {
        PartitionView {
            partition,
            leader: Some(1),
            leader_epoch: Some(0),
            replicas: vec![1],
            isr: vec![1],
            offline: vec![],
        }
    }

    #[test]
    fn a_scope_is_a_topic_with_or_without_partitions() {
        let whole: TopicScope = "orders".parse().unwrap();
        assert_eq!(whole, TopicScope { topic: "orders".to_owned(), partitions: None });
        assert!(whole.covers(99));

        let part: TopicScope = "orders:0,2-5".parse().unwrap();
        let covered: Vec<i32> = (0..8).filter(|number| part.covers(*number)).collect();
        assert_eq!(covered, [0, 2, 3, 4, 5]);
        assert_eq!(part.partitions.unwrap().to_string(), "0,2-5");
    }

    #[test]
    fn what_is_asked_for_and_missing_is_named_without_counting_it_out() {
        let existing: Vec<PartitionView> = (0..4).map(partition).collect();
        let scope: TopicScope = "orders:1,3-2147483647,7".parse().unwrap();
        assert_eq!(scope.missing(&existing), [4..=i32::MAX, 7..=7]);
        assert_eq!("orders".parse::<TopicScope>().unwrap().missing(&existing), []);
    }

    #[test]
    fn every_slip_is_told_apart() {
        let message = |text: &str| text.parse::<TopicScope>().unwrap_err().to_string();
        insta::assert_snapshot!(message(":1"), @"':1' names no topic: write TOPIC or TOPIC:PARTITIONS, for example orders:0,2-5");
        insta::assert_snapshot!(message("orders:"), @"'orders:' names no partition after the colon: write orders:0,2-5, or leave the colon out for all of them");
        insta::assert_snapshot!(message("orders:1,x"), @"'x' in 'orders:1,x' is not a partition: write numbers from 0 and ranges, for example orders:0,2-5");
        insta::assert_snapshot!(message("orders:5-2"), @"the range '5-2' in 'orders:5-2' ends before it begins");
        for text in ["o:-1", "o:1,,2", "o:2147483648", "o:1-", "o:+1"] {
            assert!(matches!(text.parse::<TopicScope>(), Err(InvalidScope::NotANumber { .. })), "{text}");
        }
    }
}
