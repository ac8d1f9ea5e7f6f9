use super::facts::all_exist;
use crate::app::App;
use crate::cli::GroupDescribe;
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::{Cover, LagLook};
use crate::status::Status;
use crate::view::group_describe;
use crate::view::json::v1::GroupDocument;
use klerk_core::group::lag;

/// `klerk group describe`.
pub(super) async fn run(app: &App, args: &GroupDescribe) -> Result<Status, Error> {
    let app = &app.within_named(&args.sources)?;
    let look = LagLook { groups: Cover::named(args.groups.iter().cloned()), ..LagLook::default() };
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let seen = app.reading(cluster.look_at_lag(&look)).await?;
    all_exist(&args.groups, &seen)?;
    let report = lag(seen.input(&look));
    app.answer(
        || group_describe::human(&seen.groups, &report),
        || GroupDocument::new(&seen.groups, &report, app.clock.now()),
    );
    Ok(if report.lacks_an_answer() { Status::Partly } else { Status::Done })
}
