//! `klerk export` against a simulated cluster: what it writes is a topology of which the plan is empty.

use crate::run::{Place, Ran};
use crate::scene::Scene;
use klerk_sandbox::{Options, Sandbox};
use klerk_testbed::Client;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tokio::runtime::Runtime;

/// A simulated cluster with the estate of the README on it, and two groups that have read some of it.
struct Estate {
    place: Place,
    sandbox: Sandbox,
    /// It serves the sandbox.
    _runtime: Runtime,
}

impl Estate {
    fn new() -> Estate {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(&Options::default())).expect("a sandbox");
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: &Path| fs::read_to_string(path).expect("a file of the project");
        let mut place = Place::new().file("topology.yaml", &read(&project.join("topology.yaml")));
        for entry in fs::read_dir(project.join("schemas")).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            place = place.file(&format!("schemas/{name}"), &read(&path));
        }
        let estate = Estate { place, sandbox, _runtime: runtime };
        let applied = estate.klerk("apply --yes");
        assert_eq!(applied.status, 0, "{applied:?}");
        let addresses = estate.sandbox.bootstrap().split(',').map(str::to_owned).collect();
        let client = Client::new(addresses);
        client
            .commit_offsets("pf-settlement-cg", &[("escrow.released", 0, 0), ("escrow.refunded", 3, 0)])
            .expect("commits");
        client.commit_offsets("pf-dispute-cg", &[("escrow.disputed", 0, 0)]).expect("commits");
        estate
    }

    fn klerk(&self, line: &str) -> Ran {
        let (bootstrap, registry) = (self.sandbox.bootstrap(), self.sandbox.registry_url());
        self.place.run(&format!("{line} --bootstrap {bootstrap} --registry {registry}"))
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.place.path().join(path)).expect("a file that was written")
    }
}

