//! Finding out what answers on a port that does not answer like a Kafka broker.

use super::auth;
use super::call_error::CallError;
use super::conn::Connection;
use super::connect_error::{ConnectError, Lost};
use super::meter::Meter;
use super::options::Prepared;
use super::transport;
use crate::secure::TlsFailure;
use kafka_protocol::messages::ApiVersionsRequest;
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::Address;
use klerk_wire::{Foreign, api, api_name, foreign, frame};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long a probe waits for its answer. A server that has much else to do needs its time for a handshake of TLS; and this and the usual
/// bound on a first answer together stay below what a bootstrap server is given.
const PROBE: Duration = Duration::from_millis(1_500);

const WEB_REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// Why the very first request was not answered. `error` is what became of it.
///
/// Where the server did not give itself away it is asked in two other languages, each on a connection of its own: a
/// TLS port closes a plain connection without a word, and a web server may wait for the end of a line.
pub(super) async fn silence(address: &Address, error: CallError, options: &Prepared) -> ConnectError {
    let address = address.clone();
    let api = api_name(api::API_VERSIONS);
    match error {
        CallError::Connect(error) => error,
        CallError::Closed { reason: Lost::Foreign(what), .. } => foreign_port(address, what),
        CallError::Closed { reason: Lost::TooLarge(_) | Lost::Unexpected, .. } => {
            foreign_port(address, Foreign::Unknown)
        }
        CallError::Closed { reason: Lost::Alert(alert), .. } => {
            ConnectError::Tls { address, failure: TlsFailure::Alert(alert) }
        }
        CallError::Closed { reason, .. } if options.tls.is_some() => {
            ConnectError::Ended { address, api, reason }
        }
        // What is waited for for longer has been asked in other languages meanwhile.
        CallError::TimedOut { after, .. }
            if options.tls.is_some() || after > options.connect_timeout + PROBE =>
        {
            ConnectError::Mute { address, waited: after }
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
    options: &Prepared,
    meter: &Arc<Meter>,
) -> ConnectError {
    let offers = match Connection::open(&address, options, options.connect_timeout, meter).await {
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

/// Why the port did not open TLS. Where the failure itself does not tell what answers, the port is asked in plain text, on
/// connections of their own: a broker's plain port closes a connection that begins with TLS without a word.
pub(super) async fn no_tls(address: &Address, failure: TlsFailure, options: &Prepared) -> ConnectError {
    let address = address.clone();
    let silent = matches!(
        failure,
        TlsFailure::NotTls | TlsFailure::Closed | TlsFailure::Silent | TlsFailure::Broken(_)
    );
    if silent {
        let (kafka, http) =
            tokio::join!(speaks_kafka(&address, options), first_bytes::<4>(&address, WEB_REQUEST, options));
        if kafka {
            return ConnectError::PlainPort { address };
        }
        if let Some(what @ (Foreign::Http | Foreign::Ssh)) = http.and_then(|start| Foreign::recognise(&start))
        {
            return ConnectError::NotKafka { address, what };
        }
    }
    ConnectError::Tls { address, failure }
}

/// Whether the port answers ApiVersions, which every broker does before any login.
async fn speaks_kafka(address: &Address, options: &Prepared) -> bool {
    const ID: i32 = 0x6b6c_6572;
    let client = StrBytes::from_static_str("klerk");
    let Ok(request) = frame::encode_request(&ApiVersionsRequest::default(), 0, ID, &client) else {
        return false;
    };
    let start = first_bytes::<8>(address, &request, options).await;
    start.is_some_and(|start| start[4..] == ID.to_be_bytes())
}

/// What answers on a plain port that has been silent for longer than a broker usually is; never, where nothing gives itself away:
/// a broker that stands still for a moment does not.
pub(super) async fn given_away(address: &Address, options: &Prepared) -> ConnectError {
    tokio::time::sleep(options.connect_timeout).await;
    match options.tls.is_none().then(|| probe(address, options)) {
        Some(probe) => match probe.await {
            Some(what) => foreign_port(address.clone(), what),
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

/// Speaks TLS and HTTP to the port, side by side, and recognises the answers.
async fn probe(address: &Address, options: &Prepared) -> Option<Foreign> {
    let hello = foreign::tls_client_hello();
    let (tls, http) = tokio::join!(
        first_bytes::<4>(address, &hello, options),
        first_bytes::<4>(address, WEB_REQUEST, options),
    );
    [tls, http].into_iter().flatten().find_map(|start| Foreign::recognise(&start))
}

async fn first_bytes<const N: usize>(address: &Address, say: &[u8], options: &Prepared) -> Option<[u8; N]> {
    let exchange = async {
        let (mut stream, _) = transport::open_tcp(address, options.connect_timeout).await.ok()?;
        stream.write_all(say).await.ok()?;
        let mut start = [0; N];
        stream.read_exact(&mut start).await.ok()?;
        Some(start)
    };
    timeout(PROBE, exchange).await.ok().flatten()
}
