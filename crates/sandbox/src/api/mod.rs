//! One file an API family: a request and the state give an answer.

mod alter_configs;
mod answer;
mod call;
mod cluster;
mod delete_records;
mod delete_topics;
mod describe_configs;
mod fetch;
mod groups;
mod harmed;
mod leader_epochs;
mod list_offsets;
mod located;
mod metadata;
mod offered;
mod partitions;
mod produce;
mod producer_ids;
mod producers;
mod topic_partitions;
mod topics;
mod transaction_listing;
mod transaction_offsets;
mod transactions;
mod trial;

pub(crate) use answer::Answer;
pub(crate) use call::Call;
pub(crate) use harmed::Harmed;
pub(crate) use offered::answer;
pub(crate) use trial::Trial;