#[test]
fn an_estate_is_written_down_and_nothing_is_left_to_do_with_it() {
    let estate = Estate::new();
    let written = estate.klerk("export --out taken");
    assert_eq!((written.status, written.stderr.as_str()), (0, ""), "{written:?}");
    assert_eq!(written.stdout, "taken/topology.yaml: 12 topics, 4 schemas in files of their own, 2 groups\n");
    let id = estate.sandbox.with(|state| state.cluster_id.clone());
    insta::assert_snapshot!(estate.text("taken/topology.yaml").replace(&id, "ID"), @r"
    # Exported by klerk from cluster ID: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    klerk: 1

    defaults: { partitions: 8, replication: 3 }

    classes:
      keep-30d-isr-2: { min.insync.replicas: 2, retention.ms: 30d }
      keep-90d: { partitions: 4, retention.ms: 90d }
      snappy-keep-7d: { partitions: 16, compression.type: snappy, retention.ms: 7d }

    topics:
      casino.outcome: { class: snappy-keep-7d }
      domain.registered: { class: keep-90d }
      escrow.created: { class: keep-30d-isr-2 }
      escrow.disputed: { class: keep-30d-isr-2 }
      escrow.funded: { class: keep-30d-isr-2 }
      escrow.refunded: { class: keep-30d-isr-2 }
      escrow.released: { class: keep-30d-isr-2, value: schemas/escrow.released-value.avsc }
      faucet.claimed: { class: keep-90d, value: schemas/faucet.claimed-value.avsc }
      trading.executed: { class: snappy-keep-7d, value: schemas/trading.executed-value.avsc }
      trading.liquidated: { class: snappy-keep-7d }
      wallet.balance:
        cleanup.policy: compact
        min.cleanable.dirty.ratio: 0.1
        segment.ms: 1d
        value: schemas/wallet.balance-value.avsc
      wallet.deposit: { class: keep-90d }

    schemas:
      compatibility: BACKWARD

    groups:
      pf-dispute-cg: { topics: [escrow.disputed] }
      pf-settlement-cg: { topics: [escrow.refunded, escrow.released] }

    # access control entries are not available: the cluster has no authorizer, so that everybody may do everything
    ");
    let schema = estate.text("taken/schemas/escrow.released-value.avsc");
    assert!(
        schema.starts_with("{\"type\":\"record\",\"name\":\"com.purpleflea.events.EscrowReleased\""),
        "{schema}"
    );

    let plan = estate.klerk("plan -f taken/topology.yaml --detailed-exitcode");
    assert_eq!(plan.status, 0, "{plan:?}");
    let plan = estate.klerk("plan -f taken/topology.yaml -o json").json();
    assert_eq!((&plan["steps"], &plan["conflicts"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(
        plan["unmanaged"],
        serde_json::json!({"topics": [], "subjects": [], "groups": [], "acls": [], "quotas": [], "users": []})
    );
    assert_eq!(estate.klerk("plan --detailed-exitcode").status, 0, "nothing was changed");

    let again = estate.klerk("export --out again");
    assert_eq!(again.status, 0);
    assert_eq!(estate.text("again/topology.yaml"), estate.text("taken/topology.yaml"));
}

#[test]
fn files_that_are_there_are_left_alone_until_they_may_be_replaced() {
    let estate = Estate::new();
    insta::assert_snapshot!(estate.klerk("export --out .").all(), @r#"
    status 1
    --- stdout
    --- stderr
    error: a file is there already and left as it is: ./topology.yaml
      → --force replaces what is there; or name another folder with --out
    "#);
    let mine = estate.text("topology.yaml");
    fs::create_dir_all(estate.place.path().join("half/schemas")).expect("a folder");
    fs::write(estate.place.path().join("half/schemas/wallet.balance-value.avsc"), "mine").expect("a file");
    insta::assert_snapshot!(estate.klerk("export --out half").all(), @r#"
    status 1
    --- stdout
    --- stderr
    error: a file is there already and left as it is: half/schemas/wallet.balance-value.avsc
      → --force replaces what is there; or name another folder with --out
    "#);
    assert!(!estate.place.path().join("half/topology.yaml").exists(), "half of it was written");
    assert_eq!(estate.text("half/schemas/wallet.balance-value.avsc"), "mine");

    assert_eq!(estate.klerk("export --out half --force").status, 0);
    assert_eq!(estate.klerk("export --out . --force").status, 0);
    assert_ne!(estate.text("topology.yaml"), mine);
    assert_eq!(estate.klerk("plan --detailed-exitcode").status, 0);
    assert_eq!(estate.klerk("export --force").status, 64);
}

#[test]
fn standard_output_is_a_topology_by_itself() {
    let estate = Estate::new();
    let shown = estate.klerk("export --match wallet.*");
    let id = estate.sandbox.with(|state| state.cluster_id.clone());
    insta::assert_snapshot!(shown.all().replace(&id, "ID"), @r"
    status 0
    --- stdout
    # Exported by klerk from cluster ID: what is set there, without what the brokers give anyhow,
    # and without topics, subjects and groups that may not be seen.
    # Only names that match wallet.*.
    klerk: 1

    defaults: { replication: 3 }

    topics:
      wallet.balance: { partitions: 8, cleanup.policy: compact, min.cleanable.dirty.ratio: 0.1, segment.ms: 1d }
      wallet.deposit: { partitions: 4, retention.ms: 90d }

    # 1 subject is left out, for a schema stands in a file of its own: 'wallet.balance-value'

    # access control entries are not available: the cluster has no authorizer, so that everybody may do everything
    --- stderr
    schemas stand in files of their own, so they are left out: --out DIR writes them beside the topology
    ");
    let (bootstrap, registry) = (estate.sandbox.bootstrap(), estate.sandbox.registry_url());
    let line = format!("plan -f - --detailed-exitcode --bootstrap {bootstrap} --registry {registry}");
    assert_eq!(estate.place.run_with(&line, &[], &shown.stdout).status, 0);

    let groups = estate.klerk("export --only groups --match pf-dispute*");
    assert!(groups.stdout.contains("\nexternal:\n  topics: [escrow.disputed]\n"), "{}", groups.stdout);
    assert_eq!(estate.place.run_with(&line, &[], &groups.stdout).status, 0);

    let document = estate.klerk("export -o json").json();
    assert_eq!(document["format"], "klerk.export");
    assert_eq!((&document["out"], &document["gaps"]), (&serde_json::Value::Null, &serde_json::json!([])));
    let paths: Vec<&str> = document["files"]
        .as_array()
        .expect("files")
        .iter()
        .filter_map(|file| file["path"].as_str())
        .collect();
    assert_eq!(paths.len(), 5);
    assert_eq!((paths[0], paths[1]), ("topology.yaml", "schemas/escrow.released-value.avsc"));

    let without = estate.place.run(&format!("export --bootstrap {bootstrap}"));
    assert_eq!(without.status, 0);
    assert_eq!(without.stderr, "no schema registry was named: schemas are left out\n");
    assert!(
        without.stdout.contains("# No schema registry was named: schemas are left out.\n"),
        "{}",
        without.stdout
    );
}

/// What this version has no way to plan is left out and named, its text is kept, and nothing is left to do with the rest.
#[test]
fn schemas_that_this_version_does_not_plan_are_named_and_kept() {
    let scene = Scene::applied_with(
        "klerk: 1\ntopics: { paid: { partitions: 1, value: Paid.avsc } }\n",
        "Paid.avsc",
        r#"{"type": "record", "name": "Paid", "fields": [{"name": "id", "type": "string"}]}"#,
    );
    let register = |subject: &str, body: Value| scene.cluster.register_as(subject, &body);
    register(
        "proto",
        json!({"schemaType": "PROTOBUF", "schema": "syntax = \"proto3\"; message Paid { string id = 1; }"}),
    );
    register("json", json!({"schemaType": "JSON", "schema": "{\"type\": \"object\"}"}));
    let reference = json!({"name": "Paid", "subject": "paid-value", "version": 1});
    let list = r#"{"type": "record", "name": "All", "fields": [{"name": "paid", "type": "Paid"}]}"#;
    register("all-value", json!({"schema": list, "references": [reference]}));
    register(
        "com.shop.Paid",
        json!({"schema": r#"{"type": "record", "name": "com.shop.Paid", "fields": []}"#}),
    );

    let written = scene.run("export --out taken");
    assert_eq!(written.status, 0, "{}", written.all());
    let text = scene.read("taken/topology.yaml");
    let (_, rest) = text.split_once("topics:").expect("topics");
    insta::assert_snapshot!(rest, @r"
      paid: { partitions: 1, replication: 3, value: schemas/paid-value.avsc }

    # subject 'all-value' (AVRO, version 1) is not in the topology and stands in schemas/all-value.avsc: this version plans no schemas that refer to others, and it refers to 'Paid' of subject 'paid-value', version 1
    # subject 'json' (JSON, version 1) is not in the topology and stands in schemas/json.json: this version plans no JSON schemas
    # subject 'proto' (PROTOBUF, version 1) is not in the topology and stands in schemas/proto.proto: this version plans no PROTOBUF schemas

    schemas:
      subjects:
        com.shop.Paid: schemas/com.shop.Paid.avsc

    # access control entries are not available: the cluster has no authorizer, so that everybody may do everything
    ");
    let kept = ["json.json", "proto.proto", "all-value.avsc", "com.shop.Paid.avsc", "paid-value.avsc"];
    for name in kept {
        assert!(!scene.read(&format!("taken/schemas/{name}")).is_empty(), "{name}");
    }
    let plan = scene.json("plan -f taken/topology.yaml --detailed-exitcode", 0);
    assert_eq!((&plan["steps"], &plan["conflicts"]), (&json!([]), &json!([])));
    assert_eq!(plan["unmanaged"]["subjects"], json!(["all-value", "json", "proto"]));
    let again = scene.run("export --out again");
    assert_eq!((again.status, scene.read("again/topology.yaml")), (0, text));
}

#[test]
fn a_topic_that_comes_or_goes_meanwhile_is_looked_at_again() {
    let scene =
        Scene::applied("klerk: 1\ntopics: { made: { partitions: 1, replication: 3, retention.ms: 1d } }\n");
    scene.cluster.arm("DescribeConfigs resource=made refuse 3 once");
    let ran = scene.run("export --only topics");
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.stdout.contains("retention.ms: 1d"), "{}", ran.stdout);
    scene.cluster.arm("DescribeConfigs resource=made refuse 3");
    let ran = scene.run("export --only topics");
    assert_eq!(ran.status, 3, "{}", ran.all());
    assert!(
        ran.stderr.contains("made: its configs could not be read: a broker shows the topic"),
        "{}",
        ran.stderr
    );
}

#[test]
fn requests_do_not_grow_with_topics() {
    let estate = Estate::new();
    // One broker is given: where there are several, others are asked who is there too when the first one takes its time.
    let counted = |estate: &Estate| {
        let bootstrap = estate.sandbox.bootstrap();
        let (first, _) = bootstrap.split_once(',').expect("several brokers");
        let line = format!("export --only topics,groups --explain-requests --bootstrap {first}");
        let ran = estate.place.run(&line);
        assert_eq!(ran.status, 0, "{ran:?}");
        let total = ran.stderr.lines().find_map(|line| line.strip_prefix("requests ")).map(str::to_owned);
        total.expect("the sum of all requests")
    };
    let few = counted(&estate);
    let many: String =
        (0..150).map(|number| format!("  many.t{number}: {{ partitions: 1, replication: 3 }}\n")).collect();
    let path = estate.place.path().join("many.yaml");
    fs::write(path, format!("klerk: 1\ntopics:\n{many}")).expect("a file");
    assert_eq!(estate.klerk("apply -f many.yaml --yes").status, 0);
    assert_eq!(counted(&estate), few);
}
