//! The handle to a cluster: its brokers, the connections to them, and the time there is.

use super::call_error::CallError;
use super::conn::Connection;
use super::connect_error::ConnectError;
use super::leaders::Leaders;
use super::list_groups::KEEPER;
use super::lock::lock;
use super::meter::Meter;
use super::options::{ConnectOptions, Prepared};
use super::race::{Greeting, race};
use super::topics::read_topics;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::{Address, Known};
use klerk_core::world::{Broker, PartitionView};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The brokers of a cluster, as Metadata shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brokers {
    /// The cluster id; empty when the broker does not tell.
    pub cluster_id: String,
    /// The broker to send changes to. With KRaft it is any live broker, which forwards them.
    pub controller: Option<i32>,
    /// Live brokers by node id.
    pub alive: BTreeMap<i32, Broker>,
    /// Who keeps the groups: the partitions of `__consumer_offsets`; none where nobody tells, as where this principal may
    /// not see it, or nothing has been committed yet.
    pub(super) keepers: Vec<PartitionView>,
}

impl Brokers {
    /// Asks for brokers, and for who keeps groups.
    pub(super) fn request(version: i16) -> MetadataRequest {
        let request = MetadataRequest::default();
        // Before v4 the field does not exist, and only asking for no topic creates none.
        if version < 4 {
            return request.with_topics(Some(Vec::new()));
        }
        let keeper = TopicName(StrBytes::from_static_str(KEEPER));
        request
            .with_topics(Some(vec![MetadataRequestTopic::default().with_name(Some(keeper))]))
            .with_allow_auto_topic_creation(false)
    }

    pub(super) fn read(answer: &MetadataResponse) -> Self {
        let broker = |broker: &kafka_protocol::messages::metadata_response::MetadataResponseBroker| Broker {
            id: broker.node_id.0,
            host: broker.host.to_string(),
            port: broker.port,
            rack: broker.rack.as_ref().map(ToString::to_string),
        };
        Brokers {
            cluster_id: answer.cluster_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            controller: Some(answer.controller_id.0).filter(|id| *id >= 0),
            alive: answer.brokers.iter().map(|found| (found.node_id.0, broker(found))).collect(),
            keepers: keepers(answer).unwrap_or_default(),
        }
    }

    /// The address that a broker advertises; `None` for one that is not alive, or whose port is none.
    pub(super) fn address(&self, node: i32) -> Option<Address> {
        let broker = self.alive.get(&node)?;
        Some(Address::new(broker.host.clone(), u16::try_from(broker.port).ok()?))
    }
}

/// The partitions of the topic that keeps groups; `None` in an answer that does not name it.
fn keepers(answer: &MetadataResponse) -> Option<Vec<PartitionView>> {
    match read_topics(answer).remove(KEEPER)? {
        Known::Known(topic) => Some(topic.partitions),
        _ => Some(Vec::new()),
    }
}

/// The connection to one broker, opened by whoever needs it first.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Connection>>>>;

pub(super) struct Shared {
    pub(super) options: Prepared,
    pub(super) bootstrap: Vec<Address>,
    pub(super) meter: Arc<Meter>,
    /// Coordinators of groups, as last heard.
    pub(super) coordinators: Mutex<HashMap<String, i32>>,
    /// Leaders of partitions, as last heard.
    pub(super) leaders: Mutex<Leaders>,
    brokers: Mutex<Arc<Brokers>>,
    /// The connection that serves whatever any broker can serve.
    preferred: tokio::sync::Mutex<Arc<Connection>>,
    /// The server that it leads to, to be named when another one cannot be reached.
    reached: Mutex<Address>,
    slots: Mutex<HashMap<i32, Slot>>,
}

