use super::facts::{all_exist, is_state};
use super::protection;
use crate::app::{App, Output};
use crate::cli::{GroupLag, Isolation, LagBy};
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::{Cluster, Cover, LagLook, taking};
use crate::records::record_times;
use crate::session::Sight;
use crate::status::Status;
use crate::view::group_lag::{self, Asked, By};
use crate::view::json::v1::LagDocument;
use crate::view::lag_for_programs;
use klerk_core::access::Operation;
use klerk_core::group::{self, LagReport, LagTimes};
use klerk_core::topology::Topology;
use klerk_core::values::{Pattern, Resource, TopicPartition, is_kafkas_topic};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

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
    let asked = Asked { behind: args.time, headroom: args.headroom };
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let looking = async {
        let (seen, sight) = tokio::join!(cluster.look_at_lag(&look), Sight::of(&cluster));
        let seen = seen?;
        let hidden = sight.hidden_topics(&cluster, |name| seen.sees_topic(name)).await;
        Ok::<_, Error>((seen, sight.visible_only(), hidden))
    };
    let (seen, visible, hidden) = app.reading(looking).await?;
    let hidden = hidden
        .among(|name| topics.as_ref().is_none_or(|pattern| pattern.matches(name)) && !is_kafkas_topic(name));
    let visible = visible.and_topics(&hidden);
    let read_at = app.clock.now();
    all_exist(&args.groups, &seen)?;

    let mut report = group::lag(seen.input(&look)).beside(&hidden, &seen.groups);
    report.visible_only = visible.only;
    report.left_out.clone_from(&visible.note);
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
    if asked != Asked::default() {
        let telling = async {
            tell_times(app, &cluster, &mut report, asked).await;
            Ok::<_, Error>(())
        };
        app.reading(telling).await?;
    }
    let only_by_name = args.state.is_none() && topics.is_none();
    if let Some(pattern) = args.matching.as_ref().filter(|_| report.groups.is_empty() && only_by_name) {
        app.note_no_match("group that is visible", pattern);
    }
    let by = by(args);
    if let Some(note) = visible.note.as_ref().filter(|_| app.output != Output::Human) {
        app.term.note(note);
    }
    match app.output {
        Output::Human | Output::Markdown | Output::Junit | Output::Github => {
            app.term.answer(&group_lag::human(&report, by, asked, args.top))
        }
        Output::Csv => app.term.answer(&lag_for_programs::csv(&top(report.clone(), by, args.top))),
        Output::Prometheus => {
            app.term.answer(&lag_for_programs::prometheus(&top(report.clone(), by, args.top), asked));
        }
        Output::Json => {
            let shown = top(report.clone(), by, args.top);
            app.answer_json(&LagDocument::new(&shown, read_at));
        }
    }
    Ok(if report.lacks_an_answer() { Status::Partly } else { Status::Done })
}

/// Reads when the next records were written, and how long topics keep them where that is asked for.
async fn tell_times(app: &App, cluster: &Cluster, report: &mut LagReport, asked: Asked) {
    let wiring = cluster.wiring();
    let places: BTreeSet<(TopicPartition, i64)> = report.places().collect();
    let topics: BTreeSet<&str> = places.iter().map(|(partition, _)| &*partition.topic).collect();
    let progress = app.term.progress("reading when records were written", None);
    let (records, retention) =
        tokio::join!(record_times(&wiring, places.iter().cloned(), wiring.request_timeout), async {
            match asked.headroom {
                true => Some(cluster.retention(&topics).await),
                false => None,
            }
        });
    let takes = |(place, told): ((TopicPartition, i64), _)| {
        let topic = Resource::topic(&*place.0.topic);
        (place, taking(told, Operation::Read, &topic))
    };
    let records = records.into_iter().map(takes).collect();
    drop(progress);
    let by_size =
        retention.iter().flatten().filter(|(_, kept)| kept.known().is_some_and(|kept| kept.by_size));
    let by_size: Vec<&String> = by_size.map(|(topic, _)| topic).collect();
    if !by_size.is_empty() {
        app.term.note(&group_lag::sooner_by_size(&by_size));
    }
    report.tell_times(LagTimes {
        now_ms: app.clock.now().as_millisecond(),
        records: &records,
        behind: asked.behind,
        retention: retention.as_ref(),
    });
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
