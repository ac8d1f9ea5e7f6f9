use super::group::reset;
use super::{act, planning};
use crate::app::App;
use crate::cli;
use crate::consent;
use crate::error::Error;
use crate::session::{Answering, Quiet, Servers};
use crate::sources::EnvironmentError;
use crate::status::Status;
use crate::store::{self, SavedPlan};
use klerk_core::plan::{AccessChange, Change, Drift, Plan, drifts, wanted_for};
use klerk_core::world::World;
use std::path::Path;

/// `klerk apply PLANFILE`: exactly that plan, as long as everything that it rests on still holds.
pub async fn run(app: &App, args: &cli::Apply, file: &Path) -> Result<Status, Error> {
    let named = app.named_environment()?;
    if named.is_none() && !args.sources.file.is_empty() {
        return Err(EnvironmentError::Idle.into());
    }
    let plan = read(app, file)?;
    if let (Some(named), Some(of_plan)) = (named, &plan.environment)
        && named != of_plan
    {
        let (named, of_plan) = (named.to_owned(), of_plan.clone());
        return Err(EnvironmentError::Other { named, of_plan }.into());
    }
    let plan = if args.skip_blocked { plan.without_blocked() } else { plan };
    app.warn_of_exposed(plan.steps.iter().filter_map(|step| match &step.change {
        Change::Access(AccessChange::SetUser { password_file, .. }) => Some(password_file.as_str()),
        _ => None,
    }));
    let app = &app.within_named(&args.sources)?;
    let (servers, world, plan, outgrown) = app
        .reading(async {
            let servers = planning::connect(app).await?.in_batches_of(args.batch);
            let has_subjects = plan.steps.iter().any(|step| matches!(step.change, Change::Subject(_)));
            if has_subjects && servers.registry.is_none() {
                return Err(Error::NoRegistry);
            }
            let world = servers.see(&wanted_for(&plan.steps)).await?;
            let losses = servers.answer(&plan.losses_wanted(&world), &world).await;
            let (plan, outgrown) = plan.with_losses_anew(&losses, &world);
            let plan = servers.weigh_rights_anew(plan, &world).await.refusing_lockouts(&world.access);
            let plan = if args.skip_blocked { plan.without_blocked() } else { plan };
            Ok((servers, world, plan, outgrown))
        })
        .await?;
    act_on(app, args, &servers, &world, &plan, outgrown).await
}

/// The plan, which becomes an apply by being carried out.
fn read(app: &App, file: &Path) -> Result<Plan, Error> {
    let SavedPlan { mut plan, sealed } = store::read_plan(file)?;
    if !sealed {
        let file = file.display();
        app.term.note(&format!(
            "{file} has no digest, as plans of earlier versions have none: whether it is as klerk wrote it cannot be told\n"
        ));
    }
    if plan.command == "plan" {
        plan.command = "apply".to_owned();
    }
    Ok(plan)
}

async fn act_on(
    app: &App,
    args: &cli::Apply,
    servers: &Servers,
    world: &World,
    plan: &Plan,
    outgrown: Vec<Drift>,
) -> Result<Status, Error> {
    let mut moved_on = drifts(plan, &plan.steps, world);
    moved_on.extend(outgrown);
    if !moved_on.is_empty() {
        let (unreadable, stale): (Vec<Drift>, Vec<Drift>) =
            moved_on.into_iter().partition(|drift| drift.unreadable.is_some());
        // What could not be read may still hold; only what was seen to be otherwise makes a plan stale.
        return Ok(match stale.is_empty() {
            true => act::refuse_unchecked(app, plan, &args.consent, &unreadable),
            false => act::refuse_stale(app, plan, &args.consent, &stale),
        });
    }
    // A reset that was saved is a step of apply by now.
    if let Some(refusal) = consent::not_for_apply(plan).filter(|_| plan.is_appliable()) {
        return act::refuse(app, plan, &args.consent, act::not_consented(&refusal));
    }
    let moves_offsets = plan.steps.iter().any(|step| matches!(step.change, Change::Group(_)));
    if !moves_offsets {
        return act::act_moving(app, servers, plan, &args.consent, &args.moving).await;
    }
    let quiet = Quiet { wait_empty: None, settle: Quiet::SETTLE };
    reset::act_once_quiet(app, servers, &world.groups, plan, &args.consent, &args.moving, quiet).await
}
