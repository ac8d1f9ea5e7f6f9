use super::connect_error::{ConnectError, Lost};
use super::words::useful;
use klerk_core::access::Operation;
use klerk_core::values::Address;
use klerk_core::values::{Failure, Known, Resource, ResourceType, Waited};
use klerk_wire::frame::CodecError;
use klerk_wire::{ErrorCode, VersionError};
use std::time::Duration;

/// A broker's refusal, of a request or of one item in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{api} refused by {broker}: {}{code}{}", .resource.as_ref().map(|of| format!("{of}: ")).unwrap_or_default(), words(.message))]
pub struct Refusal {
    /// The API that was refused.
    pub api: &'static str,
    /// The broker that refused.
    pub broker: Address,
    /// What the refusal is about, where it is about one thing.
    pub resource: Option<Resource>,
    /// Kafka's error code.
    pub code: ErrorCode,
    /// The broker's own words, as far as they are of use; may be empty.
    pub message: String,
}

/// The operation that each API takes on the cluster; those that take one on topics or groups name it where they are read.
const ON_CLUSTER: &[(&str, Operation)] = &[
    ("AlterClientQuotas", Operation::AlterConfigs),
    ("AlterPartitionReassignments", Operation::Alter),
    ("AlterUserScramCredentials", Operation::Alter),
    ("CreateAcls", Operation::Alter),
    ("DeleteAcls", Operation::Alter),
    ("DescribeAcls", Operation::Describe),
    ("DescribeClientQuotas", Operation::DescribeConfigs),
    ("DescribeLogDirs", Operation::Describe),
    ("DescribeQuorum", Operation::Describe),
    ("DescribeUserScramCredentials", Operation::Describe),
    ("ElectLeaders", Operation::Alter),
    ("ListPartitionReassignments", Operation::Describe),
];

impl Refusal {
    /// The right that is lacking, where the cluster is what it is about (31).
    fn right(&self) -> Option<String> {
        let (_, operation) =
            ON_CLUSTER.iter().find(|(api, _)| *api == self.api).filter(|_| self.code.code == 31)?;
        Some(format!("{operation} on the cluster"))
    }
}

fn words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// Why a request has no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// There was no connection to send it on.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The broker refused it.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// No answer came in time. What was asked for may have been done.
    #[error("{api} to {broker}: no answer within {}", Waited(*.after))]
    TimedOut {
        /// The API.
        api: &'static str,
        /// The broker.
        broker: Address,
        /// How long was waited.
        after: Duration,
    },
    /// The connection ended before an answer came. What was asked for may have been done if `sent`.
    #[error("{api} to {broker}: the connection ended before the answer: {reason}")]
    Closed {
        /// The API.
        api: &'static str,
        /// The broker.
        broker: Address,
        /// How it ended.
        reason: Lost,
        /// Whether the request may have left.
        sent: bool,
    },
    /// Client and broker have no version of the API in common.
    #[error("{broker}: {source}")]
    Version {
        /// The broker.
        broker: Address,
        /// The API and both ranges.
        source: VersionError,
    },
    /// The request cannot be written or the answer cannot be read.
    #[error("{broker}: {source}")]
    Codec {
        /// The broker.
        broker: Address,
        /// Which, and why.
        source: CodecError,
    },
    /// The time for the whole command was over before it was sent.
    #[error("{api} was not sent: the time for the whole command ({}) is over", Waited(*.limit))]
    DeadlinePassed {
        /// The API.
        api: &'static str,
        /// The time for the whole command.
        limit: Duration,
    },
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        CallError::Refused(Box::new(refusal))
    }
}

impl CallError {
    /// Whether the broker may have carried the request out although no answer came.
    pub fn may_have_been_done(&self) -> bool {
        match self {
            CallError::TimedOut { .. } | CallError::Closed { sent: true, .. } => true,
            CallError::Codec { source, .. } => matches!(source, CodecError::Decode { .. }),
            // The broker gave up waiting; the controller may still carry it out.
            CallError::Refused(refusal) => matches!(refusal.code.code, 7 | 13),
            _ => false,
        }
    }