/// A connected cluster. Clones are cheap and share connections, counts and what is known of the brokers.
#[derive(Clone)]
pub struct Cluster {
    pub(super) shared: Arc<Shared>,
    /// When the time for the whole command is over, and how long it was.
    pub(super) deadline: Option<(Instant, Duration)>,
    /// How many changes a request may carry; `None` for as many as the controller takes.
    batch: Option<NonZeroUsize>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("brokers", &self.brokers()).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Connects through the first bootstrap server that answers: the first one named is asked first, the others
    /// beside it after 250 ms.
    ///
    /// # Errors
    /// When no server can be used; each one's own reason is kept, within a second or two.
    pub async fn connect(options: ConnectOptions) -> Result<Cluster, ConnectError> {
        let mut bootstrap: Vec<Address> = Vec::new();
        for text in options.bootstrap.iter().flat_map(|texts| texts.split(',')) {
            if !text.trim().is_empty() {
                bootstrap.push(text.parse()?);
            }
        }
        let deadline = options.deadline.map(|limit| (Instant::now() + limit, limit));
        let meter = Arc::clone(&options.meter);
        let options = Prepared::new(options)?;
        let Greeting { connection, brokers } = within(deadline, race(&bootstrap, &options, &meter)).await?;
        if let Some(pin) = options.cluster.as_ref().filter(|pin| pin.id != brokers.cluster_id) {
            return Err(ConnectError::OtherCluster {
                address: connection.address().clone(),
                found: brokers.cluster_id,
                pinned: pin.id.clone(),
                by: pin.by.clone(),
            });
        }
        let connection = Arc::new(connection);
        let shared = Shared {
            options,
            bootstrap,
            meter,
            coordinators: Mutex::default(),
            leaders: Mutex::default(),
            brokers: Mutex::new(Arc::new(brokers)),
            preferred: tokio::sync::Mutex::new(Arc::clone(&connection)),
            reached: Mutex::new(connection.address().clone()),
            slots: Mutex::default(),
        };
        let cluster = Cluster { shared: Arc::new(shared), deadline, batch: None };
        cluster.adopt(&connection);
        Ok(cluster)
    }

    /// The same cluster, with everything done through this handle bounded by `limit` from now on.
    pub fn within(&self, limit: Duration) -> Cluster {
        Cluster { deadline: Some((Instant::now() + limit, limit)), ..self.clone() }
    }

    /// The same cluster, with no more than this many changes in one request; as many as the controller takes without it.
    #[must_use]
    pub fn in_batches_of(self, batch: Option<NonZeroUsize>) -> Cluster {
        Cluster { batch, ..self }
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.batch.map_or(usize::MAX, NonZeroUsize::get)
    }

    /// The cluster id; empty when the cluster has none.
    pub fn id(&self) -> String {
        self.brokers().cluster_id.clone()
    }

    /// The brokers as last seen.
    pub fn brokers(&self) -> Arc<Brokers> {
        Arc::clone(&lock(&self.shared.brokers))
    }

    /// What is worth knowing of the certificates and keys in use, a sentence each.
    pub fn notes(&self) -> &[String] {
        self.shared.options.tls.as_ref().map_or(&[], |connector| connector.notes())
    }

    /// The counts of what was sent.
    pub fn meter(&self) -> &Meter {
        &self.shared.meter
    }

