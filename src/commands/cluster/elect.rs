use crate::app::App;
use crate::cli::ClusterElect;
use crate::commands::group::protection;
use crate::commands::missing_topics::missing_topics;
use crate::commands::{act, planning};
use crate::error::Error;
use crate::session::{Servers, hidden_topics};
use crate::status::Status;
use klerk_core::plan::{Answers, Basis, ElectionScope, Plan, assess, propose_elections};
use klerk_core::topology::Topology;
use klerk_core::values::Pattern;
use klerk_core::world::{Selection, Wanted};

/// `klerk cluster elect`: plans, shows, asks, records, elects, looks again.
pub(super) async fn run(app: &App, args: &ClusterElect) -> Result<Status, Error> {
    let scope =
        ElectionScope { topics: args.topic.clone(), matching: args.matching.as_deref().map(Pattern::new) };
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let mut plan = plan(&servers, &scope, contracts.as_ref()).await?;
            if scope.topics.is_empty() {
                let is_meant =
                    |name: &str| scope.matching.as_ref().is_none_or(|pattern| pattern.matches(name));
                plan = plan.with_hidden_topics(&hidden_topics(&servers.cluster).await.among(is_meant));
            }
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act(app, &servers, &plan, &args.consent).await
}

async fn plan(servers: &Servers, scope: &ElectionScope, contracts: Option<&Topology>) -> Result<Plan, Error> {
    let names = scope.topics.iter().map(|named| named.topic.clone()).collect();
    // All that are visible, also to say which one was probably meant.
    let wanted = Wanted { topics: Selection::AllVisible(names), ..Wanted::default() };
    let world = servers.see(&wanted).await?;
    let proposal = propose_elections(scope, &world).map_err(|missing| missing_topics(&missing, None))?;
    let environment = protection::environment(contracts);
    let basis = Basis { command: "cluster elect", environment, topology: contracts, world: &world };
    Ok(servers.weigh_rights(assess(proposal, &Answers::new(), &basis)).await)
}
