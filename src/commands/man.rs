//! `klerk man`: a manual page for each command.

use crate::app::App;
use crate::cli;
use crate::error::Error;
use crate::status::Status;
use clap::Command;
use clap_mangen::Man;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// `klerk.files`: what was written.
#[derive(Debug, Serialize)]
struct FilesDocument {
    format: &'static str,
    version: u32,
    files: Vec<String>,
}

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
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    app.answer(
        || files.iter().map(|file| format!("{file}\n")).collect::<String>(),
        || FilesDocument { format: "klerk.files", version: 1, files: files.clone() },
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
    for subcommand in command.get_subcommands() {
        write_pages(subcommand, &format!("{name}-{}", subcommand.get_name()), folder, files)?;
    }
    Ok(())
}

fn not_written(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.to_owned(), doing: "written", source }
}
