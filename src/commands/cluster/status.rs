use crate::app::App;
use crate::cli::ClusterStatus;
use crate::commands::planning;
use crate::error::Error;
use crate::status::Status;
use crate::view::cluster_status;
use crate::view::json::v1::ClusterDocument;
use klerk_core::health::{self, ProblemKind};

/// `klerk cluster status`.
pub(super) async fn run(app: &App, _args: &ClusterStatus) -> Result<Status, Error> {
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let view = app.reading(cluster.look_at_status()).await?;
    let status = health::status(&view);
    let style = app.term.answer_style();
    app.answer(
        || cluster_status::human(&view, &status, &style),
        || ClusterDocument::new(&view, &status, app.clock.now()),
    );
    let lacking = status.problems.iter().any(|problem| problem.kind == ProblemKind::Unanswered);
    Ok(if lacking { Status::Partly } else { Status::Done })
}
