//! Saved plans: carried out exactly, and refused once what they rest on is otherwise.

use crate::documents::{ErrorDocument, Plan, Report};
use crate::scene::{Scene, carried_out};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Cluster, ClusterOptions, Record, Tool, shared, unique_name};
use std::fs;

/// A topology that changes what is there: a config, more partitions, and a topic to create.
struct Saved {
    scene: Scene,
    prefix: String,
    bed: &'static Cluster,
}

impl Saved {
    fn new() -> Result<Saved> {
        let bed = &shared()?.cluster;
        let prefix = unique_name("saved");
        let scene = Scene::new(&bed.bootstrap())?;
        let client = bed.client();
        client.create_topic(&format!("{prefix}.kept"), 2, 2, &[("retention.ms", "1000000")])?;
        client.create_topic(&format!("{prefix}.other"), 2, 2, &[])?;
        client.produce(&format!("{prefix}.kept"), 0, &[Record::new(0, Some("key"), "value")])?;
        scene.write(
            "topology.yaml",
            &format!(
                "klerk: 1\ntopics:\n  {prefix}.kept: {{ retention.ms: 1d, partitions: 3 }}\n  \
                 {prefix}.new: {{ partitions: 1, replication: 1 }}\n"
            ),
        )?;
        let saved = Saved { scene, prefix, bed };
        let shown: Plan = saved.scene.json("plan --out plan.json", 0)?;
        ensure!(shown.steps.len() == 3, "{shown:?}");
        Ok(saved)
    }

    fn name(&self, topic: &str) -> String {
        format!("{}.{topic}", self.prefix)
    }

    /// The saved plan is refused as stale, and names this among what has changed.
    fn is_stale(&self, changed: &str) -> Result<()> {
        let report: Report = self.scene.json("apply plan.json --yes --allow moves-keys", 5)?;
        let error = report.error.context("an error")?;
        ensure!(error.kind == "stale" && report.outcome == "refused", "{error:?}");
        ensure!(error.hints.iter().any(|hint| hint.contains(changed)), "{:?}", error.hints);
        ensure!(report.steps.iter().all(|step| step.outcome == "not-attempted"), "{:?}", report.steps);
        ensure!(!self.bed.client().topics()?.contains_key(&self.name("new")), "something was done");
        Ok(())
    }

    fn alter(&self, topic: &str, setting: &str) -> Result<()> {
        let topic = self.name(topic);
        let args = ["--alter", "--entity-type", "topics", "--entity-name", &topic, "--add-config", setting];
        self.bed.tool(Tool::Configs, &args)?.checked()?;
        Ok(())
    }
}

#[test]
fn a_saved_plan_is_what_was_shown_and_is_carried_out_while_nothing_it_rests_on_has_changed() -> Result<()> {
    let saved = Saved::new()?;
    // In one run, since a plan names the unmanaged topics, which other tests make and delete.
    let printed = saved.scene.klerk("plan --out plan.json -o json").run()?.expect_status(0)?;
    ensure!(fs::read_to_string(saved.scene.path("plan.json"))? == printed, "the file is the document");
    // Neither another topic nor another key of the same topic is what the plan rests on.
    saved.alter("other", "retention.ms=5000")?;
    saved.alter("kept", "segment.ms=86400000")?;
    // Consent is given when applying, never stored.
    let refused: Report = saved.scene.json("apply plan.json --yes", 4)?;
    ensure!(refused.error.context("an error")?.message.contains("moves-keys"));
    let report = carried_out(saved.scene.klerk("apply plan.json --yes --allow moves-keys -o json").run()?)?;
    ensure!(report.command == "apply" && report.steps.len() == 3, "{report:?}");
    let topics = saved.bed.client().topics()?;
    ensure!(topics.get(&saved.name("kept")) == Some(&3) && topics.get(&saved.name("new")) == Some(&1));
    saved.scene.klerk("plan --detailed-exitcode").run()?.expect_status(0)?;
    // What has been done once is no longer as the plan saw it.
    let report: Report = saved.scene.json("apply plan.json --yes --allow moves-keys", 5)?;
    ensure!(report.steps.iter().all(|step| step.outcome == "not-attempted"));
    Ok(())
}

