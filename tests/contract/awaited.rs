//! Cases that the sandbox is still to learn. They hold on Kafka; of the sandbox is only told whether they do.

/// Their names.
pub const AWAITED: &[&str] = &["connections::a_client_says_what_it_is_from_version_3_on"];
