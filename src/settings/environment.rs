use std::env;

/// Declares the variables that are read, each with its name and what it is for.
macro_rules! variables {
    ($($field:ident $name:literal $meaning:literal;)*) => {
        /// The environment, read once at the start. A variable that is empty counts as not set.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Environment {
            $(#[doc = $meaning] pub $field: Option<String>,)*
        }

        impl Environment {
            /// Reads the variables through `lookup`.
            pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
                Environment { $($field: lookup($name).filter(|value| !value.is_empty()),)* }
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
    klerk_timeout "KLERK_TIMEOUT" "Bound for the whole command, such as 90s.";
    no_color "NO_COLOR" "Set to anything: no colour.";
    term "TERM" "The kind of terminal; `dumb` means no colour.";
    columns "COLUMNS" "The width of the terminal, where it is not the terminal's own.";
    xdg_state_home "XDG_STATE_HOME" "Where records are kept, in the folder klerk.";
    home "HOME" "The user's folder; records go below .local/state when XDG_STATE_HOME is not set.";
    user "USER" "Who runs the command, for the record.";
    logname "LOGNAME" "The same, when USER is not set.";
}

impl Environment {
    /// The environment of this process. Values that are not UTF-8 count as not set.
    pub fn of_process() -> Self {
        Environment::read(|name| env::var(name).ok())
    }
}
