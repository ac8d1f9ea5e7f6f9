use crate::app::App;
use crate::cli::ClusterElect;
use crate::commands::{act, planning};
use crate::error::Error;
use crate::session::Servers;
use crate::status::Status;
use klerk_core::plan::{Answers, Basis, ElectionScope, MissingTopics, Plan, assess, propose_elections};
use klerk_core::values::{Pattern, Resource};
use klerk_core::world::{Selection, Wanted};

/// `klerk cluster elect`: plans, shows, asks, records, elects, looks again.
pub(super) async fn run(app: &App, args: &ClusterElect) -> Result<Status, Error> {
    let scope =
        ElectionScope { topics: args.topic.clone(), matching: args.matching.as_deref().map(Pattern::new) };
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let plan = plan(&servers, &scope, app.named_environment()?).await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act(app, &servers, &plan, &args.consent).await
}

async fn plan(servers: &Servers, scope: &ElectionScope, environment: Option<&str>) -> Result<Plan, Error> {
    let names = scope.topics.iter().map(|named| named.topic.clone()).collect();
    // All that are visible, also to say which one was probably meant.
    let wanted = Wanted { topics: Selection::AllVisible(names), ..Wanted::default() };
    let world = servers.see(&wanted).await?;
    let proposal = propose_elections(scope, &world).map_err(|missing| not_found(&missing))?;
    let basis = Basis { command: "cluster elect", environment, topology: None, world: &world };
    Ok(assess(proposal, &Answers::new(), &basis))
}

fn not_found(MissingTopics(missing): &MissingTopics) -> Error {
    let mut hints = Vec::new();
    for (place, (name, meant)) in missing.iter().enumerate() {
        if place > 0 {
            hints.push(format!("topic {name} does not exist either"));
        }
        hints.extend(meant.iter().map(|meant| format!("did you mean {meant}?")));
    }
    let name = missing.first().map_or("", |(name, _)| name.as_str());
    Error::NotFound { resource: Resource::topic(name), hints }
}
