use crate::documents::Report;
use crate::run::Place;
use crate::scene::Scene;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Runs a plan against a port that takes connections and never answers, and sends it a signal.
fn stopped_by(signal: &str) -> (i32, Value, Duration) {
    let place = Place::new().file("topology.yaml", "klerk: 1\n");
    let mute = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = mute.local_addr().expect("an address");
    let child = place
        .command(&format!("plan -o json -b {address}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // The connection is there once the program listens for signals: it begins to listen first.
    let connected = mute.accept().expect("a connection");
    thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    send(signal, &child);
    let output = child.wait_with_output().expect("it ends");
    let took = begun.elapsed();
    drop(connected);
    let document = serde_json::from_slice(&output.stdout).expect("one JSON document");
    (output.status.code().expect("a status and no signal"), document, took)
}

pub fn send(signal: &str, child: &Child) {
    let kill = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
}

const TOPICS: &str = "klerk: 1
defaults: { partitions: 1, replication: 3, retention.ms: 1d }
topics: { a: {}, b: {}, c: {}, d: {} }
";

#[test]
fn an_apply_finishes_the_step_in_flight_reports_and_can_be_finished() {
    for (signal, expected) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let scene = Scene::new(TOPICS);
        assert_eq!(scene.run("plan --out plan.json").status, 0);
        scene.cluster.arm("CreateTopics late 60s after 1 once");
        let mut child = scene.start("apply plan.json --yes --batch 1 -o json");
        scene.cluster.await_faults();
        send(signal, &child);
        // The answer comes once the signal has been heard, and no sooner.
        let mut heard = String::new();
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        while !heard.contains("nothing more is sent") {
            assert!(stderr.read_line(&mut heard).expect("a line") > 0, "{signal}: it says {heard}");
        }
        scene.cluster.disarm();
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(expected), "{signal}: {output:?}");
        let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(report.outcome, "interrupted");
        let fates: Vec<&str> = report.steps.iter().map(|step| step.outcome.as_str()).collect();
        assert_eq!(fates, ["done", "done", "not-attempted", "not-attempted"], "{signal}");
        assert_eq!(scene.cluster.topics(), ["a", "b"]);
        let history = scene.run("history -o json").json();
        assert_eq!(history["records"][0]["outcome"], "interrupted");
        scene.apply();
        assert_eq!(scene.run("plan --detailed-exitcode").status, 0);
    }
}

#[test]
fn nobody_reading_the_answer_does_not_stop_an_apply() {
    for whole in [false, true] {
        let scene = Scene::new(TOPICS);
        let mut child = scene.start("apply --yes --batch 1");
        drop(child.stdout.take());
        if whole {
            drop(child.stderr.take());
        }
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(scene.run("plan --detailed-exitcode").status, 0);
        assert_eq!(scene.run("history -o json").json()["records"][0]["outcome"], "done");
    }
}

#[test]
fn a_look_ends_at_once_with_the_status_of_the_signal() {
    for (signal, expected) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (status, document, took) = stopped_by(signal);
        assert_eq!(status, expected, "{signal}: {document}");
        assert_eq!(document["error"]["kind"], "interrupted", "{signal}: {document}");
        // A busy machine takes its time; the request that nobody answers would take half a minute.
        assert!(took < Duration::from_secs(20), "{signal}: {took:?}");
    }
}
