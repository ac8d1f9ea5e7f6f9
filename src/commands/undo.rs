use super::group::{protection, reset};
use super::planning;
use crate::app::App;
use crate::cli::{self, NotYet, UsageError};
use crate::error::Error;
use crate::session::Quiet;
use crate::status::Status;
use crate::store::{Fate, Recorded};
use klerk_core::plan::{Change, GroupChange, Plan, Step, UndoInput, not_reversible, plan_undo_groups};
use klerk_core::topology::Topology;
use klerk_core::world::World;

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
            let (changes, others) = sort(&recorded);
            if changes.is_empty() {
                all_reversible(&others)?;
            }
            let world = servers.cluster.look_at_undo(&changes).await?;
            let plan = plan(&changes, &others, &world, contracts.as_ref());
            Ok::<_, Error>((servers, world, plan))
        })
        .await?;
    let quiet = Quiet { wait_empty: None, settle: Quiet::SETTLE };
    reset::act_once_quiet(app, &servers, &world, &plan, &args.consent, quiet).await
}

/// The changes of groups that were done, or may have been, latest first; and the other steps, which this version does
/// not take back.
fn sort(recorded: &Recorded) -> (Vec<GroupChange>, Vec<&Step>) {
    let mut changes = Vec::new();
    let mut others = Vec::new();
    for step in recorded.plan.steps.iter().rev().filter(|step| recorded.fate(step.id) != Fate::Unchanged) {
        match &step.change {
            Change::Group(change) => changes.push(change.clone()),
            Change::Topic(_) | Change::Subject(_) => others.push(step),
        }
    }
    (changes, others)
}

/// Refuses a record of which nothing can be taken back, rather than to call that "nothing to do".
fn all_reversible(others: &[&Step]) -> Result<(), Error> {
    let Some(first) = others.first() else { return Ok(()) };
    let rest = match others.len() - 1 {
        0 => String::new(),
        rest => format!(" and of {rest} more"),
    };
    let what = format!("the way back of {} {}{rest}", first.change.kind(), first.change.resource());
    Err(Error::Usage(UsageError::NotYet(NotYet { what })))
}

fn plan(changes: &[GroupChange], others: &[&Step], world: &World, contracts: Option<&Topology>) -> Plan {
    let mut plan = plan_undo_groups(UndoInput {
        changes,
        world,
        contracts,
        environment: protection::environment(contracts),
    });
    plan.findings.extend(others.iter().map(|step| not_reversible(step)));
    plan
}
