//! Groups: finding their coordinator, membership, offsets, and looking at them.

mod consumer_heartbeat;
mod coordinator;
mod fetch;
mod guard;
mod listing;
mod membership;
mod offsets;

pub(super) use consumer_heartbeat::consumer_group_heartbeat;
pub(super) use coordinator::find;
pub(super) use fetch::fetch;
pub(super) use listing::{consumer_group_describe, delete, describe, list};
pub(super) use membership::{heartbeat, join, leave, sync};
pub(super) use offsets::{commit, delete_offsets};
