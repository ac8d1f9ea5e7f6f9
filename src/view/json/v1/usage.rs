use super::InvalidDocument;
use super::loss::{EstimateV1, read_time, time};
use super::offsets::group_type;
use klerk_core::plan::{Reader, SeenReader, Usage, Writers};
use klerk_core::world::GroupState;
use serde::{Deserialize, Serialize};

/// Who reads and writes a topic, as far as servers tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageV1 {
    /// The groups that read it.
    pub readers: EstimateV1<Vec<ReaderV1>>,
    /// Who writes it; null for a step that takes no records.
    pub writers: Option<EstimateV1<WritersV1>>,
}

/// A group that reads a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderV1 {
    /// The group.
    pub group: String,
    /// Its type, in Kafka's words.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its state, in Kafka's words.
    pub state: String,
    /// Members that are assigned partitions of the topic; null where that could not be read.
    pub members: Option<usize>,
    /// Whether a contract of the files names the topic for it.
    pub declared: bool,
    /// A topic that Kafka Streams has made for an application of this name.
    pub streams: Option<String>,
}

/// Producers of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WritersV1 {
    /// How many.
    pub producers: usize,
    /// The latest time of a record of any of them.
    pub last_write: Option<String>,
}

impl From<&Usage> for UsageV1 {
    fn from(usage: &Usage) -> Self {
        let reader = |(group, reader): (&String, &Reader)| ReaderV1 {
            group: group.clone(),
            kind: reader.seen.kind.to_string(),
            state: reader.seen.state.to_string(),
            members: reader.seen.members,
            declared: reader.declared,
            streams: reader.streams.clone(),
        };
        let writers =
            |seen: &Writers| WritersV1 { producers: seen.producers, last_write: seen.last_ms.map(time) };
        UsageV1 {
            readers: EstimateV1::of(&usage.readers, |readers| Some(readers.iter().map(reader).collect())),
            writers: usage.writers.as_ref().map(|seen| EstimateV1::of(seen, |seen| Some(writers(seen)))),
        }
    }
}

impl UsageV1 {
    pub(super) fn to_core(&self) -> Result<Usage, InvalidDocument> {
        let reader = |one: &ReaderV1| {
            let seen = SeenReader {
                kind: group_type(&one.kind),
                state: GroupState::from_word(&one.state),
                members: one.members,
            };
            let reader = Reader { seen, declared: one.declared, streams: one.streams.clone() };
            (one.group.clone(), reader)
        };
        let writers = |seen: &WritersV1| {
            let last_ms = seen.last_write.as_deref().map(read_time).transpose()?;
            Ok(Writers { producers: seen.producers, last_ms })
        };
        Ok(Usage {
            readers: self.readers.to_core(|readers| Ok(readers.iter().map(reader).collect()))?,
            writers: self.writers.as_ref().map(|seen| seen.to_core(writers)).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::plan::Estimate;
    use klerk_core::world::GroupType;

    #[test]
    fn who_uses_a_topic_is_written_and_read_back() {
        let about =
            |last_ms| Estimate::About { value: Writers { producers: 2, last_ms }, how: "by ids".to_owned() };
        let reader = |state, members| Reader {
            seen: SeenReader { kind: GroupType::Consumer, state, members },
            declared: true,
            streams: Some("app-counts-changelog".to_owned()),
        };
        let readers = [
            ("a".to_owned(), reader(GroupState::PreparingRebalance, None)),
            ("b".to_owned(), reader(GroupState::Other("odd".to_owned()), Some(3))),
        ];
        let readers = Estimate::About { value: readers.into(), how: "by commits".to_owned() };
        for usage in [
            Usage { readers: readers.clone(), writers: Some(about(Some(5))) },
            Usage { readers: readers.clone(), writers: Some(about(None)) },
            Usage { readers, writers: None },
            Usage {
                readers: Estimate::NotAvailable("denied".to_owned()),
                writers: Some(Estimate::NotAvailable("denied".to_owned())),
            },
        ] {
            assert_eq!(UsageV1::from(&usage).to_core().unwrap(), usage);
        }
    }
}
