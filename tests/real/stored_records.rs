//! The way back over records that an earlier klerk has written.

use anyhow::{Context, Result};
use klerk_testbed::{Cluster, Record, Run, shared, unique_name};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A topic and a group as the stored resets left them: they moved partition 0 from 300 to 0, left 1 at 0 and gave 2 its
/// first commit.
struct Place {
    klerk: Run,
    topic: String,
    group: String,
}

impl Place {
    fn new(cluster: &Cluster) -> Result<Place> {
        let client = cluster.client();
        let (topic, group) = (unique_name("stored.orders"), unique_name("stored"));
        client.create_topic(&topic, 3, 3, &[("retention.ms", "-1")])?;
        let records: Vec<Record> = (0..300).map(|_| Record::new(1_700_000_000_000, None, "v")).collect();
        client.produce(&topic, 0, &records)?;
        client.commit_offsets(&group, &[(&topic, 0, 0), (&topic, 1, 0), (&topic, 2, 0)])?;
        let klerk = Run::new(env!("CARGO_BIN_EXE_klerk"))?.env("KLERK_BOOTSTRAP", &cluster.bootstrap());
        Ok(Place { klerk, topic, group })
    }

    fn json(&self, args: &[&str], status: i32) -> Result<Value> {
        let run = self.klerk.clone().args(args.iter().copied()).args(["-o", "json"]).run()?;
        Ok(serde_json::from_str(&run.expect_status(status)?)?)
    }

    /// The stored record, with the names and ids of this place in it and nothing else changed.
    fn stored(&self, name: &str) -> Result<PathBuf> {
        let args = ["group", "reset", &self.group, "--topic", &self.topic, "--to-current", "--dry-run"];
        let plan = self.json(&args, 0)?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
        let cluster = text(&plan["cluster"]["id"])?;
        let topic_id = text(&plan["steps"][0]["partitions"][0]["topic_id"])?;
        let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/v1").join(name);
        let record = fs::read_to_string(stored)?
            .replace("4L6g3nShT-eMCtK--X86sw", &cluster)
            .replace("eNs2d7hhRK6H-SN0C9KKNQ", &topic_id)
            .replace("shop.orders", &self.topic)
            .replace("shop.billing", &self.group);
        let path = self.klerk.home().join(name);
        fs::write(&path, record)?;
        Ok(path)
    }
}

#[test]
fn stored_resets_are_undone_whole_killed_or_unknown() -> Result<()> {
    let cluster = &shared()?.cluster;
    for name in ["reset_complete.jsonl", "reset_killed_midway.jsonl", "reset_outcome_unknown.jsonl"] {
        let place = Place::new(cluster)?;
        let path = place.stored(name)?;
        let path = path.to_str().context("a path in UTF-8")?;
        let report = place.json(&["undo", path, "--yes"], 0)?;
        assert_eq!((&report["outcome"], &report["command"]), (&"done".into(), &"undo".into()), "{name}");
        let expected = BTreeMap::from([((place.topic.clone(), 0), 300), ((place.topic.clone(), 1), 0)]);
        assert_eq!(cluster.client().committed(&place.group)?, expected, "{name}: {report:#}");
        let again = place.json(&["undo", path, "--yes"], 0)?;
        assert_eq!(again["outcome"], "nothing-to-do", "{name}");
    }
    Ok(())
}

#[test]
fn a_stored_apply_is_taken_back_and_what_is_not_reversible_is_named() -> Result<()> {
    let place = Place::new(&shared()?.cluster)?;
    let path = place.stored("apply_complete.jsonl")?;
    let path = path.to_str().context("a path in UTF-8")?;
    // Partitions were not added here, so that only the configs have a way back, from what somebody else has set.
    let moved = place.json(&["undo", path, "--yes", "--allow", "loses-data"], 4)?;
    assert_eq!(moved["error"]["kind"], "refused");
    let risks = ["--allow", "moved-since", "--allow", "loses-data"];
    let report = place.json(&[&["undo", path, "--yes"][..], &risks].concat(), 0)?;
    assert_eq!(report["outcome"], "done", "{report:#}");
    let step = &report["steps"][0];
    assert_eq!((&step["kind"], &step["to"]), (&"set-config".into(), &json!({ "retention.ms": "604800000" })));
    assert_eq!(place.json(&["undo", path, "--yes"], 0)?["outcome"], "nothing-to-do");
    Ok(())
}

#[test]
fn the_replication_goes_back_of_partitions_that_stay_too() -> Result<()> {
    let place = Place::new(&shared()?.cluster)?;
    let client = shared()?.cluster.client();
    let topic = unique_name("stored.widened");
    client.create_topic(&topic, 2, 1, &[("min.insync.replicas", "1")])?;
    let file = place.klerk.home().join("widened.yaml");
    fs::write(&file, format!("klerk: 1\ntopics: {{ {topic}: {{ partitions: 4, replication: 3 }} }}\n"))?;
    let file = file.to_str().context("a path in UTF-8")?;
    let record = place.klerk.home().join("widened.jsonl");
    let record = record.to_str().context("a path in UTF-8")?;
    let replication = || -> Result<Vec<usize>> {
        let shown = client.metadata(Some(&[&topic]))?;
        let shown = shown.topics.first().context("the topic")?;
        Ok(shown.partitions.iter().map(|partition| partition.replica_nodes.len()).collect())
    };
    let allow = ["--yes", "--allow", "moves-replicas,moves-keys,weakens-durability"];
    place.json(&[&["apply", "-f", file, "--only", "topics", "--record", record][..], &allow].concat(), 0)?;
    assert_eq!(replication()?, [3; 4]);
    let report = place.json(&[&["undo", record][..], &allow].concat(), 0)?;
    assert_eq!(report["outcome"], "done", "{report:#}");
    assert_eq!(replication()?, [1; 4]);
    assert_eq!(place.json(&["undo", record, "--yes"], 0)?["outcome"], "nothing-to-do");
    Ok(())
}
