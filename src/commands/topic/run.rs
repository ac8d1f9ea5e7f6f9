use super::{delete, truncate};
use crate::app::App;
use crate::cli::Topic;
use crate::error::Error;
use crate::status::Status;

/// Hands over to the subcommand of `klerk topic`.
pub async fn run(app: &App, command: &Topic) -> Result<Status, Error> {
    match command {
        Topic::Truncate(args) => truncate::run(app, args).await,
        Topic::Delete(args) => delete::run(app, args).await,
    }
}
