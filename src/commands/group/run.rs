use super::{describe, lag, list, reset};
use crate::app::App;
use crate::cli::Group;
use crate::error::Error;
use crate::status::Status;

/// Hands over to the subcommand.
pub async fn run(app: &App, command: &Group) -> Result<Status, Error> {
    match command {
        Group::List(args) => list::run(app, args).await,
        Group::Describe(args) => describe::run(app, args).await,
        Group::Lag(args) => lag::run(app, args).await,
        Group::Reset(args) => reset::run(app, args).await,
    }
}
