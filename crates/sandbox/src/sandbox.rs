//! Starting a sandbox, its addresses, and the hooks through which a test looks into it.

use crate::registry::{self, Desk, Manner, Registry};
use crate::server::{self, Door, Shared};
use crate::state::{Broker, State};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many ports after the first broker's the registry listens.
const REGISTRY_PLACE: u16 = 10;

/// What a sandbox shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many brokers, 1 to 9. Their ids count from 1, each in a rack of its own.
    pub brokers: u16,
    /// The port of the first broker, with the others on the ports after it and the registry on the tenth; free ports when
    /// it is not given.
    pub port: Option<u16>,
    /// Which schema registry is imitated.
    pub manner: Manner,
}

impl Default for Options {
    fn default() -> Options {
        Options { brokers: 3, port: None, manner: Manner::default() }
    }
}

/// A sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// More or fewer brokers than a sandbox can have.
    #[error("a sandbox has 1 to 9 brokers, not {0}")]
    Brokers(u16),
    /// A port is taken, or is not for this user.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port; 0 for a free one.
        port: u16,
        /// The system's words.
        source: std::io::Error,
    },
}

/// A running sandbox. It ends when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    addresses: Vec<String>,
    /// For each broker, whether its port is open.
    open: BTreeMap<i32, watch::Receiver<bool>>,
    desk: Arc<Desk>,
    registry_url: String,
    _tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts brokers and a schema registry that answer from this moment on.
    ///
    /// # Errors
    /// When the number of brokers is out of range or a port cannot be had.
    pub async fn start(options: &Options) -> Result<Sandbox, StartError> {
        if !(1..=9).contains(&options.brokers) {
            return Err(StartError::Brokers(options.brokers));
        }
        let mut listeners = Vec::new();
        let mut brokers = BTreeMap::new();
        for (id, place) in (1..).zip(0..options.brokers) {
            let port = options.port.map_or(0, |first| first.saturating_add(place));
            let (listener, port) = bind(port).await?;
            brokers.insert(id, Broker { port, rack: format!("rack-{id}"), alive: true });
            listeners.push((listener, id, port));
        }
        let (at, registry_port) =
            bind(options.port.map_or(0, |first| first.saturating_add(REGISTRY_PLACE))).await?;
        let registry_url = format!("http://127.0.0.1:{registry_port}{}", options.manner.base_path());
        let desk = Arc::new(Desk::new(Registry::new(options.manner)));
        let addresses = brokers.values().map(|broker| format!("127.0.0.1:{}", broker.port)).collect();
        let shared = Arc::new(Shared::new(State::new(brokers)));
        let mut tasks = JoinSet::new();
        let mut open = BTreeMap::new();
        for (listener, node, port) in listeners {
            let (sender, receiver) = watch::channel(true);
            open.insert(node, receiver);
            tasks.spawn(server::listen(listener, Door { node, port, open: sender }, Arc::clone(&shared)));
        }
        tasks.spawn(registry::serve(at, Arc::clone(&desk)));
        Ok(Sandbox { shared, addresses, open, desk, registry_url, _tasks: tasks })
    }

    /// The brokers' addresses with commas between them, as `--bootstrap` takes them.
    pub fn bootstrap(&self) -> String {
        self.addresses.join(",")
    }

    /// Looks at the cluster, or changes it behind the back of its clients. Whoever waits for a change is woken.
    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.shared.with(act)
    }

    /// Stops a broker: once this returns, its connections are gone, new ones are refused, and leaders, coordinators and
    /// the controller have moved. A broker that is down or unknown stays so.
    pub async fn stop_broker(&self, id: i32) {
        self.with(|state| state.stop_broker(id));
        self.until_open(id, false).await;
    }

    /// Starts a broker that was stopped: once this returns, it accepts connections on its old port again, and its
    /// replicas are in sync.
    pub async fn start_broker(&self, id: i32) {
        self.with(|state| state.start_broker(id));
        self.until_open(id, true).await;
    }

    async fn until_open(&self, id: i32, wanted: bool) {
        if let Some(mut open) = self.open.get(&id).cloned() {
            // It fails only when the sandbox has ended, and then there is nothing to wait for.
            let _ = open.wait_for(|open| *open == wanted).await;
        }
    }

    /// The registry's base address, as `--registry` takes it.
    pub fn registry_url(&self) -> &str {
        &self.registry_url
    }

    /// Looks at the registry, or changes it behind the back of its clients.
    pub fn with_registry<T>(&self, act: impl FnOnce(&mut Registry) -> T) -> T {
        self.desk.with(act)
    }
}

async fn bind(port: u16) -> Result<(TcpListener, u16), StartError> {
    let refused = |source| StartError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    Ok((listener, port))
}
