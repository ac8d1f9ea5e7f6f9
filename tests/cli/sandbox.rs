//! `klerk sandbox` as a program: what it prints, and how it ends.

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
        let mut child = place
            .command(line)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.as_mut().expect("a pipe");
        let mut printed = String::new();
        let mut byte = [0];
        while !printed.ends_with(last) && stdout.read(&mut byte).expect("it can be read") > 0 {
            printed.push(char::from(byte[0]));
        }
        Sandbox { child, printed }
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
    let place = Place::new();
    let sandbox = Sandbox::start(&place, "sandbox --brokers 2 -o json", "\n}\n");
    let document: Value = serde_json::from_str(&sandbox.printed).expect("one JSON document");
    assert_eq!((&document["format"], &document["version"]), (&"klerk.sandbox".into(), &1.into()));
    assert_eq!(document["simulated"], true);
    assert_eq!(document["brokers"].as_array().map(Vec::len), Some(2));
    let cluster = document["cluster_id"].as_str().expect("an id").to_owned();
    let bootstrap = document["bootstrap"].as_str().expect("addresses");
    let place = place.file("topology.yaml", "klerk: 1\ntopics: {}\n");
    let plan = place.run(&format!("plan -o json -b {bootstrap}"));
    let plan: Value = serde_json::from_str(&plan.stdout).expect("one JSON document");
    assert_eq!(plan["cluster"]["id"], cluster, "{plan}");
    assert_eq!(sandbox.end("INT").0, Some(0));
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
