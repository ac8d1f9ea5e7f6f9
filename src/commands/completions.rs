//! `klerk completions`: a script for a shell.

use crate::app::App;
use crate::cli::{self, Shell};
use crate::error::Error;
use crate::status::Status;
use crate::view::json::v1::TextDocument;
use clap_complete::aot;
use clap_complete::aot::Generator;
use std::io;

/// Prints the script.
///
/// # Errors
/// When it cannot be made.
pub fn run(app: &App, args: &cli::Completions) -> Result<Status, Error> {
    let script = match args.shell {
        Shell::Bash => script(&aot::Bash),
        Shell::Elvish => script(&aot::Elvish),
        Shell::Fish => script(&aot::Fish),
        Shell::PowerShell => script(&aot::PowerShell),
        Shell::Zsh => script(&aot::Zsh),
    };
    let script = script.map_err(|source| Error::System { what: "the script cannot be made", source })?;
    app.answer(|| script.clone(), || TextDocument::completions(script.clone()));
    Ok(Status::Done)
}

/// What this version does not carry out is left out: completing it would promise it.
fn script(shell: &impl Generator) -> io::Result<String> {
    let mut command = cli::visible_command();
    command.set_bin_name("klerk");
    command.build();
    let mut text = Vec::new();
    shell.try_generate(&command, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
