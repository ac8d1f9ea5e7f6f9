use super::delete::NOTHING;
use super::names;
use crate::app::App;
use crate::cli::{TopicTruncate, UsageError};
use crate::commands::group::{protection, spec};
use crate::commands::missing_topics::missing_topics;
use crate::commands::{act, planning};
use crate::error::Error;
use crate::kafka::{At, Isolation, LogOffsets};
use crate::session::{Answering, Servers};
use crate::status::Status;
use klerk_core::plan::{
    Basis, OffsetsByTime, Plan, TruncateInput, TruncateSpec, TruncateTo, assess, plan_truncation,
    truncated_partitions,
};
use klerk_core::topology::Topology;
use klerk_core::world::{Selection, Wanted, World};

/// `klerk topic truncate`: plans, shows, asks, records, deletes the records, looks again.
pub(super) async fn run(app: &App, args: &TopicTruncate) -> Result<Status, Error> {
    let spec = TruncateSpec { topics: args.topics.clone(), to: how_far(app, args)? };
    names::possible(&spec.names())?;
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let plan = plan(&servers, &spec, contracts.as_ref()).await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act(app, &servers, &plan, &args.consent).await
}

fn how_far(app: &App, args: &TopicTruncate) -> Result<TruncateTo, Error> {
    let flags = &args.strategy;
    if let Some(offset) = flags.to_offset {
        return Ok(TruncateTo::Offset(offset));
    }
    if let Some(text) = &flags.before {
        return Ok(TruncateTo::Before { ms: spec::moment_ms("--before", text, args.tz.as_deref())? });
    }
    if let Some(age) = flags.older_than {
        let age = i64::try_from(age.as_millis()).map_err(|_| {
            let message = "--older-than is longer than time itself".to_owned();
            Error::Usage(UsageError::Arguments { message, hints: Vec::new() })
        })?;
        return Ok(TruncateTo::Before { ms: app.clock.now().as_millisecond().saturating_sub(age) });
    }
    Ok(TruncateTo::Latest)
}

async fn plan(servers: &Servers, spec: &TruncateSpec, contracts: Option<&Topology>) -> Result<Plan, Error> {
    let names = spec.names();
    let wanted = Wanted {
        // All that are visible, to say which one was probably meant.
        topics: Selection::AllVisible(names.clone()),
        configs: Selection::Named(names.clone()),
        log_offsets: Selection::Named(names),
        ..Wanted::default()
    };
    let world = servers.see(&wanted).await?;
    let (by_time, first) = by_time(servers, spec, &world).await;
    let proposal = plan_truncation(TruncateInput { spec, world: &world, by_time: &by_time, first: &first })
        .map_err(|missing| missing_topics(&missing, Some(NOTHING)))?;
    let answers = servers.answer(&proposal.questions, &world).await;
    let environment = protection::environment(contracts);
    let basis = Basis { command: "topic truncate", environment, topology: contracts, world: &world };
    Ok(servers.weigh_rights(assess(proposal, &answers, &basis)).await)
}

/// The offsets at the moment that is asked for, and the first records that there are.
async fn by_time(servers: &Servers, spec: &TruncateSpec, world: &World) -> (OffsetsByTime, OffsetsByTime) {
    let TruncateTo::Before { ms } = spec.to else { return Default::default() };
    let partitions = truncated_partitions(spec, world);
    let at = |ms: i64| {
        let asked: Vec<_> = partitions.iter().cloned().map(|at| (at, At::Time(ms))).collect();
        servers.cluster.log_offsets(asked, Isolation::ReadUncommitted)
    };
    // No record is older than 1970.
    let (found, first) = tokio::join!(at(ms), at(0));
    let offsets = |found: LogOffsets| {
        found.into_iter().map(|(at, found)| (at, found.map(|found| found.offset))).collect()
    };
    (offsets(found), offsets(first))
}
