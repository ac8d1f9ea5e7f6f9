use super::planning;
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use crate::view::plan::Telling;
use klerk_core::plan::Plan;

/// `klerk plan`: compares, shows, and changes nothing.
pub async fn run(app: &App, args: &cli::Plan) -> Result<Status, Error> {
    let topology = app.load_topology(&args.sources)?;
    let app = &app.within(&topology)?;
    let plan = app
        .reading(async {
            let servers = planning::connect(app).await?;
            planning::plan(app, &servers, &topology, &args.filter.options(), args.throttle, "plan").await
        })
        .await?;
    let telling = Telling { full: args.full, ..Telling::default() };
    app.save_and_show_plan(&plan, args.out.as_deref(), &telling)?;
    let status = status(&plan, args);
    if status == Status::Refused {
        app.term.note("refused: --strict lets no warning pass\n");
    }
    Ok(status)
}

fn status(plan: &Plan, args: &cli::Plan) -> Status {
    match plan.is_appliable() {
        false => Status::Failed,
        true if args.strict && plan.warnings().next().is_some() => Status::Refused,
        true if args.detailed_exitcode && !plan.steps.is_empty() => Status::Differs,
        true => Status::Done,
    }
}
