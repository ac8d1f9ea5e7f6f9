//! What the word that is being typed stands for, when it is a name that only the cluster, a file or a long list knows.

use super::parse::visible_command;
use super::root::Connection;
use clap::{Arg, ArgAction, Args, Command, FromArgMatches};
use std::ffi::OsString;
use std::path::PathBuf;

/// Print the names that the last word may become
///
/// The completion scripts call it. It prints nothing rather than fail.
#[derive(Debug, Clone, Args)]
pub struct Complete {
    /// The command line so far, with the program's name first and the word that is being typed last
    #[arg(num_args = 0.., trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// The names that a word may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Those of topics.
    Topics,
    /// Those of consumer groups.
    Groups,
    /// Those of contexts.
    Contexts,
    /// Those of the topology's environments.
    Environments,
    /// Ids of records.
    Records,
    /// Principals that entries are for.
    Principals,
    /// Users that the topology names.
    Users,
    /// Risks and kinds of changes that can be allowed, of which one word may name several.
    Permissions,
    /// What can be explained.
    Codes,
}

/// What is wanted of a command line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completing {
    /// What the last word stands for.
    pub names: Names,
    /// What of it has been typed.
    pub typed: String,
    /// What goes before the name, such as `--context=`.
    pub before: String,
    /// The connection that has been typed so far.
    pub connection: Connection,
    /// The topology files that have been typed so far.
    pub files: Vec<PathBuf>,
}

/// Reads a command line whose last word is being typed. `None` where it is no name.
pub fn completing(words: &[OsString]) -> Option<Completing> {
    let words: Vec<&str> = words.iter().map(|word| word.to_str()).collect::<Option<_>>()?;
    let (last, before) = words.split_last()?;
    let mut root = visible_command();
    root.build();
    let mut command = &root;
    let (mut open, mut positionals, mut files) = (None, 0, Vec::new());
    let mut only_positionals = false;
    for word in before.iter().skip(1) {
        if let Some(arg) = open.take() {
            remember(arg, word, &mut files);
        } else if *word == "--" {
            only_positionals = true;
        } else if word.starts_with('-') && !only_positionals {
            let (name, value) =
                word.split_once('=').map_or((*word, None), |(name, value)| (name, Some(value)));
            let arg = option(command, name).filter(|arg| takes_value(arg));
            match (arg, value) {
                (Some(arg), Some(value)) => remember(arg, value, &mut files),
                (arg, None) => open = arg,
                (None, Some(_)) => {}
            }
        } else if let Some(inner) = command.find_subcommand(word).filter(|_| positionals == 0) {
            command = inner;
        } else {
            positionals += 1;
        }
    }
    let (arg, start, typed) = match open {
        Some(arg) => (arg, "", *last),
        None if last.starts_with("--") && !only_positionals => {
            let (name, typed) = last.split_once('=')?;
            (option(command, name)?, &last[..=name.len()], typed)
        }
        None if last.starts_with('-') && !only_positionals => return None,
        None => (positional(command, positionals)?, "", *last),
    };
    let names = names(arg)?;
    // Of a list only the last name is typed.
    let (listed, typed) = match names {
        Names::Permissions => typed.split_at(typed.rfind(',').map_or(0, |comma| comma + 1)),
        _ => ("", typed),
    };
    Some(Completing {
        names,
        typed: typed.to_owned(),
        before: format!("{start}{listed}"),
        connection: connection(before),
        files,
    })
}

fn names(arg: &Arg) -> Option<Names> {
    match arg.get_id().as_str() {
        "topic" | "topics" => Some(Names::Topics),
        "group" | "groups" | "from_group" => Some(Names::Groups),
        "context" => Some(Names::Contexts),
        "env" => Some(Names::Environments),
        "record_of" => Some(Names::Records),
        "principal" => Some(Names::Principals),
        "rotate_user" => Some(Names::Users),
        "allow" => Some(Names::Permissions),
        "code" => Some(Names::Codes),
        _ => None,
    }
}

fn remember(arg: &Arg, value: &str, files: &mut Vec<PathBuf>) {
    if arg.get_long() == Some("file") {
        files.push(value.into());
    }
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

fn option<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let long = name.strip_prefix("--");
    let short =
        name.strip_prefix('-').and_then(|rest| rest.chars().next()).filter(|_| name.chars().count() == 2);
    command.get_arguments().find(|arg| match long {
        Some(long) => arg.get_long() == Some(long),
        None => short.is_some() && arg.get_short() == short,
    })
}

