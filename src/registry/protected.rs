//! TLS to a registry: the certificates of [`crate::secure`] for the HTTP client, and whether a port without TLS is one with it.

use super::address::{Address, InvalidAddress};
use crate::secure::{Connector, Tls};
use klerk_wire::{Foreign, foreign};
use reqwest::ClientBuilder;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

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

/// How long a port is waited for that may not understand what it is asked.
const PROBE: Duration = Duration::from_millis(1_500);

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
