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
        None => Some(connected(app, args).await.map_err(|error| Error::Avoidable {
            error: Box::new(error),
            way: "klerk history --all lists the records of all clusters and asks none of them; --cluster ID those of one",
        })?),
    };
    let history = store::history(&state_folder(&app.environment)?, cluster.as_deref(), args.limit);
    app.answer(
        || view::history::human(cluster.as_deref(), &history),
        || HistoryDocument::new(cluster.as_deref(), &history),
    );
    Ok(if history.unreadable.is_empty() { Status::Done } else { Status::Partly })
}

/// The id of the cluster that is connected; one that an environment or a context pins needs no connection.
async fn connected(app: &App, args: &cli::History) -> Result<String, Error> {
    let app = &app.within_named(&args.sources)?;
    match &app.settings.cluster {
        Some(pin) => Ok(pin.value.clone()),
        None => Ok(app.reading(planning::connect(app)).await?.cluster.id()),
    }
}
