//! `klerk man`: a manual page for each command.

use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use crate::view::json::v1::FilesDocument;
use clap::Command;
use clap_mangen::Man;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the pages, and tells which.
///
/// # Errors
/// When a page cannot be written.
pub fn run(app: &App, args: &cli::Man) -> Result<Status, Error> {
    fs::create_dir_all(&args.dir).map_err(|source| not_written(&args.dir, source))?;
    let mut command = cli::visible_command();
    command.build();
    let mut files = Vec::new();
    write_pages(&command, "klerk", &args.dir, &mut files)?;
    app.answer(
        || files.iter().map(|file| format!("{}\n", file.display())).collect::<String>(),
        || FilesDocument::new(&files),
    );
    Ok(Status::Done)
}

/// A page of the command and of everything below it: `klerk-group-lag.1`.
fn write_pages(command: &Command, name: &str, folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let path = folder.join(format!("{name}.1"));
    let mut page = Vec::new();
    Man::new(command.clone().display_name(name.to_owned()).bin_name(name.replace('-', " ")))
        .render(&mut page)
        .and_then(|()| fs::write(&path, page))
        .map_err(|source| not_written(&path, source))?;
    files.push(path);
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        write_pages(subcommand, &format!("{name}-{}", subcommand.get_name()), folder, files)?;
    }
    Ok(())
}

fn not_written(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.to_owned(), doing: "written", source }
}
