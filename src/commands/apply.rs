use super::group::reset;
use super::{act, planning, saved};
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::session::Quiet;
use crate::status::Status;
use klerk_core::apply::ReportError;
use klerk_core::plan::{Change, Finding, Permission, Plan};
use klerk_core::world::GroupsView;

/// `klerk apply`: plans anew, or takes a saved plan; asks, carries out, reports.
pub async fn run(app: &App, args: &cli::Apply) -> Result<Status, Error> {
    if let Some(file) = &args.plan_file {
        return saved::run(app, args, file).await;
    }
    let topology = app.load_topology(&args.sources)?;
    let app = &app.within(&topology)?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?.in_batches_of(args.batch);
            let (options, throttle) = (args.filter.rotating(&args.rotate_user), args.moving.throttle);
            let plan = planning::plan(app, &servers, &topology, &options, throttle, "apply").await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    let plan = if args.skip_blocked { plan.without_blocked() } else { plan };
    if let Some(refusal) = strict(&plan, &args.consent.allow).filter(|_| args.strict && plan.is_appliable()) {
        return act::refuse(app, &plan, &args.consent, refusal);
    }
    if !plan.steps.iter().any(|step| matches!(step.change, Change::Group(_))) {
        return act::act_moving(app, &servers, &plan, &args.consent, &args.moving).await;
    }
    // A group with members gets no step, so that only those that have come since stand in the way.
    let quiet = Quiet { wait_empty: None, settle: Quiet::SETTLE };
    let none = GroupsView::default();
    reset::act_once_quiet(app, &servers, &none, &plan, &args.consent, &args.moving, quiet).await
}

/// What is told of a plan that has warnings and may have none.
fn strict(plan: &Plan, allowed: &[Permission]) -> Option<ReportError> {
    let told = |finding: &Finding| {
        let or =
            finding.allowed_by().map(|name| format!("; --allow {name} lets it pass")).unwrap_or_default();
        format!("{}: {}{or}", finding.code, finding.message)
    };
    let hints: Vec<String> = plan.warnings(allowed).map(told).collect();
    (!hints.is_empty()).then(|| ReportError {
        kind: "refused".to_owned(),
        message: "--strict lets no warning pass".to_owned(),
        hints,
    })
}
