//! Every error that a command can end with, in one enum, and what each comes to: its kind, its words, its exit status.
//! A room adds its own error enum as one variant, and the exhaustive match in [`Error::explain`] then asks for the rest.

use crate::cli::{NotYet, UsageError};
use crate::consent::Refusal;
use crate::kafka::{CallError, ConnectError};
use crate::registry::{self, RegistryError};
use crate::secure::{Side, hints_for};
use crate::settings::{ProviderFault, SettingsError};
use crate::sources::{EnvironmentError, LoadError, SourcesError};
use crate::status::Status;
use crate::stop::StopCause;
use crate::store::StoreError;
use klerk_core::group::OffsetsFileFault;
use klerk_core::topology::Faults;
use klerk_core::values::{Failure, Resource, Waited};
use klerk_sandbox::StartError;
use klerk_wire::ErrorCode;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// What a command can end with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line cannot be understood.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The topology has faults.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The topology files cannot be read.
    #[error(transparent)]
    Sources(#[from] SourcesError),
    /// It is not clear which environment of the topology is meant.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// No connection to the cluster.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A request to the cluster did not end well.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A request to the schema registry did not end well.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The registry cannot be looked at, and without that there is no plan for schemas.
    #[error("the schema registry cannot be looked at: {0}")]
    RegistryLook(Failure),
    /// The topology has schemas, and nobody said where the registry is.
    #[error("the topology has schemas, and no schema registry was named")]
    NoRegistry,
    /// The registry's address or token cannot be used.
    #[error(transparent)]
    RegistryAddress(#[from] registry::InvalidAddress),
    /// A record cannot be written, found or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Consent is missing.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The command was told to stop before it changed anything.
    #[error("{0}; nothing was changed")]
    Stopped(StopCause),
    /// The cluster was waited for, and told nothing of itself in that time.
    #[error("the cluster did not tell how it is within {}", Waited(*.0))]
    NotSeen(Duration),
    /// A file of offsets has faults.
    #[error("{} cannot be used: {} of its lines are not as they should be", path.display(), faults.len())]
    Offsets {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        faults: Vec<OffsetsFileFault>,
    },
    /// A record belongs to another cluster than the one that is connected.
    #[error("{} is a record of cluster {of}, and this is {here}", path.display())]
    ForeignRecord {
        /// The record.
        path: PathBuf,
        /// The cluster that it is of.
        of: String,
        /// The cluster that is connected.
        here: String,
    },
    /// The command was told a second time, and left what was on its way.
    #[error("{0} twice: left at once, so what was on its way may have been done")]
    Left(StopCause),
    /// What went wrong, where there is a way to do without it.
    #[error("{error}")]
    Avoidable {
        /// What went wrong.
        error: Box<Error>,
        /// The way.
        way: &'static str,
    },
    /// Something that was named does not exist.
    #[error("{resource} does not exist")]
    NotFound {
        /// What was named.
        resource: Resource,
        /// What may have been meant.
        hints: Vec<String>,
    },
    /// A sandbox cannot be started.
    #[error(transparent)]
    Sandbox(#[from] StartError),
    /// `klerk explain` has nothing to say.
    #[error("'{code}' is no code that klerk knows")]
    UnknownCode {
        /// The code.
        code: String,
        /// The code that was probably meant.
        meant: Option<String>,
    },
    /// A file or folder cannot be read or written.
    #[error("{} cannot be {doing}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// `read`, `written`.
        doing: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The system refuses what every command needs.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// The kinds of errors, by their words in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The command line.
    Usage,
    /// A setting, or the file that holds it.
    Config,
    /// A topology or schema file, or a file that is written.
    File,
    /// No connection.
    Connect,
    /// Who one is.
    Auth,
    /// What one may.
    Denied,
    /// What was named does not exist.
    NotFound,
    /// A wish that no change can grant.
    Conflict,
    /// Consent is missing.
    Refused,
    /// The plan no longer fits.
    Stale,
    /// The schema registry's answer.
    Registry,
    /// Kafka's answer.
    Kafka,
    /// No answer in time.
    Timeout,
    /// Told to stop.
    Interrupted,
    /// A fault of klerk itself, or of the system below it.
    Internal,
}

impl Kind {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::Config => "config",
            Kind::File => "file",
            Kind::Connect => "connect",
            Kind::Auth => "auth",
            Kind::Denied => "denied",
            Kind::NotFound => "not-found",
            Kind::Conflict => "conflict",
            Kind::Refused => "refused",
            Kind::Stale => "stale",
            Kind::Registry => "registry",
            Kind::Kafka => "kafka",
            Kind::Timeout => "timeout",
            Kind::Interrupted => "interrupted",
            Kind::Internal => "internal",
        }
    }

    /// The exit status of a command that ends with such an error before it has changed anything.
    pub fn status(self) -> Status {
        match self {
            Kind::Usage => Status::Usage,
            Kind::Refused => Status::Refused,
            Kind::Stale => Status::Stale,
            Kind::Interrupted => Status::Interrupted,
            Kind::Config
            | Kind::File
            | Kind::Connect
            | Kind::Auth
            | Kind::Denied
            | Kind::NotFound
            | Kind::Conflict
            | Kind::Registry
            | Kind::Kafka
            | Kind::Timeout
            | Kind::Internal => Status::Failed,
        }
    }
}

