use super::group::{protection, reset, spans};
use super::{act, planning};
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::session::Quiet;
use crate::status::Status;
use crate::store::{Fate, Recorded};
use klerk_core::apply::ReportError;
use klerk_core::plan::{Change, NOT_REVERSIBLE, Plan, Undone};

/// `klerk undo`: plans the way back of a record, shows it, asks, does it.
pub async fn run(app: &App, args: &cli::Undo) -> Result<Status, Error> {
    let contracts = protection::contracts(app, &args.sources)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let (servers, world, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let here = servers.cluster.id();
            let recorded = app.find_record(&here, &args.record_of)?;
            if recorded.plan.cluster_id != here {
                return Err(Error::ForeignRecord { path: recorded.path, of: recorded.plan.cluster_id, here });
            }
            let changes = changes(&recorded);
            let (world, mut plan) =
                planning::plan_undo(app, &servers, &changes, args.moving.throttle, contracts.as_ref())
                    .await?;
            spans::tell(app, &servers.cluster, &mut plan).await;
            Ok::<_, Error>((servers, world, plan))
        })
        .await?;
    if let Some(error) = nothing_reversible(&plan) {
        return act::refuse(app, &plan, &args.consent, error);
    }
    let moves_offsets = plan.steps.iter().any(|step| matches!(step.change, Change::Group(_)));
    if !moves_offsets {
        return act::act_moving(app, &servers, &plan, &args.consent, &args.moving).await;
    }
    let quiet = Quiet { wait_empty: None, settle: args.settle };
    reset::act_once_quiet(app, &servers, &world.groups, &plan, &args.consent, &args.moving, quiet).await
}

/// What was done, or may have been, latest first.
fn changes(recorded: &Recorded) -> Vec<Undone> {
    let steps = recorded.plan.steps.iter().rev();
    let happened = steps.filter(|step| recorded.fate(step.id) != Fate::Unchanged);
    let undone =
        happened.map(|step| Undone { change: step.change.clone(), created: recorded.created(step.id) });
    undone.collect()
}

/// Refuses a record of which nothing can be taken back, rather than to call that "nothing to do".
fn nothing_reversible(plan: &Plan) -> Option<ReportError> {
    let idle = plan.steps.is_empty() && plan.conflicts.is_empty() && plan.unchanged.is_empty();
    let stays = plan.findings.iter().filter(|finding| finding.code == NOT_REVERSIBLE);
    let hints: Vec<String> =
        stays.map(|finding| format!("{}: {}", finding.resource, finding.message)).collect();
    (idle && !hints.is_empty()).then(|| ReportError {
        kind: "refused".to_owned(),
        message: "nothing of what the record tells can be taken back".to_owned(),
        hints,
    })
}
