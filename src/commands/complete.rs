//! `klerk complete`: names for the shell, while somebody types.

use crate::app::App;
use crate::cli::{self, Completing, Names, Sources};
use crate::error::Error;
use crate::kafka::{Cluster, GroupsLook};
use crate::settings::{Settings, read_contexts, state_folder};
use crate::status::Status;
use crate::store;
use klerk_core::access::Acl;
use klerk_core::plan::Permission;
use klerk_core::world::Selection;
use std::collections::BTreeSet;
use std::time::Duration;

/// Nobody waits longer for the answer to a key.
const PATIENCE: Duration = Duration::from_millis(1500);
/// More names than anybody reads.
const MOST: usize = 2000;

/// Prints the names that the last word may become, a line each. Whatever stands in the way, the answer is only shorter.
///
/// # Errors
/// None; the signature is that of every command.
pub async fn run(app: &App, args: &cli::Complete) -> Result<Status, Error> {
    let Some(wanted) = cli::completing(&args.words) else { return Ok(Status::Done) };
    let names = tokio::time::timeout(PATIENCE, names(app, &wanted)).await.ok().and_then(Result::ok);
    let mut text = String::new();
    let fitting = names.into_iter().flatten().filter(|name| name.starts_with(&wanted.typed));
    // A name with a blank or a quote would need quoting that differs between shells.
    let plain = |name: &String| {
        !name.contains(|letter: char| {
            letter.is_whitespace() || letter.is_control() || "'\"\\$`".contains(letter)
        })
    };
    // Kafka's own topics are offered to whoever begins to type them.
    let public = |name: &String| wanted.typed.starts_with('_') || !name.starts_with("__");
    for name in fitting.filter(public).filter(plain).take(MOST) {
        text.push_str(&wanted.before);
        text.push_str(&name);
        text.push('\n');
    }
    app.term.answer(&text);
    Ok(Status::Done)
}

async fn names(app: &App, wanted: &Completing) -> Result<BTreeSet<String>, Error> {
    let sources = Sources { file: wanted.files.clone() };
    Ok(match wanted.names {
        Names::Contexts => {
            let contexts = read_contexts(&app.environment)?;
            contexts.iter().flat_map(|contexts| contexts.names().map(str::to_owned)).collect()
        }
        Names::Environments => {
            let settings = Settings::read(&wanted.connection, &app.environment)?;
            let app = App { settings, ..app.clone() };
            app.load(&sources)?.environments().iter().map(|name| (*name).to_owned()).collect()
        }
        Names::Users => app.load(&sources)?.users().into_iter().collect(),
        Names::Permissions => Permission::all().map(|permission| permission.as_str().to_owned()).collect(),
        Names::Codes => super::explain::codes(),
        Names::Records => {
            let history = store::history(&state_folder(&app.environment)?, None, Some(50));
            history
                .records
                .iter()
                .filter_map(|record| Some(record.path.file_stem()?.to_str()?.to_owned()))
                .collect()
        }
        Names::Topics => {
            let topics =
                connect(app, wanted, &sources).await?.topics(&Selection::AllVisible(BTreeSet::new())).await?;
            topics.into_keys().collect()
        }
        Names::Groups => {
            let groups = connect(app, wanted, &sources).await?.look_at_groups(&GroupsLook::default()).await?;
            groups.groups.into_keys().collect()
        }
        Names::Principals => {
            let acls = connect(app, wanted, &sources).await?.acls().await?.acls;
            let acls = acls.known().into_iter().flatten();
            // The plain name of a user will do, and a colon divides words for some shells.
            let name = |acl: &Acl| match acl.principal.strip_prefix("User:") {
                Some(user) if !wanted.typed.starts_with("User:") => user.to_owned(),
                _ => acl.principal.clone(),
            };
            acls.map(name).collect()
        }
    })
}

/// Connects as the command would that is being typed. A command that prints a secret is not run: it may ask somebody.
async fn connect(app: &App, wanted: &Completing, sources: &Sources) -> Result<Cluster, Error> {
    let settings = Settings::read(&wanted.connection, &app.environment)?;
    let app = App { settings, environments: wanted.connection.env.clone(), ..app.clone() };
    let settings = match app.environments.is_empty() {
        true => app.settings.clone(),
        false => app.within_named(sources)?.settings,
    };
    if settings.needs_commands() {
        return Err(Error::Settings(crate::settings::SettingsError::NoBootstrap));
    }
    let mut options = settings.connect_options()?;
    options.connect_timeout = PATIENCE;
    options.bootstrap_timeout = PATIENCE;
    options.deadline = Some(PATIENCE);
    Ok(Cluster::connect(options).await?)
}
