use crate::app::App;
use crate::kafka::{At, Cluster, Isolation};
use crate::records::record_times;
use crate::view::plan::span_unknown;
use klerk_core::plan::{LatestTimes, Plan, span_questions, tell_spans};
use klerk_core::values::Known;
use std::time::Duration;

/// How long a plan waits for times that it can do without.
const LIMIT: Duration = Duration::from_secs(10);

/// Tells in a plan how much time its moves of commits skip or repeat, as far as the records tell. What they do not tell is said,
/// and stops no plan.
pub(in crate::commands) async fn tell(app: &App, cluster: &Cluster, plan: &mut Plan) {
    let questions = span_questions(plan);
    if questions.places.is_empty() {
        return;
    }
    let progress = app.term.progress("reading when records were written", None);
    let wiring = cluster.wiring();
    let ends = questions.ends.into_iter().map(|partition| (partition, At::MaxTimestamp));
    let (times, latest) = tokio::join!(
        record_times(&wiring, questions.places, LIMIT.min(wiring.request_timeout)),
        cluster.log_offsets(ends, Isolation::ReadUncommitted)
    );
    drop(progress);
    let latest: LatestTimes = latest
        .into_iter()
        .map(|(partition, found)| match found.map(|found| found.timestamp) {
            Known::Known(None) => (partition, Known::Unavailable("a record carries no time".to_owned())),
            found => (partition, found.map(|millis| millis.unwrap_or_default())),
        })
        .collect();
    for (why, partitions) in tell_spans(plan, &times, &latest) {
        app.term.note(&span_unknown(&why, partitions));
    }
}
