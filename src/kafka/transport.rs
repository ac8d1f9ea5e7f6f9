//! The way to a broker's port, below the protocol: TCP, and TLS over it where it is wished for. SASL belongs between
//! [`super::conn`]'s first request and every other one.

use super::connect_error::ConnectError;
use super::diagnose;
use super::options::Prepared;
use klerk_core::values::{Address, Waited};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// A stream of bytes to a broker, whatever lies below it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for T {}

/// An open way to a broker.
pub(super) struct Transport {
    pub(super) stream: Box<dyn Stream>,
    /// The address that was reached, of those that the name stands for.
    pub(super) peer: std::net::SocketAddr,
}

/// Opens the way to `address` within the bounds of a connection and of a handshake.
///
/// Every address that the name resolves to is tried in turn, for `localhost` is often two of which one is served.
pub(super) async fn open(address: &Address, options: &Prepared) -> Result<Transport, ConnectError> {
    let (stream, peer) = open_tcp(address, options.connect_timeout).await?;
    let Some(tls) = &options.tls else { return Ok(Transport { stream: Box::new(stream), peer }) };
    let deadline = Instant::now() + options.handshake_timeout;
    match tls.open(&address.host, stream, deadline).await {
        Ok(stream) => Ok(Transport { stream: Box::new(stream), peer }),
        Err(failure) => Err(diagnose::no_tls(address, failure, options).await),
    }
}

/// Opens a bare TCP connection.
pub(super) async fn open_tcp(
    address: &Address,
    limit: Duration,
) -> Result<(TcpStream, std::net::SocketAddr), ConnectError> {
    let deadline = Instant::now() + limit;
    let unresolved = |reason: String| ConnectError::Unresolved { address: address.clone(), reason };
    let resolved = timeout_at(deadline, tokio::net::lookup_host((address.host.as_str(), address.port)))
        .await
        .map_err(|_| unresolved(format!("no answer within {}", Waited(limit))))?
        .map_err(|error| unresolved(error.to_string()))?;
    let candidates: Vec<_> = resolved.collect();
    let mut last = unresolved("it stands for no address".to_owned());
    for (tried, peer) in candidates.iter().enumerate() {
        // One silent address must not use up the time of the others.
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(candidates.len() - tried).unwrap_or(1);
        match timeout_at(Instant::now() + share, TcpStream::connect(peer)).await {
            Ok(Ok(stream)) => {
                // Small requests must not wait for each other's acknowledgement (Nagle).
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%address, %error, "TCP_NODELAY could not be set");
                }
                return Ok((stream, *peer));
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                last = ConnectError::NothingListens { address: address.clone() };
            }
            Ok(Err(error)) => {
                last = ConnectError::Unreachable { address: address.clone(), reason: error.to_string() };
            }
            Err(_) => {
                let reason = format!("no answer within {}", Waited(limit));
                last = ConnectError::Unreachable { address: address.clone(), reason };
            }
        }
    }
    Err(last)
}
