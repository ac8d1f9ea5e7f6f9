use super::keys::{self, Key, Meaning};
use super::{Environment, SettingsError, parse_properties};
use crate::cli::{Connection, parse_duration};
use crate::kafka::{Address, ClusterPin, ConnectOptions};
use crate::registry::{Credentials, RegistryOptions, check_address};
use crate::secure::Tls;
use klerk_core::values::{Origin, Secret};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, fs};

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
}

impl Default for Settings {
    /// Nothing said by anybody, for commands that do not connect.
    fn default() -> Self {
        Settings {
            bootstrap: None,
            registry: None,
            cluster: None,
            registry_auth: None,
            client_id: Setting { value: "klerk".to_owned(), origin: SettingOrigin::Default },
            request_timeout: Setting { value: REQUEST_TIMEOUT, origin: SettingOrigin::Default },
            timeout: None,
            command_config: None,
            ignored_keys: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings from flags, variables and the properties file that they name.
    ///
    /// # Errors
    /// For whatever cannot be understood, and for what this version does not carry out.
    pub fn read(flags: &Connection, environment: &Environment) -> Result<Settings, SettingsError> {
        let command_config = match (&flags.command_config, &environment.klerk_command_config) {
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
        if let Some(file) = &command_config {
            values.add_file(&file.value)?;
        }
        values.add_pairs(&flags.property)?;
        values.check_protocol()?;
        let defaults = Settings::default();
        Ok(Settings {
            bootstrap: bootstrap(flags, environment, &values)?,
            registry: registry(flags, environment, &values)?,
            cluster: None,
            registry_auth: registry_auth(&values)?,
            client_id: values.get(Key::ClientId).unwrap_or(defaults.client_id),
            request_timeout: request_timeout(&values)?.unwrap_or(defaults.request_timeout),
            timeout: timeout(flags, environment)?,
            command_config,
            ignored_keys: values.ignored,
        })
    }

    /// The bound of the whole command and nothing else, for commands that connect to nothing of the user's.
    ///
    /// # Errors
    /// When the bound cannot be understood.
    pub fn of_limit(flags: &Connection, environment: &Environment) -> Result<Settings, SettingsError> {
        Ok(Settings { timeout: timeout(flags, environment)?, ..Settings::default() })
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
        options.cluster =
            self.cluster.as_ref().map(|pin| ClusterPin { id: pin.value.clone(), by: pin.origin.to_string() });
        Ok(options)
    }

    /// How to reach the schema registry; `None` when nobody said where it is.
    pub fn registry_options(&self) -> Option<RegistryOptions> {
        let urls = self.registry.as_ref()?.value.clone();
        let credentials =
            self.registry_auth.as_ref().map(|setting| setting.value.clone()).unwrap_or_default();
        Some(RegistryOptions { urls, credentials, tls: Tls::default(), timeout: self.request_timeout.value })
    }

    /// The brokers to ask first.
    ///
    /// # Errors
    /// When nobody said where they are: no address is ever assumed.
    pub fn brokers(&self) -> Result<&[Address], SettingsError> {
        self.bootstrap.as_ref().map(|setting| setting.value.as_slice()).ok_or(SettingsError::NoBootstrap)
    }
}

/// The values of known client properties, the file's under those of `-X`.
#[derive(Debug, Default)]
struct Values {
    known: BTreeMap<Key, Setting<String>>,
    ignored: Vec<String>,
}

impl Values {
    fn add_file(&mut self, path: &Path) -> Result<(), SettingsError> {
        let text = fs::read_to_string(path)
            .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
        let properties = parse_properties(&text)
            .map_err(|source| SettingsError::Malformed { path: path.to_owned(), source })?;
        let path: Arc<Path> = path.into();
        for property in properties {
            let origin = SettingOrigin::File { path: Arc::clone(&path), line: property.line };
            match keys::meaning(&property.key) {
                Meaning::Used(key) => {
                    self.known.insert(key, Setting { value: property.value.trim().to_owned(), origin });
                }
                Meaning::NotYet => {
                    return Err(SettingsError::NotYet { origin: origin.to_string(), what: property.key });
                }
                Meaning::Ignored => self.ignored.push(property.key),
            }
        }
        Ok(())
    }

    fn add_pairs(&mut self, pairs: &[String]) -> Result<(), SettingsError> {
        for pair in pairs {
            let Some((key, value)) = pair.split_once('=') else {
                let key = pair.split([' ', ':']).next().unwrap_or_default();
                return Err(SettingsError::NotAPair(key.to_owned()));
            };
            let (key, value) = (key.trim(), value.trim());
            if keys::is_secret(key) {
                return Err(SettingsError::SecretOnCommandLine(key.to_owned()));
            }
            match keys::meaning(key) {
                Meaning::Used(known) => {
                    let origin = SettingOrigin::Flag("-X");
                    self.known.insert(known, Setting { value: value.to_owned(), origin });
                }
                Meaning::NotYet => {
                    return Err(SettingsError::NotYet { origin: "-X".to_owned(), what: key.to_owned() });
                }
                Meaning::Ignored => {
                    return Err(SettingsError::UnknownKey {
                        key: key.to_owned(),
                        similar: keys::similar(key),
                    });
                }
            }
        }
        Ok(())
    }

    fn get(&self, key: Key) -> Option<Setting<String>> {
        self.known.get(&key).filter(|setting| !setting.value.is_empty()).cloned()
    }

    /// Only a plain connection is made by this version, so nothing else may have been asked for.
    fn check_protocol(&self) -> Result<(), SettingsError> {
        match self.get(Key::SecurityProtocol) {
            Some(Setting { value, origin }) if !value.eq_ignore_ascii_case("PLAINTEXT") => {
                let what = format!("{}={value}", Key::SecurityProtocol.name());
                Err(SettingsError::NotYet { origin: origin.to_string(), what })
            }
            _ => Ok(()),
        }
    }
}

/// A list that was typed wins over a variable, which wins over the properties file.
fn first_list(
    typed: (&[String], &'static str),
    variables: [(&Option<String>, &'static str); 2],
    property: Option<Setting<String>>,
) -> Option<Setting<Vec<String>>> {
    let items = |text: &str| {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    if !typed.0.is_empty() {
        return Some(Setting { value: items(&typed.0.join(",")), origin: SettingOrigin::Flag(typed.1) });
    }
    if let Some(typed) = property.as_ref().filter(|setting| matches!(setting.origin, SettingOrigin::Flag(_)))
    {
        return Some(Setting { value: items(&typed.value), origin: typed.origin.clone() });
    }
    variables
        .into_iter()
        .find_map(|(value, name)| {
            let value = items(value.as_deref()?);
            Some(Setting { value, origin: SettingOrigin::Variable(name) })
        })
        .or_else(|| property.map(|setting| Setting { value: items(&setting.value), origin: setting.origin }))
}

fn bootstrap(
    flags: &Connection,
    environment: &Environment,
    values: &Values,
) -> Result<Option<Setting<Vec<Address>>>, SettingsError> {
    let variables = [
        (&environment.klerk_bootstrap, "KLERK_BOOTSTRAP"),
        (&environment.kafka_bootstrap_servers, "KAFKA_BOOTSTRAP_SERVERS"),
    ];
    let Some(list) =
        first_list((&flags.bootstrap, "--bootstrap"), variables, values.get(Key::BootstrapServers))
    else {
        return Ok(None);
    };
    let mut addresses = Vec::new();
    for text in &list.value {
        let address: Address = text
            .parse()
            .map_err(|problem| SettingsError::Address { origin: list.origin.to_string(), problem })?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok((!addresses.is_empty()).then_some(Setting { value: addresses, origin: list.origin }))
}

fn registry(
    flags: &Connection,
    environment: &Environment,
    values: &Values,
) -> Result<Option<Setting<Vec<String>>>, SettingsError> {
    let variables = [
        (&environment.klerk_registry, "KLERK_REGISTRY"),
        (&environment.schema_registry_url, "SCHEMA_REGISTRY_URL"),
    ];
    let Some(list) = first_list((&flags.registry, "--registry"), variables, values.get(Key::RegistryUrl))
    else {
        return Ok(None);
    };
    for text in &list.value {
        check_address(text)
            .map_err(|problem| SettingsError::RegistryAddress { origin: list.origin.to_string(), problem })?;
    }
    Ok(Some(list).filter(|list| !list.value.is_empty()))
}

fn registry_auth(values: &Values) -> Result<Option<Setting<Credentials>>, SettingsError> {
    let source = |key: Key, only: &'static str| match values.get(key) {
        Some(Setting { value, origin }) if !value.eq_ignore_ascii_case(only) => {
            Err(SettingsError::NotYet { origin: origin.to_string(), what: format!("{}={value}", key.name()) })
        }
        source => Ok(source),
    };
    let missing = |source: Setting<String>, key: Key, other: Key| SettingsError::Incomplete {
        origin: source.origin.to_string(),
        key: key.name().to_owned(),
        other: other.name(),
    };
    let basic = source(Key::BasicSource, "USER_INFO")?;
    let bearer = source(Key::BearerSource, "STATIC_TOKEN")?;
    if let Some(Setting { value, origin }) = values.get(Key::BearerToken) {
        return Ok(Some(Setting { value: Credentials::Bearer(Secret::new(value)), origin }));
    }
    if let Some(source) = bearer {
        return Err(missing(source, Key::BearerSource, Key::BearerToken));
    }
    let Some(Setting { value, origin }) = values.get(Key::BasicUserInfo) else {
        return match basic {
            Some(source) => Err(missing(source, Key::BasicSource, Key::BasicUserInfo)),
            None => Ok(None),
        };
    };
    match value.split_once(':') {
        Some((user, password)) => {
            let value = Credentials::Basic { user: user.to_owned(), password: Secret::new(password) };
            Ok(Some(Setting { value, origin }))
        }
        None => Err(SettingsError::Value {
            origin: origin.to_string(),
            key: Key::BasicUserInfo.name().to_owned(),
            value: Secret::new(value).to_string(),
            expected: "it has to be USER:PASSWORD",
        }),
    }
}

fn request_timeout(values: &Values) -> Result<Option<Setting<Duration>>, SettingsError> {
    let Some(Setting { value, origin }) = values.get(Key::RequestTimeout) else {
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
    match parse_duration(text) {
        Ok(value) => Ok(Some(Setting { value, origin })),
        Err(problem) => Err(SettingsError::Duration { origin: origin.to_string(), problem }),
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