/// Kafka's own number and name of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaCode {
    /// The protocol's number.
    pub code: i32,
    /// The protocol's name, such as `TOPIC_ALREADY_EXISTS`.
    pub name: String,
}

impl From<ErrorCode> for KafkaCode {
    fn from(code: ErrorCode) -> Self {
        KafkaCode { code: code.code.into(), name: code.name.to_owned() }
    }
}

/// What an error comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its kind.
    pub kind: Kind,
    /// What is wrong, and where.
    pub message: String,
    /// What to do, most likely first.
    pub hints: Vec<String>,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What it is about.
    pub resource: Option<Resource>,
    /// Kafka's words for it, where Kafka spoke.
    pub kafka: Option<KafkaCode>,
    /// The exit status.
    pub status: Status,
}

impl Explained {
    /// A kind and a message, with the kind's own exit status and nothing else.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Explained {
            kind,
            message: message.into(),
            hints: Vec::new(),
            causes: Vec::new(),
            resource: None,
            kafka: None,
            status: kind.status(),
        }
    }

    /// The same with something to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Sources(sources) => Error::Sources(sources),
            LoadError::Faults(faults) => Error::Faults(faults),
            LoadError::Environment(environment) => Error::Environment(environment),
        }
    }
}

impl Error {
    /// What it comes to.
    pub fn explain(&self) -> Explained {
        let message = self.to_string();
        match self {
            Error::Usage(usage) => explain_usage(usage, message),
            Error::Settings(settings) => explain_settings(settings, message),
            Error::Faults(faults) => Explained {
                causes: faults.iter().map(ToString::to_string).collect(),
                ..Explained::new(
                    Kind::File,
                    count(faults.len(), "fault in the topology", "faults in the topology"),
                )
                .hint("`klerk validate` shows each with its line and, where it can be told, the fix")
            },
            Error::Sources(sources) => Explained::new(Kind::File, message).hint(sources.hint()),
            Error::Environment(environment) => Explained::new(Kind::Usage, message).hint(environment.hint()),
            Error::Connect(connect) => explain_connect(connect, message),
            Error::Call(call) => explain_call(call, message),
            Error::Registry(registry) => explain_registry(registry, message),
            Error::RegistryLook(failure) => explain_registry_look(failure, message),
            Error::NoRegistry => Explained::new(Kind::Config, message)
                .hint("name it with --registry URL, KLERK_REGISTRY, or schema.registry.url in a --command-config file"),
            Error::RegistryAddress(registry::InvalidAddress::Material(error)) => {
                Explained { hints: error.hints(Side::Registry), ..Explained::new(Kind::Config, message) }
            }
            Error::RegistryAddress(_) => Explained::new(Kind::Usage, message),
            Error::Store(store) => explain_store(store, message),
            Error::Refused(refusal) => {
                Explained { hints: refusal.hints(), ..Explained::new(Kind::Refused, message) }
            }
            Error::Stopped(cause) => {
                let kind = match cause {
                    StopCause::Timeout(_) => Kind::Timeout,
                    StopCause::Interrupt | StopCause::Terminate | StopCause::HangUp => Kind::Interrupted,
                };
                Explained { status: cause.status(), ..Explained::new(kind, message) }
            }
            Error::NotSeen(_) => Explained::new(Kind::Timeout, message)
                .hint("the brokers take connections and are slow or stuck: allow more time with --wait, or look at their logs"),
            Error::Offsets { faults, .. } => Explained {
                causes: faults.iter().map(ToString::to_string).collect(),
                ..Explained::new(Kind::File, message)
            }
            .hint("lines of topic,partition,offset are expected, or of group,topic,partition,offset, as Kafka's tool exports them"),
            Error::ForeignRecord { .. } => Explained::new(Kind::Refused, message)
                .hint("connect to the cluster of the record with --bootstrap"),
            Error::Left(cause) => {
                let explained = Explained { status: cause.status(), ..Explained::new(Kind::Interrupted, message) };
                explained
                    .hint("the record tells what was sent, and what was there before; `klerk config path` names its folder")
                    .hint("`klerk plan` shows what is still to be done")
            }
            Error::Avoidable { error, way } => error.explain().hint(*way),
            Error::NotFound { resource, hints } => Explained {
                resource: Some(resource.clone()),
                hints: hints.clone(),
                ..Explained::new(Kind::NotFound, message)
            },
            Error::Sandbox(StartError::Brokers(_)) => Explained::new(Kind::Usage, message),
            Error::Sandbox(StartError::Listen { port: 0, .. }) => Explained::new(Kind::Connect, message),
            Error::Sandbox(StartError::Listen { .. }) => Explained::new(Kind::Connect, message)
                .hint("name another --port, or none for ports that are free"),
            Error::UnknownCode { meant: Some(meant), .. } => {
                Explained::new(Kind::NotFound, message).hint(format!("did you mean {meant}?"))
            }
            Error::UnknownCode { meant: None, .. } => Explained::new(Kind::NotFound, message)
                .hint("`klerk explain` without a code lists everything that can be explained"),
            Error::File { .. } => Explained::new(Kind::File, message),
            Error::System { .. } => Explained::new(Kind::Internal, message),
        }
    }
}

