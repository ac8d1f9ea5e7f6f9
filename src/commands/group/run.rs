use super::{describe, lag, list};
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
        Group::Reset(_) => Err(Error::from(crate::cli::UsageError::NotYet(crate::cli::NotYet {
            what: "klerk group reset".to_owned(),
        }))),
    }
}
