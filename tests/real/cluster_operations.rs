//! The cluster itself on real brokers: its condition while one of them is gone, leaders brought back, configs of brokers
//! set and taken back.

use crate::documents::{ClusterConfigs, ClusterStatus, Plan, Report};
use crate::scene::{self, Scene, breakable};
use anyhow::{Context, Result, ensure};
use klerk_testbed::{Tool, shared, unique_name};
use std::time::{Duration, Instant};

/// Looks until it is as wanted.
fn until(scene: &Scene, wanted: impl Fn(&ClusterStatus) -> bool) -> Result<ClusterStatus> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let status: ClusterStatus = scene.json("cluster status", 0)?;
        if wanted(&status) {
            return Ok(status);
        }
        ensure!(Instant::now() < end, "not within a minute: {status:#?}");
    }
}

#[test]
fn a_broker_that_is_gone_shows_and_its_leaders_come_back() -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    let client = servers.cluster.client();
    let (orders, single) = (unique_name("operations.orders"), unique_name("operations.single"));
    client.create_topic(&orders, 6, 3, &[])?;
    client.create_topic(&single, 6, 1, &[])?;
    servers.cluster.await_in_sync()?;

    let whole: ClusterStatus = scene.json("cluster status --wait 60s --brokers 3", 0)?;
    ensure!(whole.healthy, "{whole:#?}");
    let quorum = whole.quorum.context("a quorum")?;
    assert_eq!((quorum.leader, quorum.replicas.len()), (Some(1), 3));
    assert_eq!(whole.cluster.metadata_version.as_deref(), Some("4.3-IV0"));
    for broker in &whole.brokers {
        assert_eq!((broker.state.as_str(), broker.release.as_deref()), ("live", Some("4.3-IV0")));
        assert_eq!(broker.rack.as_deref(), Some(format!("r{}", broker.id).as_str()));
        let dir = broker.log_dirs.as_deref().context("log folders")?.first().context("one")?;
        ensure!(dir.usable_bytes.context("told")? <= dir.total_bytes.context("told")?, "{dir:?}");
        assert_eq!(dir.replicas, broker.replicas);
    }

    servers.cluster.kill(2)?;
    servers.cluster.await_brokers(2)?;
    let hurt =
        until(&scene, |status| status.partitions.offline > 0 && status.partitions.under_replicated >= 6)?;
    let kinds: Vec<&str> = hurt.problems.iter().map(|problem| problem.kind.as_str()).collect();
    for kind in ["offline-partitions", "under-replicated", "brokers-down"] {
        ensure!(kinds.contains(&kind), "{kinds:?}");
    }
    let offline = hurt.partitions.unhealthy.iter().filter(|one| one.leader.is_none() && one.topic == single);
    ensure!(offline.count() > 0, "broker 2 had partitions of which there is no other copy");
    let of_orders = hurt.partitions.unhealthy.iter().filter(|one| one.topic == orders);
    for one in of_orders {
        ensure!(!one.isr.contains(&2) && one.replicas.contains(&2) && one.min_isr == Some(2), "{one:?}");
        ensure!(one.conditions.contains(&"at-min-isr".to_owned()), "{one:?}");
    }
    let waited: ClusterStatus = scene.json("cluster status --wait 0s", 3)?;
    ensure!(waited.awaited.is_some_and(|awaited| !awaited.met), "it is not whole");

    servers.cluster.start_broker(2)?;
    let back = scene.klerk("cluster status --wait 60s --brokers 3").run()?;
    ensure!(back.status == Some(0), "{back:#?}");
    let led: ClusterStatus = scene.json("cluster status", 0)?;
    let astray = led.partitions.led_by_others.iter().filter(|one| one.topic == orders).count();
    ensure!(astray > 0, "Kafka itself brings leaders back only every five minutes");

    let plan: Plan = scene.json(&format!("cluster elect --match {orders} --dry-run"), 0)?;
    assert_eq!((plan.steps.len(), plan.steps[0].kind.as_str()), (1, "elect-leaders"));
    let report: Report = scene.json(&format!("cluster elect --match {orders} --yes -q"), 0)?;
    assert_eq!(report.outcome, "done");
    let described =
        Tool::Topics.run(&servers.cluster.bootstrap(), &["--describe", "--topic", &orders])?.checked()?;
    for line in described.lines().filter(|line| line.contains("Partition: ")) {
        let field = |name: &str| line.split(name).nth(1).and_then(|rest| rest.split_whitespace().next());
        let preferred = field("Replicas: ").and_then(|replicas| replicas.split(',').next());
        assert_eq!(field("Leader: "), preferred, "{line}");
    }
    let again: Report = scene.json(&format!("cluster elect --topic {orders} --yes -q"), 0)?;
    assert_eq!(again.outcome, "nothing-to-do");
    Ok(())
}

