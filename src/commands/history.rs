use super::planning;
use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::settings::state_folder;
use crate::status::Status;
use crate::store;
use crate::view;
use crate::view::json::v1::HistoryDocument;

/// `klerk history`: what was changed, by the records. A cluster that is named by its id, and all of them, need no
/// connection.
pub async fn run(app: &App, args: &cli::History) -> Result<Status, Error> {
    let cluster = match &args.cluster {
        Some(id) => Some(id.clone()),
        None if args.all => None,
        None => {
            let app = &app.within_named(&args.sources)?;
            Some(app.reading(planning::connect(app)).await?.cluster.id())
        }
    };
    let history = store::history(&state_folder(&app.environment)?, cluster.as_deref(), args.limit);
    app.answer(
        || view::history::human(cluster.as_deref(), &history),
        || HistoryDocument::new(cluster.as_deref(), &history),
    );
    Ok(if history.unreadable.is_empty() { Status::Done } else { Status::Partly })
}
