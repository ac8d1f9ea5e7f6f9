use crate::app::App;
use crate::cli::Sources;
use crate::error::Error;
use crate::sources;
use klerk_core::topology::{Topology, strictest};
use std::path::Path;

/// The topology whose contracts protect groups: the one that was named, else the one that lies here. Which it is, or
/// that there is none, is said.
///
/// One that lies here and has environments, of which none was named, protects by the strictest of them.
pub(in crate::commands) fn contracts(app: &App, named: &Sources) -> Result<Option<Topology>, Error> {
    let found = named.file.is_empty() && app.environments.is_empty();
    let of_context = app.settings.context.as_ref().is_some_and(|context| context.topology.is_some());
    if found && !of_context && !Path::new(sources::DEFAULT).exists() {
        app.term.note("no topology: protection not checked\n");
        return Ok(None);
    }
    let environment = app.named_environment()?;
    let loaded = app.load(named)?;
    let environments = loaded.environments();
    let (topology, of) = match environment {
        None if found && !environments.is_empty() => {
            let of = format!(", the strictest of its environments {}", environments.join(", "));
            let within = loaded.all()?.into_iter().filter(|topology| topology.environment.is_some());
            (strictest(within), of)
        }
        None => (loaded.topology(None)?, String::new()),
        Some(name) => (loaded.topology(Some(name))?, format!(", environment {name}")),
    };
    let files: Vec<&str> = topology.files.iter().map(|file| &**file).collect();
    app.term.note(&format!("protection by {}{of}\n", files.join(", ")));
    Ok(Some(topology))
}

/// The same, connected to where the environment of the contracts is.
pub(in crate::commands) fn within(app: &App, contracts: Option<&Topology>) -> Result<App, Error> {
    contracts.map_or_else(|| Ok(app.clone()), |topology| app.within(topology))
}

/// The name of the environment of the contracts.
pub(in crate::commands) fn environment(contracts: Option<&Topology>) -> Option<&str> {
    contracts?.environment.as_ref().map(|environment| environment.name.as_str())
}
