//! Adversarial inputs on a real broker.

use crate::adversarial::{Bed, accepted, coming_and_going, conflicting, found, refused, twice, uneven};
use crate::documents::Plan;
use crate::scene::{Scene, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Client, Cluster, ClusterOptions, Tool, shared, unique_name};
use serde_json::Value;

struct Real {
    client: Client,
    scene: Scene,
}

impl Bed for Real {
    fn client(&self) -> Client {
        self.client.clone()
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
    let bed = Real { client: cluster.client(), scene };
    refused(&bed).context("refused")?;
    conflicting(&bed).context("conflicts")?;
    found(&bed).context("found")?;
    accepted(&bed).context("accepted")
}

#[test]
fn odd_states_of_topics_make_no_phantoms_and_lose_no_change() -> Result<()> {
    let cluster = &shared()?.cluster;
    let bed = Real { client: cluster.client(), scene: Scene::new(&cluster.bootstrap())? };
    twice(&bed).context("one topic in two files")?;
    uneven(&bed, &unique_name("uneven")).context("uneven replication")?;
    coming_and_going(&bed, &unique_name("going")).context("coming and going")
}

/// Who may describe a topic sees it, and its configs are another right.
#[test]
fn a_topic_that_may_be_seen_and_not_described_is_left_alone() -> Result<()> {
    let options = ClusterOptions::one_broker()
        .property("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .property("allow.everyone.if.no.acl.found", "true");
    let cluster = Cluster::start(options)?;
    let (client, scene) = (cluster.client(), Scene::new(&cluster.bootstrap())?);
    client.create_topic("hidden", 1, 1, &[("flush.messages", "7")])?;
    client.create_topic("open", 1, 1, &[])?;
    let allow = |operations: &[&str]| -> Result<()> {
        let mut line = vec!["--add", "--allow-principal", "User:ANONYMOUS", "--topic", "hidden"];
        line.extend(operations.iter().flat_map(|operation| ["--operation", operation]));
        Tool::Acls.run(&cluster.bootstrap(), &line)?.checked()?;
        Ok(())
    };
    allow(&["Describe"])?;
    scene.write(
        "topology.yaml",
        "klerk: 1\ntopics:\n  hidden: { partitions: 1, flush.messages: 5 }\n  open: { partitions: 1 }\n",
    )?;
    let plan: Plan = scene.json("plan", 1)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.len() == 1, "{plan:?}");
    let conflict = &plan.conflicts[0];
    ensure!(
        (conflict.resource.name.as_str(), conflict.reason.as_str()) == ("hidden", "not-readable"),
        "{plan:?}"
    );
    ensure!(
        conflict.message.contains("Allow this principal Describe and DescribeConfigs on the topic"),
        "{plan:?}"
    );
    let exported = scene.klerk("export --only topics").run()?;
    ensure!(exported.status == Some(3), "{exported:#?}");
    ensure!(exported.stdout.contains("# hidden: its configs could not be read: "), "{exported:#?}");

    allow(&["DescribeConfigs", "AlterConfigs"])?;
    until("the wish is planned", || {
        let plan: Plan = match scene.klerk("plan -o json").run()? {
            outcome if outcome.status == Some(0) => serde_json::from_str(&outcome.stdout)?,
            _ => return Ok(false),
        };
        let found = plan.steps.iter().map(|step| (step.resource.name.as_str(), &step.to)).collect::<Vec<_>>();
        ensure!(found == [("hidden", &serde_json::json!({ "flush.messages": "5" }))], "{plan:?}");
        Ok(true)
    })
}
