use super::protection;
use super::spans;
use super::spec::spec;
use crate::app::App;
use crate::cli::{self, GroupReset, Moving};
use crate::commands::{act, planning};
use crate::error::Error;
use crate::kafka::{Cluster, Isolation};
use crate::session::{NotQuiet, Quiet, Servers, hidden_topics, until_quiet};
use crate::status::Status;
use klerk_core::apply::ReportError;
use klerk_core::group::{ResetSpec, Scope};
use klerk_core::plan::{Change, GroupChange, MissingGroups, Plan, ResetInput, Unready, plan_reset, unready};
use klerk_core::topology::Topology;
use klerk_core::values::{Resource, is_kafkas_topic};
use klerk_core::world::{GroupsView, World};

/// `klerk group reset`: plans, shows, asks, waits until nobody is in the way, records, commits, looks again.
pub(super) async fn run(app: &App, args: &GroupReset) -> Result<Status, Error> {
    let spec = spec(app, args)?;
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let isolation = match args.isolation {
        Some(cli::Isolation::Committed) => Isolation::ReadCommitted,
        Some(cli::Isolation::Uncommitted) | None => Isolation::ReadUncommitted,
    };
    let (servers, world, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let (world, mut plan) = plan(app, &servers.cluster, &spec, isolation, contracts.as_ref()).await?;
            spans::tell(app, &servers.cluster, &mut plan).await;
            let mut plan = servers.weigh_rights(plan).await;
            if spec.scope == Scope::AllTopics {
                let hidden = hidden_topics(&servers.cluster).await.among(|name| !is_kafkas_topic(name));
                plan = plan.with_hidden_topics(&hidden);
            }
            Ok::<_, Error>((servers, world, plan))
        })
        .await?;
    act_on(app, args, &servers, &world, &plan).await
}

async fn plan(
    app: &App,
    cluster: &Cluster,
    spec: &ResetSpec,
    isolation: Isolation,
    contracts: Option<&Topology>,
) -> Result<(World, Plan), Error> {
    let now_ms = app.clock.now().as_millisecond();
    let (world, by_time) = cluster.look_at_reset(spec, isolation, now_ms).await?;
    let environment = protection::environment(contracts);
    let input = ResetInput { spec, world: &world, by_time: &by_time, contracts, environment };
    let plan = plan_reset(input).map_err(|missing| not_found(&missing))?;
    Ok((world, plan))
}

async fn act_on(
    app: &App,
    args: &GroupReset,
    servers: &Servers,
    world: &World,
    plan: &Plan,
) -> Result<Status, Error> {
    let moves_something = plan.steps.iter().any(|step| !step.change.is_unchanged());
    if let Some(error) = inexact(plan).filter(|_| args.strict && plan.is_appliable() && moves_something) {
        return act::refuse(app, plan, &args.consent, error);
    }
    let quiet = Quiet { wait_empty: args.wait_empty, settle: args.settle };
    act_once_quiet(app, servers, &world.groups, plan, &args.consent, &Moving::default(), quiet).await
}

/// Carries out a plan that moves committed offsets: refused at once where members stand in the way for good, and
/// carried out once the groups have been quiet.
pub(in crate::commands) async fn act_once_quiet(
    app: &App,
    servers: &Servers,
    groups: &GroupsView,
    plan: &Plan,
    consent: &cli::Consent,
    moving: &Moving,
    quiet: Quiet,
) -> Result<Status, Error> {
    let moves_something = plan.steps.iter().any(|step| !step.change.is_unchanged());
    // Nobody is asked for consent to what cannot be done anyway.
    if plan.is_appliable() && moves_something && quiet.wait_empty.is_none() && !consent.only_plans() {
        let active: Vec<Unready> =
            unready(plan, groups).into_iter().filter(Unready::ends_with_members).collect();
        if !active.is_empty() {
            return act::refuse(app, plan, consent, in_the_way(&active));
        }
    }
    let ready = async |plan: &Plan| once_quiet(app, servers, plan, quiet).await;
    act::act_when(app, servers, plan, consent, moving, ready).await
}

/// The plan with the offsets that are there once nobody stands in the way.
async fn once_quiet(app: &App, servers: &Servers, plan: &Plan, quiet: Quiet) -> Result<Plan, ReportError> {
    let progress = app.term.progress("looking at the groups", None);
    let found = until_quiet(&servers.cluster, plan, quiet, |what| progress.say(what)).await;
    drop(progress);
    found.map_err(|not_quiet| match not_quiet {
        NotQuiet::Unready(found) => in_the_way(&found),
        NotQuiet::Unseen(failure) => ReportError {
            kind: "kafka".to_owned(),
            message: format!("the groups could not be looked at again: {failure}"),
            hints: Vec::new(),
        },
    })
}

/// Who or what stands in the way, with members and their hosts by name.
fn in_the_way(found: &[Unready]) -> ReportError {
    let message = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let mut hints: Vec<String> = found.iter().flat_map(Unready::details).collect();
    let mut advice: Vec<&str> = found.iter().map(Unready::hint).collect();
    advice.dedup();
    hints.extend(advice.into_iter().map(str::to_owned));
    ReportError { kind: "refused".to_owned(), message, hints }
}

/// What `--strict` refuses: targets that are not where they were asked for.
fn inexact(plan: &Plan) -> Option<ReportError> {
    let mut hints = Vec::new();
    for step in &plan.steps {
        let Change::Group(GroupChange::CommitOffsets { group, partitions, .. }) = &step.change else {
            continue;
        };
        hints.extend(partitions.iter().filter_map(|one| {
            let note = one.note.as_ref()?;
            Some(format!("{group} {}: {note}", one.partition))
        }));
    }
    if hints.is_empty() {
        return None;
    }
    let message = "--strict: some targets cannot be met exactly".to_owned();
    Some(ReportError { kind: "refused".to_owned(), message, hints })
}

fn not_found(missing: &MissingGroups) -> Error {
    let mut hints = Vec::new();
    let mut first = None;
    for one in &missing.0 {
        if first.is_some() {
            hints.push(format!("group {} does not exist either", one.group));
        }
        if let Some(suggestion) = &one.suggestion {
            hints.push(format!("did you mean {suggestion}?"));
        }
        first.get_or_insert(&one.group);
    }
    hints.push("--new-group seeds a group that does not exist yet".to_owned());
    let name = first.map_or("", String::as_str);
    Error::NotFound { resource: Resource::group(name), hints }
}
