use crate::run::Place;
use serde_json::Value;
use std::net::TcpListener;
use std::process::{Command, Stdio};
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
    let kill = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let took = begun.elapsed();
    drop(connected);
    let document = serde_json::from_slice(&output.stdout).expect("one JSON document");
    (output.status.code().expect("a status and no signal"), document, took)
}

#[test]
fn a_look_ends_at_once_with_the_status_of_the_signal() {
    for (signal, expected) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (status, document, took) = stopped_by(signal);
        assert_eq!(status, expected, "{signal}: {document}");
        assert_eq!(document["error"]["kind"], "interrupted", "{signal}: {document}");
        assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
    }
}