#[test]
fn configs_of_a_broker_are_set_where_they_are_asked_for_and_taken_back() -> Result<()> {
    let servers = breakable()?;
    let scene = servers.scene()?;
    let set = |line: &str| -> Result<Option<String>> {
        let document: ClusterConfigs = scene.json(line, 0)?;
        let configs =
            document.places.into_iter().next().and_then(|place| place.configs).context("configs")?;
        let found = configs.into_iter().find(|config| config.key == "num.io.threads");
        Ok(found.filter(|config| config.source.starts_with("dynamic")).and_then(|config| config.value))
    };
    assert_eq!(set("cluster configs 2 --all")?, None);
    let report: Report = scene.json("cluster configs 2 --set num.io.threads=3 --yes -q", 0)?;
    assert_eq!((report.outcome.as_str(), report.steps[0].resource.kind.as_str()), ("done", "broker"));
    assert_eq!(set("cluster configs 2")?.as_deref(), Some("3"));
    assert_eq!(set("cluster configs 3 --all")?, None, "it is set on one broker alone");
    let undone = scene.klerk("undo last --yes").run()?;
    ensure!(undone.status == Some(0), "{undone:#?}");
    assert_eq!(set("cluster configs 2 --all")?, None);

    let report: Report = scene.json("cluster configs --default --set num.io.threads=4 --yes -q", 0)?;
    assert_eq!(report.steps[0].resource.kind, "cluster");
    // Each of the brokers learns of it in its own time.
    scene::until("it holds for all brokers", || Ok(set("cluster configs 3")?.as_deref() == Some("4")))?;
    ensure!(scene.klerk("undo last --yes").run()?.status == Some(0), "the way back");
    scene::until("it is taken back", || Ok(set("cluster configs --default")?.is_none()))
}

#[test]
fn what_a_broker_will_not_have_is_a_conflict_in_its_words() -> Result<()> {
    let scene = Scene::new(&shared()?.cluster.bootstrap())?;
    for (line, words) in [
        ("cluster configs 1 --set min.insync.replicas=1 --dry-run", "min.insync.replicas"),
        ("cluster configs --default --set num.io.threads=0 --dry-run", "num.io.threads"),
        ("cluster configs --default --unset min.insync.replicas --dry-run", "min.insync.replicas"),
        ("cluster configs 1 --set num.io.thread=9 --dry-run", "did you mean num.io.threads?"),
        ("cluster configs 1 --set node.id=9 --dry-run", "takes a restart"),
    ] {
        let plan: Plan = scene.json(line, 1)?;
        ensure!(plan.steps.is_empty() && !plan.appliable, "{line}: {plan:#?}");
        let message = &plan.conflicts.first().context("a conflict")?.message;
        ensure!(message.contains(words), "{line}: {message}");
    }
    // Kafka shows the rate of a throttle only once it is set.
    let plan: Plan =
        scene.json("cluster configs 1 --set leader.replication.throttled.rate=1000 --dry-run", 0)?;
    assert_eq!((plan.steps.len(), plan.preflight.as_str()), (1, "full"));
    Ok(())
}
