//! What the agreed command line has and this version does not carry out. It is refused by its own name: an operator
//! who types it learns that it exists, and a script never mistakes silence for success.

use super::{OutputArg, root::Cli};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// Something of the agreed command line that this version does not carry out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not {}", if instead.is_some() { "a form of this answer" } else { "in this version" })]
pub struct NotYet {
    /// What was typed, as people write it: `klerk topic`, `--out of klerk plan`.
    pub what: String,
    /// The commands that carry it out, where some do.
    pub instead: Option<&'static str>,
}

/// One entry of the table.
#[derive(Debug, Clone, Copy)]
enum Entry {
    /// A subcommand, by its path.
    Command(&'static [&'static str]),
    /// A flag of a command; the empty path means every command.
    Flag { of: &'static [&'static str], long: &'static str, short: Option<char>, takes_value: bool },
}

impl Entry {
    /// As people write it.
    fn what(&self) -> String {
        match *self {
            Entry::Command(path) => format!("klerk {}", path.join(" ")),
            Entry::Flag { of: [], long, .. } => format!("--{long}"),
            Entry::Flag { of, long, .. } => format!("--{long} of klerk {}", of.join(" ")),
        }
    }
}

const fn flag(of: &'static [&'static str], long: &'static str, takes_value: bool) -> Entry {
    Entry::Flag { of, long, short: None, takes_value }
}

/// All of it.
const TABLE: &[Entry] = &[
    Entry::Command(&["init"]),
    Entry::Command(&["cluster", "transactions"]),
    Entry::Command(&["topic", "list"]),
    Entry::Command(&["topic", "describe"]),
    Entry::Command(&["topic", "consume"]),
    Entry::Command(&["topic", "produce"]),
    Entry::Command(&["topic", "copy"]),
    Entry::Command(&["topic", "stats"]),
    Entry::Command(&["schema"]),
    Entry::Command(&["dlq"]),
    Entry::Command(&["group", "check"]),
    Entry::Command(&["group", "copy"]),
    Entry::Command(&["group", "delete"]),
    Entry::Command(&["group", "delete-offsets"]),
    flag(&["group", "lag"], "watch", false),
];

/// Adds everything of the table to the command, hidden from its help.
pub(super) fn add_to(command: Command) -> Command {
    TABLE.iter().fold(command, |command, entry| match *entry {
        Entry::Command(path) => {
            let (name, of) = (path[path.len() - 1], &path[..path.len() - 1]);
            at(command, of, |parent| {
                parent.subcommand(
                    Command::new(name).hide(true).disable_help_flag(true).arg(
                        Arg::new("anything").num_args(0..).trailing_var_arg(true).allow_hyphen_values(true),
                    ),
                )
            })
        }
        Entry::Flag { of, long, short, takes_value } => at(command, of, |parent| {
            let action = if takes_value { ArgAction::Append } else { ArgAction::Count };
            let mut arg = Arg::new(long).long(long).hide(true).action(action).global(of.is_empty());
            if let Some(short) = short {
                arg = arg.short(short);
            }
            parent.arg(if takes_value { arg.allow_hyphen_values(true) } else { arg })
        }),
    })
}

/// Refuses what was typed when it is in the table.
pub(super) fn check(matches: &ArgMatches) -> Result<(), NotYet> {
    for entry in TABLE {
        let typed = match *entry {
            Entry::Command(path) => reached(matches, path).is_some(),
            Entry::Flag { of: [], long, .. } => is_typed(matches, long),
            Entry::Flag { of, long, .. } => {
                reached(matches, of).is_some_and(|matches| is_typed(matches, long))
            }
        };
        if typed {
            return Err(NotYet { what: entry.what(), instead: None });
        }
    }
    Ok(())
}

/// Refuses a value that this version does not carry out.
pub(super) fn check_values(cli: &Cli) -> Result<(), NotYet> {
    let of_numbers = matches!(cli.command, super::Command::Group(super::Group::Lag(_)));
    let checks = matches!(cli.command, super::Command::Validate(_));
    let is_plan = matches!(cli.command, super::Command::Plan(_));
    let (plan, validate, lag) = ("klerk plan", "klerk validate", "klerk group lag");
    let (word, instead) = match cli.output.output {
        None | Some(OutputArg::Human | OutputArg::Json) => return Ok(()),
        Some(OutputArg::Csv | OutputArg::Prometheus) if of_numbers => return Ok(()),
        Some(OutputArg::Junit | OutputArg::Github) if checks => return Ok(()),
        Some(OutputArg::Markdown) if is_plan => return Ok(()),
        Some(OutputArg::Markdown) => ("markdown", plan),
        Some(OutputArg::Junit) => ("junit", validate),
        Some(OutputArg::Github) => ("github", validate),
        Some(OutputArg::Csv) => ("csv", lag),
        Some(OutputArg::Prometheus) => ("prometheus", lag),
    };
    Err(NotYet { what: format!("--output {word}"), instead: Some(instead) })
}

