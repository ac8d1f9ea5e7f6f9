//! Sending a request to the broker that can answer it, and following the cluster when that broker changes.

use super::backoff::Backoff;
use super::call_error::{CallError, Refusal};
use super::cluster::Cluster;
use super::conn::Connection;
use super::words::useful;
use kafka_protocol::protocol::Request;
use klerk_core::values::Address;
use klerk_wire::{ErrorCode, Reply, api_name};
use std::sync::Arc;
use tokio::time::Instant;

/// Who can answer a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To<'a> {
    /// Whichever broker.
    Any,
    /// The controller. With KRaft every broker forwards to it, so that this is any broker until one refuses.
    Controller,
    /// The broker with this node id.
    Broker(i32),
    /// The coordinator of this group.
    Coordinator(&'a str),
}

/// Whether a request may be sent again when no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// A read, or a write that does the same when it is done twice.
    Safe,
    /// A write whose first sending may have been done: whether it was must be looked up.
    Never,
}

/// An answer, and who gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The answer itself.
    pub body: T,
    /// The version of the API that was spoken.
    pub version: i16,
    /// The broker that answered.
    pub from: Address,
}

/// How many times a request is sent again because a connection broke or could not be made.
const RECONNECTS: u32 = 3;

/// What an error code of a whole request says about the way to take.
#[derive(Debug, PartialEq, Eq)]
enum Detour {
    /// Ask the same broker again after a pause.
    Wait,
    /// Look for the coordinator again.
    FindCoordinator,
    /// Look for the controller again.
    FindController,
}

impl Detour {
    fn of(code: i16) -> Option<Detour> {
        match code {
            14 => Some(Detour::Wait),
            15 | 16 => Some(Detour::FindCoordinator),
            41 => Some(Detour::FindController),
            _ => None,
        }
    }
}

impl Cluster {
    /// Sends the request that `build` makes for the version of the API that both sides speak (a field that the
    /// version lacks must not be set), and returns the answer.
    ///
    /// Codes that say "not here" or "not yet" for the whole request (14, 15, 16, 41) are followed until the time for
    /// one request is over. A connection that breaks is replaced; the request is sent again on the new one if it
    /// never left, or if `retry` allows it. Codes of items within the answer are the caller's.
    ///
    /// # Errors
    /// When no answer came, or when the broker refuses the request as a whole.
    pub async fn call<R>(
        &self,
        to: To<'_>,
        retry: Retry,
        build: impl Fn(i16) -> R,
    ) -> Result<Answer<R::Response>, CallError>
    where
        R: Request,
        R::Response: Reply,
    {
        let api = api_name(R::KEY);
        let give_up = self.request_deadline(api)?;
        let mut backoff = Backoff::new();
        let mut reconnects = 0;
        let mut found_controller = None;
        loop {
            let error = match self.call_once(to, found_controller, &build).await {
                Ok(answer) => {
                    let code = answer.body.top_level_error();
                    let Some(error_code) = ErrorCode::of(code) else { return Ok(answer) };
                    let refused = CallError::from(Refusal {
                        api,
                        broker: answer.from,
                        resource: None,
                        code: error_code,
                        message: useful(answer.body.top_level_message().unwrap_or_default()),
                    });
                    match Detour::of(code) {
                        None => return Err(refused),
                        Some(Detour::Wait) => {}
                        Some(Detour::FindCoordinator) => {
                            if let To::Coordinator(group) = to {
                                self.forget_coordinator(group);
                            }
                        }
                        Some(Detour::FindController) => {
                            found_controller = self.refresh().await?.controller;
                        }
                    }
                    refused
                }
                Err(error) if self.may_send_again(&error, retry, api) && reconnects < RECONNECTS => {
                    reconnects += 1;
                    if let To::Coordinator(group) = to {
                        self.forget_coordinator(group);
                    }
                    if matches!(to, To::Broker(_) | To::Coordinator(_)) {
                        // The broker may have moved, or be gone; a failure to learn it shows on the next attempt.
                        let _unknown = self.refresh().await;
                    }
                    error
                }
                Err(error) => return Err(error),
            };
            let pause = backoff.pause();
            if Instant::now() + pause >= give_up {
                return Err(error);
            }
            tracing::debug!(api, %error, ?pause, "asking again");
            tokio::time::sleep(pause).await;
        }
    }

    fn may_send_again(&self, error: &CallError, retry: Retry, api: &str) -> bool {
        // A request that timed out has used up the time for one request.
        let repeatable = error.is_lost_connection() && !matches!(error, CallError::TimedOut { .. });
        // Either every known server was just tried, or the one that is needed will not be there in a moment.
        let hopeless = matches!(error, CallError::Connect(connect) if !connect.may_pass());
        repeatable && !hopeless && (retry == Retry::Safe || !error.may_have_done(api))
    }

    async fn call_once<R>(
        &self,
        to: To<'_>,
        controller: Option<i32>,
        build: &impl Fn(i16) -> R,
    ) -> Result<Answer<R::Response>, CallError>
    where
        R: Request,
        R::Response: Reply,
    {
        let connection = self.connection_to(to, controller).await?;
        let deadline = self.request_deadline(api_name(R::KEY))?;
        let (body, version) = connection.call(build, deadline).await?;
        Ok(Answer { body, version, from: connection.address().clone() })
    }

    async fn connection_to(&self, to: To<'_>, controller: Option<i32>) -> Result<Arc<Connection>, CallError> {
        let connection = match to {
            To::Any => self.any_connection().await?,
            To::Controller => match controller {
                Some(node) => self.broker_connection(node).await?,
                None => self.any_connection().await?,
            },
            To::Broker(node) => self.broker_connection(node).await?,
            To::Coordinator(group) => {
                let node = self.coordinator(group).await?;
                self.broker_connection(node).await?
            }
        };
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_about_the_way_are_followed() {
        let followed: Vec<i16> = (-1..=133).filter(|code| Detour::of(*code).is_some()).collect();
        assert_eq!(followed, [14, 15, 16, 41]);
    }
}
