//! Whether every API that the sandbox offers is asked by some case.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest};
use klerk_testbed::Client;

use crate::servers::{Sandboxes, Side};

/// The APIs that the cases have asked so far.
#[derive(Default)]
pub struct Coverage(Mutex<BTreeSet<i16>>);

impl Coverage {
    /// Notes what a case has asked its sandbox.
    pub fn note(&self, side: &Side) {
        if let Some(sandbox) = &side.sandbox {
            let arrived: Vec<i16> = sandbox.with(|state| state.arrived.keys().copied().collect());
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(arrived);
        }
    }

    /// Fails when an API was asked by no case.
    pub fn whole(&self, sandboxes: &Sandboxes) -> Result<()> {
        let side = sandboxes.start()?;
        let offered = Client::new(side.addresses.clone()).call(&ApiVersionsRequest::default(), 0)?.api_keys;
        ensure!(offered.len() > 50, "a sandbox offers only {} APIs", offered.len());
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<String> = offered
            .iter()
            .filter(|api| !asked.contains(&api.api_key))
            .map(|api| {
                ApiKey::try_from(api.api_key)
                    .map_or_else(|()| api.api_key.to_string(), |key| format!("{key:?}"))
            })
            .collect();
        ensure!(missing.is_empty(), "offered by the sandbox and asked by no case: {}", missing.join(", "));
        Ok(())
    }
}
