use super::facts::{all_exist, is_state};
use super::protection;
use crate::app::{App, Output};
use crate::cli::{GroupLag, Isolation, LagBy};
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::{Cover, LagLook};
use crate::session::visible_only;
use crate::status::Status;
use crate::view::group_lag::{self, By};
use crate::view::json::v1::LagDocument;
use klerk_core::group::{self, LagReport};
use klerk_core::topology::Topology;
use klerk_core::values::Pattern;
use std::cmp::Reverse;
use std::collections::HashSet;

/// `klerk group lag`.
pub(super) async fn run(app: &App, args: &GroupLag) -> Result<Status, Error> {
    let contracts = contracts(app, args)?;
    let app = &protection::within(app, contracts.as_ref())?;
    let topics = args.topic.as_ref().map(Pattern::new);
    let look = LagLook {
        groups: cover(args),
        contracts: contracts.as_ref(),
        topics: topics.as_ref(),
        committed: args.isolation == Some(Isolation::Committed),
    };
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let looking = async { Ok::<_, Error>(tokio::join!(cluster.look_at_lag(&look), visible_only(&cluster))) };
    let (seen, visible) = app.reading(looking).await?;
    if let Some(note) = visible.note {
        // Of a group's commits, too, those on topics that it may not describe are left out in silence.
        app.term.note(&note);
    }
    let seen = seen?;
    let read_at = app.clock.now();
    all_exist(&args.groups, &seen)?;

    let mut report = group::lag(seen.input(&look));
    let matching = args.matching.as_ref().map(Pattern::new);
    report.groups.retain(|group| {
        matching.as_ref().is_none_or(|pattern| pattern.matches(&group.group))
            // A group whose state could not be read may be in the state asked for.
            && args.state.as_ref().is_none_or(|wanted| {
                group.state.is_none() || is_state(group.state.as_ref(), wanted)
            })
            // A group that has nothing on the topics asked for has nothing to say about them.
            && (topics.is_none() || !group.rows.is_empty() || group.lacks_an_answer())
    });
    let by = by(args);
    match app.output {
        Output::Human | Output::Markdown | Output::Junit | Output::Github => {
            app.term.answer(&group_lag::human(&report, by, args.top))
        }
        Output::Csv => app.term.answer(&group_lag::csv(&top(report.clone(), by, args.top))),
        Output::Prometheus => app.term.answer(&group_lag::prometheus(&top(report.clone(), by, args.top))),
        Output::Json => app.answer_json(&LagDocument::new(&top(report.clone(), by, args.top), read_at)),
    }
    Ok(if report.lacks_an_answer() { Status::Partly } else { Status::Done })
}

/// Only topologies that were named, or an environment of which was: lag needs none.
fn contracts(app: &App, args: &GroupLag) -> Result<Option<Topology>, Error> {
    if args.sources.file.is_empty() && app.environments.is_empty() {
        return Ok(None);
    }
    app.load_topology(&args.sources).map(Some)
}

fn cover(args: &GroupLag) -> Cover {
    match (args.groups.as_slice(), &args.matching) {
        ([], Some(glob)) => Cover::Matching(Pattern::new(glob)),
        ([], None) => Cover::All,
        (named, _) => Cover::named(named.iter().cloned()),
    }
}

fn by(args: &GroupLag) -> By {
    match args.by {
        Some(LagBy::Group) => By::Group,
        Some(LagBy::Topic) => By::Topic,
        Some(LagBy::Partition) => By::Partition,
        Some(LagBy::Member) => By::Member,
        None if args.groups.is_empty() => By::Group,
        None => By::Partition,
    }
}

/// Keeps the groups, or else the partitions, with the most lag. What is unknown may be more than anything and is kept
/// first. Totals stay those of whole groups.
fn top(mut report: LagReport, by: By, top: Option<usize>) -> LagReport {
    let Some(top) = top else { return report };
    if by == By::Group {
        report.groups.sort_by_key(|group| {
            (group.total.lag_at_least.is_none(), Reverse(group.total.lag), group.group.clone())
        });
        report.groups.truncate(top);
        return report;
    }
    let mut rows: Vec<(Weight, usize, usize)> = Vec::new();
    for (group, lag) in report.groups.iter().enumerate() {
        rows.extend(lag.rows.iter().enumerate().map(|(row, lag)| (weight(lag), group, row)));
    }
    rows.sort_unstable();
    let kept: HashSet<(usize, usize)> =
        rows.into_iter().take(top).map(|(_, group, row)| (group, row)).collect();
    for (group, lag) in report.groups.iter_mut().enumerate() {
        let mut row = 0..;
        lag.rows.retain(|_| row.next().is_some_and(|row| kept.contains(&(group, row))));
    }
    report.groups.retain(|group| !group.rows.is_empty());
    report
}

/// Sorts what is unknown first, then by falling lag.
type Weight = (bool, Reverse<Option<i64>>);

fn weight(row: &group::LagRow) -> Weight {
    (row.error.is_none(), Reverse(row.lag))
}
