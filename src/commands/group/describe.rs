use super::facts::all_exist;
use crate::app::App;
use crate::cli::GroupDescribe;
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::{Cover, LagLook};
use crate::session::hidden_topics;
use crate::status::Status;
use crate::view::group_describe;
use crate::view::json::v1::GroupDocument;
use klerk_core::group::lag;
use klerk_core::values::is_kafkas_topic;

/// `klerk group describe`.
pub(super) async fn run(app: &App, args: &GroupDescribe) -> Result<Status, Error> {
    let app = &app.within_named(&args.sources)?;
    let look = LagLook { groups: Cover::named(args.groups.iter().cloned()), ..LagLook::default() };
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let looking = async { Ok::<_, Error>(tokio::join!(cluster.look_at_lag(&look), hidden_topics(&cluster))) };
    let (seen, hidden) = app.reading(looking).await?;
    let seen = seen?;
    let hidden = hidden.among(|name| !is_kafkas_topic(name));
    if let Some(note) = hidden.note() {
        app.term.note(&note);
    }
    all_exist(&args.groups, &seen)?;
    let mut report = lag(seen.input(&look));
    report.visible_only = hidden.visible_only();
    app.answer(
        || group_describe::human(&seen.groups, &report),
        || GroupDocument::new(&seen.groups, &report, app.clock.now()),
    );
    Ok(if report.lacks_an_answer() { Status::Partly } else { Status::Done })
}
