use crate::app::App;
use crate::cli::ClusterMoves;
use crate::commands::group::protection;
use crate::commands::{act, planning, throttles};
use crate::error::Error;
use crate::kafka::CallError;
use crate::session::{Look, Servers};
use crate::status::Status;
use crate::view;
use crate::view::json::v1::MovesDocument;
use klerk_core::health;
use klerk_core::placement::{Tally, replicas_to_measure};
use klerk_core::plan::{Basis, Plan, assess, propose_cancels};
use klerk_core::topology::Topology;
use klerk_core::values::{Known, Pattern, TopicPartition};
use klerk_core::world::{OngoingMoves, Selection, Wanted, World};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// The pause between two looks at replicas that are waited for.
const PAUSE: Duration = Duration::from_secs(1);

/// `klerk cluster moves`.
pub(super) async fn run(app: &App, args: &ClusterMoves) -> Result<Status, Error> {
    let matching = args.matching.as_deref().map(Pattern::new);
    if args.cancel {
        return cancel(app, args, matching.as_ref()).await;
    }
    let servers = app.reading(planning::connect(app)).await?;
    let mut tally = Tally::default();
    if args.wait {
        app.reading(wait(app, &servers, matching.as_ref(), &mut tally)).await?;
    }
    throttles::lift(app, &servers, &servers.cluster.id()).await;
    let (moves, throttles) = app
        .reading(async {
            let moves = look(&servers, matching.as_ref(), &mut tally, Duration::ZERO).await?;
            let status = health::status(&servers.cluster.look_at_status().await?);
            Ok::<_, Error>((moves, status.throttles))
        })
        .await?;
    let cluster_id = servers.cluster.id();
    app.answer(
        || view::moves::human(&moves, &tally, &throttles),
        || MovesDocument::new(&cluster_id, &moves, &tally, &throttles),
    );
    Ok(Status::Done)
}

/// Follows what is under way now until it is done; what somebody begins meanwhile is not waited for.
async fn wait(
    app: &App,
    servers: &Servers,
    matching: Option<&Pattern>,
    tally: &mut Tally,
) -> Result<(), Error> {
    let progress = app.term.progress("following", None);
    let since = Instant::now();
    let first = look(servers, matching, tally, Duration::ZERO).await?;
    loop {
        let mut moves = look(servers, matching, tally, since.elapsed()).await?;
        moves.retain(|at, _| first.contains_key(at));
        if moves.is_empty() {
            return Ok(());
        }
        progress.say(&view::moves::progress(&tally.progress()));
        tokio::time::sleep(PAUSE).await;
    }
}

/// One look at replicas on their way, with what they have copied.
async fn look(
    servers: &Servers,
    matching: Option<&Pattern>,
    tally: &mut Tally,
    passed: Duration,
) -> Result<OngoingMoves, CallError> {
    let (moves, world) = see(servers, matching).await?;
    let leader = |at: &TopicPartition| leader(&world, at);
    let sizes = servers.replica_sizes(&replicas_to_measure(&moves, leader)).await;
    tally.note(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX), &moves, leader, &sizes);
    Ok(moves)
}

/// The moves that match, and the topics that they are of.
async fn see(servers: &Servers, matching: Option<&Pattern>) -> Result<(OngoingMoves, World), CallError> {
    let mut moves = servers.cluster.moves_under_way().await?;
    moves.retain(|at, _| matching.is_none_or(|matching| matching.matches(&at.topic)));
    let names: BTreeSet<String> = moves.keys().map(|at| at.topic.to_string()).collect();
    let wanted = Wanted { topics: Selection::Named(names), ..Wanted::default() };
    let mut world = servers.see(&wanted).await?;
    world.cluster.moves = Known::Known(moves.clone());
    Ok((moves, world))
}

fn leader(world: &World, at: &TopicPartition) -> Option<i32> {
    let topic = world.cluster.topics.get(&*at.topic)?.known()?;
    topic.partitions.iter().find(|seen| seen.partition == at.partition)?.leader
}

/// `klerk cluster moves --cancel`: a plan like any other.
async fn cancel(app: &App, args: &ClusterMoves, matching: Option<&Pattern>) -> Result<Status, Error> {
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let plan = plan_cancel(&servers, contracts.as_ref(), matching).await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act(app, &servers, &plan, &args.consent).await
}

async fn plan_cancel(
    servers: &Servers,
    contracts: Option<&Topology>,
    matching: Option<&Pattern>,
) -> Result<Plan, Error> {
    let (_, world) = see(servers, matching).await?;
    let proposal = propose_cancels(matching, &world);
    let environment = protection::environment(contracts);
    let basis = Basis { command: "cluster moves", environment, topology: contracts, world: &world };
    Ok(assess(proposal, &Default::default(), &basis))
}
