//! TLS for HTTP clients: what was loaded, in their terms, and the reason when a connection fails.
//!
//! The HTTP client says little of a handshake that failed, so the address is asked once more by what connects to brokers, which names
//! certificates, names and dates.

use super::{Connector, Loaded, Tls, TlsFailure, Version};
use reqwest::{Certificate, ClientBuilder, Identity, Url, tls};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// The bound on finding out why a connection failed.
const LIMIT: Duration = Duration::from_secs(5);

impl Loaded {
    /// Gives an HTTP client what was loaded: these authorities and no others, since added to the system's they would only widen whom
    /// is trusted; the client's own certificate; and the versions of TLS that are wished for.
    ///
    /// # Errors
    /// When the client does not take them.
    pub fn protect(&self, builder: ClientBuilder, wanted: &Tls) -> Result<ClientBuilder, reqwest::Error> {
        let mut builder = builder
            .tls_danger_accept_invalid_certs(self.trusts_anyone())
            .tls_danger_accept_invalid_hostnames(!wanted.check_name)
            .tls_version_min(version(wanted.versions.oldest))
            .tls_version_max(version(wanted.versions.newest));
        if let Some(pem) = self.trusted_pem() {
            builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem)?);
        }
        if let Some((chain, key)) = self.own_pem() {
            builder = builder.identity(Identity::from_pkcs8_pem(&chain, &key)?);
        }
        Ok(builder)
    }
}

impl Connector {
    /// What is wrong with TLS at an address of which no answer came; `None` when nothing is, when nobody knows, and for an address
    /// without TLS.
    pub async fn failure_at(&self, url: &Url) -> Option<TlsFailure> {
        let (host, port) = (url.scheme() == "https").then(|| host_and_port(url))??;
        let deadline = Instant::now() + LIMIT;
        let stream = timeout_at(deadline, TcpStream::connect((host.as_str(), port))).await.ok()?.ok()?;
        let mut stream = match self.open(&host, stream, deadline).await {
            Ok(stream) => stream,
            Err(failure) => return Some(failure),
        };
        // A refusal of the client's certificate may come only where the first answer should.
        let exchange = async {
            stream.write_all(format!("HEAD / HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).await.ok();
            stream.read(&mut [0; 1]).await
        };
        let error = timeout_at(deadline, exchange).await.ok()?.err()?;
        self.alert(&error).map(TlsFailure::Alert)
    }
}

/// The host and the port of an address. An IPv6 address stands in brackets in a URL, and without them everywhere else.
pub fn host_and_port(url: &Url) -> Option<(String, u16)> {
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some((host, url.port_or_known_default()?))
}

fn version(version: Version) -> tls::Version {
    match version {
        Version::Tls12 => tls::Version::TLS_1_2,
        Version::Tls13 => tls::Version::TLS_1_3,
    }
}
