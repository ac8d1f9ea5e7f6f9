use super::auth::LoginError;
use crate::secure::{Alert, MaterialError, Side, TlsFailure};
use klerk_core::values::{Address, InvalidAddress, Waited};
use klerk_wire::{Foreign, VersionError};
use std::fmt;
use std::time::Duration;

/// Why no connection to a cluster, or to one of its brokers, came about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No bootstrap server was named.
    #[error("no bootstrap server is named")]
    NoBootstrap,
    /// A bootstrap server is not written as `host:port`.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// The host's name does not resolve.
    #[error("{address}: the name '{}' cannot be resolved: {reason}", address.host)]
    Unresolved {
        /// Where to.
        address: Address,
        /// The resolver's words.
        reason: String,
    },
    /// The host refuses connections to this port.
    #[error("{address}: nothing listens there (connection refused)")]
    NothingListens {
        /// Where to.
        address: Address,
    },
    /// No connection: no route, or no answer at all.
    #[error("{address}: cannot be reached: {reason}")]
    Unreachable {
        /// Where to.
        address: Address,
        /// The system's words.
        reason: String,
    },
    /// The port expects TLS, and was spoken to in plain text.
    #[error("{address}: the port expects TLS, and this connection is plain text")]
    TlsPort {
        /// Where to.
        address: Address,
    },
    /// The port speaks Kafka without TLS, and was spoken to in TLS.
    #[error("{address}: the port is one without TLS, and this connection is to be TLS")]
    PlainPort {
        /// Where to.
        address: Address,
    },
    /// No TLS, or none that goes on.
    #[error("{address}: {failure}")]
    Tls {
        /// Where to.
        address: Address,
        /// What differs.
        failure: TlsFailure,
    },
    /// The certificates or keys for TLS cannot be had.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The port expects a SASL login, and got none.
    #[error(
        "{address}: the broker answers ApiVersions and closes the connection on {api}: the port expects a SASL login{}",
        by(.offers)
    )]
    SaslPort {
        /// Where to.
        address: Address,
        /// The request that was not answered.
        api: &'static str,
        /// The mechanisms that it offers, as far as it tells.
        offers: Vec<String>,
    },
    /// The SASL login did not end well.
    #[error("{address}: {fault}")]
    Login {
        /// Where to.
        address: Address,
        /// Why.
        fault: Box<LoginError>,
    },
    /// Something else than Kafka answers.
    #[error("{address}: this is no Kafka port: the server speaks {what}")]
    NotKafka {
        /// Where to.
        address: Address,
        /// What answers.
        what: Foreign,
    },
    /// The connection is taken, and nothing is ever said.
    #[error("{address}: the port takes connections and does not answer (waited {})", Waited(*.waited))]
    Mute {
        /// Where to.
        address: Address,
        /// How long was waited for an answer.
        waited: Duration,
    },
    /// The connection ended before the broker said what it is.
    #[error("{address}: the connection ended on {api}: {reason}")]
    Ended {
        /// Where to.
        address: Address,
        /// The request that was not answered.
        api: &'static str,
        /// How it ended.
        reason: Lost,
    },
    /// A controller of a KRaft quorum, which answers none of the requests of clients.
    #[error("{address}: this is the port of a KRaft controller, not of a broker")]
    ControllerPort {
        /// Where to.
        address: Address,
    },
    /// The broker refuses the first requests.
    #[error("{address}: the broker refuses {api} with {} ({code})", name(*.code))]
    Refused {
        /// Where to.
        address: Address,
        /// The request.
        api: &'static str,
        /// Kafka's error code.
        code: i16,
    },
    /// Client and broker have no version in common.
    #[error("{address}: {source}")]
    Version {
        /// Where to.
        address: Address,
        /// The API and both ranges.
        source: VersionError,
    },
    /// The cluster is not the one that was to be spoken to.
    #[error("{address}: this is cluster {}, and it has to be {pinned} ({by})", or_none(.found))]
    OtherCluster {
        /// Where to.
        address: Address,
        /// The id of the cluster that answers; empty when it tells none.
        found: String,
        /// The id that it has to have.
        pinned: String,
        /// Who says so.
        by: String,
    },
    /// The cluster was reached, but one of its brokers cannot be reached at the address that it advertises.
    #[error(
        "broker {node} advertises {advertised}, which cannot be {} from here, though {bootstrap} can: {cause}",
        if cause.is_of_tls() { "used" } else { "reached" }
    )]
    Advertised {
        /// The address through which the cluster was reached.
        bootstrap: Address,
        /// The broker's node id.
        node: i32,
        /// The address that it advertises.
        advertised: Address,
        /// What happened there.
        cause: Box<ConnectError>,
    },
    /// The cluster has no live broker of this node id.
    #[error("broker {node} is not alive: the cluster has {}", alive_list(.alive))]
    NoSuchBroker {
        /// The node id.
        node: i32,
        /// The live brokers.
        alive: Vec<i32>,
    },
    /// None of several servers could be used.
    #[error("none of {} servers can be used:{}", .failures.len(), lines(.failures))]
    AllFailed {
        /// Each server's own reason, in the order in which they were named.
        failures: Vec<ConnectError>,
    },
    /// The time for the whole command was over first.
    #[error("no connection within {}, the time for the whole command", Waited(*.limit))]
    DeadlinePassed {
        /// The time for the whole command.
        limit: Duration,
    },
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The other side closed it.
    Closed,
    /// The system reports an error.
    Io(String),
    /// Bytes came that are not Kafka's.
    Foreign(Foreign),
    /// The server ended TLS with an alert.
    Alert(Alert),
    /// An answer is larger than this client takes, in bytes.
    TooLarge(usize),
    /// An answer came to a request that was never sent.
    Unexpected,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Closed => f.write_str("the server closed it"),
            Lost::Io(reason) => f.write_str(reason),
            Lost::Foreign(what) => write!(f, "the server speaks {what}"),
            Lost::Alert(alert) => alert.fmt(f),
            Lost::TooLarge(bytes) => write!(f, "an answer of {bytes} bytes is larger than this client takes"),
            Lost::Unexpected => f.write_str("an answer came that nobody had asked for"),
        }
    }
}

