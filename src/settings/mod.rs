//! Where to connect and how: flags, variables, contexts and the `client.properties` file, each value with its origin.

mod chosen;
mod contexts;
mod environment;
mod error;
mod jaas;
mod keys;
mod login;
mod oauth;
mod paths;
mod place;
mod properties;
mod providers;
mod registry_access;
mod resolve;
mod secret_command;
mod security;
mod shown;
mod tls;
mod values;
mod within;
mod words;

pub use chosen::{ChosenBy, contexts_file, read_contexts};
pub use contexts::{Contexts, ContextsFault, ListedContext};
pub use environment::{Environment, VARIABLES};
pub use error::SettingsError;
pub use jaas::JaasFault;
pub use paths::state_folder;
pub use properties::{MalformedProperties, Property, parse_properties};
pub use providers::ProviderFault;
pub use resolve::{ChosenContext, Setting, SettingOrigin, Settings};
pub use secret_command::CommandFault;
pub use security::Protection;
use shown::rows_given;
pub use shown::{Row, Shown, rows};
