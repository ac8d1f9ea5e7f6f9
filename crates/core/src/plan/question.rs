use super::{AccessChange, ClusterChange, Holding, SubjectChange, TopicChange, TopicUse};
use crate::schema::CompatibilityLevel;
use crate::values::{Failure, Known, Resource};
use crate::world::{LogRange, VersionView};
use std::collections::{BTreeMap, BTreeSet};

/// Something that only a server can say, and that decides whether or at what risk a change can be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Would the broker accept this change (`validate_only`)?
    Accepts(TopicChange),
    /// Would the broker accept this change of its own configs (`validate_only`)?
    AcceptsOfCluster(ClusterChange),
    /// Would the broker accept these quotas (`validate_only`), or is the password of this user one that can be sent?
    AcceptsOfAccess(AccessChange),
    /// What range of records does each partition of this topic hold?
    LogRanges {
        /// The topic's name.
        topic: String,
    },
    /// What does this topic hold, and who has read how much of it?
    Holding {
        /// The topic's name.
        topic: String,
        /// The age in milliseconds from which on records are to go; `None` where age does not matter.
        older_than_ms: Option<i64>,
    },
    /// Who reads this topic, and who writes it?
    Usage {
        /// The topic's name.
        topic: String,
        /// Whether it matters who writes it.
        writers: bool,
    },
    /// How large is each partition of this topic, by what its leader holds?
    Sizes {
        /// The topic's name.
        topic: String,
    },
    /// Which rates of throttles are set on this broker already?
    Rates {
        /// The broker's node id.
        broker: i32,
    },
    /// Which schemas are the older versions of this subject?
    OlderVersions {
        /// The subject's name.
        subject: String,
    },
    /// Which schemas refer to any version of this subject?
    Referrers {
        /// The subject's name.
        subject: String,
    },
    /// Which level does the registry enforce for subjects without one of their own?
    GlobalLevel,
    /// Would the registry call this schema compatible with what it holds, at its current level?
    Compatible(SubjectChange),
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The change would be accepted.
    Accepted,
    /// The change would be refused, in the server's words.
    Refused(Failure),
    /// The server does not let this principal ask.
    Denied(Failure),
    /// No usable answer came.
    Failed(Failure),
    /// The ranges by partition number; a partition that gave no answer is missing.
    LogRanges(BTreeMap<i32, LogRange>),
    /// What the topic holds.
    Holding(Holding),
    /// Who uses the topic.
    Usage(TopicUse),
    /// The bytes of each leader's log, by partition number.
    Sizes(BTreeMap<i32, Known<i64>>),
    /// The rates that are set, by key.
    Rates(BTreeMap<String, String>),
    /// The versions, oldest first.
    Versions(Vec<VersionView>),
    /// The schemas that refer to it, by subject and version.
    Referrers(BTreeSet<(String, i32)>),
    /// The level.
    Level(CompatibilityLevel),
    /// The registry's verdict.
    Verdict(Verdict),
    /// klerk's own verdict on a schema, where no registry was asked.
    OwnVerdict(OwnVerdict),
    /// Nobody was asked, for this reason.
    NotAsked(String),
}

/// What the answer to whether a change would be accepted comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Ruling<'a> {
    /// It would be.
    Accepted,
    /// It would be refused, in the server's words.
    Refused(&'a Failure),
    /// This principal may not even ask.
    Denied(&'a Failure),
    /// No verdict came, for this reason. A check that could not run is not a pass.
    Open(&'a Failure),
    /// Nobody was asked.
    NotAsked,
    /// The question was not put, or got an answer to another one.
    Unanswered,
}

impl<'a> Ruling<'a> {
    /// By the answer, in which a refusal may still be for want of rights or of time.
    pub(in crate::plan) fn of(answer: Option<&'a Answer>) -> Self {
        match answer {
            Some(Answer::Accepted) => Ruling::Accepted,
            Some(Answer::Denied(failure)) => Ruling::Denied(failure),
            Some(Answer::Refused(failure)) if failure.is_denied() => Ruling::Denied(failure),
            Some(Answer::Refused(failure)) if !failure.is_no_verdict() => Ruling::Refused(failure),
            Some(Answer::Refused(failure) | Answer::Failed(failure)) => Ruling::Open(failure),
            Some(Answer::NotAsked(_)) => Ruling::NotAsked,
            Some(_) | None => Ruling::Unanswered,
        }
    }
}

/// klerk's own verdict on a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnVerdict {
    /// The level that it is made at.
    pub level: CompatibilityLevel,
    /// Whether that level is merely the usual one, for no file says any.
    pub assumed: bool,
    /// Why the schema is incompatible; empty when it is compatible.
    pub reasons: Vec<String>,
}

/// A registry's verdict on a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it would be accepted.
    pub compatible: bool,
    /// The registry's reasons, in its words; may be empty even when it says no.
    pub messages: Vec<String>,
}

/// Every answer that came, by its question.
pub type Answers = BTreeMap<Question, Answer>;

/// UNKNOWN_TOPIC_OR_PARTITION.
const UNKNOWN_TOPIC: i32 = 3;
/// TOPIC_ALREADY_EXISTS.
const EXISTS: i32 = 36;
/// INVALID_PARTITIONS.
const PARTITIONS: i32 = 37;

/// Resources that the answers show otherwise than the look did: created, gone or grown in between. Brokers show
/// changes late, so right after a change (up to seconds, more after mass creation) the look may have seen the state
/// before it. Looking and comparing again settles it; what is contradicted once more is a conflict.
pub fn contradicted(answers: &Answers) -> BTreeSet<Resource> {
    let contradicts = |change: &TopicChange, failure: &Failure| match change {
        TopicChange::Create { .. } => failure.code == Some(EXISTS),
        TopicChange::AddPartitions { .. } => matches!(failure.code, Some(UNKNOWN_TOPIC | PARTITIONS)),
        TopicChange::SetConfig { .. } => failure.code == Some(UNKNOWN_TOPIC),
        // Kafka cannot be asked whether it would delete a topic or move its replicas.
        TopicChange::MoveReplicas { .. } | TopicChange::CancelMoves { .. } | TopicChange::Delete { .. } => {
            false
        }
    };
    answers
        .iter()
        .filter_map(|(question, answer)| match (question, answer) {
            (Question::Accepts(change), Answer::Refused(failure)) if contradicts(change, failure) => {
                Some(Resource::topic(change.topic()))
            }
            _ => None,
        })
        .collect()
}
