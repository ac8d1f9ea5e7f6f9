//! Finding out what answers on a port that does not answer like a Kafka broker.

use super::auth;
use super::call_error::CallError;
use super::conn::Connection;
use super::connect_error::{ConnectError, Lost};
use super::meter::Meter;
use super::options::ConnectOptions;
use super::transport;
use klerk_core::values::Address;
use klerk_wire::{Foreign, api, api_name, foreign};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long a probe waits for its answer.
const PROBE: Duration = Duration::from_millis(500);

/// Why the very first request was not answered. `error` is what became of it.
///
/// Where the server did not give itself away it is asked in two other languages, each on a connection of its own: a
/// TLS port closes a plain connection without a word, and a web server may wait for the end of a line.
pub(super) async fn silence(address: &Address, error: CallError, options: &ConnectOptions) -> ConnectError {
    let address = address.clone();
    let api = api_name(api::API_VERSIONS);
    match error {
        CallError::Connect(error) => error,
        CallError::Closed { reason: Lost::Foreign(what), .. } => foreign_port(address, what),
        CallError::Closed { reason: Lost::TooLarge(_) | Lost::Unexpected, .. } => {
            foreign_port(address, Foreign::Unknown)
        }
        CallError::Closed { reason, .. } => match probe(&address, options).await {
            Some(what) => foreign_port(address, what),
            None => ConnectError::Ended { address, api, reason },
        },
        CallError::TimedOut { after, .. } => match probe(&address, options).await {
            Some(what) => foreign_port(address, what),
            None => ConnectError::Mute { address, waited: after },
        },
        CallError::Version { source, .. } => ConnectError::Version { address, source },
        CallError::Refused(refusal) => ConnectError::Refused { address, api, code: refusal.code.code },
        CallError::Codec { .. } => foreign_port(address, Foreign::Unknown),
        CallError::DeadlinePassed { limit, .. } => ConnectError::DeadlinePassed { limit },
    }
}

/// Why the first request after ApiVersions ended the connection, where nobody logged in: the port wants a login. It is asked
/// which ones it takes.
pub(super) async fn without_login(
    address: Address,
    api: &'static str,
    options: &ConnectOptions,
    meter: &Arc<Meter>,
) -> ConnectError {
    let offers = match Connection::open(&address, options, meter).await {
        Ok(connection) => auth::mechanisms(&connection, PROBE).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    ConnectError::SaslPort { address, api, offers }
}

fn foreign_port(address: Address, what: Foreign) -> ConnectError {
    match what {
        Foreign::Tls => ConnectError::TlsPort { address },
        Foreign::Http | Foreign::Ssh | Foreign::Unknown => ConnectError::NotKafka { address, what },
    }
}

/// Speaks TLS and HTTP to the port, side by side, and recognises the answers.
async fn probe(address: &Address, options: &ConnectOptions) -> Option<Foreign> {
    let hello = foreign::tls_client_hello();
    let (tls, http) = tokio::join!(
        first_bytes(address, &hello, options),
        first_bytes(address, b"GET / HTTP/1.0\r\n\r\n", options),
    );
    [tls, http].into_iter().flatten().find_map(|start| Foreign::recognise(&start))
}

async fn first_bytes(address: &Address, say: &[u8], options: &ConnectOptions) -> Option<[u8; 4]> {
    let exchange = async {
        let (mut stream, _) = transport::open_tcp(address, options.connect_timeout).await.ok()?;
        stream.write_all(say).await.ok()?;
        let mut start = [0; 4];
        stream.read_exact(&mut start).await.ok()?;
        Some(start)
    };
    timeout(PROBE, exchange).await.ok().flatten()
}