    /// Reads anew which brokers live.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn refresh(&self) -> Result<Arc<Brokers>, CallError> {
        let connection = self.any_connection().await?;
        let (answer, _) = connection.call(Brokers::request, self.request_deadline("Metadata")?).await?;
        Ok(self.learn(&answer))
    }

    /// Takes over what any answer to Metadata says of the brokers, and of who keeps groups if it was asked that.
    pub(super) fn learn(&self, answer: &MetadataResponse) -> Arc<Brokers> {
        let mut known = lock(&self.shared.brokers);
        let mut brokers = Brokers::read(answer);
        if keepers(answer).is_none() {
            brokers.keepers.clone_from(&known.keepers);
        }
        *known = Arc::new(brokers);
        Arc::clone(&known)
    }

    /// When a request that is sent now must be answered.
    pub(super) fn request_deadline(&self, api: &'static str) -> Result<Instant, CallError> {
        let own = Instant::now() + self.shared.options.request_timeout;
        match self.deadline {
            Some((end, limit)) if end <= Instant::now() => Err(CallError::DeadlinePassed { api, limit }),
            Some((end, _)) => Ok(own.min(end)),
            None => Ok(own),
        }
    }

    /// A connection to whichever broker: the one in use, or else the first of all known servers that answers.
    pub(super) async fn any_connection(&self) -> Result<Arc<Connection>, ConnectError> {
        let mut preferred = self.shared.preferred.lock().await;
        if preferred.is_usable() {
            return Ok(Arc::clone(&preferred));
        }
        let brokers = self.brokers();
        let mut servers: Vec<Address> =
            brokers.alive.keys().filter_map(|node| brokers.address(*node)).collect();
        // The one that was just lost comes last.
        servers.sort_by_key(|address| address == preferred.address());
        servers.extend(
            self.shared
                .bootstrap
                .iter()
                .filter(|address| !servers.contains(address))
                .cloned()
                .collect::<Vec<_>>(),
        );
        let Greeting { connection, brokers } =
            within(self.deadline, race(&servers, &self.shared.options, &self.shared.meter)).await?;
        *lock(&self.shared.brokers) = Arc::new(brokers);
        *preferred = Arc::new(connection);
        lock(&self.shared.reached).clone_from(preferred.address());
        self.adopt(&preferred);
        Ok(Arc::clone(&preferred))
    }

    /// The connection to one broker, at the address that it advertises.
    pub(super) async fn broker_connection(&self, node: i32) -> Result<Arc<Connection>, ConnectError> {
        let slot = Arc::clone(lock(&self.shared.slots).entry(node).or_default());
        let mut slot = slot.lock().await;
        if let Some(connection) = slot.as_ref().filter(|connection| connection.is_usable()) {
            return Ok(Arc::clone(connection));
        }
        let brokers = self.brokers();
        let advertised = brokers.address(node).ok_or_else(|| ConnectError::NoSuchBroker {
            node,
            alive: brokers.alive.keys().copied().collect(),
        })?;
        let opening = Connection::open(
            &advertised,
            &self.shared.options,
            self.shared.options.connect_timeout,
            &self.shared.meter,
        );
        match within(self.deadline, opening).await {
            Ok(connection) => Ok(Arc::clone(slot.insert(Arc::new(connection)))),
            Err(cause @ ConnectError::DeadlinePassed { .. }) => Err(cause),
            Err(cause) => Err(ConnectError::Advertised {
                bootstrap: lock(&self.shared.reached).clone(),
                node,
                advertised,
                cause: Box::new(cause),
            }),
        }
    }

    /// Uses a connection for the broker that it leads to, where that is certain: the bootstrap server is written as
    /// the broker advertises itself, or the broker advertises the very socket address that was reached.
    fn adopt(&self, connection: &Arc<Connection>) {
        let brokers = self.brokers();
        let peer = Address::new(connection.peer().ip().to_string(), connection.peer().port());
        let node = brokers.alive.keys().copied().find(|node| {
            brokers.address(*node).is_some_and(|address| address == *connection.address() || address == peer)
        });
        if let Some(node) = node {
            let slot = Arc::clone(lock(&self.shared.slots).entry(node).or_default());
            // Somebody who is opening a connection of their own keeps it.
            if let Ok(mut slot) = slot.try_lock() {
                *slot = Some(Arc::clone(connection));
            }
        }
    }
}

/// Bounds a connection by the time for the whole command.
async fn within<T>(
    deadline: Option<(Instant, Duration)>,
    connecting: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    match deadline {
        None => connecting.await,
        Some((end, limit)) => tokio::time::timeout_at(end, connecting)
            .await
            .unwrap_or(Err(ConnectError::DeadlinePassed { limit })),
    }
}
