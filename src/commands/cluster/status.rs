use crate::app::App;
use crate::cli::ClusterStatus;
use crate::commands::planning;
use crate::error::{Error, Kind};
use crate::kafka::Cluster;
use crate::session::{NotSeen, Waited, until_whole};
use crate::status::Status;
use crate::view::cluster_status;
use crate::view::json::v1::ClusterDocument;
use klerk_core::health::{self, Awaited, ProblemKind};
use klerk_core::world::StatusView;
use std::time::Duration;

/// What was seen, and what of it is still missing.
struct Seen {
    view: StatusView,
    status: health::ClusterStatus,
    /// What is missing of what was waited for; `None` when nothing was.
    lacks: Option<Vec<String>>,
    waited: Duration,
}

/// `klerk cluster status`.
pub(super) async fn run(app: &App, args: &ClusterStatus) -> Result<Status, Error> {
    let Seen { view, status, lacks, waited } = app.reading(look(app, args)).await?;
    let waited_ms = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
    let style = app.term.answer_style();
    app.answer(
        || match args.by {
            Some(_) => cluster_status::by_broker(&view, &status, &style),
            None => cluster_status::human(&view, &status, &style),
        },
        || {
            let document = ClusterDocument::new(&view, &status, app.clock.now());
            match &lacks {
                Some(lacks) => document.awaiting(args.brokers, waited_ms, lacks),
                None => document,
            }
        },
    );
    let lacks = lacks.unwrap_or_default();
    if !lacks.is_empty() {
        app.term.warn(&cluster_status::lacking(&lacks, args.wait));
        return Ok(Status::Partly);
    }
    let unanswered = status.problems.iter().any(|problem| problem.kind == ProblemKind::Unanswered);
    Ok(if unanswered { Status::Partly } else { Status::Done })
}

/// Looks once, or until nothing is missing any more of what is waited for.
async fn look(app: &App, args: &ClusterStatus) -> Result<Seen, Error> {
    if args.wait.is_none() && args.brokers.is_none() {
        let cluster = planning::connect(app).await?.cluster;
        let view = cluster.look_at_status().await?;
        let status = health::status(&view);
        return Ok(Seen { view, status, lacks: None, waited: Duration::ZERO });
    }
    let awaited = Awaited { brokers: args.brokers };
    let wait = args.wait.unwrap_or_default();
    let progress = app.term.progress("waiting for the cluster", None);
    let mut connected = None;
    let look = async || look_again(app, &mut connected).await;
    match until_whole(look, awaited, wait, may_pass, |what| progress.say(what)).await {
        Ok(Waited { view, status, lacks, waited }) => Ok(Seen { view, status, lacks: Some(lacks), waited }),
        Err(NotSeen::Failed(error)) => Err(error),
        Err(NotSeen::InTime) => Err(Error::NotSeen(wait)),
    }
}

async fn look_again(app: &App, connected: &mut Option<Cluster>) -> Result<StatusView, Error> {
    let cluster = match connected {
        Some(cluster) => cluster,
        None => connected.insert(planning::connect(app).await?.cluster),
    };
    Ok(cluster.look_at_status().await?)
}

/// A cluster that is coming up refuses connections and answers late; what is written wrong stays wrong.
fn may_pass(error: &Error) -> bool {
    matches!(error.explain().kind, Kind::Connect | Kind::Kafka | Kind::Timeout)
}
