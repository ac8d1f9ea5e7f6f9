use super::list;
use crate::app::App;
use crate::cli::Acl;
use crate::error::Error;
use crate::status::Status;

/// Hands over to the subcommand of `klerk acl`.
///
/// # Errors
/// Those of the subcommand.
pub async fn run(app: &App, command: &Acl) -> Result<Status, Error> {
    match command {
        Acl::List(args) => list::run(app, args).await,
    }
}
