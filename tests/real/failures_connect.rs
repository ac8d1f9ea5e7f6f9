//! The way to the cluster is wrong, and each wrong way is told apart in good time; and a controller that stands still.

use crate::documents::{ErrorDocument, Plan, Report};
use crate::scene::{IN_GOOD_TIME, Scene, breakable, document, finishes, many_topics, until};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Client, Cluster, ClusterOptions, Outcome, free_port, shared, unique_name};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Fifteen requests' worth, so that some are still unsent however late the controller is stopped.
const TOPICS: usize = 300;
/// A TLS alert: what a TLS port says to somebody who speaks plainly.
const ALERT: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46];

/// Something that listens and is no broker, as long as the process lives.
fn port(serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    Ok(address)
}

fn scene(bootstrap: &str) -> Result<Scene> {
    let scene = Scene::new(bootstrap)?;
    scene.write("topology.yaml", "klerk: 1\ntopics: { a: { partitions: 1 } }\n")?;
    Ok(scene)
}

fn is_refused(outcome: &Outcome, words: &[&str]) -> Result<ErrorDocument> {
    ensure!(outcome.status == Some(1), "{outcome:#?}");
    ensure!(outcome.took < IN_GOOD_TIME, "{outcome:#?}");
    let document: ErrorDocument = serde_json::from_str(&outcome.stdout)?;
    ensure!(document.format == "klerk.error" && document.error.kind == "connect", "{document:#?}");
    ensure!(!document.error.hints.is_empty(), "no hint: {document:#?}");
    for word in words {
        ensure!(document.error.message.contains(word), "{word} is not in: {}", document.error.message);
    }
    Ok(document)
}

#[test]
fn every_wrong_port_is_told_apart() -> Result<()> {
    let registry = shared()?.registry.url();
    let registry = registry.trim_start_matches("http://").split('/').next().context("an address")?.to_owned();
    let mute = port(|mut stream| {
        stream.read_to_end(&mut Vec::new()).ok();
    })?;
    let tls = port(|mut stream| {
        let mut start = [0; 5];
        if stream.read_exact(&mut start).is_ok() {
            stream.write_all(&ALERT).ok();
        }
    })?;
    let rude = port(drop)?;
    let nothing = format!("127.0.0.1:{}", free_port()?);
    let mut messages = Vec::new();
    for (address, words) in [
        (&nothing, "nothing listens"),
        (&registry, "HTTP"),
        (&mute, "does not answer"),
        (&tls, "TLS"),
        (&rude, "closed"),
    ] {
        let scene = scene(address)?;
        for line in
            ["plan -o json", "plan --detailed-exitcode -o json", "apply --yes -o json", "group list -o json"]
        {
            let document = is_refused(&scene.klerk(line).run()?, &[address, words])?;
            if line == "plan -o json" {
                messages.push(document.error.message.replace(address.as_str(), ""));
            }
        }
        let human = scene.klerk("plan").run()?;
        ensure!(human.status == Some(1) && human.stdout.is_empty(), "{human:#?}");
        ensure!(human.stderr.contains(address.as_str()) && human.stderr.contains(words), "{human:#?}");
    }
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), 5, "each its own words: {messages:#?}");

    // All of them at once: each with its own reason.
    let all = [&nothing, &registry, &mute, &tls].map(String::as_str);
    is_refused(&scene(&all.join(","))?.klerk("plan -o json").run()?, &all)?;
    // One that works among them is enough.
    let all = [&all[..], &[&shared()?.cluster.broker_address(2)]].concat().join(",");
    let scene = Scene::new(&all)?;
    scene.write("topology.yaml", &format!("klerk: 1\ntopics: {{ {}: {{}} }}\n", unique_name("among")))?;
    let plan: Plan = scene.json("plan", 0)?;
    assert_eq!(plan.steps.len(), 1);
    Ok(())
}

#[test]
fn told_to_stop_before_anything_is_done_it_ends_at_once() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let scene = scene(&listener.local_addr()?.to_string())?;
    for line in ["plan", "apply --yes", "group list"] {
        let running = scene.klerk(line).args(["-o", "json"]).spawn()?;
        let _mute = listener.accept()?;
        running.interrupt()?;
        let told: ErrorDocument = document(running.wait()?, 130)?;
        assert_eq!(told.error.kind, "interrupted");
        ensure!(told.error.message.contains("nothing was changed"), "{}", told.error.message);

        let outcome = scene.klerk(line).args(["-o", "json", "--timeout", "2s"]).run()?;
        let late: ErrorDocument = document(outcome, 1)?;
        assert_eq!(late.error.kind, "timeout");
        let _late = listener.accept()?;
    }
    Ok(())
}

