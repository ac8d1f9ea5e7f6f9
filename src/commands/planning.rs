//! From a topology to a plan: connect, look, compare, ask, assess. Shared by `plan` and `apply`.

use crate::app::App;
use crate::error::Error;
use crate::session::{Answering, Servers};
use klerk_core::plan::{self, Basis, DiffOptions, Plan};
use klerk_core::topology::Topology;
use klerk_core::values::Known;
use klerk_core::world::RegistryView;
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
    servers
}

/// Compares the topology with the cluster and the registry. Nothing is written.
///
/// # Errors
/// When the cluster cannot be looked at, and when schemas are wanted and the registry cannot: a comparison that could
/// not be made is never taken for a match.
pub async fn plan(
    app: &App,
    servers: &Servers,
    topology: &Topology,
    options: &DiffOptions,
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
    let options = DiffOptions { registry: servers.registry.is_some() && needs_registry, ..options.clone() };
    let wanted = plan::wanted(topology, &options);
    let progress = app.term.progress("planning", None);
    let patience = Instant::now() + PATIENCE;
    let (world, proposal, answers) = loop {
        progress.say("looking at the cluster");
        let world = servers.see(&wanted).await?;
        if options.registry {
            seen(&world.registry)?;
        }
        let proposal = plan::diff(topology, &world, &options);
        progress.say("asking the servers whether they would accept it");
        let answers = servers.answer(&proposal.questions, &world).await;
        if plan::contradicted(&answers).is_empty() || Instant::now() > patience {
            break (world, proposal, answers);
        }
        tokio::time::sleep(PAUSE).await;
    };
    drop(progress);
    let environment = topology.environment.as_ref().map(|environment| environment.name.as_str());
    let basis = Basis { command, environment, topology: Some(topology), world: &world };
    Ok(plan::assess(proposal, &answers, &basis))
}

fn seen(registry: &Known<RegistryView>) -> Result<(), Error> {
    match registry {
        Known::Known(_) => Ok(()),
        Known::Denied(why) | Known::Failed(why) => Err(Error::RegistryLook(why.clone())),
        Known::Absent | Known::Unavailable(_) | Known::NotAsked => Err(Error::NoRegistry),
    }
}
