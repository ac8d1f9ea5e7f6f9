//! Reaching a cluster through any of several servers.

use super::call_error::CallError;
use super::cluster::Brokers;
use super::conn::Connection;
use super::connect_error::{ConnectError, Lost};
use super::diagnose;
use super::meter::Meter;
use super::options::Prepared;
use crate::secure::TlsFailure;
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use kafka_protocol::messages::MetadataRequest;
use kafka_protocol::protocol::Request;
use klerk_core::values::Address;
use klerk_wire::api_name;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long the first server is given before the others are asked too.
const HEAD_START: Duration = Duration::from_millis(250);

/// A server that answers, and what it says of the cluster.
pub(super) struct Greeting {
    pub(super) connection: Connection,
    pub(super) brokers: Brokers,
}

/// Asks the first server, and after a moment (or its failure) all others at once. The first that answers wins; when
/// none does, each one's own reason is kept.
pub(super) async fn race(
    addresses: &[Address],
    options: &Prepared,
    meter: &Arc<Meter>,
) -> Result<Greeting, ConnectError> {
    let (first, others) = addresses.split_first().ok_or(ConnectError::NoBootstrap)?;
    type Attempt<'a> = BoxFuture<'a, (usize, Result<Greeting, ConnectError>)>;
    let attempt = |index: usize, address| -> Attempt<'_> {
        async move { (index, greet(address, options, meter).await) }.boxed()
    };
    let mut failures = Vec::new();
    let mut running: FuturesUnordered<Attempt<'_>> = FuturesUnordered::new();
    running.push(attempt(0, first));
    if let Ok(Some((index, result))) = tokio::time::timeout(HEAD_START, running.next()).await {
        match result {
            Ok(greeting) => return Ok(greeting),
            // A wrong password that every server is asked about locks its user out.
            Err(error) if error.is_verdict_on_login() => return Err(error),
            Err(error) => failures.push((index, error)),
        }
    }
    running.extend(others.iter().enumerate().map(|(index, address)| attempt(index + 1, address)));
    while let Some((index, result)) = running.next().await {
        match result {
            Ok(greeting) => return Ok(greeting),
            Err(error) if error.is_verdict_on_login() => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "bootstrap server not usable");
                failures.push((index, error));
            }
        }
    }
    failures.sort_by_key(|(index, _)| *index);
    let mut failures: Vec<ConnectError> = failures.into_iter().map(|(_, error)| error).collect();
    match failures.len() {
        1 => Err(failures.remove(0)),
        _ => Err(ConnectError::AllFailed { failures }),
    }
}

/// Opens a connection and asks for the brokers of the cluster, which shows whether the port takes requests at all.
async fn greet(address: &Address, options: &Prepared, meter: &Arc<Meter>) -> Result<Greeting, ConnectError> {
    let connection = Connection::open(address, options, options.bootstrap_timeout, meter).await?;
    if !connection.versions().offers(MetadataRequest::KEY) {
        return Err(ConnectError::ControllerPort { address: address.clone() });
    }
    let api = api_name(MetadataRequest::KEY);
    let address = address.clone();
    let deadline = Instant::now() + options.request_timeout;
    match connection.call(Brokers::request, deadline).await {
        Ok((answer, _)) if answer.error_code != 0 => {
            Err(ConnectError::Refused { address, api, code: answer.error_code })
        }
        Ok((answer, _)) => Ok(Greeting { connection, brokers: Brokers::read(&answer) }),
        Err(CallError::Closed { reason: Lost::Closed, .. }) if options.security.login.is_none() => {
            Err(diagnose::without_login(address, api, options, meter).await)
        }
        Err(CallError::Closed { reason: Lost::Alert(alert), .. }) => {
            Err(ConnectError::Tls { address, failure: TlsFailure::Alert(alert) })
        }
        Err(CallError::Closed { reason, .. }) => Err(ConnectError::Ended { address, api, reason }),
        Err(CallError::TimedOut { after, .. }) => Err(ConnectError::Mute { address, waited: after }),
        Err(CallError::Version { source, .. }) => Err(ConnectError::Version { address, source }),
        Err(error) => Err(ConnectError::Ended { address, api, reason: Lost::Io(error.to_string()) }),
    }
}
