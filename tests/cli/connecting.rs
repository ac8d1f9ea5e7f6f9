use crate::run::Place;
use std::net::TcpListener;
use std::time::Duration;

/// A busy machine takes its time to start a program; whoever waits for an answer is given half a minute by itself.
const AT_ONCE: Duration = Duration::from_secs(15);

fn place() -> Place {
    Place::new().file("topology.yaml", "klerk: 1\ntopics: { orders: { partitions: 1 } }\n")
}

#[test]
fn no_address_is_ever_assumed() {
    insta::assert_snapshot!(place().run("plan").all(), @r"
    status 64
    --- stdout
    --- stderr
    error: no broker address is given
      → give one with --bootstrap HOST:PORT, KLERK_BOOTSTRAP, or bootstrap.servers in a --command-config file
    ");
    assert_eq!(place().run("apply --yes -o json").json()["error"]["kind"], "usage");
}

#[test]
fn nothing_listening_is_told_at_once() {
    let ran = place().run("plan -b 127.0.0.1:1 -o json");
    assert_eq!(ran.status, 1);
    assert!(ran.took < AT_ONCE, "it took {:?}", ran.took);
    let error = ran.json()["error"].clone();
    assert_eq!(error["kind"], "connect");
    assert!(error["message"].as_str().unwrap().contains("127.0.0.1:1"), "{error}");
    assert!(!error["hints"].as_array().unwrap().is_empty(), "{error}");
}

#[test]
fn requests_are_counted_by_every_command_that_fails() {
    for line in [
        "plan",
        "apply --yes",
        "undo last",
        "history",
        "group list",
        "group lag",
        "group describe g",
        "group reset g --all-topics --to-earliest",
    ] {
        for output in ["human", "json"] {
            let ran = place().run(&format!("{line} -b 127.0.0.1:1 --explain-requests -o {output}"));
            assert_eq!(ran.status, 1, "{line}: {ran:?}");
            assert!(ran.stderr.ends_with("requests 0\n"), "{line}: {ran:?}");
        }
    }
}

#[test]
fn a_port_that_never_answers_is_given_up() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap();
    let ran = place().run(&format!("plan --timeout 300ms -b {address} -o json"));
    assert_eq!(ran.status, 1);
    assert!(ran.took < AT_ONCE, "it took {:?}", ran.took);
    let kind = ran.json()["error"]["kind"].clone();
    assert!(kind == "timeout" || kind == "connect", "{kind}");
}

#[test]
fn keys_without_meaning_are_named_once() {
    let place = place().file("client.properties", "bootstrap.servers=127.0.0.1:1\nacks=all\nlinger.ms=5\n");
    let notes = |line: &str| place.run(line).stderr.matches("acks, linger.ms").count();
    assert_eq!(notes("plan --command-config client.properties"), 1);
    assert_eq!(notes("plan -q --command-config client.properties"), 0);
}
