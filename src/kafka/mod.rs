//! The control plane: how klerk asks a Kafka cluster and tells it what to change.
//!
//! [`Cluster`] is the handle that everything else uses. Below it are one connection ([`conn`]), the way to the right
//! broker ([`route`]) and the splitting of large changes ([`batch`]); beside it one file for each family of APIs, to
//! look and to enact. Nothing here prints: requests are traced and counted ([`meter`]).

mod address;
mod backoff;
mod call_error;
mod cluster;
mod conn;
mod connect_error;
mod coordinators;
mod describe_groups;
mod diagnose;
mod enact_groups;
mod groups;
mod lock;
pub mod meter;
mod names;
mod offset_fetch;
mod options;
mod race;
mod route;
#[cfg(test)]
mod tests;
mod transport;

pub use address::{Address, InvalidAddress};
pub use call_error::{CallError, Refusal, failure, known};
pub use cluster::{Brokers, Cluster};
pub use connect_error::{ConnectError, Lost};
pub use coordinators::ByCoordinator;
pub use groups::{Cover, GroupsLook};
pub use options::ConnectOptions;
pub use route::{Answer, Retry, To};
pub use transport::Security;
