//! Where groups begin, committed on real brokers before their first consumer comes.

use crate::documents::{Plan, Report};
use crate::scene::Scene;
use anyhow::{Result, ensure};
use klerk_testbed::{Record, shared, unique_name};

#[test]
fn a_group_begins_with_its_topic_and_what_it_has_is_never_moved() -> Result<()> {
    let cluster = &shared()?.cluster;
    let client = cluster.client();
    let scene = Scene::new(&cluster.bootstrap())?;
    let (made, there) = (unique_name("start-made"), unique_name("start-there"));
    let (early, late) = (unique_name("start-early"), unique_name("start-late"));
    client.create_topic(&there, 2, 3, &[("retention.ms", "-1")])?;
    let now = jiff::Timestamp::now().as_millisecond();
    client.produce(&there, 0, &[1, 2, 3].map(|_| Record::new(now, None, "x")))?;
    client.commit_offsets(&early, &[(&there, 0, 2)])?;
    scene.write(
        "topology.yaml",
        &format!(
            "klerk: 1\nexternal: {{ topics: [{there}] }}\ntopics: {{ {made}: {{ partitions: 2, replication: 3 }} }}\n\
             groups:\n  {early}: {{ topics: [{made}, {there}], start: earliest }}\n  {late}: {{ topics: [{there}], \
             start: latest }}\n"
        ),
    )?;
    let report: Report = scene.json("apply --yes --record r.jsonl", 0)?;
    assert_eq!(report.outcome, "done");
    let committed = |group: &str, topic: &str| -> Result<Vec<Option<i64>>> {
        let commits = client.committed(group)?;
        Ok((0..2).map(|number| commits.get(&(topic.to_owned(), number)).copied()).collect())
    };
    assert_eq!(committed(&early, &made)?, [Some(0), Some(0)]);
    assert_eq!(committed(&early, &there)?, [Some(2), Some(0)], "what is there is never moved");
    assert_eq!(committed(&late, &there)?, [Some(3), Some(0)]);
    let again: Plan = scene.json("plan", 0)?;
    ensure!(again.steps.is_empty(), "{again:#?}");

    let back: Report = scene.json("undo r.jsonl --yes --settle 0s", 0)?;
    assert_eq!(back.outcome, "done");
    assert_eq!(committed(&late, &there)?, [None, None]);
    assert_eq!(committed(&early, &there)?, [Some(2), None]);
    ensure!(!client.topics()?.contains_key(&made), "the topic goes while it is empty");
    Ok(())
}