/// The positional argument that a word stands for; the last one may take many.
fn positional(command: &Command, index: usize) -> Option<&Arg> {
    let all: Vec<&Arg> = command.get_positionals().collect();
    let many = |arg: &&&Arg| matches!(arg.get_action(), ArgAction::Append);
    all.get(index).or_else(|| all.last().filter(many)).copied()
}

/// The connection flags among words that need not make a whole command line.
fn connection(words: &[&str]) -> Connection {
    let command = Connection::augment_args(Command::new("klerk")).ignore_errors(true);
    let flags: Vec<&str> = connection_words(words);
    let matches = command.try_get_matches_from(flags).ok();
    matches.and_then(|matches| Connection::from_arg_matches(&matches).ok()).unwrap_or_default()
}

/// The flags of a connection with their values, and nothing else that could be taken for one.
fn connection_words<'w>(words: &[&'w str]) -> Vec<&'w str> {
    const FLAGS: [&str; 10] = [
        "-b",
        "--bootstrap",
        "--registry",
        "--command-config",
        "-X",
        "-c",
        "--context",
        "-e",
        "--env",
        "--timeout",
    ];
    let mut kept = vec!["klerk"];
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        if FLAGS.contains(&name) || (word.starts_with("-X") && word.len() > 2) {
            kept.push(word);
            if FLAGS.contains(word) {
                kept.extend(words.next());
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: &str) -> Option<(Names, String)> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        completing(&words).map(|wanted| (wanted.names, format!("{}|{}", wanted.before, wanted.typed)))
    }

    #[test]
    fn a_word_stands_for_names_where_only_the_cluster_or_a_file_knows_them() {
        let found = |names, typed: &str| Some((names, typed.to_owned()));
        assert_eq!(wanted("klerk group lag pf-"), found(Names::Groups, "|pf-"));
        assert_eq!(wanted("klerk group lag a b "), found(Names::Groups, "|"));
        assert_eq!(wanted("klerk -c prod group reset g --topic esc"), found(Names::Topics, "|esc"));
        assert_eq!(wanted("klerk group reset g --topic=esc"), found(Names::Topics, "--topic=|esc"));
        assert_eq!(wanted("klerk topic delete "), found(Names::Topics, "|"));
        assert_eq!(wanted("klerk topic delete --timeout 5s -- "), found(Names::Topics, "|"));
        assert_eq!(wanted("klerk plan -e "), found(Names::Environments, "|"));
        assert_eq!(wanted("klerk --context "), found(Names::Contexts, "|"));
        assert_eq!(wanted("klerk undo 2026"), found(Names::Records, "|2026"));
        assert_eq!(wanted("klerk acl list --principal se"), found(Names::Principals, "|se"));
        assert_eq!(wanted("klerk plan --rotate-user se"), found(Names::Users, "|se"));
        assert_eq!(wanted("klerk apply --allow mo"), found(Names::Permissions, "|mo"));
        assert_eq!(wanted("klerk undo last --allow=a,mo"), found(Names::Permissions, "--allow=a,|mo"));
        assert_eq!(wanted("klerk explain topic/"), found(Names::Codes, "|topic/"));
        for other in
            ["klerk ", "klerk gro", "klerk group lag --", "klerk plan --out ", "klerk explain a ", ""]
        {
            assert_eq!(wanted(other), None, "{other}");
        }
    }

    #[test]
    fn connection_and_files_are_those_typed_before() {
        let words: Vec<OsString> =
            "klerk group -b a:1 lag --registry=http://r -X client.id=x -f dev.yaml -e dev "
                .split(' ')
                .map(OsString::from)
                .collect();
        let wanted = completing(&words).unwrap();
        assert_eq!(wanted.connection.bootstrap, ["a:1"]);
        assert_eq!(wanted.connection.registry, ["http://r"]);
        assert_eq!(wanted.connection.property, ["client.id=x"]);
        assert_eq!(wanted.connection.env, ["dev"]);
        assert_eq!(wanted.files, [PathBuf::from("dev.yaml")]);
    }
}
