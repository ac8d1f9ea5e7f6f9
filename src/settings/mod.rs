//! Where to connect and how: flags, variables and the `client.properties` file, each value with its origin.

mod environment;
mod error;
mod keys;
mod paths;
mod properties;
mod resolve;
mod shown;
mod within;

pub use environment::{Environment, VARIABLES};
pub use error::SettingsError;
pub use paths::state_folder;
pub use properties::{MalformedProperties, Property, parse_properties};
pub use resolve::{Setting, SettingOrigin, Settings};
pub use shown::{Row, Shown, rows};