impl ConnectError {
    /// What the reader can do about it, most likely first.
    pub fn hints(&self) -> Vec<String> {
        match self {
            ConnectError::NoBootstrap => vec!["name one with --bootstrap host:port".to_owned()],
            ConnectError::Address(_) => vec!["write host:port, such as kafka-1.example.com:9092".to_owned()],
            ConnectError::Unresolved { address, .. } => {
                vec![format!("check the spelling of '{}', and that this machine's DNS knows it", address.host)]
            }
            ConnectError::NothingListens { address } => vec![
                format!("check that a broker runs on {} and that {} is its port", address.host, address.port),
                "a broker listens where its 'listeners' setting says; 9092 is usual for plain text".to_owned(),
            ],
            ConnectError::Unreachable { .. } => {
                vec!["check the network between here and there: routes, VPN, firewalls".to_owned()]
            }
            ConnectError::TlsPort { .. } => vec![
                "set security.protocol=SSL, or SASL_SSL where there is a login, in the file that --command-config names"
                    .to_owned(),
                "or use the port of a PLAINTEXT listener".to_owned(),
            ],
            ConnectError::PlainPort { .. } => vec![
                "use the port of a listener with TLS".to_owned(),
                "or set security.protocol=PLAINTEXT, or SASL_PLAINTEXT where there is a login; then nothing is encrypted"
                    .to_owned(),
            ],
            ConnectError::Tls { failure, .. } => failure.hints(Side::Brokers),
            ConnectError::Material(error) => error.hints(Side::Brokers),
            ConnectError::SaslPort { .. } => vec![
                "set security.protocol, sasl.mechanism and sasl.jaas.config in a --command-config file, as Java's clients have them"
                    .to_owned(),
            ],
            ConnectError::Login { fault, .. } => fault.hints(),
            ConnectError::NotKafka { what: Foreign::Http, address } => vec![format!(
                "{address} is a web server; a schema registry belongs into --registry, a broker's port is 9092 \
                 as a rule"
            )],
            ConnectError::NotKafka { .. } => vec!["check the port: a broker's is 9092 as a rule".to_owned()],
            ConnectError::Mute { .. } => vec![
                "check that the port is a broker's; behind a proxy or a tunnel, that the broker behind it is up"
                    .to_owned(),
            ],
            ConnectError::Ended { .. } => vec![
                "the broker may be starting or stopping: try again; its log says why it closes connections".to_owned(),
            ],
            ConnectError::ControllerPort { .. } => {
                vec!["use the port of a broker's listener: 'controller.listener.names' is not for clients".to_owned()]
            }
            ConnectError::Refused { code, .. } => {
                klerk_wire::ErrorCode::of(*code).map(|code| code.meaning.to_owned()).into_iter().collect()
            }
            ConnectError::Version { .. } => vec!["klerk speaks with Kafka 2.1 and newer".to_owned()],
            ConnectError::OtherCluster { .. } => vec![
                "check that the address and the environment belong together; nothing but the id was asked for".to_owned(),
            ],
            // It can be reached, and is not what it should be.
            ConnectError::Advertised { cause, .. } if cause.is_of_tls() => cause.hints(),
            ConnectError::Advertised { node, advertised, .. } => vec![
                format!("set advertised.listeners of broker {node} to an address that clients can reach"),
                format!("or make {advertised} reachable from here (name resolution, port forwarding)"),
            ],
            ConnectError::NoSuchBroker { .. } => vec!["bring the broker back, or look again".to_owned()],
            ConnectError::AllFailed { failures } => {
                let mut hints = Vec::new();
                for hint in failures.iter().flat_map(ConnectError::hints) {
                    if !hints.contains(&hint) {
                        hints.push(hint);
                    }
                }
                hints
            }
            ConnectError::DeadlinePassed { .. } => vec!["allow more time with --timeout".to_owned()],
        }
    }