/// A number with its noun.
fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// The kind of what happened instead of an answer: where no server spoke, the connection is to blame.
pub(crate) fn kind_of(failure: &Failure, spoken: Kind) -> Kind {
    match failure.code {
        Some(401) if spoken == Kind::Registry => Kind::Auth,
        Some(403) if spoken == Kind::Registry => Kind::Denied,
        Some(29..=31) if spoken == Kind::Kafka => Kind::Denied,
        Some(_) => spoken,
        None if failure.name == "TIMEOUT" => Kind::Timeout,
        None if failure.name == "TLS_CLIENT_CERTIFICATE" => Kind::Auth,
        None => Kind::Connect,
    }
}

fn explain_usage(usage: &UsageError, message: String) -> Explained {
    let explained = Explained::new(Kind::Usage, message);
    match usage {
        UsageError::Arguments { hints, .. } => Explained { hints: hints.clone(), ..explained },
        UsageError::NoSubcommand { .. } => explained.hint("`klerk --help` lists them"),
        UsageError::NotYet(NotYet { instead: Some(command), .. }) => {
            explained.hint(format!("{command} gives it"))
        }
        UsageError::NotYet(NotYet { instead: None, .. }) => {
            explained.hint("`klerk --help` lists what this version does")
        }
    }
}

fn explain_connect(connect: &ConnectError, message: String) -> Explained {
    let kind = match connect {
        ConnectError::NoBootstrap | ConnectError::Address(_) => Kind::Usage,
        ConnectError::Material(_) => Kind::Config,
        ConnectError::Tls { failure, .. } if failure.concerns_the_client() => Kind::Auth,
        ConnectError::DeadlinePassed { .. } => Kind::Timeout,
        ConnectError::SaslPort { .. } | ConnectError::Login { .. } => Kind::Auth,
        ConnectError::Advertised { cause, .. } if cause.is_verdict_on_login() => Kind::Auth,
        ConnectError::Unresolved { .. }
        | ConnectError::NothingListens { .. }
        | ConnectError::Unreachable { .. }
        | ConnectError::TlsPort { .. }
        | ConnectError::PlainPort { .. }
        | ConnectError::Tls { .. }
        | ConnectError::NotKafka { .. }
        | ConnectError::Mute { .. }
        | ConnectError::Ended { .. }
        | ConnectError::ControllerPort { .. }
        | ConnectError::Refused { .. }
        | ConnectError::Version { .. }
        | ConnectError::Advertised { .. }
        | ConnectError::NoSuchBroker { .. }
        | ConnectError::OtherCluster { .. }
        | ConnectError::AllFailed { .. } => Kind::Connect,
    };
    let kafka = match connect {
        ConnectError::Refused { code, .. } => ErrorCode::of(*code).map(KafkaCode::from),
        ConnectError::Login { fault, .. } => fault.code().and_then(ErrorCode::of).map(KafkaCode::from),
        _ => None,
    };
    Explained { hints: connect.hints(), kafka, ..Explained::new(kind, message) }
}

