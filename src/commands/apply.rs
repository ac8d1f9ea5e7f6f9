use super::{act, planning, saved};
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;

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
            let (options, throttle) = (args.filter.options(), args.moving.throttle);
            let plan = planning::plan(app, &servers, &topology, &options, throttle, "apply").await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    act::act_moving(app, &servers, &plan, &args.consent, &args.moving).await
}
