//! What a handler knows of a request besides its body.

use klerk_wire::serve::RequestFrame;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::Instant;

static TICKETS: AtomicU64 = AtomicU64::new(1);

/// The circumstances of one request. They stay the same however often its handler is asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The API's key.
    pub(crate) key: i16,
    /// The broker that was asked.
    pub(crate) node: i32,
    /// The version of the API.
    pub(crate) version: i16,
    /// The name that the client gave itself; empty when it gave none.
    pub(crate) client_id: String,
    /// Where the client is, as Kafka writes it: `/127.0.0.1`.
    pub(crate) host: String,
    /// Told apart from every other request of this process.
    pub(crate) ticket: u64,
    /// When the request arrived.
    pub(crate) received: Instant,
}

impl Call {
    pub(crate) fn new(node: i32, peer: SocketAddr, frame: &RequestFrame) -> Call {
        Call {
            key: frame.key,
            node,
            version: frame.version,
            client_id: frame.client_id.clone().unwrap_or_default(),
            host: format!("/{}", peer.ip()),
            ticket: TICKETS.fetch_add(1, Ordering::Relaxed),
            received: Instant::now(),
        }
    }
}
