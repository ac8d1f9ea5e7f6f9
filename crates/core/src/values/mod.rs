//! Plain values that every room shares.

mod failure;
mod known;
mod origin;
mod pattern;
mod resource;
mod topic_id;

pub use failure::Failure;
pub use known::Known;
pub use origin::{Origin, Sourced};
pub use pattern::Pattern;
pub use resource::{Resource, ResourceType, TopicPartition};
pub use topic_id::{InvalidTopicId, TopicId};
