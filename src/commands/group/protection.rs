use crate::app::App;
use crate::cli::Sources;
use crate::error::Error;
use crate::sources;
use klerk_core::topology::Topology;
use std::path::Path;

/// The topology whose contracts protect groups: the one that was named, else the one that lies here. Which it is, or
/// that there is none, is said.
pub(in crate::commands) fn contracts(app: &App, named: &Sources) -> Result<Option<Topology>, Error> {
    if named.file.is_empty() && !Path::new(sources::DEFAULT).exists() {
        app.term.note("no topology: protection not checked\n");
        return Ok(None);
    }
    let topology = app.load_topology(named)?;
    let files: Vec<&str> = topology.files.iter().map(|file| &**file).collect();
    app.term.note(&format!("protection by {}\n", files.join(", ")));
    Ok(Some(topology))
}
