use super::{AccessChange, ClusterChange, GroupChange, RecordsChange, SubjectChange, TopicChange};
use crate::values::Resource;

/// One change of one resource. Each family's file owns everything about its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A topic.
    Topic(TopicChange),
    /// A subject of the registry.
    Subject(SubjectChange),
    /// A consumer group.
    Group(GroupChange),
    /// The cluster itself, or one of its brokers.
    Cluster(ClusterChange),
    /// The records of a topic.
    Records(RecordsChange),
    /// Who may do what.
    Access(AccessChange),
}

impl Change {
    /// The kind by its name in JSON: `create-topic`, `set-config` …
    pub fn kind(&self) -> &'static str {
        match self {
            Change::Topic(change) => change.kind(),
            Change::Subject(change) => change.kind(),
            Change::Group(change) => change.kind(),
            Change::Cluster(change) => change.kind(),
            Change::Records(change) => change.kind(),
            Change::Access(change) => change.kind(),
        }
    }

    /// What it changes.
    pub fn resource(&self) -> Resource {
        match self {
            Change::Topic(change) => Resource::topic(change.topic()),
            Change::Subject(change) => Resource::subject(change.subject()),
            Change::Group(change) => Resource::group(change.group()),
            Change::Cluster(change) => change.resource(),
            Change::Records(change) => Resource::topic(change.topic()),
            Change::Access(change) => change.resource(),
        }
    }

    /// Whether the resource does not exist before and does after.
    pub fn creates(&self) -> bool {
        match self {
            Change::Topic(change) => matches!(change, TopicChange::Create { .. }),
            Change::Subject(change) => matches!(change, SubjectChange::Register { from: None, .. }),
            Change::Group(_) | Change::Cluster(_) | Change::Records(_) => false,
            Change::Access(change) => change.creates(),
        }
    }

    /// Whether a server would carry it out over what somebody else has changed since it was planned. A topic that is
    /// there is not created again, and one that was made anew is not deleted by the id of the old one.
    pub fn may_overwrite(&self) -> bool {
        match self {
            Change::Topic(
                TopicChange::Create { .. } | TopicChange::Delete { id: Some(_), while_empty: false, .. },
            ) => false,
            // Whoever leads, it is the preferred replica that is elected.
            Change::Cluster(ClusterChange::ElectLeaders { .. }) => false,
            Change::Topic(_)
            | Change::Subject(_)
            | Change::Group(_)
            | Change::Cluster(_)
            | Change::Access(_)
            | Change::Records(_) => true,
        }
    }

    /// Whether carrying it out would change nothing, as a reset to where the group stands already.
    pub fn is_unchanged(&self) -> bool {
        match self {
            Change::Group(change) => change.is_unchanged(),
            Change::Records(change) => change.is_unchanged(),
            Change::Topic(_) | Change::Subject(_) | Change::Cluster(_) | Change::Access(_) => false,
        }
    }

    /// Whether it gives a group commits where it has none, and moves none that it has.
    pub(super) fn only_begins(&self) -> bool {
        match self {
            Change::Group(GroupChange::CommitOffsets { partitions, .. }) => {
                partitions.iter().all(|one| one.from.is_none())
            }
            _ => false,
        }
    }

    /// Whether an undo can take it back.
    pub fn is_reversible(&self) -> bool {
        match self {
            Change::Topic(
                TopicChange::SetConfig { .. } | TopicChange::MoveReplicas { .. } | TopicChange::Create { .. },
            ) => true,
            Change::Topic(_) => false,
            Change::Subject(change) => matches!(change, SubjectChange::SetCompatibility { .. }),
            Change::Group(_) => true,
            Change::Access(change) => change.is_reversible(),
            Change::Cluster(change) => matches!(change, ClusterChange::SetConfig { .. }),
            Change::Records(_) => false,
        }
    }

    /// Whether the resource exists before and does not after.
    pub fn deletes(&self) -> bool {
        match self {
            Change::Topic(change) => matches!(change, TopicChange::Delete { .. }),
            Change::Subject(change) => matches!(change, SubjectChange::Delete { .. }),
            Change::Access(change) => change.deletes(),
            Change::Group(_) | Change::Cluster(_) | Change::Records(_) => false,
        }
    }
}