#[test]
fn an_advertised_address_that_cannot_be_reached_is_named() -> Result<()> {
    let (port, nowhere) = (free_port()?, free_port()?);
    let cluster = Cluster::start(ClusterOptions::one_broker().second_listener(port, nowhere))?;
    let client = cluster.client();
    client.create_topic("held", 1, 1, &[])?;
    client.commit_offsets("readers", &[("held", 0, 0)])?;
    let scene = scene(&format!("127.0.0.1:{port}"))?;
    let (reached, advertised) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{nowhere}"));
    // It takes the one broker that it cannot reach to tell of groups, and of what they hold.
    for line in
        ["plan", "apply --yes", "group list", "group lag", "group lag readers", "group describe readers"]
    {
        let run = scene.klerk(line).args(["-o", "json"]).run()?;
        let document = is_refused(&run, &[&reached, &advertised])?;
        let hints = &document.error.hints;
        ensure!(hints.iter().any(|hint| hint.contains("advertised.listeners")), "{line}: {hints:?}");
    }
    cluster.end()
}

#[test]
fn a_controller_that_stands_still_is_waited_for_no_longer_than_agreed() -> Result<()> {
    let servers = breakable()?;
    // Brokers 2 and 3 answer, and what they forward to the controller is not answered.
    let others = [2, 3].map(|broker| servers.cluster.broker_address(broker)).join(",");
    let scene = Scene::new(&others)?;
    scene.write("topology.yaml", &many_topics("still", TOPICS, 1))?;
    let stopped = scene.apply_until_first_reply()?;
    // What it has heard of the brokers that go on have to know from the controller too, before they hear of nothing more.
    let accepted = stopped.record.accepted();
    for broker in [2, 3] {
        let client = Client::new(vec![servers.cluster.broker_address(broker)]);
        until("what was accepted is shown", || {
            Ok(client.topics()?.keys().filter(|name| name.starts_with("still.")).count() >= accepted.len())
        })?;
    }
    servers.cluster.pause(1)?;
    let report: Report = document(stopped.finish()?, 3)?;
    assert_eq!(report.outcome, "partial");
    let mut counts = BTreeMap::new();
    for step in &report.steps {
        *counts.entry(step.outcome.as_str()).or_insert(0) += 1;
        if step.outcome == "unknown" {
            let error = step.error.as_ref().context("why?")?;
            ensure!(error.name == "TIMEOUT" || error.code == Some(7), "{step:#?}");
        }
    }
    counts.remove("accepted");
    ensure!(counts.keys().eq(&["done", "not-attempted", "unknown"]), "{counts:?}");

    // What the brokers know by themselves can be read.
    let done = report.steps.iter().find(|step| step.outcome == "done").context("nothing done")?;
    scene.write("done.yaml", &format!("klerk: 1\ntopics: {{ {}: {{}} }}\n", done.resource.name))?;
    let plan: Plan = scene.json("plan -f done.yaml --detailed-exitcode", 0)?;
    assert_eq!(plan.unchanged.topics, [done.resource.name.as_str()]);
    // What could not be put to the controller is no pass: nothing of the plan is carried out.
    let outcome = scene.klerk("plan -o json -X request.timeout.ms=1500").run()?;
    ensure!(outcome.took < Duration::from_secs(20), "{:?}", outcome.took);
    let plan: Plan = document(outcome, 1)?;
    ensure!(!plan.appliable && !plan.conflicts.is_empty(), "{plan:#?}");
    ensure!(plan.conflicts.iter().all(|conflict| conflict.reason == "not-readable"), "{plan:#?}");

    servers.cluster.resume(1)?;
    servers.cluster.await_brokers(3)?;
    finishes(&scene)?;
    let plan: Plan = scene.json("plan --detailed-exitcode", 0)?;
    assert_eq!(plan.unchanged.topics.len(), TOPICS);
    Ok(())
}
