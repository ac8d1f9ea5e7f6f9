use super::{act, planning};
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use klerk_core::plan::DiffOptions;

/// `klerk apply`: plans anew, asks, carries out, reports.
pub async fn run(app: &App, args: &cli::Apply) -> Result<Status, Error> {
    let topology = app.load_topology(&args.sources)?;
    let (servers, plan) = app
        .reading(async {
            let servers = planning::connect(app).await?;
            let plan = planning::plan(app, &servers, &topology, &DiffOptions::default(), "apply").await?;
            Ok::<_, Error>((servers, plan))
        })
        .await?;
    let status = act::act(app, &servers, &plan, &args.consent).await;
    app.tell_requests(&servers.requests());
    status
}
