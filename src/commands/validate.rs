//! `klerk validate`: whether the files are sound, and whether what they ask for is wise, without a cluster.

use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::sources::Loaded;
use crate::status::Status;
use crate::view;
use crate::view::json::v1::ValidationDocument;
use klerk_core::plan::{FileFinding, findings_of_files};
use klerk_core::topology::Topology;

/// Reads the files and tells every fault in them, or what is unwise about what they ask for.
///
/// # Errors
/// When a file cannot be read. Faults are an answer and no error.
pub fn run(app: &App, args: &cli::Validate) -> Result<Status, Error> {
    let loaded = app.load(&args.sources)?;
    let style = app.term.answer_style();
    match topologies(app, &loaded) {
        Ok(topologies) => {
            let findings = findings_of_files(&topologies);
            let refused = args.strict && findings.iter().any(FileFinding::is_warning);
            app.answer(
                || {
                    view::findings::sound(
                        &topologies,
                        &findings,
                        |at| loaded.place(at),
                        refused,
                        style.coloured,
                    )
                },
                || ValidationDocument::from(findings.as_slice()),
            );
            Ok(if refused { Status::Refused } else { Status::Done })
        }
        Err(Error::Faults(faults)) => {
            app.answer(|| view::faults::human(&faults, style.coloured), || ValidationDocument::from(&faults));
            Ok(Status::Failed)
        }
        Err(error) => Err(error),
    }
}

/// What the files say for all environments and the topology of each, or that of the environment that was named.
fn topologies(app: &App, loaded: &Loaded) -> Result<Vec<Topology>, Error> {
    match app.named_environment()? {
        Some(name) => Ok(vec![loaded.within(name)?]),
        None => Ok(loaded.all()?),
    }
}
