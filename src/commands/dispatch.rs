use super::{
    acl, apply, cluster, complete, completions, config, demo, diff, explain, export, group, history, man,
    plan, quota, sandbox, topic, undo, user, validate,
};
use crate::app::App;
use crate::cli::Command;
use crate::error::Error;
use crate::status::Status;
use crate::stop::Stopper;

/// Hands over to the subcommand. Those that connect get a runtime; the others start without one.
///
/// # Errors
/// The subcommand's own.
pub fn dispatch(app: &App, command: &Command, stopper: Stopper) -> Result<Status, Error> {
    match command {
        Command::Validate(args) => validate::run(app, args),
        Command::Diff(args) => diff::run(app, args),
        Command::Config(command) => config::run(app, *command),
        Command::Explain(args) => explain::run(app, args),
        Command::Completions(args) => completions::run(app, args),
        Command::Complete(args) => app.block_on(stopper, complete::run(app, args)),
        Command::Man(args) => man::run(app, args),
        Command::Plan(args) => app.block_on(stopper, plan::run(app, args)),
        Command::Apply(args) => app.block_on(stopper, apply::run(app, args)),
        Command::Undo(args) => app.block_on(stopper, undo::run(app, args)),
        Command::Export(args) => app.block_on(stopper, export::run(app, args)),
        Command::Demo(_) => app.block_on(stopper, demo::run(app)),
        Command::Sandbox(args) => app.block_on(stopper, sandbox::run(app, args)),
        Command::Cluster(command) => app.block_on(stopper, cluster::run(app, command)),
        Command::Acl(command) => app.block_on(stopper, acl::run(app, command)),
        Command::Quota(command) => app.block_on(stopper, quota::run(app, command)),
        Command::User(command) => app.block_on(stopper, user::run(app, command)),
        Command::Topic(command) => app.block_on(stopper, topic::run(app, command)),
        Command::History(args) => app.block_on(stopper, history::run(app, args)),
        Command::Group(command) => app.block_on(stopper, group::run(app, command)),
    }
}
