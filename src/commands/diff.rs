//! `klerk diff`: what differs between two environments of one topology, without a cluster.

use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::sources::EnvironmentError;
use crate::status::Status;
use crate::view;
use crate::view::json::v1::DiffDocument;
use klerk_core::plan::{DiffOptions, Families};
use klerk_core::topology::{About, Difference, compare};
use klerk_core::values::{Resource, ResourceType};

/// Compares the two environments that were named.
///
/// # Errors
/// When there are not two, when one does not exist, and for the faults that they have.
pub fn run(app: &App, args: &cli::Diff) -> Result<Status, Error> {
    let [first, second] = app.environments.as_slice() else {
        return Err(EnvironmentError::NotTwo(app.environments.len()).into());
    };
    let loaded = app.load(&args.sources)?;
    let (a, b) = (loaded.within(first)?, loaded.within(second)?);
    let options = args.filter.options();
    if let Some(pattern) = &args.filter.matching
        && ![&a, &b].into_iter().any(|topology| options.covers_any_of(topology))
    {
        app.note_no_match("name in either environment", pattern);
    }
    let mut differences = compare(&a, &b);
    differences.retain(|difference| is_covered(difference, &options));
    app.answer(
        || view::diff::human(&differences, first, second, &app.term.answer_style()),
        || DiffDocument::new(&differences, first, second),
    );
    Ok(if args.detailed_exitcode && !differences.is_empty() { Status::Differs } else { Status::Done })
}

fn is_covered(difference: &Difference, options: &DiffOptions) -> bool {
    let About::Resource(Resource { kind, name }) = &difference.about else {
        // What is said of all of them is no part of some of them.
        return options.matching.is_none() && options.families == Families::ALL;
    };
    match kind {
        ResourceType::Topic => options.covers_topic(name),
        ResourceType::Group => options.covers_group(name),
        // Which schemas the file has is known without a registry.
        ResourceType::Subject => DiffOptions { registry: true, ..options.clone() }.covers_subject(name),
        ResourceType::Acl => options.covers_principal(name, None),
        ResourceType::Quota | ResourceType::User => options.families.access,
        ResourceType::Broker | ResourceType::Cluster => true,
    }
}
