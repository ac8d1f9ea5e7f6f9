use super::chosen::{ChosenBy, choose, read_contexts};
use super::keys::{Key, Plane};
use super::place::{
    Place, bootstrap, check_registry, file_left_aside, idle_brokers, left_aside, registry,
    registry_left_aside,
};
use super::registry_access::{note_idle_tls, registry_auth, unencrypted_login};
use super::security::{Protection, Remarks, protection};
use super::tls::tls;
use super::values::Values;
use super::{Environment, Row, SettingsError, rows_given};
use crate::cli::{Connection, parse_bound};
use crate::kafka::{Address, ClusterPin, ConnectOptions};
use crate::registry::{Credentials, RegistryOptions};
use crate::secure::{Tls, exposed};
use klerk_core::values::Origin;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingOrigin {
    /// A flag of the command line.
    Flag(&'static str),
    /// A variable.
    Variable(&'static str),
    /// A line of the properties file.
    File {
        /// The file as it was named.
        path: Arc<Path>,
        /// The line, from 1.
        line: u32,
    },
    /// A context of `config.toml`.
    Context {
        /// Its name.
        name: String,
        /// Who chose it.
        by: ChosenBy,
        /// The file and the line.
        place: String,
    },
    /// An environment of the topology.
    Environment {
        /// Its name.
        name: String,
        /// The line.
        origin: Origin,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingOrigin::Flag(name) => f.write_str(name),
            SettingOrigin::Variable(name) => write!(f, "variable {name}"),
            SettingOrigin::File { path, line } => write!(f, "{}:{line}", path.display()),
            SettingOrigin::Context { name, place, .. } => write!(f, "context {name}, {place}"),
            SettingOrigin::Environment { name, origin } => {
                write!(f, "environment {name}, {}:{}", origin.file, origin.line)
            }
            SettingOrigin::Default => f.write_str("default"),
        }
    }
}

/// A value with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Who said so.
    pub origin: SettingOrigin,
}

/// How long one request may take when nobody says otherwise.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a command that prints a secret may take: it may ask somebody for a passphrase.
const SECRET_LIMIT: Duration = Duration::from_secs(60);

/// Every setting, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Brokers to ask first.
    pub bootstrap: Option<Setting<Vec<Address>>>,
    /// Base addresses of the schema registry; several are one registry.
    pub registry: Option<Setting<Vec<String>>>,
    /// The id that the cluster has to have.
    pub cluster: Option<Setting<String>>,
    /// Who asks the registry.
    pub registry_auth: Option<Setting<Credentials>>,
    /// The TLS of those addresses of the registry that are https.
    pub registry_tls: Tls,
    /// What protects the connections to the brokers.
    pub protection: Protection,
    /// The client properties about protection as they were given, with secrets masked.
    pub given: Vec<Row>,
    /// What is dangerous about the settings.
    pub warnings: Vec<String>,
    /// What was said and has no effect.
    pub notes: Vec<String>,
    /// The name that brokers log.
    pub client_id: Setting<String>,
    /// The bound of one request.
    pub request_timeout: Setting<Duration>,
    /// The bound of the whole command.
    pub timeout: Option<Setting<Duration>>,
    /// The properties file.
    pub command_config: Option<Setting<PathBuf>>,
    /// Keys of the properties file that say nothing to klerk.
    pub ignored_keys: Vec<String>,
    /// The context, where one is meant.
    pub context: Option<ChosenContext>,
    /// What all of it was read from.
    pub(super) asked: Asked,
}

/// The context that is meant, as far as it is more than settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenContext {
    /// Its name.
    pub name: String,
    /// Who chose it.
    pub by: ChosenBy,
    /// Whether whoever changes something there has to type its name.
    pub protected: bool,
    /// Its topology.
    pub topology: Option<PathBuf>,
}

/// What settings were read from, to read them again in another context, or with their secrets.
#[derive(Clone, Default)]
pub(super) struct Asked(Option<Arc<(Connection, Environment, Values)>>);

impl Asked {
    fn new(flags: &Connection, environment: &Environment, values: Values) -> Self {
        Asked(Some(Arc::new((flags.clone(), environment.clone(), values))))
    }

    pub(super) fn get(&self) -> Option<(&Connection, &Environment, &Values)> {
        self.0.as_deref().map(|(flags, environment, values)| (flags, environment, values))
    }
}

