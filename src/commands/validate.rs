//! `klerk validate`: whether the files are sound, without a cluster.

use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use crate::view;
use crate::view::json::v1::ValidationDocument;
use klerk_core::topology::{Faults, Topology};

/// Reads the files and tells every fault in them.
///
/// # Errors
/// When a file cannot be read. Faults are an answer and no error.
pub fn run(app: &App, args: &cli::Validate) -> Result<Status, Error> {
    match topologies(app, args) {
        Ok(topologies) => {
            app.answer(
                || format!("sound: {}", view::faults::summary(&topologies)),
                || ValidationDocument::from(&Faults::default()),
            );
            Ok(Status::Done)
        }
        Err(Error::Faults(faults)) => {
            app.answer(
                || view::faults::human(&faults, app.term.answer_style().coloured),
                || ValidationDocument::from(&faults),
            );
            Ok(Status::Failed)
        }
        Err(error) => Err(error),
    }
}

/// What the files say for all environments and the topology of each, or that of the environment that was named.
fn topologies(app: &App, args: &cli::Validate) -> Result<Vec<Topology>, Error> {
    let loaded = app.load(&args.sources)?;
    match app.named_environment()? {
        Some(name) => Ok(vec![loaded.within(name)?]),
        None => Ok(loaded.all()?),
    }
}
