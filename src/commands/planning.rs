//! From a topology or a record to a plan: connect, look, compare, ask, assess. Shared by `plan`, `apply` and `undo`.

use crate::app::App;
use crate::error::Error;
use crate::session::{Answering, Servers};
use klerk_core::placement::Throttle;
use klerk_core::plan::{self, Answers, Basis, Change, DiffOptions, Plan, Proposal, SubjectChange, Undone};
use klerk_core::topology::Topology;
use klerk_core::values::Known;
use klerk_core::world::{RegistryView, Wanted, World};
use std::time::Duration;
use tokio::time::Instant;

/// How long to look again while the controller knows of changes that the brokers do not show yet. After mass creation
/// they take that long.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause before looking again.
const PAUSE: Duration = Duration::from_millis(250);

/// Connects to the cluster, and to the registry where one was named.
pub async fn connect(app: &App) -> Result<Servers, Error> {
    let progress = app.term.progress("connecting", None);
    let servers = Servers::connect(&app.settings, &app.requests, app.clock).await;
    drop(progress);
    for note in servers.iter().flat_map(Servers::notes) {
        app.term.warn(&format!("warning: {note}\n"));
    }
    servers
}

/// Compares the topology with the cluster and the registry. Nothing is written. Copies of replicas are to be held to so
/// many bytes a second.
///
/// # Errors
/// When the cluster cannot be looked at, and when schemas are wanted and the registry cannot: a comparison that could
/// not be made is never taken for a match.
pub async fn plan(
    app: &App,
    servers: &Servers,
    topology: &Topology,
    options: &DiffOptions,
    throttle: Option<i64>,
    command: &str,
) -> Result<Plan, Error> {
    let needs_registry = options.families.schemas && topology.needs_registry();
    if servers.registry.is_none() {
        match topology.environment.as_ref().filter(|environment| environment.has_no_registry()) {
            Some(environment) => {
                app.term.note(&format!(
                    "environment {} has no registry: schemas are left out\n",
                    environment.name
                ));
            }
            None if needs_registry => return Err(Error::NoRegistry),
            None => app.term.note("no schema registry was named: schemas are left out"),
        }
    }
    if options.families.access {
        app.warn_of_exposed(topology.password_files());
    }
    let options = DiffOptions { registry: servers.registry.is_some() && needs_registry, ..options.clone() };
    let wanted = plan::wanted(topology, &options);
    let (world, proposal, answers) = propose(app, servers, &wanted, |world| {
        if options.registry {
            seen(&world.registry)?;
        }
        let mut proposal = plan::diff(topology, world, &options);
        proposal.throttle(throttle, world);
        proposal.standing_throttles = standing_throttles(app, servers);
        Ok(proposal)
    })
    .await?;
    let environment = topology.environment.as_ref().map(|environment| environment.name.as_str());
    let basis = Basis { command, environment, topology: Some(topology), world: &world };
    let plan = servers.weigh_rights(plan::assess(proposal, &answers, &basis)).await;
    let is_bare = plan.is_empty() && plan.unchanged.is_empty();
    if let Some(pattern) = options.matching.as_ref().filter(|_| is_bare) {
        app.note_no_match("name that the topology plans", pattern.as_str());
    }
    Ok(plan)
}

/// Plans the way back of recorded changes from what is there now; returns what was seen, too. Nothing is written.
///
/// # Errors
/// When the cluster cannot be looked at, or the registry where a level is to go back.
pub async fn plan_undo(
    app: &App,
    servers: &Servers,
    changes: &[Undone],
    throttle: Option<i64>,
    contracts: Option<&Topology>,
) -> Result<(World, Plan), Error> {
    let sets_levels = changes
        .iter()
        .any(|undone| matches!(undone.change, Change::Subject(SubjectChange::SetCompatibility { .. })));
    let (world, proposal, answers) = propose(app, servers, &plan::wanted_for_undo(changes), |world| {
        if sets_levels {
            seen(&world.registry)?;
        }
        let mut proposal = plan::undo(changes, world);
        proposal.throttle(throttle, world);
        proposal.standing_throttles = standing_throttles(app, servers);
        Ok(proposal)
    })
    .await?;
    let environment = contracts.and_then(|topology| topology.environment.as_ref());
    let environment = environment.map(|environment| environment.name.as_str());
    let basis = Basis { command: "undo", environment, topology: contracts, world: &world };
    let plan = servers.weigh_rights(plan::assess(proposal, &answers, &basis)).await;
    Ok((world, plan))
}

/// The throttles of moves that runs on this machine have set and not taken off yet.
fn standing_throttles(app: &App, servers: &Servers) -> Vec<Throttle> {
    let standing = app.standing_throttles(&servers.cluster.id()).into_iter();
    standing.map(|standing| standing.throttle).collect()
}

/// Looks, compares and asks, and does so again while the answers show otherwise than the look did.
async fn propose(
    app: &App,
    servers: &Servers,
    wanted: &Wanted,
    compare: impl Fn(&World) -> Result<Proposal, Error>,
) -> Result<(World, Proposal, Answers), Error> {
    let progress = app.term.progress("planning", None);
    let patience = Instant::now() + PATIENCE;
    loop {
        progress.say("looking at the cluster");
        let world = servers.see(wanted).await?;
        let proposal = compare(&world)?;
        progress.say("asking the servers whether they would accept it");
        let answers = servers.answer(&proposal.questions, &world).await;
        if plan::contradicted(&answers).is_empty() || Instant::now() > patience {
            return Ok((world, proposal, answers));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn seen(registry: &Known<RegistryView>) -> Result<(), Error> {
    match registry {
        Known::Known(_) => Ok(()),
        Known::Denied(why) | Known::Failed(why) => Err(Error::RegistryLook(why.clone())),
        Known::Absent | Known::Unavailable(_) | Known::NotAsked => Err(Error::NoRegistry),
    }
}
