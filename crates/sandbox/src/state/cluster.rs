//! The whole state of the simulated cluster.

use crate::faults::Faults;
use crate::state::access::{Acls, Quotas, Users};
use crate::state::configs::BrokerConfigs;
use crate::state::groups::Groups;
use crate::state::{Broker, Clock, Former, Moves, Release, Topic, Transactions};
use std::collections::BTreeMap;

/// The cluster: what all brokers know.
#[derive(Debug)]
pub struct State {
    /// The cluster's id, which says that it is simulated.
    pub cluster_id: String,
    /// The brokers by id.
    pub brokers: BTreeMap<i32, Broker>,
    /// The topics by name.
    pub topics: BTreeMap<String, Topic>,
    /// The producers' ids and transactions.
    pub transactions: Transactions,
    /// The groups.
    pub groups: Groups,
    /// The replicas that are on their way.
    pub moves: Moves,
    /// Access control lists.
    pub acls: Acls,
    /// Quotas of clients.
    pub quotas: Quotas,
    /// Users of SCRAM.
    pub users: Users,
    /// The cluster's clock.
    pub clock: Clock,
    /// What shall go wrong.
    pub faults: Faults,
    /// How many requests have come, by the key of their API.
    pub arrived: BTreeMap<i16, u64>,
    /// The release of Kafka whose APIs are offered.
    pub release: Release,
    pub(super) controller_seat: Option<i32>,
    pub(crate) former: Option<Former>,
    /// The brokers' configs.
    pub(crate) broker_configs: BrokerConfigs,
    /// Counts the partitions that were placed, so that the next ones begin with another broker.
    pub(crate) placements: usize,
    revision: u64,
}

impl State {
    /// A cluster without topics.
    pub(crate) fn new(brokers: BTreeMap<i32, Broker>) -> State {
        // A cluster id is 22 characters of URL-safe Base64, so the word is filled up with random ones.
        let random = uuid::Uuid::new_v4().simple().to_string();
        let cluster_id = format!("sandbox-{}", random.get(..14).unwrap_or_default());
        State {
            cluster_id,
            broker_configs: BrokerConfigs::of_cluster(brokers.len()),
            brokers,
            topics: BTreeMap::new(),
            transactions: Transactions::default(),
            groups: Groups::default(),
            moves: Moves::default(),
            acls: Acls::default(),
            quotas: Quotas::default(),
            users: Users::default(),
            clock: Clock::default(),
            faults: Faults::default(),
            arrived: BTreeMap::new(),
            release: Release::default(),
            controller_seat: None,
            former: None,
            placements: 0,
            revision: 0,
        }
    }

    /// The brokers that are up, by id.
    pub fn alive(&self) -> impl Iterator<Item = i32> {
        self.brokers.iter().filter(|(_, broker)| broker.alive).map(|(id, _)| *id)
    }

    /// Notes that something changed, so that requests which wait for it are asked again.
    pub fn touch(&mut self) {
        self.revision += 1;
    }

    /// Counts the changes.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// A cluster for tests of the state alone, with brokers that count from 1 and no ports.
    #[cfg(test)]
    pub(crate) fn of_brokers(count: i32) -> State {
        let broker = |id: i32| (id, Broker { port: 0, rack: format!("rack-{id}"), alive: true });
        State::new((1..=count).map(broker).collect())
    }
}