#[test]
fn a_saved_plan_is_stale_once_a_config_is_another() -> Result<()> {
    let saved = Saved::new()?;
    saved.alter("kept", "retention.ms=2000000")?;
    saved.is_stale(&format!(
        "topic {}: config.retention.ms was 1000000 and is 2000000 now",
        saved.name("kept")
    ))
}

#[test]
fn a_saved_plan_is_stale_once_partitions_were_added() -> Result<()> {
    let saved = Saved::new()?;
    let topic = saved.name("kept");
    saved.bed.tool(Tool::Topics, &["--alter", "--topic", &topic, "--partitions", "4"])?.checked()?;
    saved.is_stale(&format!("topic {topic}: partitions was 2 and is 4 now"))
}

#[test]
fn a_saved_plan_is_stale_once_a_topic_was_made_anew_under_its_name() -> Result<()> {
    let saved = Saved::new()?;
    let topic = saved.name("kept");
    saved.bed.client().delete_topic(&topic)?;
    saved.bed.client().create_topic(&topic, 2, 2, &[("retention.ms", "1000000")])?;
    saved.is_stale(&format!("topic {topic}: id was "))
}

#[test]
fn a_saved_plan_is_for_its_own_cluster_alone() -> Result<()> {
    let saved = Saved::new()?;
    let other = Cluster::start(ClusterOptions::one_broker())?;
    let elsewhere =
        saved.scene.klerk("apply plan.json --yes -o json").env("KLERK_BOOTSTRAP", &other.bootstrap());
    let report: Report = crate::scene::document(elsewhere.run()?, 5)?;
    let hints = report.error.context("an error")?.hints;
    ensure!(hints.first().is_some_and(|hint| hint.starts_with("cluster ")), "{hints:?}");
    ensure!(other.client().topics()?.is_empty());
    Ok(())
}

#[test]
fn a_saved_reset_is_carried_out_like_one_that_is_typed() -> Result<()> {
    let bed = &shared()?.cluster;
    let (topic, group) = (unique_name("saved.reset"), unique_name("saved-cg"));
    let client = bed.client();
    client.create_topic(&topic, 1, 1, &[])?;
    let records: Vec<_> = (0..10).map(|at| Record::new(at, None, "x")).collect();
    client.produce(&topic, 0, &records)?;
    client.commit_offsets(&group, &[(&topic, 0, 4)])?;
    let scene = Scene::new(&bed.bootstrap())?;
    let line = format!("group reset {group} --topic {topic} --to-latest --out reset.json");
    let plan: Plan = scene.json(&line, 0)?;
    ensure!(plan.command == "group reset");
    ensure!(client.committed(&group)?.get(&(topic.clone(), 0)) == Some(&4), "saving moves nothing");
    // An offset that has moved on is shown and no reason to refuse, as the target was not counted from it.
    client.commit_offsets(&group, &[(&topic, 0, 6)])?;
    let report: Report = scene.json("apply reset.json --yes", 0)?;
    let moved =
        report.steps.first().and_then(|step| step.partitions.as_ref()?.first()).context("a partition")?;
    ensure!((moved.from, moved.to) == (Some(6), Some(10)), "{moved:?}");
    ensure!(client.committed(&group)?.get(&(topic, 0)) == Some(&10));
    Ok(())
}

#[test]
fn what_is_no_plan_is_neither_applied_nor_overwritten() -> Result<()> {
    let scene = Scene::new(&shared()?.cluster.bootstrap())?;
    let text = "klerk: 1\ntopics: {}\n";
    scene.write("topology.yaml", text)?;
    let error: ErrorDocument = scene.json("plan --out topology.yaml", 1)?;
    ensure!(error.error.kind == "file" && fs::read_to_string(scene.path("topology.yaml"))? == text);
    let error: ErrorDocument = scene.json("apply topology.yaml --yes", 1)?;
    ensure!(error.error.hints.iter().any(|hint| hint.contains("-f")), "{error:?}");
    scene.write("new.json", r#"{"format":"klerk.plan","version":2}"#)?;
    let error: ErrorDocument = scene.json("apply new.json --yes", 1)?;
    ensure!(error.error.message.contains("version 2 of klerk.plan"), "{error:?}");
    let error: ErrorDocument = scene.json("apply new.json -f topology.yaml", 64)?;
    ensure!(error.error.kind == "usage");
    Ok(())
}
