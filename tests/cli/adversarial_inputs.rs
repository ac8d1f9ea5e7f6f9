//! Adversarial inputs on a simulated cluster.

use crate::adversarial::{Bed, accepted, conflicting, found, refused};
use crate::run::Place;
use crate::simulated::Simulated;
use anyhow::{Context, Result};
use klerk_testbed::Client;
use serde_json::Value;
use std::fs;

struct Sandbox {
    cluster: Simulated,
    place: Place,
}

impl Sandbox {
    fn new() -> Sandbox {
        Sandbox { cluster: Simulated::start(), place: Place::new() }
    }
}

impl Bed for Sandbox {
    fn client(&self) -> Client {
        Client::new(self.cluster.bootstrap().split(',').map(str::to_owned).collect())
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.place.path().join(name), text)?)
    }

    fn klerk(&self, line: &str) -> Result<(i32, Value)> {
        let ran = self.place.run(&format!("{line} -o json -q -b {}", self.cluster.bootstrap()));
        let document = serde_json::from_str(&ran.stdout).with_context(|| format!("{line}: {}", ran.all()))?;
        Ok((ran.status, document))
    }
}

#[test]
fn what_is_accepted_arrives_as_it_was_meant_and_leaves_nothing_to_do() -> Result<()> {
    accepted(&Sandbox::new())
}

#[test]
fn what_was_set_by_hand_survives_an_export() -> Result<()> {
    found(&Sandbox::new())
}

#[test]
fn what_is_not_accepted_is_refused_with_place_reason_and_fix() -> Result<()> {
    refused(&Sandbox::new())
}

#[test]
fn what_a_broker_refuses_is_a_conflict_with_its_line() -> Result<()> {
    conflicting(&Sandbox::new())
}
