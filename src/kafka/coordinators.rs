//! Which broker coordinates which group.

use super::backoff::Backoff;
use super::call_error::{CallError, Refusal};
use super::cluster::Cluster;
use super::lock::lock;
use super::route::{Retry, To};
use super::words::useful;
use kafka_protocol::messages::FindCoordinatorRequest;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::protocol::StrBytes;
use klerk_core::values::Address;
use klerk_core::values::Resource;
use klerk_wire::ErrorCode;
use std::collections::{BTreeMap, HashMap};
use tokio::time::Instant;

/// Groups asked for in one FindCoordinator request.
const GROUPS_A_REQUEST: usize = 1000;

/// Groups by the broker that coordinates them.
#[derive(Debug, Default)]
pub struct ByCoordinator {
    /// Groups by their coordinator's node id.
    pub groups: BTreeMap<i32, Vec<String>>,
    /// Groups whose coordinator could not be found, and why.
    pub unknown: BTreeMap<String, CallError>,
}

impl Cluster {
    /// Sorts groups by their coordinators, asking for as many at a time as the broker allows. Coordinators that are
    /// known from before are not asked for again.
    ///
    /// # Errors
    /// When no broker answers at all. A group that has no coordinator is in `unknown`.
    pub async fn coordinators(
        &self,
        groups: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<ByCoordinator, CallError> {
        let mut found = ByCoordinator::default();
        let mut missing = Vec::new();
        {
            let known = lock(&self.shared.coordinators);
            for group in groups {
                let group = group.into();
                match known.get(&group) {
                    Some(node) => found.groups.entry(*node).or_default().push(group),
                    None => missing.push(group),
                }
            }
        }
        let give_up = self.request_deadline("FindCoordinator")?;
        let mut backoff = Backoff::new();
        while !missing.is_empty() {
            let mut again = Vec::new();
            for chunk in missing.chunks(GROUPS_A_REQUEST) {
                for (group, outcome) in self.find_coordinators(chunk).await? {
                    match outcome {
                        Ok(node) => {
                            lock(&self.shared.coordinators).insert(group.clone(), node);
                            found.groups.entry(node).or_default().push(group);
                        }
                        Err(error) if is_passing(&error) && Instant::now() < give_up => again.push(group),
                        Err(error) => {
                            found.unknown.insert(group, error);
                        }
                    }
                }
            }
            missing = again;
            if !missing.is_empty() {
                tokio::time::sleep(backoff.pause()).await;
            }
        }
        Ok(found)
    }

    /// The node id of a group's coordinator.
    pub(super) async fn coordinator(&self, group: &str) -> Result<i32, CallError> {
        // Boxed because looking for a coordinator is itself a call.
        let mut found = Box::pin(self.coordinators([group])).await?;
        match found.unknown.remove(group) {
            Some(error) => Err(error),
            None => found
                .groups
                .into_keys()
                .next()
                .ok_or_else(|| no_coordinator(group, Address::new("", 0), 15, "")),
        }
    }

    /// Forgets where a group's coordinator was, because it said that it is none (any more).
    pub fn forget_coordinator(&self, group: &str) {
        lock(&self.shared.coordinators).remove(group);
    }

    /// Asks for the coordinators of these groups, all in one request if the broker can (v4, KIP-699), else one by one.
    async fn find_coordinators(
        &self,
        groups: &[String],
    ) -> Result<Vec<(String, Result<i32, CallError>)>, CallError> {
        let text = |group: &String| StrBytes::from_string(group.clone());
        let mut outcomes = Vec::with_capacity(groups.len());
        let mut rest = groups;
        while let [first, ..] = rest {
            let answer = self
                .call(To::Any, Retry::Safe, |version| {
                    if version >= 4 {
                        let keys = rest.iter().map(text).collect();
                        FindCoordinatorRequest::default().with_coordinator_keys(keys)
                    } else {
                        FindCoordinatorRequest::default().with_key(text(first))
                    }
                })
                .await;
            match answer {
                Ok(answer) if answer.version >= 4 => {
                    let mut found: HashMap<String, Coordinator> = answer
                        .body
                        .coordinators
                        .into_iter()
                        .map(|found| (found.key.to_string(), found))
                        .collect();
                    outcomes.extend(rest.iter().map(|group| {
                        let outcome = match found.remove(group) {
                            Some(found) if found.error_code == 0 => Ok(found.node_id.0),
                            Some(found) => {
                                let words = found.error_message.as_ref().map_or("", |text| text.as_str());
                                Err(no_coordinator(group, answer.from.clone(), found.error_code, words))
                            }
                            None => {
                                Err(no_coordinator(group, answer.from.clone(), 15, "the broker left it out"))
                            }
                        };
                        (group.clone(), outcome)
                    }));
                    rest = &[];
                }
                Ok(answer) => {
                    outcomes.push((first.clone(), Ok(answer.body.node_id.0)));
                    rest = &rest[1..];
                }
                // Before v4 the code of the one group is that of the whole request.
                Err(error @ CallError::Refused(_)) => {
                    outcomes.push((first.clone(), Err(error)));
                    rest = &rest[1..];
                }
                Err(error) => return Err(error),
            }
        }
        Ok(outcomes)
    }
}

fn no_coordinator(group: &str, broker: Address, code: i16, message: &str) -> CallError {
    CallError::from(Refusal {
        api: "FindCoordinator",
        broker,
        resource: Some(Resource::group(group)),
        code: ErrorCode::named(code),
        message: useful(message),
    })
}

/// Whether a coordinator will be there in a moment: `__consumer_offsets` is created by the first who asks.
fn is_passing(error: &CallError) -> bool {
    matches!(error, CallError::Refused(refusal) if matches!(refusal.code.code, 14 | 15))
}
