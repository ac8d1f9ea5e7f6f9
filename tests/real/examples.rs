//! The estates of `examples/`, each environment of them, on three real brokers and a registry: applied, planned again, exported, undone,
//! and from one environment to the next.

use crate::documents::{Plan, Report};
use crate::estates::{ESTATES, Estate};
use crate::scene::{Scene, carried_out, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Cluster, ClusterOptions, Registry};
use std::collections::BTreeSet;
use std::fs;

const ALLOWED: &str = "--yes --allow loses-data,moves-keys,weakens-durability,stops-writes,breaks-readers";

/// What keeps an undo from deleting what an apply has created, where nobody is at a terminal.
const BY_HAND: &str = "delete-topic: by-hand, ";

/// Servers on which an estate is the only one.
struct Servers {
    cluster: Cluster,
    registry: Registry,
}

impl Servers {
    fn start() -> Result<Servers> {
        Ok(Servers {
            cluster: Cluster::start(ClusterOptions::three_brokers())?,
            registry: Registry::start()?,
        })
    }

    fn empty(&self) -> Result<()> {
        let client = self.cluster.client();
        let topics: Vec<String> =
            client.topics()?.into_keys().filter(|name| !name.starts_with("__")).collect();
        client.delete_topics(&topics.iter().map(String::as_str).collect::<Vec<_>>())?;
        self.registry.kill()?;
        self.registry.restart_empty()
    }

    /// The estate in a folder, with a klerk to whom these servers are typed, as `-b` and `--registry`.
    fn scene(&self, estate: &Estate) -> Result<Scene> {
        let id = self.cluster.client().metadata(None)?.cluster_id.context("a cluster id")?.to_string();
        let scene = Scene::new(&self.cluster.bootstrap())?;
        for (name, text) in estate.files_for(&id) {
            scene.write(&name, &text)?;
        }
        Ok(scene)
    }

    fn at(&self, environment: Option<&str>) -> String {
        let environment = environment.map(|name| format!("-e {name} ")).unwrap_or_default();
        format!("{environment}-b {} --registry {}", self.cluster.bootstrap(), self.registry.url())
    }
}

/// What steps are about.
fn resources<'a>(steps: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeSet<(String, String)> {
    steps.into_iter().map(|(kind, name)| (kind.to_owned(), name.to_owned())).collect()
}

fn of_plan(plan: &Plan) -> BTreeSet<(String, String)> {
    resources(plan.steps.iter().map(|step| (step.resource.kind.as_str(), step.resource.name.as_str())))
}

/// Whether the plan of what stands in the file is empty, once brokers show all of what was done.
fn is_settled(scene: &Scene, at: &str) -> Result<()> {
    let plan: Plan = scene.json(&format!("plan {at} --detailed-exitcode"), 0)?;
    ensure!(plan.steps.is_empty() && plan.conflicts.is_empty(), "{:?} {:?}", plan.steps, plan.conflicts);
    Ok(())
}

fn apply(scene: &Scene, at: &str) -> Result<Report> {
    carried_out(scene.klerk(&format!("apply {at} {ALLOWED} -o json")).run()?)
}