fn explain_call(call: &CallError, message: String) -> Explained {
    let refusal = match call {
        CallError::Connect(connect) => return explain_connect(connect, message),
        CallError::Refused(refusal) => Some(refusal),
        _ => None,
    };
    let kind = match call {
        CallError::Connect(_) | CallError::Closed { .. } => Kind::Connect,
        CallError::TimedOut { .. } | CallError::DeadlinePassed { .. } => Kind::Timeout,
        CallError::Refused(_) if call.is_denied() => Kind::Denied,
        CallError::Refused(_) | CallError::Version { .. } | CallError::Codec { .. } => Kind::Kafka,
    };
    Explained {
        hints: call.hints(),
        resource: refusal.and_then(|refusal| refusal.resource.clone()),
        kafka: refusal.map(|refusal| KafkaCode::from(refusal.code)),
        ..Explained::new(kind, message)
    }
}

fn explain_registry(registry: &RegistryError, message: String) -> Explained {
    match registry {
        RegistryError::Unreachable(_) => Explained::new(Kind::Connect, message).hint(REGISTRY_ADDRESS),
        RegistryError::NoReply { .. } => Explained::new(Kind::Connect, message),
        RegistryError::Tls { failure, .. } => {
            let kind = if failure.concerns_the_client() { Kind::Auth } else { Kind::Connect };
            Explained { hints: failure.hints(Side::Registry), ..Explained::new(kind, message) }
        }
        RegistryError::Timeout { .. } => Explained::new(Kind::Timeout, message)
            .hint("the registry is slow or stuck; request.timeout.ms gives each request more time"),
        RegistryError::Unauthorized(_) => Explained::new(Kind::Auth, message).hint(REGISTRY_CREDENTIALS),
        RegistryError::Forbidden(_) => Explained::new(Kind::Denied, message),
        RegistryError::Refused(_)
        | RegistryError::NotARegistry(_)
        | RegistryError::Unreadable { .. }
        | RegistryError::SubjectName(_) => Explained::new(Kind::Registry, message),
    }
}

const REGISTRY_ADDRESS: &str = "check the address of --registry, and that the registry runs";
const REGISTRY_CREDENTIALS: &str =
    "put basic.auth.user.info or bearer.auth.token into a --command-config file";

fn explain_registry_look(failure: &Failure, message: String) -> Explained {
    match failure.code {
        Some(401) => Explained::new(Kind::Auth, message).hint(REGISTRY_CREDENTIALS),
        Some(403) => Explained::new(Kind::Denied, message),
        _ => {
            let mut hints = hints_for(&failure.name, Side::Registry);
            if hints.is_empty() {
                hints.push(REGISTRY_ADDRESS.to_owned());
            }
            Explained { hints, ..Explained::new(kind_of(failure, Kind::Registry), message) }
        }
    }
}

fn explain_store(store: &StoreError, message: String) -> Explained {
    match store {
        StoreError::NotCreated { .. } => Explained::new(Kind::File, message)
            .hint("name another file with --record; one that exists is never overwritten"),
        StoreError::NotWritten { .. }
        | StoreError::NotListed { .. }
        | StoreError::Malformed { .. }
        | StoreError::PlanNotSaved { .. }
        | StoreError::FileNotWritten { .. } => Explained::new(Kind::File, message),
        StoreError::Unreadable { .. } | StoreError::NotBegun { .. } => {
            Explained::new(Kind::File, message).hint("klerk history lists the records that there are")
        }
        StoreError::PlanUnreadable { .. } => Explained::new(Kind::File, message)
            .hint("name the file that klerk plan --out FILE has written; a topology is named with -f"),
        StoreError::Exist { .. } => Explained::new(Kind::File, message)
            .hint("--force replaces what is there; or name another folder with --out"),
        StoreError::NotAPlan { .. } => {
            Explained::new(Kind::File, message).hint("name another file; only an older plan is overwritten")
        }
        StoreError::PlanAgainst { .. } => Explained::new(Kind::File, message)
            .hint("klerk plan --out FILE saves a plan that was made with the cluster"),
        StoreError::PlanChanged { path } => Explained::new(Kind::File, message).hint(format!(
            "make the plan anew with --out {}, and say what is wanted in the topology or on the command line; a saved plan is \
             read by people and changed by none",
            path.display()
        )),
        StoreError::PlanUnsound { .. } => Explained::new(Kind::File, message)
            .hint("plan anew; a saved plan is read by people and changed by none"),
        StoreError::PlanMalformed { .. } => Explained::new(Kind::File, message)
            .hint("klerk plan --out FILE saves a plan; a topology is named with -f"),
        StoreError::NotFound { latest, .. } if latest.is_empty() => Explained::new(Kind::NotFound, message)
            .hint("this cluster has no records in that folder; name a record by its file"),
        StoreError::NotFound { latest, .. } => {
            Explained::new(Kind::NotFound, message).hint(format!("the latest are {}", latest.join(", ")))
        }
        StoreError::Ambiguous { .. } => Explained::new(Kind::Usage, message).hint("name more of it"),
    }
}