    /// Whether the broker may have carried out a request of this API: the error of a request that only looked for the way
    /// there says that it was never sent.
    pub fn may_have_done(&self, wanted: &str) -> bool {
        self.may_have_been_done() && self.is_of(wanted)
    }

    /// Whether it is the error of a request of this API, as far as it names one.
    pub(super) fn is_of(&self, wanted: &str) -> bool {
        match self {
            CallError::TimedOut { api, .. }
            | CallError::Closed { api, .. }
            | CallError::DeadlinePassed { api, .. } => *api == wanted,
            CallError::Refused(refusal) => refusal.api == wanted,
            CallError::Connect(_) | CallError::Version { .. } | CallError::Codec { .. } => true,
        }
    }

    /// Whether the way to a broker failed, so that another way may do.
    pub(super) fn is_lost_connection(&self) -> bool {
        matches!(self, CallError::Connect(_) | CallError::TimedOut { .. } | CallError::Closed { .. })
    }

    /// Whether the principal lacks a right.
    pub fn is_denied(&self) -> bool {
        matches!(self, CallError::Refused(refusal) if refusal.code.is_denied())
    }

    /// Whether the broker lacks the API, or the version of it that is needed.
    pub fn is_unavailable(&self) -> bool {
        match self {
            CallError::Version { .. } => true,
            CallError::Refused(refusal) => refusal.code.code == 35,
            _ => false,
        }
    }

    /// Whether the broker that was to be asked is not among the live ones, so that others do now what it did.
    pub fn is_of_the_dead(&self) -> bool {
        matches!(self, CallError::Connect(ConnectError::NoSuchBroker { .. }))
    }

    /// What happened, as a plain value.
    pub fn failure(&self) -> Failure {
        let without_code = |name: &str| Failure::without_reply(name, self.to_string());
        match self {
            CallError::Connect(error) => without_code(error.name()),
            CallError::Refused(refusal) => failure(refusal.code.code, &refusal.message),
            CallError::TimedOut { .. } | CallError::DeadlinePassed { .. } => without_code("TIMEOUT"),
            CallError::Closed { .. } => without_code("CONNECTION_CLOSED"),
            CallError::Version { .. } => without_code("UNSUPPORTED_VERSION"),
            CallError::Codec { .. } => without_code("PROTOCOL_ERROR"),
        }
    }

    /// A fact that this error stands in the place of.
    pub fn unknown<T>(&self) -> Known<T> {
        if self.is_denied() {
            Known::Denied(self.failure())
        } else if self.is_unavailable() {
            Known::Unavailable(self.to_string())
        } else {
            Known::Failed(self.failure())
        }
    }

    /// What the reader can do about it, most likely first.
    pub fn hints(&self) -> Vec<String> {
        match self {
            CallError::Connect(error) => error.hints(),
            CallError::Refused(refusal) => match refusal.right() {
                Some(right) => {
                    vec![format!(
                        "it takes {right}: let an ACL allow that to the principal klerk connects as"
                    )]
                }
                None => vec![refusal.code.meaning.to_owned()],
            },
            CallError::TimedOut { .. } => {
                vec!["the broker is slow or stuck: look at its load and log, or allow more time".to_owned()]
            }
            CallError::Closed { reason: Lost::TooLarge(_), .. } => vec!["ask for less at a time".to_owned()],
            CallError::Closed { .. } => {
                vec!["the broker may have been stopped: look at it, and try again".to_owned()]
            }
            CallError::Version { .. } => vec!["this needs newer brokers".to_owned()],
            CallError::Codec { .. } => {
                vec![
                    "client and broker disagree on the protocol: this is a defect, please report it"
                        .to_owned(),
                ]
            }
            CallError::DeadlinePassed { .. } => vec!["allow more time with --timeout".to_owned()],
        }
    }
}

