//! Kafka's wire protocol, as far as a client and a simulated cluster share it: frames and header versions
//! ([`frame`], [`serve`] on the broker's side), the versions that a broker offers ([`versions`]), names of APIs ([`api`]) and error codes
//! ([`error_code`]), and the recognition of bytes that no Kafka broker sends ([`foreign`]).
//!
//! Messages themselves come from `kafka-protocol`. There is no policy here: nothing is retried, routed or shown.

pub mod api;
mod bounded;
pub mod consumer_protocol;
pub mod error_code;
pub mod foreign;
pub mod frame;
pub mod older_describe_groups;
pub mod reply;
pub mod serve;
pub mod versions;

pub use api::api_name;
pub use error_code::ErrorCode;
pub use foreign::Foreign;
pub use reply::Reply;
pub use versions::{ApiVersions, VersionError};
