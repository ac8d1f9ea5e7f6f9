use super::{apply, plan};
use crate::app::App;
use crate::cli::{Command, NotYet, UsageError};
use crate::error::Error;
use crate::status::Status;
use crate::stop::Stopper;

/// Hands over to the subcommand. Those that connect get a runtime; the others start without one.
pub fn dispatch(app: &App, command: &Command, stopper: Stopper) -> Result<Status, Error> {
    let not_yet = |what: &str| Err(Error::from(UsageError::NotYet(NotYet { what: format!("klerk {what}") })));
    match command {
        Command::Validate(_) => not_yet("validate"),
        Command::Plan(args) => app.block_on(stopper, plan::run(app, args)),
        Command::Apply(args) => app.block_on(stopper, apply::run(app, args)),
        Command::Undo(_) => not_yet("undo"),
        Command::Group(_) => not_yet("group"),
        Command::Config(_) => not_yet("config"),
        Command::Explain(_) => not_yet("explain"),
        Command::Completions(_) => not_yet("completions"),
        Command::Man(_) => app.block_on(stopper, async { not_yet("man") }),
    }
}
