use super::reading::refuse_consent;
use crate::app::App;
use crate::cli::ClusterMoves;
use crate::commands::bar::Bar;
use crate::commands::group::protection;
use crate::commands::{act, planning, throttles};
use crate::error::Error;
use crate::session::{Answering, SeenMoves, Servers};
use crate::status::Status;
use crate::view;
use crate::view::json::v1::MovesDocument;
use crate::view::moves::MovesShown;
use klerk_core::health;
use klerk_core::placement::{SetThrottles, Tally};
use klerk_core::plan::{Basis, Plan, assess, propose_cancels, propose_unthrottling, wanted_for_unthrottling};
use klerk_core::topology::Topology;
use klerk_core::values::{Known, Pattern};
use klerk_core::world::{HiddenTopics, OngoingMoves, Selection, Wanted};
use std::time::Duration;

/// `klerk cluster moves`.
pub(super) async fn run(app: &App, args: &ClusterMoves) -> Result<Status, Error> {
    let matching = args.matching.as_deref().map(Pattern::new);
    if args.cancel || args.remove_throttle {
        return change(app, args, matching.as_ref()).await;
    }
    let hint = "--cancel takes moves back, and --remove-throttle takes off throttles that no move needs";
    refuse_consent(&args.consent, hint)?;
    show(app, args, matching.as_ref()).await
}

async fn show(app: &App, args: &ClusterMoves, matching: Option<&Pattern>) -> Result<Status, Error> {
    let servers = app.reading(planning::connect(app)).await?;
    let mut tally = Tally::default();
    if args.wait {
        let mut bar = Bar::new(app.term.progress("following", None), &app.term);
        app.reading(servers.until_arrived(matching, &mut tally, &mut bar)).await?;
    }
    let (SeenMoves { moves, stalls }, view) = app
        .reading(async {
            let seen = servers.look_at_moves(matching, &mut tally, Duration::ZERO).await?;
            Ok::<_, Error>((seen, servers.cluster.look_at_status().await?))
        })
        .await?;
    let cluster_id = servers.cluster.id();
    let set = SetThrottles::from(&view);
    let mut left = match &view.moves {
        Known::Known(moves) => set.left(moves, matching),
        _ => Default::default(),
    };
    let hidden = HiddenTopics(view.hidden.clone());
    for throttle in throttles::held(app, &cluster_id) {
        left.keep(&throttle);
    }
    let status = health::status(&view);
    let shown = MovesShown {
        moves: &moves,
        tally: &tally,
        stalls: &stalls,
        throttles: &status.throttles,
        left: &left,
        view: &view,
        hidden: &hidden,
    };
    app.answer(|| view::moves::human(&shown), || MovesDocument::new(&cluster_id, &shown));
    let is_told = set.unread.is_empty() && set.unread_rates.is_empty();
    Ok(if is_told { Status::Done } else { Status::Partly })
}

/// Takes moves back, or throttles off that no move needs: a plan like any other.
async fn change(app: &App, args: &ClusterMoves, matching: Option<&Pattern>) -> Result<Status, Error> {
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let plan = match args.cancel {
                true => plan_cancel(app, &servers, contracts.as_ref(), matching).await?,
                false => plan_unthrottling(app, &servers, contracts.as_ref(), matching).await?,
            };
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    Box::pin(act::act(app, &servers, &plan, &args.consent)).await
}

async fn plan_cancel(
    app: &App,
    servers: &Servers,
    contracts: Option<&Topology>,
    matching: Option<&Pattern>,
) -> Result<Plan, Error> {
    let world = servers.see_moves(matching).await?;
    let proposal = propose_cancels(matching, &app.sent_moves(&world.cluster.id), &world);
    let environment = protection::environment(contracts);
    let basis = Basis { command: "cluster moves", environment, topology: contracts, world: &world };
    Ok(servers.weigh_rights(assess(proposal, &Default::default(), &basis)).await)
}

async fn plan_unthrottling(
    app: &App,
    servers: &Servers,
    contracts: Option<&Topology>,
    matching: Option<&Pattern>,
) -> Result<Plan, Error> {
    let view = servers.cluster.look_at_status().await?;
    let set = SetThrottles::from(&view);
    let (mut topics, brokers) = wanted_for_unthrottling(&set);
    // What is on its way and in no list may be throttled, too: asked for by name, it tells why it is in none.
    let moving = view.moves.known().into_iter().flat_map(OngoingMoves::keys).map(|at| &*at.topic);
    topics.extend(moving.filter(|topic| !view.topics.contains_key(*topic)).map(str::to_owned));
    topics.extend(view.hidden.known().into_iter().flatten().cloned());
    let wanted = Wanted {
        topics: Selection::Named(topics.clone()),
        configs: Selection::Named(topics),
        broker_configs: brokers,
        ..Wanted::default()
    };
    let mut world = servers.see(&wanted).await?;
    world.cluster.moves = Known::Known(servers.cluster.moves_under_way().await?);
    let held = throttles::held(app, &servers.cluster.id());
    let proposal = propose_unthrottling(matching, &held, &world);
    let answers = servers.answer(&proposal.questions, &world).await;
    let environment = protection::environment(contracts);
    let basis = Basis { command: "cluster moves", environment, topology: contracts, world: &world };
    Ok(assess(proposal, &answers, &basis).with_hidden_topics(
        &HiddenTopics(view.hidden).among(|name| matching.is_none_or(|matching| matching.matches(name))),
    ))
}
