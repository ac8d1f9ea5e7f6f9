//! Adversarial inputs on a simulated cluster.

use crate::adversarial::{Bed, accepted, coming_and_going, conflicting, found, refused, twice, uneven};
use crate::run::Place;
use crate::scene::Scene;
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

#[test]
fn one_topic_in_two_files_is_a_fault_with_both_places() -> Result<()> {
    twice(&Sandbox::new())
}

#[test]
fn uneven_replication_is_told_and_evened_out_once() -> Result<()> {
    uneven(&Sandbox::new(), "uneven")
}

#[test]
fn a_topic_that_comes_and_goes_is_there_or_to_be_made() -> Result<()> {
    coming_and_going(&Sandbox::new(), "going")
}

const TWO: &str = "klerk: 1\ntopics:\n  a: { partitions: 1 }\n  b: { partitions: 1 }\n";
const MORE: &str = "klerk: 1\ntopics:\n  a: { partitions: 1, flush.messages: 5 }\n  b: { partitions: 1 }\n";

/// Brokers of these versions refuse keys that they do not know, so that only a simulated one takes a key and ignores it.
#[test]
fn a_key_that_the_server_takes_and_ignores_is_never_called_done() {
    let scene = Scene::applied(TWO);
    scene.cluster.arm("IncrementalAlterConfigs resource=a refuse 0");
    scene.also("topology.yaml", MORE);
    let mut told = scene.told("apply --yes");
    told += &scene.told("plan --detailed-exitcode");
    scene.cluster.disarm();
    told += &scene.told("apply --yes -q");
    told += &scene.told("plan --detailed-exitcode");
    insta::assert_snapshot!(told, @r"
    status 3
    --- stdout
    ~ topic a  (topology.yaml:3)
        flush.messages  not set → 5

    0 to create, 1 to change, 0 blocked; 1 unchanged
    accepted       ~ set-config a
        config.flush.messages: asked for 5, found nothing
        accepted, and not visible yet when the time to look was over
    Partly done: 1 step: 1 accepted.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → accepted: the server said yes, and the change is not visible yet; look again in a while
      → the same command again does what is left
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    status 2
    --- stdout
    ~ topic a  (topology.yaml:3)
        flush.messages  not set → 5

    0 to create, 1 to change, 0 blocked; 1 unchanged
    --- stderr
    status 0
    --- stdout
    ~ topic a  (topology.yaml:3)
        flush.messages  not set → 5

    0 to create, 1 to change, 0 blocked; 1 unchanged
    done           ~ set-config a
    Done: 1 step: 1 done.
    record: <folder>/.local/state/klerk/<cluster>/<record>.jsonl
      → klerk undo <folder>/.local/state/klerk/<cluster>/<record>.jsonl plans the way back
    --- stderr
    status 0
    --- stdout
    0 to create, 0 to change, 0 blocked; 2 unchanged
    --- stderr
    ");
}

/// Brokers that have a metadata log forget a topic at once, so that only a simulated one stays in between for as long as it is looked at.
#[test]
fn a_topic_that_is_being_deleted_is_neither_there_nor_gone() {
    let scene = Scene::applied(TWO);
    scene.also("topology.yaml", MORE);
    scene.cluster.arm("DescribeConfigs resource=a refuse 3");
    let listed = scene.told("apply --yes");
    scene.cluster.disarm();
    let gone = scene.run("topic delete a --yes --allow loses-data");
    assert_eq!(gone.status, 0, "{}", gone.all());
    scene.cluster.arm("CreateTopics resource=a refuse 36");
    let unlisted = scene.told("apply --yes");
    scene.cluster.disarm();
    assert_eq!(scene.run("apply --yes").status, 0);
    assert_eq!(scene.run("plan --detailed-exitcode").status, 0);
    insta::assert_snapshot!(format!("{listed}\n{unlisted}"), @r"
    status 1
    --- stdout
    ! topic a  (topology.yaml:3)
        not-readable: 'a' is listed, and it has no configs that could be read: it is being deleted, or has just been created. Try again

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    error: the plan has conflicts, so nothing of it is carried out
      → see to what could not be read, and run the command again; it is no fault of what was asked for
    Refused; nothing was changed.
    --- stderr

    status 1
    --- stdout
    ! topic a  (topology.yaml:3)
        refused-by-broker: the broker would not create 'a': TOPIC_ALREADY_EXISTS (36). A topic of this name exists though this principal does not see it; allow it to describe the topic, or plan again if somebody has just created or deleted it

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! cannot be granted by any change.
    error: the plan has conflicts, so nothing of it is carried out
      → mend the lines that it names, then apply again
    Refused; nothing was changed.
    --- stderr
    ");
}

#[test]
fn a_topic_that_may_be_seen_and_not_described_is_left_alone() {
    let scene = Scene::applied(TWO);
    scene.also("topology.yaml", MORE);
    scene.cluster.arm("DescribeConfigs resource=a deny");
    let told = format!("{}\n{}", scene.told("apply --yes"), scene.told("export"));
    scene.cluster.disarm();
    assert_eq!(scene.run("plan --detailed-exitcode").status, 2, "the wish is not lost");
    insta::assert_snapshot!(told, @r"
    status 1
    --- stdout
    ! topic a  (topology.yaml:3)
        not-readable: the configs of 'a' could not be read: TOPIC_AUTHORIZATION_FAILED (29): it takes describe-configs on topic a. Allow this principal Describe and DescribeConfigs on the topic

    0 to create, 0 to change, 1 blocked; 1 unchanged
    The plan cannot be applied: what is marked ! could not be read.
    error: the plan has conflicts, so nothing of it is carried out
      → see to what could not be read, and run the command again; it is no fault of what was asked for
    Refused; nothing was changed.
    --- stderr

    status 3
    --- stdout
    # Exported by klerk from cluster <cluster>: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1

    defaults: { partitions: 1, replication: 3 }

    topics:
      # a: its configs could not be read: TOPIC_AUTHORIZATION_FAILED (29): it takes describe-configs on topic a
      a: {}
      b: {}

    # access control entries are not available: the cluster has no authorizer, so that everybody may do everything
    --- stderr
    not whole: a: its configs could not be read: TOPIC_AUTHORIZATION_FAILED (29): it takes describe-configs on topic a
    ");
}
