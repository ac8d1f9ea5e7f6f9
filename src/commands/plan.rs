use super::planning;
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::sources;
use crate::status::Status;
use crate::view::plan::{ApplyLine, Telling};
use klerk_core::plan::{DiffOptions, Plan, plan_against};

/// `klerk plan`: compares, shows, and changes nothing.
pub async fn run(app: &App, args: &cli::Plan) -> Result<Status, Error> {
    if let Some(revision) = &args.against {
        return against(app, args, revision);
    }
    let topology = app.load_topology(&args.sources)?;
    let app = &app.within(&topology)?;
    let plan = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let options = args.filter.rotating(&args.rotate_user);
            planning::plan(app, &servers, &topology, &options, args.throttle, "plan").await
        })
        .await?;
    show(app, args, &plan)
}

/// `klerk plan --against git:REV`: compares files with files, and asks nobody.
fn against(app: &App, args: &cli::Plan, revision: &cli::Revision) -> Result<Status, Error> {
    let topology = app.load_topology(&args.sources)?;
    let older = sources::load_older(&args.sources.file, &revision.0, app.named_environment()?)?;
    for note in &older.notes {
        app.term.note(&format!("note: {note}\n"));
    }
    let no_registry = topology.environment.as_ref().is_some_and(|environment| environment.has_no_registry());
    let options = DiffOptions { registry: !no_registry, ..args.filter.rotating(&args.rotate_user) };
    let plan = plan_against(&topology, &older.topology, &options, args.throttle, &older.revision);
    show(app, args, &plan)
}

fn show(app: &App, args: &cli::Plan, plan: &Plan) -> Result<Status, Error> {
    let telling = Telling { full: args.full, apply: apply_line(app, args), ..Telling::default() };
    app.save_and_show_plan(plan, args.out.as_deref(), &telling)?;
    let status = status(plan, args);
    if status == Status::Refused {
        app.term.note("refused: --strict lets no warning pass\n");
    }
    Ok(status)
}

/// The line that asks for the same plan again, or carries out the saved one.
fn apply_line(app: &App, args: &cli::Plan) -> ApplyLine {
    let mut line = app.apply_line(args.out.as_deref());
    if args.out.is_some() {
        return line;
    }
    if !args.filter.only.is_empty() {
        let families: Vec<&str> = args.filter.only.iter().map(|family| family.as_str()).collect();
        line = line.flag("--only", &families.join(","));
    }
    if let Some(glob) = &args.filter.matching {
        line = line.flag("--match", glob);
    }
    for user in &args.rotate_user {
        line = line.flag("--rotate-user", user);
    }
    match args.throttle {
        Some(rate) => line.flag("--throttle", &rate.to_string()),
        None => line,
    }
}

fn status(plan: &Plan, args: &cli::Plan) -> Status {
    // A plan against a revision is never carried out, and is as it should be without a conflict.
    match plan.is_appliable() || (plan.against.is_some() && plan.conflicts.is_empty()) {
        false => Status::Failed,
        true if args.strict && plan.warnings(&[]).next().is_some() => Status::Refused,
        true if args.detailed_exitcode && !plan.steps.is_empty() => Status::Differs,
        true => Status::Done,
    }
}