fn in_one_environment(servers: &Servers, estate: &Estate, environment: Option<&str>) -> Result<()> {
    let scene = servers.scene(estate)?;
    let at = servers.at(environment);
    scene.klerk("validate").run()?.expect_status(0)?;
    // One topic is there before and is otherwise, so that the apply changes something that an undo can take back.
    let plan: Plan = scene.json(&format!("plan {at}"), 0)?;
    ensure!(plan.appliable && plan.conflicts.is_empty(), "{:?}", plan.conflicts);
    let first = plan.steps.iter().find(|step| step.kind == "create-topic").context("a topic")?;
    let partitions = first.to["partitions"].as_i64().context("partitions")?;
    let replication = first.to["replication"].as_i64().context("replication")?;
    let client = servers.cluster.client();
    client.create_topic(
        &first.resource.name,
        i32::try_from(partitions)?,
        i16::try_from(replication)?,
        &[("retention.ms", "3600000"), ("segment.ms", "600000")],
    )?;

    let report = apply(&scene, &at)?;
    let has_changed = report.steps.iter().any(|step| step.kind == "set-config");
    ensure!(has_changed && report.steps.iter().all(|step| step.settled.as_deref() != Some("not-as-asked")));
    is_settled(&scene, &at)?;

    scene.klerk(&format!("export {at} --out taken")).run()?.expect_status(0)?;
    let typed = servers.at(None);
    is_settled(&scene, &format!("-f taken/topology.yaml {typed}"))?;

    let mut undo = format!("undo last {at} {ALLOWED} -o json");
    let topology = fs::read_to_string(scene.path("topology.yaml"))?;
    if topology.contains(BY_HAND) {
        // Nobody is at a terminal here, and what was created does not go without: the policy's owner relaxes it.
        scene.klerk(&undo).run()?.expect_status(4)?;
        scene.write("relaxed.yaml", &topology.replace(BY_HAND, ""))?;
        undo.push_str(" -f relaxed.yaml");
    }
    let undone = carried_out(scene.klerk(&undo).run()?)?;
    let back =
        resources(undone.steps.iter().map(|step| (step.resource.kind.as_str(), step.resource.name.as_str())));
    ensure!(!back.is_empty(), "nothing was undone");
    until("the plan is what was undone, and nothing else", || {
        let plan: Plan = scene.json(&format!("plan {at}"), 0)?;
        Ok(of_plan(&plan) == back && plan.conflicts.is_empty())
    })?;
    apply(&scene, &at)?;
    is_settled(&scene, &at)
}

/// From one environment to the next on one cluster, where no topic has to move to other brokers.
fn from_one_to_the_next(servers: &Servers, estate: &Estate) -> Result<()> {
    let scene = servers.scene(estate)?;
    for pair in estate.environments.windows(2) {
        let [here, there] = pair else { continue };
        let diff = scene.klerk(&format!("diff -e {here} -e {there} --detailed-exitcode")).run()?;
        let differs = diff.status == Some(2);
        let (from, to) = (servers.at(Some(here)), servers.at(Some(there)));
        let found: Plan = scene.json(&format!("plan {from}"), 0)?;
        if !found.steps.is_empty() {
            apply(&scene, &from)?;
        }
        let outcome = scene.klerk(&format!("plan {to} -o json")).run()?;
        let plan: Plan = serde_json::from_str(&outcome.stdout).with_context(|| format!("{outcome:#?}"))?;
        let mut named = of_plan(&plan);
        named.extend(plan.conflicts.iter().map(|one| (one.resource.kind.clone(), one.resource.name.clone())));
        // Contracts of groups are no step, so that a difference may also be one of those.
        ensure!(named.is_empty() || differs, "{here} and {there} do not differ, and a plan does: {named:?}");
        // Replicas that have to move are another test's matter.
        let moves = plan.steps.iter().any(|step| step.kind == "move-replicas") || !plan.conflicts.is_empty();
        if moves {
            servers.empty()?;
        }
        if moves || !plan.steps.is_empty() {
            apply(&scene, &to)?;
        }
        is_settled(&scene, &to)?;
    }
    Ok(())
}

#[test]
fn every_estate_is_applied_exported_undone_and_finished_in_every_environment() -> Result<()> {
    let servers = Servers::start()?;
    for estate in &ESTATES {
        let environments: Vec<Option<&str>> = match estate.environments {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        for environment in environments {
            in_one_environment(&servers, estate, environment)
                .with_context(|| format!("{} {environment:?}", estate.name))?;
            servers.empty()?;
        }
    }
    Ok(())
}

#[test]
fn an_estate_goes_from_one_environment_to_the_next() -> Result<()> {
    let servers = Servers::start()?;
    for estate in ESTATES.iter().filter(|estate| estate.environments.len() > 1) {
        from_one_to_the_next(&servers, estate).with_context(|| estate.name)?;
        servers.empty()?;
    }
    Ok(())
}
