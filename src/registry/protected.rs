//! TLS to a registry: the certificates of [`crate::secure`] for the HTTP client, and the reason when a connection fails.
//!
//! The HTTP client says little of a handshake that failed, so the address is asked once more by what connects to brokers, which names
//! certificates, names and dates.

use super::address::{Address, InvalidAddress};
use crate::secure::{Connector, Tls, TlsFailure};
use klerk_wire::{Foreign, foreign};
use reqwest::ClientBuilder;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// The bound on finding out why a connection failed.
const LIMIT: Duration = Duration::from_secs(5);

/// Gives an HTTP client the certificates that were loaded.
///
/// # Errors
/// When the client does not take them.
pub(super) fn with_certificates(
    builder: ClientBuilder,
    wanted: &Tls,
    connector: &Connector,
) -> Result<ClientBuilder, InvalidAddress> {
    let not_taken = |error: reqwest::Error| InvalidAddress::NotHttp(error.to_string());
    connector.loaded().protect(builder, wanted).map_err(not_taken)
}

/// What is wrong with TLS at an address of which no answer came; `None` when nothing is, or nobody knows.
pub(super) async fn failure(address: &Address, connector: &Connector) -> Option<TlsFailure> {
    let (host, port) = address.encrypted()?;
    let deadline = Instant::now() + LIMIT;
    let stream = timeout_at(deadline, TcpStream::connect((host.as_str(), port))).await.ok()?.ok()?;
    let mut stream = match connector.open(&host, stream, deadline).await {
        Ok(stream) => stream,
        Err(failure) => return Some(failure),
    };
    // A refusal of the client's certificate may come only where the first answer should.
    let exchange = async {
        stream.write_all(format!("HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).await.ok();
        stream.read(&mut [0; 1]).await
    };
    let error = timeout_at(deadline, exchange).await.ok()?.err()?;
    connector.alert(&error).map(TlsFailure::Alert)
}

/// How long a port is waited for that may not understand what it is asked.
const PROBE: Duration = Duration::from_millis(500);

/// Whether an address without TLS leads to a port with it.
pub(super) async fn speaks_tls(address: &Address) -> bool {
    let Some((host, port)) = address.plain() else { return false };
    let exchange = async {
        let mut stream = TcpStream::connect((host.as_str(), port)).await.ok()?;
        stream.write_all(&foreign::tls_client_hello()).await.ok()?;
        let mut start = [0; 4];
        stream.read_exact(&mut start).await.ok()?;
        Foreign::recognise(&start)
    };
    matches!(timeout_at(Instant::now() + PROBE, exchange).await, Ok(Some(Foreign::Tls)))
}