/// The forms of answer of the commands that have more of them than the others, as their help names them.
const FORMS: [(&[&str], &str); 3] = [
    (&["plan"], "human|json|markdown"),
    (&["validate"], "human|json|junit|github"),
    (&["group", "lag"], "human|json|csv|prometheus"),
];

/// Those of all other commands.
const USUAL_FORMS: &str = "human|json";

/// The words of the forms of answer that a help names together.
pub fn forms(named: &str) -> Vec<&'static str> {
    let found = FORMS.iter().map(|(_, forms)| *forms).find(|forms| *forms == named);
    found.unwrap_or(USUAL_FORMS).split('|').collect()
}

/// Names in the help of each command the forms of answer that it has.
pub(super) fn with_forms(command: Command) -> Command {
    let output = command.get_arguments().find(|arg| arg.get_id() == "output").cloned();
    let Some(output) = output else { return command };
    FORMS.iter().fold(command, |command, (path, forms)| {
        at(command, path, |command| command.arg(output.clone().global(false).value_name(*forms)))
    })
}

/// The matches of a subcommand, when it was the one typed.
fn reached<'a>(matches: &'a ArgMatches, path: &[&str]) -> Option<&'a ArgMatches> {
    path.iter().try_fold(matches, |matches, name| matches.subcommand_matches(name))
}

fn is_typed(matches: &ArgMatches, name: &str) -> bool {
    matches.value_source(name) == Some(ValueSource::CommandLine)
}

/// Applies `change` to the subcommand at the path.
fn at(command: Command, path: &[&'static str], change: impl FnOnce(Command) -> Command) -> Command {
    match path.split_first() {
        None => change(command),
        Some((first, rest)) => command.mut_subcommand(first, |command| at(command, rest, change)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::cli::UsageError;
    use std::ffi::OsString;

    /// What else a command needs, so that nothing but the entry can be wrong.
    fn required(path: &[&str]) -> &'static [&'static str] {
        match path {
            ["undo"] => &["last"],
            ["group", "reset"] => &["g", "--all-topics", "--to-latest"],
            _ => &[],
        }
    }

    fn refused(args: &[&str]) -> Option<String> {
        match parse(args.iter().map(OsString::from).collect()) {
            Err(UsageError::NotYet(not_yet)) => Some(not_yet.to_string()),
            Ok(_) | Err(_) => None,
        }
    }

    #[test]
    fn every_entry_is_refused_by_its_own_name() {
        for entry in TABLE {
            let mut line = vec!["klerk"];
            let typed = match *entry {
                Entry::Command(path) => {
                    line.extend(path);
                    line.extend(["--whatever", "else"]);
                    path[path.len() - 1].to_owned()
                }
                Entry::Flag { of, long, takes_value, .. } => {
                    let of = if of.is_empty() { &["plan"] } else { of };
                    line.extend(of);
                    line.extend(required(of));
                    let typed = format!("--{long}");
                    line.push(Box::leak(typed.clone().into_boxed_str()));
                    if takes_value {
                        line.push("value");
                    }
                    typed
                }
            };
            let refusal = refused(&line).unwrap_or_else(|| panic!("{line:?} is not refused"));
            assert!(refusal.contains(&typed) && refusal.ends_with("is not in this version"), "{refusal}");
        }
    }

    #[test]
    fn the_readme_lists_every_entry() {
        let list = |commands: bool| {
            let entries = TABLE.iter().filter(|entry| matches!(entry, Entry::Command(_)) == commands);
            entries.map(|entry| format!("`{}`", entry.what())).collect::<Vec<_>>().join(", ")
        };
        let readme = include_str!("../../README.md");
        for line in [format!("- commands: {}\n", list(true)), format!("- flags: {}\n", list(false))] {
            assert!(readme.contains(&line), "the README lacks this line:\n{line}");
        }
    }

    #[test]
    fn short_forms_and_places_do_not_matter() {
        for line in [
            &["klerk", "plan", "-o", "junit"][..],
            &["klerk", "apply", "-o", "markdown"],
            &["klerk", "group", "lag", "-o", "markdown"],
            &["klerk", "topic", "list"],
        ] {
            assert!(refused(line).is_some(), "{line:?}");
        }
    }
}
