//! `klerk validate`: whether the files are sound, and whether what they ask for is wise, without a cluster.

use crate::app::{App, Output};
use crate::cli;
use crate::error::Error;
use crate::sources::Loaded;
use crate::status::Status;
use crate::view;
use crate::view::checks::{self, Remark};
use crate::view::json::v1::ValidationDocument;
use klerk_core::plan::{FileFinding, findings_of_files};
use klerk_core::topology::{Faults, Topology};

/// Reads the files and tells every fault in them, or what is unwise about what they ask for.
///
/// # Errors
/// When a file cannot be read. Faults are an answer and no error.
pub fn run(app: &App, args: &cli::Validate) -> Result<Status, Error> {
    let loaded = app.load(&args.sources)?;
    let (topologies, faults) = match topologies(app, &loaded) {
        Ok(topologies) => (topologies, Faults::default()),
        Err(Error::Faults(faults)) => (Vec::new(), faults),
        Err(error) => return Err(error),
    };
    let options = args.filter.options();
    if let Some(pattern) = &args.filter.matching
        && faults.is_empty()
        && !topologies.iter().any(|topology| options.covers_any_of(topology))
    {
        app.note_no_match("name in the topology", pattern);
    }
    app.warn_of_exposed(topologies.iter().flat_map(Topology::password_files));
    let findings = findings_of_files(&topologies, &options);
    let refused = args.strict && findings.iter().any(FileFinding::is_warning);
    let style = app.term.answer_style();
    let remarks =
        || faults.iter().map(Remark::from).chain(findings.iter().map(Remark::from)).collect::<Vec<_>>();
    match app.output {
        Output::Junit => {
            app.term.answer(&checks::junit("klerk validate", &loaded.files(), &remarks(), args.strict));
        }
        Output::Github => app.term.answer(&checks::github(&remarks())),
        _ if faults.is_empty() => app.answer(
            || {
                let place = |at: &_| loaded.place(at);
                view::findings::sound(&topologies, &findings, place, refused, style.coloured)
            },
            || ValidationDocument::from(findings.as_slice()),
        ),
        _ => {
            app.answer(|| view::faults::human(&faults, style.coloured), || ValidationDocument::from(&faults))
        }
    }
    Ok(match (faults.is_empty(), refused) {
        (false, _) => Status::Failed,
        (true, true) => Status::Refused,
        (true, false) => Status::Done,
    })
}

/// What the files say for all environments and the topology of each, or that of the environment that was named.
fn topologies(app: &App, loaded: &Loaded) -> Result<Vec<Topology>, Error> {
    match app.named_environment()? {
        Some(name) => Ok(vec![loaded.within(name)?]),
        None => Ok(loaded.all()?),
    }
}
