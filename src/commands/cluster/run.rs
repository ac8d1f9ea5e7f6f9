use super::{configs, elect, moves, status};
use crate::app::App;
use crate::cli::Cluster;
use crate::error::Error;
use crate::status::Status;

/// Hands over to the subcommand of `klerk cluster`.
pub async fn run(app: &App, command: &Cluster) -> Result<Status, Error> {
    let app = &app.within_named(command.sources())?;
    match command {
        Cluster::Moves(args) => moves::run(app, args).await,
        Cluster::Status(args) => status::run(app, args).await,
        Cluster::Configs(args) => configs::run(app, args).await,
        Cluster::Elect(args) => elect::run(app, args).await,
    }
}
