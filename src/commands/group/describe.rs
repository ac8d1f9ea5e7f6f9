use super::facts::all_exist;
use crate::app::{App, Output};
use crate::cli::GroupDescribe;
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::{Cover, LagLook};
use crate::session::Sight;
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
    let looking = async {
        let (seen, sight) = tokio::join!(cluster.look_at_lag(&look), Sight::of(&cluster));
        let seen = seen?;
        let hidden = sight.hidden_topics(&cluster, |name| seen.sees_topic(name)).await;
        Ok::<_, Error>((seen, sight.visible_only(), hidden))
    };
    let (seen, visible, hidden) = app.reading(looking).await?;
    let hidden = hidden.among(|name| !is_kafkas_topic(name));
    all_exist(&args.groups, &seen)?;
    let mut report = lag(seen.input(&look)).beside(&hidden, &seen.groups);
    report.left_out = visible.and_topics(&hidden).note;
    if let Some(note) = report.left_out.as_ref().filter(|_| app.output != Output::Human) {
        app.term.note(note);
    }
    app.answer(
        || group_describe::human(&seen.groups, &report),
        || GroupDocument::new(&seen.groups, &report, app.clock.now()),
    );
    Ok(if report.lacks_an_answer() { Status::Partly } else { Status::Done })
}
