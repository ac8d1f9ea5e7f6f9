//! `klerk config`: every setting with its origin, and the files that are read and written.

use crate::app::App;
use crate::cli::{ConfigCommand, Sources};
use crate::error::Error;
use crate::settings::{contexts_file, read_contexts, rows, state_folder};
use crate::status::Status;
use crate::view::config;
use crate::view::json::v1::{ConfigDocument, PathsDocument};
use std::path::Path;

/// Shows what was asked for.
///
/// # Errors
/// When an environment was named and cannot be used; other settings have been looked at before.
pub fn run(app: &App, command: ConfigCommand) -> Result<Status, Error> {
    match command {
        ConfigCommand::Show => show(&app.within_named(&Sources::default())?)?,
        ConfigCommand::Path => paths(app),
    }
    Ok(Status::Done)
}

fn show(app: &App) -> Result<(), Error> {
    app.tell_of_settings();
    let ignored = &app.settings.ignored_keys;
    let contexts = read_contexts(&app.environment)?.map(|contexts| contexts.listed()).unwrap_or_default();
    app.answer(
        || config::human(&rows(&app.settings), ignored, &contexts, &app.term.answer_style()),
        || ConfigDocument::new(rows(&app.settings), ignored, &contexts),
    );
    Ok(())
}

fn paths(app: &App) {
    let command_config = app.settings.command_config.as_ref().map(|path| path.value.as_path());
    let contexts = contexts_file(&app.environment);
    let records = state_folder(&app.environment).ok();
    let shown =
        |path: Option<&Path>| path.map_or_else(|| "none".to_owned(), |path| path.display().to_string());
    app.answer(
        || {
            format!(
                "contexts           {}\nclient properties  {}\nrecords            {}\n",
                shown(contexts.as_deref()),
                shown(command_config),
                shown(records.as_deref())
            )
        },
        || PathsDocument::new(contexts.as_deref(), command_config, records.as_deref()),
    );
}
