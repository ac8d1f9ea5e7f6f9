use klerk_core::values::Secret;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;

/// Declares the variables that are read, each with its name and what it is for.
macro_rules! variables {
    ($($field:ident $name:literal $meaning:literal;)*) => {
        /// The environment, read once at the start. A variable that is empty counts as not set.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Environment {
            $(#[doc = $meaning] pub $field: Option<String>,)*
            pub(super) all: BTreeMap<String, Secret>,
        }

        impl Environment {
            /// Reads the variables through `lookup`.
            pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
                Environment {
                    $($field: lookup($name).filter(|value| !value.is_empty()),)*
                    all: BTreeMap::new(),
                }
            }
        }

        /// Every variable that klerk reads, with what it is for.
        pub const VARIABLES: &[(&str, &str)] = &[$(($name, $meaning),)*];
    };
}

variables! {
    klerk_bootstrap "KLERK_BOOTSTRAP" "Brokers to ask first, as HOST:PORT separated by commas.";
    kafka_bootstrap_servers "KAFKA_BOOTSTRAP_SERVERS" "The same, when KLERK_BOOTSTRAP is not set.";
    klerk_registry "KLERK_REGISTRY" "URL of the schema registry; several of one registry separated by commas.";
    schema_registry_url "SCHEMA_REGISTRY_URL" "The same, when KLERK_REGISTRY is not set.";
    klerk_command_config "KLERK_COMMAND_CONFIG" "A client.properties file.";
    klerk_context "KLERK_CONTEXT" "A context of config.toml.";
    klerk_timeout "KLERK_TIMEOUT" "Bound for the whole command, such as 90s.";
    no_color "NO_COLOR" "Set to anything: no colour.";
    term "TERM" "The kind of terminal; `dumb` means no colour.";
    columns "COLUMNS" "The width of the terminal, where it is not the terminal's own.";
    xdg_config_home "XDG_CONFIG_HOME" "Where config.toml with the contexts is, in the folder klerk.";
    xdg_state_home "XDG_STATE_HOME" "Where records are kept, in the folder klerk.";
    home "HOME" "The user's folder; records go below .local/state and contexts below .config when the XDG variables are not set.";
    user "USER" "Who runs the command, for the record.";
    logname "LOGNAME" "The same, when USER is not set.";
}

impl Environment {
    /// The environment of this process. Values that are not UTF-8 count as not set.
    pub fn of_process() -> Self {
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Environment::of(env::vars_os().filter_map(text))
    }

    /// An environment of these variables.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let all: BTreeMap<String, Secret> =
            variables.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
        let known = Environment::read(|name| all.get(name).map(|value| value.expose().to_owned()));
        Environment { all, ..known }
    }

    /// A variable that the user's own files refer to (`${env:NAME}`).
    pub(super) fn named(&self, name: &str) -> Option<&Secret> {
        self.all.get(name)
    }
}
