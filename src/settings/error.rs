use super::{CommandFault, ContextsFault, JaasFault, MalformedProperties, ProviderFault};
use crate::{kafka, registry};
use klerk_core::group::InvalidDuration;
use std::io;
use std::path::PathBuf;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Nobody said where the brokers are.
    #[error("no broker address is given")]
    NoBootstrap,
    /// A broker address that cannot be read.
    #[error("{origin}: {problem}")]
    Address {
        /// Where it was given.
        origin: String,
        /// What is wrong with it.
        #[source]
        problem: kafka::InvalidAddress,
    },
    /// A registry address that cannot be used.
    #[error("{origin}: {problem}")]
    RegistryAddress {
        /// Where it was given.
        origin: String,
        /// What is wrong with it.
        #[source]
        problem: registry::InvalidAddress,
    },
    /// A duration that cannot be read.
    #[error("{origin}: {problem}")]
    Duration {
        /// Where it was given.
        origin: String,
        /// What is wrong with it.
        #[source]
        problem: InvalidDuration,
    },
    /// A value that a key does not take.
    #[error("{origin}: {key} is '{value}', and {expected}")]
    Value {
        /// Where it was given.
        origin: String,
        /// The key.
        key: String,
        /// The value; never that of a secret.
        value: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// `-X` without a `=`.
    #[error("-X {0} is not KEY=VALUE")]
    NotAPair(String),
    /// `-X` with a secret, which every process list would show.
    #[error("-X {0} would put a secret on the command line")]
    SecretOnCommandLine(String),
    /// `-X` with a key that is not known.
    #[error("-X {key}: there is no such client property")]
    UnknownKey {
        /// The key.
        key: String,
        /// A known key that looks like it.
        similar: Option<String>,
    },
    /// A key of a file that would secure a connection by its name, and that is not known.
    #[error(
        "{origin}: {key}: there is no such client property, and none that secures a connection is passed over"
    )]
    UnknownSecurityKey {
        /// Where it was given.
        origin: String,
        /// The key.
        key: String,
        /// A known key that looks like it.
        similar: Option<String>,
    },
    /// A key or value that asks for what klerk does not do.
    #[error("{origin}: {what} cannot be honoured: {why}")]
    Unsupported {
        /// Where it was given.
        origin: String,
        /// The key, or the key and its value.
        what: String,
        /// What klerk does not do.
        why: String,
        /// What to do instead.
        instead: String,
    },
    /// Something is missing that the rest needs.
    #[error("{origin}: {what}")]
    Lacking {
        /// The line that needs it.
        origin: String,
        /// What is missing, and why that matters.
        what: String,
        /// What to write.
        needs: String,
    },
    /// Two keys that say different things about one.
    #[error("{first} and {second} say different things about the same")]
    Contradiction {
        /// The place and the key of one.
        first: String,
        /// The place and the key of the other.
        second: String,
    },
    /// A JAAS line that cannot be read.
    #[error("{origin}: sasl.jaas.config cannot be read: {problem}")]
    Jaas {
        /// Where it was given.
        origin: String,
        /// What is wrong with it; never a value.
        #[source]
        problem: JaasFault,
    },
    /// A reference that cannot be followed.
    #[error("{origin}: {key} refers to what cannot be had: {problem}")]
    Provider {
        /// Where it was given.
        origin: String,
        /// The key.
        key: String,
        /// Why.
        #[source]
        problem: ProviderFault,
    },
    /// A context that does not exist.
    #[error("{origin}: there is no context '{name}'")]
    NoContext {
        /// Who named it.
        origin: String,
        /// The context.
        name: String,
        /// The file that it would stand in; `None` when there is no folder for it.
        file: Option<PathBuf>,
        /// Those that there are.
        known: Vec<String>,
        /// One that looks like it.
        similar: Option<String>,
    },
    /// The file of contexts cannot be used.
    #[error("{}:{line}: {fault}", path.display())]
    Contexts {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// What is wrong.
        #[source]
        fault: ContextsFault,
    },
    /// A command that was to print a secret did not.
    #[error("{origin}: {key} comes from a command, and {fault}")]
    Command {
        /// Where it was given.
        origin: String,
        /// The key.
        key: String,
        /// Why.
        #[source]
        fault: CommandFault,
    },
    /// A variable points elsewhere than the environment that was chosen.
    #[error(transparent)]
    Elsewhere(Box<Elsewhere>),
    /// Half of a pair of keys is missing.
    #[error("{origin}: {key} needs {other} too")]
    Incomplete {
        /// Where it was given.
        origin: String,
        /// The key that stands there.
        key: String,
        /// The key that is missing.
        other: String,
    },
    /// The properties file cannot be read.
    #[error("{origin}: the properties file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Who named it.
        origin: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file that holds a secret cannot be read.
    #[error("{origin}: {key} is to be read from {}, which cannot be read: {source}", path.display())]
    SecretFile {
        /// The line that names it.
        origin: String,
        /// The key that it is for.
        key: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of contexts is there and cannot be read.
    #[error("the file of contexts {} cannot be read: {source}", path.display())]
    UnreadableContexts {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The properties file breaks its format.
    #[error("the properties file {}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and how.
        source: MalformedProperties,
    },
    /// There is no folder to keep records in.
    #[error("there is no folder to keep records in: neither XDG_STATE_HOME nor HOME holds an absolute path")]
    NoStateFolder,
}

/// A variable points elsewhere than the environment that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} of environment {environment} is {wanted} ({origin}), and {variable} points to {found}")]
pub struct Elsewhere {
    /// `the cluster`, `the schema registry`.
    pub what: &'static str,
    /// The environment.
    pub environment: String,
    /// Where it is.
    pub wanted: String,
    /// The line that says so.
    pub origin: String,
    /// The variable, as it is named.
    pub variable: String,
    /// What it says.
    pub found: String,
}
