//! One broker's listener, which is there while the broker is up.

use crate::server::{Shared, conn};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long to wait before a port that was taken meanwhile is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// A broker's port, and whom to tell whether it is open.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) node: i32,
    pub(crate) port: u16,
    pub(crate) open: watch::Sender<bool>,
}

/// Accepts connections of one broker until the task is dropped, and drops them with it. While the broker is down, its
/// port is closed and its connections are gone.
pub(crate) async fn listen(mut listener: TcpListener, door: Door, shared: Arc<Shared>) {
    loop {
        accept_while_up(listener, door.node, &shared).await;
        let held = hold(door.port);
        door.open.send_replace(false);
        until_alive(door.node, &shared, true).await;
        drop(held);
        listener = loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, door.port)).await {
                Ok(listener) => break listener,
                Err(error) => tracing::debug!(node = door.node, %error, "cannot listen yet"),
            }
            tokio::time::sleep(AGAIN).await;
        };
        door.open.send_replace(true);
    }
}

/// A socket that has a port and does not listen on it, so that nobody else can answer there for a broker that is down. Where the system
/// does not give one, the port is merely closed.
fn hold(port: u16) -> Option<TcpSocket> {
    let socket = TcpSocket::new_v4().ok()?;
    // Connections of the broker that have just ended are still in the system's books.
    socket.set_reuseaddr(true).ok()?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into()).ok()?;
    Some(socket)
}

async fn accept_while_up(listener: TcpListener, node: i32, shared: &Arc<Shared>) {
    let mut connections = JoinSet::new();
    let down = until_alive(node, shared, false);
    tokio::pin!(down);
    loop {
        tokio::select! {
            () = &mut down => return,
            accepted = listener.accept() => {
                let Ok((stream, peer)) = accepted else {
                    // It is the system's doing (too many open files), and may pass; asking at once again helps nobody.
                    tokio::time::sleep(AGAIN).await;
                    continue;
                };
                connections.spawn(conn::serve(stream, peer, node, Arc::clone(shared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Waits until a broker is up, or until it is down.
async fn until_alive(node: i32, shared: &Shared, alive: bool) {
    loop {
        let changed = shared.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        if shared.with(|state| state.is_alive(node)) == alive {
            return;
        }
        changed.await;
    }
}
