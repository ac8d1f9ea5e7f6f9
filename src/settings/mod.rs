//! Where to connect and how: flags, variables and the `client.properties` file, each value with its origin.

mod environment;
mod error;
mod jaas;
mod keys;
mod login;
mod oauth;
mod paths;
mod properties;
mod providers;
mod registry_access;
mod resolve;
mod security;
mod shown;
mod tls;
mod values;
mod within;
mod words;

pub use environment::{Environment, VARIABLES};
pub use error::SettingsError;
pub use jaas::JaasFault;
pub use paths::state_folder;
pub use properties::{MalformedProperties, Property, parse_properties};
pub use providers::ProviderFault;
pub use resolve::{Setting, SettingOrigin, Settings};
pub use security::Protection;
use shown::rows_given;
pub use shown::{Row, Shown, rows};