impl fmt::Debug for Asked {
    /// Nothing of it: the values hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl PartialEq for Asked {
    /// What was read is compared by what it came to.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Asked {}

impl Default for Settings {
    /// Nothing said by anybody, for commands that do not connect.
    fn default() -> Self {
        Settings {
            bootstrap: None,
            registry: None,
            cluster: None,
            registry_auth: None,
            registry_tls: Tls::default(),
            protection: Protection::default(),
            given: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            client_id: Setting { value: "klerk".to_owned(), origin: SettingOrigin::Default },
            request_timeout: Setting { value: REQUEST_TIMEOUT, origin: SettingOrigin::Default },
            timeout: None,
            command_config: None,
            ignored_keys: Vec::new(),
            context: None,
            asked: Asked::default(),
        }
    }
}

impl Settings {
    /// Reads the settings from flags, variables and the properties file that they name.
    ///
    /// # Errors
    /// For whatever cannot be understood, and for what this version does not carry out.
    pub fn read(flags: &Connection, environment: &Environment) -> Result<Settings, SettingsError> {
        Settings::read_in(None, flags, environment)
    }

    /// The same in a context that something else than a flag or a variable names.
    pub(super) fn read_in(
        wanted: Option<(String, ChosenBy)>,
        flags: &Connection,
        environment: &Environment,
    ) -> Result<Settings, SettingsError> {
        let mut command_config = match (&flags.command_config, &environment.klerk_command_config) {
            (Some(path), _) => {
                Some(Setting { value: path.clone(), origin: SettingOrigin::Flag("--command-config") })
            }
            (None, Some(path)) => Some(Setting {
                value: PathBuf::from(path),
                origin: SettingOrigin::Variable("KLERK_COMMAND_CONFIG"),
            }),
            (None, None) => None,
        };
        let mut values = Values::default();
        let mut remarks = Remarks::default();
        let contexts = read_contexts(environment)?;
        let mut chosen = choose(contexts.as_ref(), wanted, flags, environment)?;
        if let Some(context) = &chosen {
            values.add_context(context, environment)?;
        }
        let mut place = chosen.as_ref().map(|chosen| Place::of(chosen, &values)).unwrap_or_default();
        if let Some(why) = file_left_aside(chosen.as_ref(), command_config.as_ref()) {
            remarks.notes.push(why);
            command_config = None;
        }
        let mut near = Values::over_a_context();
        if let Some(file) = &command_config {
            near.add_file(&file.value, &file.origin, environment)?;
        }
        near.add_pairs(&flags.property, environment)?;
        remarks.notes.extend(idle_brokers(chosen.as_ref(), &place, &near));
        if let Some(why) = left_aside(chosen.as_ref(), &place, flags, environment, &near) {
            remarks.notes.push(why);
            (chosen, place, values) = (None, Place::default(), Values::default());
        }
        if let Some(why) = registry_left_aside(chosen.as_ref(), &place, flags, environment, &near) {
            remarks.notes.push(why);
            place = place.without_registry();
            values.forget(Plane::Registry);
        }
        let mut values = near.over(values)?;
        let defaults = Settings::default();
        let (protection, more) = protection(&values)?;
        remarks.add(more);
        let mut registry = registry(flags, environment, &values, &place);
        let registry_auth = registry_auth(&values, &mut registry, protection.security.login.as_ref())?;
        let registry = registry.map(check_registry).transpose()?.filter(|list| !list.value.is_empty());
        let (registry_tls, warnings) = tls(&values, Plane::Registry)?;
        remarks.warnings.extend(warnings);
        note_idle_tls(&values, registry.as_ref().map_or(&[], |list| list.value.as_slice()), &mut remarks);
        remarks.warnings.extend(unencrypted_login(registry.as_ref(), registry_auth.as_ref()));
        remarks.warnings.extend(values.read_otherwise.iter().map(|place| {
            format!(
                "{place} holds characters beyond ASCII: klerk reads them as UTF-8, and Java's clients as ISO-8859-1, that is, as \
                 others; write each as \\u and the four digits of its code, which all read alike"
            )
        }));
        remarks.warnings.extend(values.secret_files.iter().filter_map(|path| exposed(path)));
        Ok(Settings {
            bootstrap: bootstrap(flags, environment, &values, &place)?,
            registry,
            cluster: place.cluster,
            registry_auth,
            registry_tls,
            protection,
            given: rows_given(&values),
            warnings: remarks.warnings,
            notes: remarks.notes,
            client_id: values.setting(Plane::Cluster, Key::ClientId).unwrap_or(defaults.client_id),
            request_timeout: request_timeout(&values)?.unwrap_or(defaults.request_timeout),
            timeout: timeout(flags, environment)?,
            command_config,
            context: chosen.map(|chosen| ChosenContext {
                name: chosen.name,
                by: chosen.by,
                protected: chosen.context.protected,
                topology: chosen.context.topology.as_ref().map(|path| path.value.clone()),
            }),
            ignored_keys: std::mem::take(&mut values.ignored),
            asked: Asked::new(flags, environment, values),
        })
    }

