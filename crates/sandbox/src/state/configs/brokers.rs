//! What is set on the brokers: at their start, for all of them, and for single ones.

use crate::state::State;
use std::collections::BTreeMap;

/// The default that eligible leader replicas (KIP-966) take from the brokers at the cluster's start and never give back.
pub(crate) const MIN_INSYNC: &str = "min.insync.replicas";

/// Values set while the brokers run, as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BrokerConfigs {
    /// For all brokers.
    pub(crate) defaults: BTreeMap<String, String>,
    /// For single brokers, by id.
    pub(crate) own: BTreeMap<i32, BTreeMap<String, String>>,
}

impl BrokerConfigs {
    /// Of a new cluster with this many brokers.
    pub(crate) fn of_cluster(brokers: usize) -> BrokerConfigs {
        let defaults = [(MIN_INSYNC.to_owned(), least_in_sync(brokers).to_string())];
        BrokerConfigs { defaults: defaults.into(), own: BTreeMap::new() }
    }
}

/// How many replicas must be in sync where nobody says so: two, if that leaves a broker to spare.
fn least_in_sync(brokers: usize) -> usize {
    if brokers > 2 { 2 } else { 1 }
}

/// What a broker was started with.
pub(super) fn at_start(state: &State, node: i32) -> BTreeMap<&'static str, String> {
    let Some(broker) = state.brokers.get(&node) else { return BTreeMap::new() };
    let brokers = state.brokers.len();
    let (replicas, in_sync) = (brokers.min(3).to_string(), least_in_sync(brokers).to_string());
    let listener = format!("PLAINTEXT://127.0.0.1:{}", broker.port);
    [
        ("node.id", node.to_string()),
        ("broker.id", node.to_string()),
        ("broker.rack", broker.rack.clone()),
        ("process.roles", "broker,controller".to_owned()),
        ("listeners", listener.clone()),
        ("advertised.listeners", listener),
        ("controller.listener.names", "CONTROLLER".to_owned()),
        ("auto.create.topics.enable", "false".to_owned()),
        ("default.replication.factor", replicas.clone()),
        (MIN_INSYNC, in_sync.clone()),
        ("offsets.topic.replication.factor", replicas.clone()),
        ("transaction.state.log.replication.factor", replicas.clone()),
        ("transaction.state.log.min.isr", in_sync.clone()),
        ("share.coordinator.state.topic.replication.factor", replicas),
        ("share.coordinator.state.topic.min.isr", in_sync),
    ]
    .into()
}