    /// Whether one broker of a cluster that others still serve may be back in a moment: it is being started again, or
    /// another one is taking its place. An address that does not answer at all will not.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            ConnectError::NoSuchBroker { .. } => true,
            ConnectError::Advertised { cause, .. } => {
                matches!(**cause, ConnectError::NothingListens { .. } | ConnectError::Ended { .. })
            }
            _ => false,
        }
    }

    /// Whether it says something about who logs in that every other server would say too.
    pub fn is_verdict_on_login(&self) -> bool {
        matches!(self, ConnectError::Login { fault, .. } if fault.is_verdict())
    }

    /// Whether the server was reached, and TLS with it did not come about.
    fn is_of_tls(&self) -> bool {
        matches!(
            self,
            ConnectError::Tls { .. } | ConnectError::TlsPort { .. } | ConnectError::PlainPort { .. }
        )
    }

    /// A word for the kind of failure, in the style of Kafka's own names.
    pub fn name(&self) -> &'static str {
        match self {
            ConnectError::NoBootstrap => "NO_BOOTSTRAP_SERVER",
            ConnectError::Address(_) => "INVALID_ADDRESS",
            ConnectError::Unresolved { .. } => "UNRESOLVED_NAME",
            ConnectError::NothingListens { .. } => "CONNECTION_REFUSED",
            ConnectError::Unreachable { .. } => "UNREACHABLE",
            ConnectError::TlsPort { .. } => "TLS_EXPECTED",
            ConnectError::PlainPort { .. } => "TLS_NOT_EXPECTED",
            ConnectError::Tls { failure, .. } => failure.name(),
            ConnectError::Material(_) => "CERTIFICATES_UNUSABLE",
            ConnectError::SaslPort { .. } => "SASL_EXPECTED",
            ConnectError::Login { fault, .. } => fault.name(),
            ConnectError::NotKafka { .. } => "NOT_KAFKA",
            ConnectError::Mute { .. } => "NO_ANSWER",
            ConnectError::Ended { .. } => "CONNECTION_CLOSED",
            ConnectError::ControllerPort { .. } => "CONTROLLER_PORT",
            ConnectError::Refused { code, .. } => name(*code),
            ConnectError::Version { .. } => "UNSUPPORTED_VERSION",
            ConnectError::OtherCluster { .. } => "OTHER_CLUSTER",
            ConnectError::Advertised { .. } => "ADVERTISED_ADDRESS_UNREACHABLE",
            ConnectError::NoSuchBroker { .. } => "BROKER_NOT_ALIVE",
            ConnectError::AllFailed { .. } => "NO_SERVER_USABLE",
            ConnectError::DeadlinePassed { .. } => "TIMEOUT",
        }
    }
}

fn name(code: i16) -> &'static str {
    klerk_wire::ErrorCode::of(code).map_or("NONE", |code| code.name)
}

fn by(mechanisms: &[String]) -> String {
    if mechanisms.is_empty() { String::new() } else { format!(" by {}", mechanisms.join(" or ")) }
}

fn or_none(id: &str) -> &str {
    if id.is_empty() { "without an id" } else { id }
}

fn lines(failures: &[ConnectError]) -> String {
    failures.iter().map(|failure| format!("\n  {failure}")).collect()
}

fn alive_list(alive: &[i32]) -> String {
    if alive.is_empty() {
        return "no live broker".to_owned();
    }
    let ids: Vec<String> = alive.iter().map(i32::to_string).collect();
    format!("live brokers {}", ids.join(", "))
}
