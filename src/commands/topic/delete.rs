use super::names;
use crate::app::App;
use crate::cli::TopicDelete;
use crate::commands::group::protection;
use crate::commands::missing_topics::missing_topics;
use crate::commands::{act, planning};
use crate::error::Error;
use crate::session::{Answering, Servers};
use crate::status::Status;
use klerk_core::plan::{Basis, Plan, assess, propose_deletions};
use klerk_core::topology::Topology;
use klerk_core::world::{Selection, Wanted};
use std::collections::BTreeSet;

/// What is said when a topic that is named does not exist.
pub(super) const NOTHING: &str = "nothing was deleted";

/// `klerk topic delete`: plans, shows, asks, records, deletes, looks again.
pub(super) async fn run(app: &App, args: &TopicDelete) -> Result<Status, Error> {
    names::possible(&args.topics)?;
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
    let proposal = propose_deletions(&names, contracts, &world)
        .map_err(|missing| missing_topics(&missing, Some(NOTHING)))?;
    let answers = servers.answer(&proposal.questions, &world).await;
    let environment = protection::environment(contracts);
    let basis = Basis { command: "topic delete", environment, topology: contracts, world: &world };
    Ok(servers.weigh_rights(assess(proposal, &answers, &basis)).await)
}
