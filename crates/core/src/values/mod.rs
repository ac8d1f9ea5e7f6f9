//! Plain values that every room shares.

mod address;
mod closest;
mod config;
mod duration;
mod failure;
mod first_few;
mod known;
mod names;
mod number;
mod origin;
mod pattern;
mod printable;
mod resource;
mod secret;
mod size;
mod throttle_keys;
mod topic_id;

pub use address::{Address, InvalidAddress, addresses_in, without_user};
pub use closest::closest;
pub use config::{
    InvalidConfig, as_boolean, as_integer, config_from_units, describe_config_value, list_items, normalise,
    same_value,
};
pub use duration::{DurationReason, InvalidDuration, Millis, Waited};
pub use failure::Failure;
pub use first_few::{first_few, first_few_of};
pub use known::Known;
pub use names::{
    InvalidName, LONGEST_TOPIC_NAME, check_plain_name, check_topic_name, is_kafkas_topic, metric_name,
};
pub(crate) use number::without_underscores;
pub use number::{NotAnInteger, Thousands, integer};
pub use origin::{Origin, Sourced};
pub use pattern::Pattern;
pub use printable::printable;
pub use resource::{Resource, ResourceType, TopicPartition};
pub use secret::Secret;
pub use size::{ByteSize, InvalidSize, SizeReason};
pub use throttle_keys::{
    FOLLOWER_RATE, FOLLOWER_REPLICAS, LEADER_RATE, LEADER_REPLICAS, THROTTLED_RATES, THROTTLED_REPLICAS,
};
pub use topic_id::{InvalidTopicId, TopicId};
