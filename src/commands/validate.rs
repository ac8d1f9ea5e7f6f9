//! `klerk validate`: whether the files are sound, without a cluster.

use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use crate::view;
use crate::view::json::v1::ValidationDocument;
use klerk_core::topology::Faults;

/// Reads the files and tells every fault in them.
///
/// # Errors
/// When a file cannot be read. Faults are an answer and no error.
pub fn run(app: &App, args: &cli::Validate) -> Result<Status, Error> {
    match app.load_topology(&args.sources) {
        Ok(topology) => {
            app.answer(
                || format!("sound: {}\n", view::faults::summary(&topology)),
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
