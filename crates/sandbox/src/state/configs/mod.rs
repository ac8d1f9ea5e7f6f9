//! Configs of topics and brokers: which there are, which values they take, what holds, and how they change.

mod alter;
mod brokers;
mod catalog;
mod effective;
mod java_double;
mod value;

pub(crate) use alter::{Change, Operation, Way, check_form};
pub(crate) use brokers::{BrokerConfigs, MIN_INSYNC};
pub(crate) use catalog::Scope;
pub(crate) use effective::{Entry, View};
pub(crate) use value::check_all;
