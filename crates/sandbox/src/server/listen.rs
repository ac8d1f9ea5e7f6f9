//! One broker's listener.

use crate::server::{Shared, conn};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Accepts connections of one broker until the task is dropped, and drops them with it.
pub(crate) async fn listen(listener: TcpListener, node: i32, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A refused accept is the system's doing (too many open files); the next one may succeed.
                let Ok((stream, peer)) = accepted else { continue };
                connections.spawn(conn::serve(stream, peer, node, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
