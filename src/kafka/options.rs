use super::auth::Logins;
use super::connect_error::ConnectError;
use super::meter::Meter;
use crate::secure::{Connector, Security};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// How to reach a cluster.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Bootstrap servers as `host:port`, in the order in which they are tried. Each text may name several servers
    /// with commas between them.
    pub bootstrap: Vec<String>,
    /// The `client.id` that brokers see in their logs and quotas.
    pub client_id: String,
    /// The bound on opening one connection and on its first answer; 2 s unless told otherwise.
    pub connect_timeout: Duration,
    /// The bound on the first answer of a bootstrap server, for which there may be no other to go to; 4 s unless told otherwise.
    pub bootstrap_timeout: Duration,
    /// The bound on the TLS handshake, where there is one; 5 s unless told otherwise.
    pub handshake_timeout: Duration,
    /// The bound on one request; 30 s unless told otherwise.
    pub request_timeout: Duration,
    /// The bound on everything that is done with the cluster, counted from [`super::Cluster::connect`].
    pub deadline: Option<Duration>,
    /// How connections are protected.
    pub security: Security,
    /// What all logins share: the token at hand, and whether one was taken.
    pub logins: Arc<Logins>,
    /// What counts the requests, also those of a connection that fails.
    pub meter: Arc<Meter>,
    /// The cluster that has to be found; any, when nothing is said.
    pub cluster: Option<ClusterPin>,
}

/// The only cluster that may be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterPin {
    /// Its id.
    pub id: String,
    /// Who says so, for people.
    pub by: String,
}

impl ConnectOptions {
    /// Plain connections to these bootstrap servers, with the usual bounds.
    pub fn new(bootstrap: impl IntoIterator<Item = impl Into<String>>) -> Self {
        ConnectOptions {
            bootstrap: bootstrap.into_iter().map(Into::into).collect(),
            client_id: "klerk".to_owned(),
            connect_timeout: Duration::from_secs(2),
            bootstrap_timeout: Duration::from_secs(4),
            handshake_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            deadline: None,
            security: Security::default(),
            logins: Arc::default(),
            meter: Arc::default(),
            cluster: None,
        }
    }
}

/// Options with their certificates loaded, so that all connections share them, and no file is read while a command runs.
#[derive(Debug)]
pub(super) struct Prepared {
    options: ConnectOptions,
    /// What opens TLS, where it is wished for.
    pub(super) tls: Option<Arc<Connector>>,
}

impl Prepared {
    pub(super) fn new(options: ConnectOptions) -> Result<Prepared, ConnectError> {
        let tls = options.security.tls.as_ref().map(Connector::new).transpose()?.map(Arc::new);
        Ok(Prepared { options, tls })
    }
}

impl Deref for Prepared {
    type Target = ConnectOptions;

    fn deref(&self) -> &ConnectOptions {
        &self.options
    }
}
