//! `klerk sandbox` as a program: what it prints, and how it ends.

use crate::documents::{Sandbox as Document, format_of};
use crate::run::Place;
use serde_json::Value;
use std::io::Read;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// A sandbox that runs as a program of its own.
struct Sandbox {
    child: Child,
    printed: String,
}

impl Sandbox {
    /// Starts it and reads what it prints, up to `last`.
    fn start(place: &Place, line: &str, last: &str) -> Sandbox {
        Sandbox::failing(place, line, &[], last)
    }

    /// The same with things that go wrong.
    fn failing(place: &Place, line: &str, faults: &[&str], last: &str) -> Sandbox {
        let child = place
            .command(line)
            .args(faults.iter().flat_map(|fault| ["--fault", fault]))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Sandbox::reading(child, last)
    }

    /// Reads what it prints, up to `last`.
    fn reading(mut child: Child, last: &str) -> Sandbox {
        let stdout = child.stdout.as_mut().expect("a pipe");
        let mut printed = String::new();
        let mut byte = [0];
        while !printed.ends_with(last) && stdout.read(&mut byte).expect("it can be read") > 0 {
            printed.push(char::from(byte[0]));
        }
        Sandbox { child, printed }
    }

    /// Starts it with `-o json`.
    fn with_document(place: &Place, line: &str) -> (Sandbox, Document) {
        let sandbox = Sandbox::start(place, &format!("{line} -o json"), "\n}\n");
        assert_eq!(format_of(&sandbox.printed).expect("a document that is declared"), "klerk.sandbox");
        let document = serde_json::from_str(&sandbox.printed).expect("one JSON document");
        (sandbox, document)
    }

    /// Sends a signal; returns the status and what was printed on standard error.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        let status = self.child.wait().expect("it ends");
        let mut said = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        (status.code(), said)
    }
}

impl Drop for Sandbox {
    /// For a test that fails before the end.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn it_says_what_it_is_and_where_and_ends_well_by_a_signal() {
    let place = Place::new();
    for signal in ["INT", "TERM"] {
        let sandbox = Sandbox::start(&place, "sandbox", "Ctrl-C ends it.\n");
        assert!(sandbox.printed.starts_with("This cluster is simulated, not Kafka."), "{}", sandbox.printed);
        assert!(sandbox.printed.contains("klerk plan\n"), "{}", sandbox.printed);
        assert_eq!(sandbox.end(signal), (Some(0), String::new()), "{signal}");
    }
}

#[test]
fn its_addresses_come_as_a_document_and_klerk_connects_to_them() {
    let place = Place::new().file("topology.yaml", "klerk: 1\ntopics: {}\n");
    let (sandbox, document) = Sandbox::with_document(&place, "sandbox --brokers 2");
    assert!(document.simulated && document.brokers.len() == 2, "{document:?}");
    let plan = place.run(&format!("plan -o json -b {}", document.bootstrap));
    let plan: Value = serde_json::from_str(&plan.stdout).expect("one JSON document");
    assert_eq!(plan["cluster"]["id"], document.cluster_id, "{plan}");
    assert_eq!(sandbox.end("INT").0, Some(0));
}

#[test]
fn what_a_topology_says_is_there_from_the_beginning() {
    let topology = "klerk: 1\ntopics: { orders: { partitions: 5, retention.ms: 7d, value: paid.avsc } }\n";
    let place = Place::new()
        .file("topology.yaml", topology)
        .file("paid.avsc", r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#);
    let (sandbox, document) = Sandbox::with_document(&place, "sandbox --topology topology.yaml");
    let servers = format!("-b {} --registry {}", document.bootstrap, document.registry);
    insta::assert_snapshot!(place.run(&format!("plan --detailed-exitcode {servers}")).all(), @r"
    status 0
    --- stdout
    info topic/pinned-default: 'orders' pins retention.ms to 7d (604800000), which the broker gives anyhow: it does not follow when the broker's default changes  (topology.yaml:2)

    0 to create, 0 to change, 0 blocked; 2 unchanged
    --- stderr
    ");
    let listed = place.run(&format!("group list {servers} -o json")).json();
    assert_eq!(listed["groups"].as_array().map(Vec::len), Some(0));
    assert_eq!(sandbox.end("TERM").0, Some(0));
}

#[test]
fn its_ports_follow_on_the_one_that_is_named() {
    let place = Place::new();
    // Between finding free ports and taking them somebody else may take one.
    let (sandbox, document, port) = (0..10)
        .find_map(|_| {
            let port = free_ports()?;
            let sandbox = Sandbox::start(&place, &format!("sandbox --port {port} -o json"), "\n}\n");
            let document: Document = serde_json::from_str(&sandbox.printed).ok()?;
            Some((sandbox, document, port))
        })
        .expect("free ports");
    let brokers: Vec<String> = (port..port + 3).map(|port| format!("127.0.0.1:{port}")).collect();
    assert_eq!(document.brokers, brokers);
    assert_eq!(document.registry, format!("http://127.0.0.1:{}", port + 10));
    let listed = place.run(&format!("group list -b 127.0.0.1:{}", port + 2));
    assert_eq!(listed.status, 0, "{}", listed.all());
    assert_eq!(sandbox.end("INT").0, Some(0));
}

/// A port that is free together with the two after it and the tenth after it.
fn free_ports() -> Option<u16> {
    let listen = |port| TcpListener::bind(("127.0.0.1", port)).ok();
    let first = listen(0)?;
    let port = first.local_addr().ok()?.port();
    let others: Option<Vec<_>> = [1, 2, 10].map(|more| listen(port.checked_add(more)?)).into_iter().collect();
    others.map(|_| port)
}

#[test]
fn its_time_may_be_limited() {
    let ran = Place::new().run("sandbox --timeout 100ms -o json");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.json()["format"], "klerk.sandbox");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let ran = Place::new().run(&format!("sandbox --brokers 1 --port {port}"));
    assert_eq!(ran.status, 1);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{}", ran.stderr);
    assert!(ran.stderr.contains("name another --port"), "{}", ran.stderr);
}

#[test]
fn numbers_out_of_range_are_usage() {
    for line in ["sandbox --brokers 0", "sandbox --brokers 10", "sandbox --port 65530", "sandbox --port x"] {
        let ran = Place::new().run(line);
        assert_eq!((ran.status, ran.stdout.as_str()), (64, ""), "{line}: {}", ran.stderr);
    }
}

#[test]
fn a_topology_with_faults_starts_nothing() {
    let place = Place::new().file("topology.yaml", "klerk: 1\ntopics: { a: { partitons: 1 } }\n");
    let ran = place.run("sandbox --topology topology.yaml");
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("did you mean 'partitions'?"), "{}", ran.stderr);
}

