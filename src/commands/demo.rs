//! `klerk demo`: the narrated tour.

use crate::app::App;
use crate::demo;
use crate::error::Error;
use crate::status::Status;

/// Plays it. Told to stop, it leaves: nothing outside of it was touched.
///
/// # Errors
/// When it cannot be set up, and when it was told to stop.
pub async fn run(app: &App) -> Result<Status, Error> {
    app.reading(demo::play(app)).await
}
