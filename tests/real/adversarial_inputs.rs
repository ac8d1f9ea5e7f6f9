//! Adversarial inputs on a real broker.

use crate::adversarial::{Bed, accepted, conflicting, found, refused};
use crate::scene::Scene;
use anyhow::{Context, Result};
use klerk_testbed::{Client, Cluster, ClusterOptions};
use serde_json::Value;

struct Real {
    cluster: Cluster,
    scene: Scene,
}

impl Bed for Real {
    fn client(&self) -> Client {
        self.cluster.client()
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        self.scene.write(name, text)
    }

    fn klerk(&self, line: &str) -> Result<(i32, Value)> {
        let outcome = self.scene.klerk(line).args(["-o", "json", "-q"]).run()?;
        let document =
            serde_json::from_str(&outcome.stdout).with_context(|| format!("no document: {outcome:#?}"))?;
        Ok((outcome.status.context("a status")?, document))
    }
}

#[test]
fn what_is_accepted_survives_and_what_is_not_is_named() -> Result<()> {
    let cluster = Cluster::start(ClusterOptions::one_broker())?;
    let scene = Scene::new(&cluster.bootstrap())?;
    let bed = Real { cluster, scene };
    refused(&bed).context("refused")?;
    conflicting(&bed).context("conflicts")?;
    found(&bed).context("found")?;
    accepted(&bed).context("accepted")
}
