use super::auth::Logins;
use super::cluster::Cluster;
use crate::secure::{Connector, Security};
use klerk_core::values::Address;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What this connection was made with, for the data plane: the same settings, once the cluster has been reached by them.
#[derive(Debug, Clone)]
pub struct Wiring {
    /// The live brokers as they advertise themselves; the bootstrap servers where none does.
    pub brokers: Vec<Address>,
    /// The `client.id` that brokers see.
    pub client_id: String,
    /// How connections are protected.
    pub security: Security,
    /// Certificates and keys as they were loaded, where there is TLS.
    pub tls: Option<Arc<Connector>>,
    /// Where the tokens of all logins come from.
    pub logins: Arc<Logins>,
    /// The bound on opening a connection, TLS and all.
    pub connect_timeout: Duration,
    /// The bound on one request.
    pub request_timeout: Duration,
    /// When the time for the whole command is over.
    pub deadline: Option<Instant>,
}

impl Cluster {
    /// What this cluster was connected with.
    pub fn wiring(&self) -> Wiring {
        let options = &self.shared.options;
        let seen = self.brokers();
        let mut brokers: Vec<Address> = seen.alive.keys().filter_map(|node| seen.address(*node)).collect();
        if brokers.is_empty() {
            brokers.clone_from(&self.shared.bootstrap);
        }
        Wiring {
            brokers,
            client_id: options.client_id.clone(),
            security: options.security.clone(),
            tls: options.tls.clone(),
            logins: Arc::clone(&options.logins),
            connect_timeout: options.connect_timeout + options.handshake_timeout,
            request_timeout: options.request_timeout,
            deadline: self.deadline.map(|(end, _)| end),
        }
    }
}