fn explain_settings(settings: &SettingsError, message: String) -> Explained {
    let usage = |message| Explained::new(Kind::Usage, message);
    let config = |message| Explained::new(Kind::Config, message);
    match settings {
        SettingsError::NoBootstrap => usage(message)
            .hint("give one with --bootstrap HOST:PORT, KLERK_BOOTSTRAP, or bootstrap.servers in a --command-config file"),
        SettingsError::Address { .. } | SettingsError::RegistryAddress { .. } | SettingsError::Duration { .. } => usage(message),
        SettingsError::NotAPair(_) => usage(message).hint("write -X client.id=ops"),
        SettingsError::SecretOnCommandLine(_) => {
            usage(message).hint("put it into a file that only you can read, and name that with --command-config")
        }
        SettingsError::UnknownKey { similar, .. } => match similar {
            Some(similar) => usage(message).hint(format!("did you mean {similar}?")),
            None => usage(message).hint("`klerk config show` lists what can be set"),
        },
        SettingsError::NoContext { similar: Some(similar), .. } => usage(message).hint(format!("did you mean {similar}?")),
        SettingsError::NoContext { known, file, .. } => usage(message).hint(match (known.as_slice(), file) {
            ([], Some(file)) => format!("contexts stand in {}: [contexts.NAME] with bootstrap = \"HOST:PORT\"", file.display()),
            ([], None) => "contexts stand in config.toml below XDG_CONFIG_HOME, and neither that nor HOME is set".to_owned(),
            (known, _) => format!("there are {}", known.join(", ")),
        }),
        SettingsError::Contexts { fault, .. } => match fault.hint() {
            Some(hint) => config(message).hint(hint),
            None => config(message),
        },
        SettingsError::Command { .. } => config(message).hint("run it by hand, to see what it says"),
        SettingsError::Elsewhere(elsewhere) => usage(message)
            .hint(match elsewhere.variable.starts_with("the default") {
                true => "type --context or --bootstrap, which is stronger than both".to_owned(),
                false => format!("unset {}, or type --bootstrap or --registry, which is stronger than both", elsewhere.variable),
            }),
        SettingsError::UnknownSecurityKey { similar, .. } => match similar {
            Some(similar) => config(message).hint(format!("did you mean {similar}?")),
            None => config(message).hint("take it out, or out of a copy of the file that --command-config names"),
        },
        SettingsError::Unsupported { instead, .. } => config(message).hint(instead),
        SettingsError::Lacking { needs, .. } => config(message).hint(needs),
        SettingsError::Contradiction { .. } => config(message).hint("keep the one that is meant"),
        SettingsError::Jaas { problem, .. } => config(message).hint(problem.fix()),
        SettingsError::Provider { problem, .. } => config(message).hint(match problem {
            ProviderFault::Undeclared(_) | ProviderFault::Class { .. } => {
                "klerk follows ${file:PATH:KEY}, ${directory:PATH:FILE} and ${env:NAME}"
            }
            _ => "a relative path starts from the folder of the file that it stands in",
        }),
        SettingsError::SecretFile { .. } => {
            config(message).hint("check the path, which starts from the folder of the file that names it, and who may read it")
        }
        SettingsError::Unreadable { origin, .. } => config(message).hint(match origin.starts_with("context ") {
            true => "check the path, which starts from the folder of the file that names it, and who may read it",
            false => "check the path, and who may read the file",
        }),
        SettingsError::UnreadableContexts { .. } => config(message).hint("check who may read it"),
        SettingsError::Value { .. }
        | SettingsError::Incomplete { .. }
        | SettingsError::Malformed { .. } => config(message),
        SettingsError::NoStateFolder => config(message).hint("name a file with --record, or set HOME"),
    }
}