    /// The bound of the whole command and nothing else, for commands that connect to nothing of the user's.
    ///
    /// # Errors
    /// When the bound cannot be understood.
    pub fn of_limit(flags: &Connection, environment: &Environment) -> Result<Settings, SettingsError> {
        Ok(Settings { timeout: timeout(flags, environment)?, ..Settings::default() })
    }

    /// Whether a command has to be run for a secret before there can be a connection.
    pub fn needs_commands(&self) -> bool {
        self.asked.get().is_some_and(|(_, _, values)| values.is_pending())
    }

    /// The same with the commands run that print secrets, for who is about to connect.
    ///
    /// # Errors
    /// With the first command that prints none.
    pub fn with_secrets(&self) -> Result<Settings, SettingsError> {
        let pending = self.asked.get().filter(|(_, _, values)| values.is_pending());
        let Some((_, _, values)) = pending else { return Ok(self.clone()) };
        let limit = self.timeout.as_ref().map_or(SECRET_LIMIT, |limit| limit.value);
        let values = values.with_commands_run(limit)?;
        let (protection, _) = protection(&values)?;
        let login = protection.security.login.as_ref();
        let registry_auth = match &self.registry_auth {
            Some(_) => registry_auth(&values, &mut self.registry.clone(), login)?,
            None => None,
        };
        let (registry_tls, _) = tls(&values, Plane::Registry)?;
        Ok(Settings { protection, registry_auth, registry_tls, ..self.clone() })
    }

    /// How to connect to the cluster. The bound of the whole command is not among it: that one is a request to stop, so
    /// that a change in flight is still seen through and looked at.
    ///
    /// # Errors
    /// When nobody said where the brokers are: no address is ever assumed.
    pub fn connect_options(&self) -> Result<ConnectOptions, SettingsError> {
        let mut options = ConnectOptions::new(self.brokers()?.iter().map(Address::to_string));
        options.client_id.clone_from(&self.client_id.value);
        options.request_timeout = self.request_timeout.value;
        options.security = self.protection.security.clone();
        options.cluster =
            self.cluster.as_ref().map(|pin| ClusterPin { id: pin.value.clone(), by: pin.origin.to_string() });
        Ok(options)
    }

    /// How to reach the schema registry; `None` when nobody said where it is.
    pub fn registry_options(&self) -> Option<RegistryOptions> {
        let urls = self.registry.as_ref()?.value.clone();
        let credentials =
            self.registry_auth.as_ref().map(|setting| setting.value.clone()).unwrap_or_default();
        Some(RegistryOptions {
            urls,
            credentials,
            tls: self.registry_tls.clone(),
            timeout: self.request_timeout.value,
        })
    }

    /// The brokers to ask first.
    ///
    /// # Errors
    /// When nobody said where they are: no address is ever assumed.
    pub fn brokers(&self) -> Result<&[Address], SettingsError> {
        self.bootstrap.as_ref().map(|setting| setting.value.as_slice()).ok_or(SettingsError::NoBootstrap)
    }
}

fn request_timeout(values: &Values) -> Result<Option<Setting<Duration>>, SettingsError> {
    let Some(Setting { value, origin }) = values.setting(Plane::Cluster, Key::RequestTimeout) else {
        return Ok(None);
    };
    match value.parse::<u32>() {
        Ok(milliseconds) if milliseconds > 0 => {
            Ok(Some(Setting { value: Duration::from_millis(milliseconds.into()), origin }))
        }
        _ => Err(SettingsError::Value {
            origin: origin.to_string(),
            key: Key::RequestTimeout.name().to_owned(),
            value,
            expected: "it has to be a number of milliseconds above 0",
        }),
    }
}

fn timeout(
    flags: &Connection,
    environment: &Environment,
) -> Result<Option<Setting<Duration>>, SettingsError> {
    if let Some(value) = flags.timeout {
        return Ok(Some(Setting { value, origin: SettingOrigin::Flag("--timeout") }));
    }
    let Some(text) = &environment.klerk_timeout else { return Ok(None) };
    let origin = SettingOrigin::Variable("KLERK_TIMEOUT");
    match parse_bound(text) {
        Ok(value) => Ok(Some(Setting { value, origin })),
        Err(problem) => Err(SettingsError::Duration { origin: origin.to_string(), problem }),
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
