//! What the sandbox does differently on purpose. Its crate documentation has a line for each of these.

use anyhow::{Result, ensure};

use crate::bed::Bed;
use crate::case::cases;
use crate::configs::{BROKER, CLIENT_METRICS, GROUP, SET, alter};
use crate::fetch;
use crate::servers::On;

cases![Different:
    the_cluster_id_says_that_it_is_simulated,
    groups_and_client_metrics_have_no_configs,
    a_broker_may_have_any_number_of_threads,
    fetches_begin_no_sessions,
];

/// Whether the sandbox's documentation lists these cases, and no others.
pub fn documented() -> Result<()> {
    let documentation = include_str!("../../crates/sandbox/src/lib.rs");
    let (_, list) = documentation.split_once("//! # What it does differently\n").unwrap_or_default();
    let list = list.lines().take_while(|line| line.starts_with("//!") && !line.starts_with("//! #"));
    let listed: Vec<&str> =
        list.filter_map(|line| line.strip_prefix("//! - `")?.split_once('`').map(|(name, _)| name)).collect();
    let cases: Vec<&str> = CASES.iter().filter_map(|case| case.name.rsplit("::").next()).collect();
    ensure!(listed == cases, "crates/sandbox/src/lib.rs lists {listed:?}, and the cases are {cases:?}");
    Ok(())
}

fn the_cluster_id_says_that_it_is_simulated(bed: &Bed) -> Result<()> {
    let id = bed.client().metadata(Some(&[]))?.cluster_id.map(|id| id.to_string()).unwrap_or_default();
    bed.is("length", id.len(), 22)?;
    bed.is("the id begins with sandbox", id.starts_with("sandbox-"), bed.on() == On::Sandbox)
}

fn groups_and_client_metrics_have_no_configs(bed: &Bed) -> Result<()> {
    for (kind, key) in [(GROUP, "consumer.session.timeout.ms"), (CLIENT_METRICS, "interval.ms")] {
        let code = alter(bed, kind, &bed.name("any"), &[(key, SET, Some("50000"))], true)?;
        bed.is("code", code, if bed.on() == On::Sandbox { 42 } else { 0 })?;
    }
    Ok(())
}

fn a_broker_may_have_any_number_of_threads(bed: &Bed) -> Result<()> {
    // Kafka takes no more than twice as many as there are.
    let code = alter(bed, BROKER, "", &[("num.io.threads", SET, Some("1000"))], true)?;
    bed.is("code", code, if bed.on() == On::Sandbox { 0 } else { 42 })
}

fn fetches_begin_no_sessions(bed: &Bed) -> Result<()> {
    let topic = bed.topic("orders", 1, 1, &[])?;
    let asked = fetch::request(&topic, vec![fetch::wanted(0, 0, 1000)], 1000).with_session_epoch(0);
    let answer = bed.call_leader(&topic, 0, &asked, 11)?;
    bed.is("code", answer.error_code, 0)?;
    bed.is("there is no session", answer.session_id == 0, bed.on() == On::Sandbox)
}
