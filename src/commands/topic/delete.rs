use crate::app::App;
use crate::cli::TopicDelete;
use crate::commands::group::protection;
use crate::commands::{act, planning};
use crate::error::Error;
use crate::session::{Answering, Servers};
use crate::status::Status;
use klerk_core::plan::{Basis, MissingTopics, Plan, assess, propose_deletions};
use klerk_core::topology::Topology;
use klerk_core::values::Resource;
use klerk_core::world::{Selection, Wanted};
use std::collections::BTreeSet;

/// `klerk topic delete`: plans, shows, asks, records, deletes, looks again.
pub(super) async fn run(app: &App, args: &TopicDelete) -> Result<Status, Error> {
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let plan = plan(&servers, &args.topics, contracts.as_ref()).await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act(app, &servers, &plan, &args.consent).await
}

async fn plan(servers: &Servers, topics: &[String], contracts: Option<&Topology>) -> Result<Plan, Error> {
    let names: BTreeSet<String> = topics.iter().cloned().collect();
    let wanted = Wanted {
        // All that are visible, to say which one was probably meant.
        topics: Selection::AllVisible(names.clone()),
        configs: Selection::Named(names.clone()),
        ..Wanted::default()
    };
    let world = servers.see(&wanted).await?;
    let proposal = propose_deletions(&names, contracts, &world).map_err(|missing| not_found(&missing))?;
    let answers = servers.answer(&proposal.questions, &world).await;
    let environment = protection::environment(contracts);
    let basis = Basis { command: "topic delete", environment, topology: contracts, world: &world };
    Ok(assess(proposal, &answers, &basis))
}

/// Topics that a command names and that do not exist.
pub(super) fn not_found(MissingTopics(missing): &MissingTopics) -> Error {
    let mut hints = Vec::new();
    for (place, (name, meant)) in missing.iter().enumerate() {
        if place > 0 {
            hints.push(format!("topic {name} does not exist either"));
        }
        hints.extend(meant.iter().map(|meant| format!("did you mean {meant}?")));
    }
    hints.push("nothing was deleted".to_owned());
    let name = missing.first().map_or("", |(name, _)| name.as_str());
    Error::NotFound { resource: Resource::topic(name), hints }
}
