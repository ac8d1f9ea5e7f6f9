//! The estates of `examples/`, each environment of them, on three real brokers and a registry: applied, planned again, exported, undone,
//! and from one environment to the next and back.

use crate::documents::{Plan, Report};
use crate::estates::{ESTATES, Estate};
use crate::scene::{Scene, carried_out, until};
use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::DeleteAclsRequest;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use klerk_testbed::{Cluster, ClusterOptions, Registry};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// What an estate may need to be allowed where nothing of it is there yet, or little.
const ALLOWED: &str =
    "--yes --allow loses-data,moves-keys,weakens-durability,stops-writes,breaks-readers,opens-access";

/// What keeps an undo from deleting what an apply has created, where nobody is at a terminal.
const BY_HAND: &str = "delete-topic: by-hand, ";

/// Servers on which an estate is the only one.
struct Servers {
    cluster: Cluster,
    registry: Registry,
}

impl Servers {
    fn start(options: ClusterOptions) -> Result<Servers> {
        Ok(Servers { cluster: Cluster::start(options)?, registry: Registry::start()? })
    }

    /// With an authorizer, for which klerk is a super user.
    fn with_authorizer() -> Result<Servers> {
        let options = ClusterOptions::three_brokers()
            .property("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .property("super.users", "User:ANONYMOUS");
        Servers::start(options)
    }

    fn empty(&self) -> Result<()> {
        let client = self.cluster.client();
        let topics: Vec<String> =
            client.topics()?.into_keys().filter(|name| !name.starts_with("__")).collect();
        client.delete_topics(&topics.iter().map(String::as_str).collect::<Vec<_>>())?;
        const ANY: i8 = 1;
        let all = DeleteAclsFilter::default()
            .with_resource_type_filter(ANY)
            .with_resource_name_filter(None)
            .with_pattern_type_filter(ANY)
            .with_principal_filter(None)
            .with_host_filter(None)
            .with_operation(ANY)
            .with_permission_type(ANY);
        // Where there is no authorizer there is no entry either, and the answer says so.
        client.call(&DeleteAclsRequest::default().with_filters(vec![all]), 3)?;
        let subjects = || -> Result<Vec<String>> {
            Ok(serde_json::from_str(&self.registry.get("/subjects?deleted=true")?.checked()?)?)
        };
        for subject in subjects()? {
            let path = format!("/subjects/{subject}");
            self.registry.request("DELETE", &path, None)?;
            self.registry.request("DELETE", &format!("{path}?permanent=true"), None)?;
        }
        let left = subjects()?;
        ensure!(left.is_empty(), "the registry still has {left:?}");
        Ok(())
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

/// A part of a resource: its kind, its name, and the key of a value, a partition or an entry.
type Part = (String, String, String);

/// What the steps of a document make of each part: the value before and the value after; null where there is none.
fn parts(document: &Value) -> BTreeMap<Part, (Value, Value)> {
    let mut parts = BTreeMap::new();
    for step in document["steps"].as_array().into_iter().flatten() {
        let mut note = |key: String, before: Option<&Value>, after: Option<&Value>| {
            let of = |field: &str| step["resource"][field].as_str().unwrap_or_default().to_owned();
            let both = (before.cloned().unwrap_or_default(), after.cloned().unwrap_or_default());
            parts.insert((of("type"), of("name"), key), both);
        };
        let (from, to) = (&step["from"], &step["to"]);
        if step["resource"]["type"] == "acl" {
            // A principal has many entries, each of which is there or is not.
            let entry = if from.is_null() { to } else { from };
            let is_there = |value: &Value| Value::from(!value.is_null());
            note(entry.to_string(), Some(&is_there(from)), Some(&is_there(to)));
            continue;
        }
        for one in step["partitions"].as_array().into_iter().flatten() {
            note(format!("{}-{}", one["topic"], one["partition"]), one.get("from"), one.get("to"));
        }
        let (from, to) = (values(from), values(to));
        for key in from.keys().chain(to.keys()) {
            note(key.clone(), from.get(key), to.get(key));
        }
    }
    parts
}

/// The values of one side of a step by their keys, those of configs like all others.
fn values(side: &Value) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for (key, value) in side.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(inner) => values.extend(inner.clone()),
            // Apicurio Registry keeps no level NONE, and answers NONE for a subject without a level of its own.
            None if key == "level" && value == "NONE" => {}
            None => drop(values.insert(key.clone(), value.clone())),
        }
    }
    values
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

/// `more` is a file that is added to the topology.
fn in_one_environment(
    servers: &Servers,
    estate: &Estate,
    environment: Option<&str>,
    more: Option<&str>,
) -> Result<()> {
    let scene = servers.scene(estate)?;
    let files = more.map(|file| format!("-f topology.yaml -f {file} ")).unwrap_or_default();
    let at = format!("{files}{}", servers.at(environment));
    scene.klerk(&format!("validate {files}")).run()?.expect_status(0)?;
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
    let topology = fs::read_to_string(scene.path("topology.yaml"))?;
    for (kind, is_asked) in [
        ("set-config", true),
        ("create-acl", topology.contains("\naccess:") || more.is_some()),
        ("commit-offsets", topology.contains("start: ")),
    ] {
        let is_done = report.steps.iter().any(|step| step.kind == kind);
        ensure!(is_done == is_asked, "{kind}: {is_done}, and in the file: {is_asked}");
    }
    ensure!(report.steps.iter().all(|step| step.settled.as_deref() != Some("not-as-asked")), "{report:?}");
    is_settled(&scene, &at)?;

    scene.klerk(&format!("export {at} --out taken")).run()?.expect_status(0)?;
    let typed = servers.at(None);
    is_settled(&scene, &format!("-f taken/topology.yaml {typed}"))?;

    let mut undo = format!("undo last {at} {ALLOWED},closes-access,protected -o json");
    if topology.contains(BY_HAND) {
        // Nobody is at a terminal here, and what was created does not go without: the policy's owner relaxes it.
        scene.klerk(&undo).run()?.expect_status(4)?;
        scene.write("relaxed.yaml", &topology.replace(BY_HAND, ""))?;
        undo.push_str(" -f relaxed.yaml");
    }
    let outcome = scene.klerk(&undo).run()?;
    let undone = carried_out(outcome.clone())?;
    // What the plan is to bring back is what the undo took back: the same values of the same keys, the other way round.
    let back: BTreeMap<Part, (Value, Value)> = parts(&serde_json::from_str(&outcome.stdout)?)
        .into_iter()
        .map(|(part, (from, to))| (part, (to, from)))
        .collect();
    ensure!(back.len() > undone.steps.len(), "next to nothing was undone: {back:?}");
    let differing = || -> Result<Vec<String>> {
        let plan: Value = scene.json(&format!("plan {at}"), 0)?;
        let planned = parts(&plan);
        let all = back.keys().chain(planned.keys());
        let other = all.filter(|part| back.get(*part) != planned.get(*part));
        let told = other
            .map(|part| format!("{part:?}: undone {:?}, planned {:?}", back.get(part), planned.get(part)));
        let conflicts = plan["conflicts"].as_array().into_iter().flatten().map(Value::to_string);
        Ok(told.chain(conflicts).collect())
    };
    if let Err(error) = until("the plan is what was undone, and nothing else", || Ok(differing()?.is_empty()))
    {
        return Err(error.context(format!("{:#?}", differing()?)));
    }
    apply(&scene, &at)?;
    is_settled(&scene, &at)
}

/// From one environment to the next on one cluster, and back again: replicas move, and nothing is left to do.
fn from_one_to_the_next(servers: &Servers, estate: &Estate) -> Result<()> {
    let scene = servers.scene(estate)?;
    let there = estate.environments;
    let first = there.first().context("an environment")?;
    apply(&scene, &servers.at(Some(first)))?;
    is_settled(&scene, &servers.at(Some(first)))?;
    let mut moved = 0;
    let back = there.iter().rev().skip(1);
    let mut here = *first;
    for next in there.iter().skip(1).chain(back) {
        let diff = scene.klerk(&format!("diff -e {here} -e {next} --detailed-exitcode")).run()?;
        let at = servers.at(Some(next));
        let plan: Plan = scene.json(&format!("plan {at}"), 0)?;
        ensure!(plan.conflicts.is_empty(), "from {here} to {next}: {:?}", plan.conflicts);
        // Contracts of groups are no step, so that a difference may also be one of those.
        ensure!(plan.steps.is_empty() || diff.status == Some(2), "{here} and {next} do not differ: {plan:?}");
        moved += plan.steps.iter().filter(|step| step.kind == "move-replicas").count();
        if !plan.steps.is_empty() {
            let allowed = match plan.requires.as_slice() {
                [] => String::new(),
                risks => format!("--allow {}", risks.join(",")),
            };
            carried_out(scene.klerk(&format!("apply {at} --yes {allowed} -o json")).run()?)
                .with_context(|| format!("from {here} to {next}"))?;
        }
        until(&format!("{next} is there, and nothing is left to do"), || {
            Ok(scene.klerk(&format!("plan {at} --detailed-exitcode")).run()?.status == Some(0))
        })?;
        here = next;
    }
    ensure!(moved > 0, "no replica has moved");
    Ok(())
}

#[test]
fn every_estate_is_applied_exported_undone_and_finished_in_every_environment() -> Result<()> {
    let servers = Servers::with_authorizer()?;
    for estate in &ESTATES {
        let mut cases: Vec<(Option<&str>, Option<&str>)> = match estate.environments {
            [] => vec![(None, None)],
            some => some.iter().map(|name| (Some(*name), None)).collect(),
        };
        cases.extend(estate.access.map(|file| (None, Some(file))));
        for (environment, more) in cases {
            in_one_environment(&servers, estate, environment, more)
                .with_context(|| format!("{} {environment:?} {more:?}", estate.name))?;
            servers.empty()?;
        }
    }
    Ok(())
}

/// Here without an authorizer, as on a developer's own machine: who may do what is left out, and nothing else.
#[test]
fn an_estate_goes_from_one_environment_to_the_next_and_back() -> Result<()> {
    let servers = Servers::start(ClusterOptions::three_brokers())?;
    for estate in ESTATES.iter().filter(|estate| estate.environments.len() > 1) {
        from_one_to_the_next(&servers, estate).with_context(|| estate.name)?;
        servers.empty()?;
    }
    Ok(())
}
