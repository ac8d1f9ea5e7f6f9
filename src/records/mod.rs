//! The data plane: reading records, on librdkafka.
//!
//! [`crate::kafka`] connects first and gives the verdict on addresses, certificates and logins; what is here takes over the
//! settings that it connected with ([`crate::kafka::Wiring`]). It joins no group, commits nothing and asks no admin API:
//! librdkafka wants a `group.id` before partitions can be assigned, looks for that group's coordinator, and whether it may
//! do so does not matter.
//!
//! | to | see |
//! |---|---|
//! | say to librdkafka what the settings say | `properties`, pure; what it cannot do is an [`Unfit`] |
//! | hear what it logs, and hand it tokens | `context` |
//! | read the time of the record at an offset, of many partitions at once | [`record_times`] |

mod context;
mod properties;
mod times;
mod unfit;

pub use properties::{Properties, properties};
pub use times::record_times;
pub use unfit::Unfit;
