//! Subjects go only where a file says so, from a simulated registry.

use crate::run::{Place, Ran};
use crate::simulated::Simulated;
use klerk::registry::{Credentials, RegistryClient, RegistryOptions};
use klerk::secure::Tls;
use klerk_core::world::{SchemaReference, SchemaType};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::runtime::Runtime;

const SCHEMA: &str = r#"{"type":"record","name":"n.R","fields":[]}"#;
const ESTATE: &str = "klerk: 1
topics:
  orders: { partitions: 1, replication: 1, value: R.avsc }
schemas: { subjects: { n.Old: R.avsc, n.Older: R.avsc } }
";
const WITHOUT: &str = "klerk: 1
topics:
  orders: { partitions: 1, replication: 1 }
schemas: { subjects: { n.Old: { state: absent }, n.Older: { state: absent, permanent: true }, n.Never: { state: absent } } }
";

fn estate() -> (Simulated, Place) {
    let cluster = Simulated::start();
    let place = Place::new().file("all.yaml", ESTATE).file("topology.yaml", WITHOUT).file("R.avsc", SCHEMA);
    let made = run(&cluster, &place, "apply --yes -f all.yaml");
    assert_eq!(made.status, 0, "{}", made.all());
    (cluster, place)
}

fn run(cluster: &Simulated, place: &Place, line: &str) -> Ran {
    place.run(&format!("{} --registry {}", cluster.line(line), cluster.registry_url()))
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("one JSON document")
}

/// Each subject, with whether it is in sight.
fn subjects(cluster: &Simulated) -> Vec<(String, bool)> {
    cluster.with_registry(|registry| {
        let all = registry.subjects.iter();
        all.map(|(name, subject)| (name.clone(), subject.versions.iter().any(|version| !version.deleted)))
            .collect()
    })
}

fn names(of: &[(&str, bool)]) -> Vec<(String, bool)> {
    of.iter().map(|(name, live)| ((*name).to_owned(), *live)).collect()
}

#[test]
fn what_a_file_says_is_absent_goes_once_its_risks_are_allowed() {
    let (cluster, place) = estate();
    let all = names(&[("n.Old", true), ("n.Older", true), ("orders-value", true)]);
    let plan = run(&cluster, &place, "plan -q");
    insta::assert_snapshot!(cluster.told(&plan), @r"
    status 0
    --- stdout
    - subject n.Old  (topology.yaml:4)
        all its versions, out of sight
        risk breaks-readers: readers of the subject may no longer be able to decode
        a registry keeps deleted schemas readable by their ids; who looks for the subject finds none
        its versions go, the latest is 1 (id 1)
    - subject n.Older  (topology.yaml:4)
        all its versions, for good
        risk loses-data: records that exist, or may exist, become deletable
        risk breaks-readers: readers of the subject may no longer be able to decode
        its schemas go for good: records that were written with them can no longer be decoded by their ids
        its versions go, the latest is 1 (id 1)

    unmanaged, left alone: 1 subject: orders-value
    warning topic/min-isr-above-replication: min.insync.replicas 2 of 'orders' is above its replication factor 1, which caps it  (topology.yaml:3)

    0 to create, 0 to change, 2 to delete, 0 blocked; 2 unchanged
    To apply it, --allow loses-data --allow breaks-readers is needed.
    --- stderr
    ");
    let refused = run(&cluster, &place, "apply --yes --allow breaks-readers -q");
    assert_eq!((refused.status, subjects(&cluster)), (4, all.clone()), "{}", refused.all());
    let narrow = run(&cluster, &place, "apply --yes --match orders -q");
    assert_eq!((narrow.status, subjects(&cluster)), (0, all), "{}", narrow.all());

    let both = "apply --yes --allow breaks-readers --allow loses-data -o json --record r.jsonl";
    let report = document(&run(&cluster, &place, both));
    let fates: Vec<_> = report["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| [&step["kind"], &step["resource"]["name"], &step["outcome"], &step["settled"]])
        .map(|words| words.map(|word| word.as_str().unwrap_or_default().to_owned()).join(" "))
        .collect();
    assert_eq!(fates, ["delete-subject n.Old done as-asked", "delete-subject n.Older done as-asked"]);
    assert_eq!(subjects(&cluster), names(&[("n.Old", false), ("orders-value", true)]));
    assert_eq!(
        report["steps"][0]["from"]["schema"], SCHEMA,
        "what it takes to register it again is recorded"
    );

    let again = document(&run(&cluster, &place, "apply --yes -o json"));
    assert_eq!(again["outcome"], "nothing-to-do");
    let undo = run(&cluster, &place, "undo r.jsonl --yes -q");
    assert_eq!(undo.status, 4, "{}", undo.all());
    // What is out of sight goes for good where the file says so later.
    let place = place.file(
        "topology.yaml",
        &WITHOUT.replace("n.Old: { state: absent }", "n.Old: { state: absent, permanent: true }"),
    );
    let done = run(&cluster, &place, &both.replace("r.jsonl", "s.jsonl"));
    assert_eq!((done.status, subjects(&cluster)), (0, names(&[("orders-value", true)])), "{}", done.all());
}

#[test]
fn a_schema_that_another_one_refers_to_is_a_conflict_before_the_first_write() {
    let (cluster, place) = estate();
    let text = r#"{"type":"record","name":"n.S","fields":[{"name":"r","type":"n.R"}]}"#;
    let reference = SchemaReference { name: "n.R".to_owned(), subject: "n.Old".to_owned(), version: 1 };
    let client = RegistryClient::new(RegistryOptions {
        urls: vec![cluster.registry_url().to_owned()],
        credentials: Credentials::None,
        tls: Tls::default(),
        timeout: Duration::from_secs(10),
    });
    let client = client.expect("a client");
    let references = [reference];
    let registered = client.register("n.S", SchemaType::Avro, text, &references);
    Runtime::new().expect("a runtime").block_on(registered).expect("it is registered");
    let plan = document(&run(&cluster, &place, "plan -o json"));
    let conflict = &plan["conflicts"][0];
    assert_eq!((&plan["appliable"], &conflict["reason"]), (&json!(false), &json!("refused-by-registry")));
    let message = conflict["message"].as_str().expect("a message");
    assert!(message.contains("referred to by version 1 of n.S"), "{message}");
}

#[test]
fn a_topic_of_the_file_that_still_has_the_schema_is_a_fault() {
    let (cluster, place) = estate();
    let both = ESTATE.replace("n.Old: R.avsc, n.Older: R.avsc", "orders-value: { state: absent }");
    let place = place.file("topology.yaml", &both);
    let ran = run(&cluster, &place, "validate");
    insta::assert_snapshot!(ran.all(), @r"
    status 1
    --- stdout
    error[topology/absent-says-more]: subject 'orders-value' is said to be absent, and topic 'orders' has its schema
     --> topology.yaml:4:47
      |
    4 | schemas: { subjects: { orders-value: { state: absent } } }
      |                                               ^^^^^^
      |
     ::: topology.yaml:3:51
      |
    3 |   orders: { partitions: 1, replication: 1, value: R.avsc }
      |                                                   ------ the schema is named here

    1 fault in topology.yaml
    --- stderr
    ");
}