#[test]
fn a_topology_that_cannot_be_applied_is_answered_by_its_report() {
    let place =
        Place::new().file("topology.yaml", "klerk: 1\ntopics:\n  a: { partitions: 1, replication: 9 }\n");
    let ran = place.run("sandbox --topology topology.yaml -o json");
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one document");
    assert_eq!(document["format"], "klerk.report");
    assert_eq!(document["outcome"], "refused");
}

#[test]
fn what_is_gone_with_the_sandbox_leaves_no_record_behind() {
    let place =
        Place::new().file("topology.yaml", "klerk: 1\ntopics:\n  a: { partitions: 1, replication: 1 }\n");
    let sandbox = Sandbox::start(&place, "sandbox --topology topology.yaml", "Ctrl-C ends it.\n");
    assert_eq!(sandbox.end("INT"), (Some(0), String::new()));
    let ran = place.run("config path -o json");
    let paths: Value = serde_json::from_str(&ran.stdout).expect("a document");
    let records = paths["records"].as_str().expect("the folder of records");
    assert!(!std::path::Path::new(records).exists(), "{records}");
}

#[test]
fn what_shall_go_wrong_is_told_by_a_line_and_does() {
    let place =
        Place::new().file("topology.yaml", "klerk: 1\ntopics:\n  a: { partitions: 1, replication: 1 }\n");
    let faults = ["CreateTopics topic=a refuse 44 always"];
    let sandbox = Sandbox::failing(&place, "sandbox -o json", &faults, "}\n");
    let document: Value = serde_json::from_str(&sandbox.printed).expect("its addresses");
    let bootstrap = document["bootstrap"].as_str().expect("brokers");
    let ran = place.run(&format!("plan -b {bootstrap}"));
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("POLICY_VIOLATION (44)"), "{}", ran.stdout);
    assert_eq!(sandbox.end("INT"), (Some(0), String::new()));

    for (faults, told) in [
        (&["CreateTopcs"][..], "is CreateTopics meant?"),
        (&["GET / statsu 500"], "is status meant?"),
        (&["stop 2", "stop 4"], "the sandbox has the brokers 1 to 3"),
    ] {
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        let output = place.command("sandbox").args(faults).output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn registry_and_brokers_fail_as_a_line_tells() {
    let place = Place::new()
        .file("topology.yaml", "klerk: 1\ntopics:\n  a: { partitions: 1, replication: 1, value: a.avsc }\n")
        .file("a.avsc", r#"{ "type": "string" }"#);
    let faults = ["GET / page 200", "stop 3", "release 3.9"];
    let sandbox = Sandbox::failing(&place, "sandbox -o json", &faults, "}\n");
    let document: Value = serde_json::from_str(&sandbox.printed).expect("its addresses");
    let (bootstrap, registry) = (&document["bootstrap"], &document["registry"]);
    let at =
        format!("-b {} --registry {}", bootstrap.as_str().expect("brokers"), registry.as_str().expect("one"));
    let plan = place.run(&format!("plan {at}"));
    assert_ne!(plan.status, 0, "{}", plan.stdout);
    assert!((plan.stdout + &plan.stderr).contains("NOT_A_REGISTRY (200)"), "{}", plan.stderr);
    let status = place.run(&format!("cluster status {at}"));
    assert!(status.stdout.contains("2 brokers live"), "{}", status.stdout);
    assert!(status.stdout.contains("metadata version 3.9"), "{}", status.stdout);
    assert_eq!(sandbox.end("INT"), (Some(0), String::new()));
}