/// Kafka's error code and the broker's words as a plain value.
pub fn failure(code: i16, message: &str) -> Failure {
    let name = ErrorCode::of(code).map_or("NONE", |code| code.name);
    Failure { code: Some(i32::from(code)), name: name.to_owned(), message: useful(message) }
}

/// The answer of a server about one thing: what it is by `value`, unless `code` says something else. Codes that say
/// "there is no such thing" are given by the caller, for they differ from API to API.
pub fn known<T>(code: i16, message: &str, absent: &[i16], value: impl FnOnce() -> T) -> Known<T> {
    match ErrorCode::of(code) {
        None => Known::Known(value()),
        Some(error) if absent.contains(&error.code) => Known::Absent,
        Some(error) if error.is_denied() => Known::Denied(failure(code, message)),
        Some(error) if error.code == 35 => Known::Unavailable(error.meaning.to_owned()),
        Some(_) => Known::Failed(failure(code, message)),
    }
}

/// The same with the right that it takes, where it is denied: brokers say that something is not allowed, and not what.
pub fn taking<T>(known: Known<T>, operation: Operation, on: &Resource) -> Known<T> {
    let Known::Denied(mut failure) = known else { return known };
    let takes = format!(
        "it takes {operation} on {}",
        match on.kind {
            ResourceType::Cluster | ResourceType::Broker => "the cluster".to_owned(),
            _ => on.to_string(),
        }
    );
    if !failure.message.contains(&takes) {
        failure.message = match failure.message.is_empty() {
            true => takes,
            false => format!("{} ({takes})", failure.message),
        };
    }
    Known::Denied(failure)
}

/// The same for what the cluster itself is asked.
pub fn taking_of_cluster<T>(known: Known<T>, operation: Operation) -> Known<T> {
    taking(known, operation, &Resource { kind: ResourceType::Cluster, name: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i16, message: &str) -> CallError {
        CallError::from(Refusal {
            api: "CreateTopics",
            broker: Address::new("kafka", 9092),
            resource: Some(Resource::topic("orders")),
            code: ErrorCode::of(code).expect("an error"),
            message: message.to_owned(),
        })
    }

    #[test]
    fn a_refusal_names_api_broker_resource_code_and_words() {
        insta::assert_snapshot!(
            refused(36, "Topic 'orders' already exists."),
            @"CreateTopics refused by kafka:9092: topic orders: TOPIC_ALREADY_EXISTS (36): Topic 'orders' already exists."
        );
    }

    #[test]
    fn a_refusal_becomes_a_failure_with_its_number() {
        let failure = refused(36, "it does").failure();
        assert_eq!(failure.to_string(), "TOPIC_ALREADY_EXISTS (36): it does");
    }

    #[test]
    fn denied_is_not_absent_and_not_failed() {
        assert!(matches!(refused(29, "").unknown::<()>(), Known::Denied(_)));
        assert!(matches!(refused(35, "").unknown::<()>(), Known::Unavailable(_)));
        assert!(matches!(refused(-1, "").unknown::<()>(), Known::Failed(_)));
        assert!(matches!(known(3, "", &[3], || ()), Known::Absent));
        assert!(matches!(known(3, "", &[], || ()), Known::Failed(_)));
        assert!(matches!(known(29, "", &[3], || ()), Known::Denied(_)));
        assert!(matches!(known(0, "", &[3], || 5), Known::Known(5)));
    }

    #[test]
    fn what_was_never_sent_was_not_done() {
        let closed = |sent| CallError::Closed {
            api: "CreateTopics",
            broker: Address::new("kafka", 9092),
            reason: Lost::Closed,
            sent,
        };
        assert!(closed(true).may_have_been_done());
        assert!(!closed(false).may_have_been_done());
        assert!(refused(7, "").may_have_been_done());
        assert!(closed(true).may_have_done("CreateTopics") && !closed(true).may_have_done("OffsetCommit"));
        assert!(!refused(36, "").may_have_been_done());
    }
}
