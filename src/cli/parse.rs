use super::Plan;
use super::not_yet::{self, NotYet};
use super::root::{Cli, Command, Needs};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;

/// What the arguments come to.
#[derive(Debug)]
pub enum Parsed {
    /// Something to do.
    Run(Box<Cli>),
    /// The help that was asked for.
    Help(String),
    /// The version.
    Version,
}

/// Arguments that cannot be understood. Always status 64.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The parser's own complaint.
    #[error("{message}")]
    Arguments {
        /// What is wrong.
        message: String,
        /// What to type instead.
        hints: Vec<String>,
    },
    /// A subcommand is missing; the help lists them.
    #[error("a subcommand is missing")]
    NoSubcommand {
        /// The help of the command so far.
        help: String,
    },
    /// A part of the agreed command line that this version does not carry out.
    #[error(transparent)]
    NotYet(#[from] NotYet),
}

/// The whole command line, with the hidden parts that this version refuses by name.
pub fn command() -> clap::Command {
    not_yet::add_to(visible_command())
}

/// The command line without what this version refuses, for completions and the manual.
pub fn visible_command() -> clap::Command {
    not_yet::with_forms(Cli::command())
}

/// Reads the arguments, the first of which is the program's own name.
pub fn parse(args: Vec<OsString>) -> Result<Parsed, UsageError> {
    let matches = match command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return from_clap(&error),
    };
    not_yet::check(&matches)?;
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return from_clap(&error),
    };
    not_yet::check_values(&cli)?;
    refuse_idle_connection(&cli)?;
    Ok(Parsed::Run(Box::new(cli)))
}

/// Refuses an address that is given to what connects to nothing but itself: it was meant for another command.
fn refuse_idle_connection(cli: &Cli) -> Result<(), UsageError> {
    let connection = &cli.connection;
    let typed = [
        ("--bootstrap", !connection.bootstrap.is_empty()),
        ("--registry", !connection.registry.is_empty()),
        ("--command-config", connection.command_config.is_some()),
        ("-X", !connection.property.is_empty()),
        ("--context", connection.context.is_some()),
    ];
    match typed.into_iter().find(|(_, is_typed)| *is_typed) {
        Some((flag, _)) if matches!(cli.command, Command::Plan(Plan { against: Some(_), .. })) => {
            Err(UsageError::Arguments {
                message: format!(
                    "{flag} means nothing here: --against compares files with files, and asks no server"
                ),
                hints: vec![format!(
                    "leave {flag} out; without --against the files are compared with the cluster"
                )],
            })
        }
        Some((flag, _)) if cli.command.needs() == Needs::Limit => Err(UsageError::Arguments {
            message: format!("{flag} means nothing here: the command starts servers of its own"),
            hints: vec!["leave it out; klerk sandbox and klerk demo connect to nothing else".to_owned()],
        }),
        _ => Ok(()),
    }
}

/// Takes a rendered complaint apart: the first paragraph says what is wrong, `tip:` and `Usage:` say what to do.
fn from_clap(error: &clap::Error) -> Result<Parsed, UsageError> {
    let text = error.render().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp => return Ok(Parsed::Help(text)),
        ErrorKind::DisplayVersion => return Ok(Parsed::Version),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Err(UsageError::NoSubcommand { help: text });
        }
        _ => {}
    }
    let mut paragraphs = text.trim().split("\n\n").map(str::trim);
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let mut hints = Vec::new();
    for line in paragraphs.flat_map(str::lines).map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            hints.push(tip.to_owned());
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            hints.push(format!("usage: {usage}"));
        }
    }
    Err(UsageError::Arguments { message: message.split_whitespace().collect::<Vec<_>>().join(" "), hints })
}

#[cfg(test)]
mod tests {
    use super::super::{Command, Group};
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn cli(line: &str) -> Cli {
        match parse(arguments(line)) {
            Ok(Parsed::Run(cli)) => *cli,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_definition_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn connection_and_output_flags_stand_before_and_after_the_subcommand() {
        for line in [
            "klerk -b a:1,b:2 -o json plan",
            "klerk plan -b a:1,b:2 -o json",
            "klerk -o json plan -b a:1 -b b:2",
        ] {
            let cli = cli(line);
            assert_eq!(cli.connection.bootstrap, ["a:1", "b:2"], "{line}");
            assert!(cli.output.output.is_some(), "{line}");
        }
    }

    #[test]
    fn numbers_may_be_negative() {
        let cli = cli("klerk group reset g --all-topics --shift-by -10");
        let Command::Group(Group::Reset(reset)) = cli.command else { panic!("not a reset") };
        assert_eq!(reset.strategy.shift_by, Some(-10));
    }

    #[test]
    fn a_reset_needs_one_scope_and_one_strategy() {
        for line in [
            "klerk group reset g --to-latest",
            "klerk group reset g --all-topics",
            "klerk group reset --all-topics --to-latest",
            "klerk group reset g --all-topics --topic t --to-latest",
            "klerk group reset g --all-topics --to-latest --to-earliest",
        ] {
            assert!(matches!(parse(arguments(line)), Err(UsageError::Arguments { .. })), "{line}");
        }
    }

    #[test]
    fn complaints_keep_their_parts() {
        let Err(UsageError::Arguments { message, hints }) = parse(arguments("klerk plan --detailed-exit"))
        else {
            panic!("accepted")
        };
        insta::assert_snapshot!(format!("{message}\n{hints:#?}"), @r#"
        unexpected argument '--detailed-exit' found
        [
            "a similar argument exists: '--detailed-exitcode'",
            "usage: klerk plan --detailed-exitcode",
        ]
        "#);
    }
}
