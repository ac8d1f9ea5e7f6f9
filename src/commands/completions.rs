//! `klerk completions`: a script for a shell.

use crate::app::App;
use crate::cli::{self, Shell};
use crate::error::Error;
use crate::status::Status;
use crate::view::json::v1::TextDocument;
use clap::builder::PossibleValuesParser;
use clap::{Command, ValueHint};
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
    let script = script.map(|script| match args.shell {
        // Fish asks for the value of a flag by what the flag's own line says.
        Shell::Fish => script.replace(" -r -f\n", &format!(" -r -f -a \"{ASKED_BY_FISH}\"\n")),
        _ => script,
    });
    let script = script.map(|script| format!("{script}{}", with_names(args.shell)));
    let script = script.map_err(|source| Error::System { what: "the script cannot be made", source })?;
    app.answer(|| script.clone(), || TextDocument::completions(script.clone()));
    Ok(Status::Done)
}

/// What this version does not carry out is left out: completing it would promise it.
fn script(shell: &impl Generator) -> io::Result<String> {
    let mut command = cli::visible_command();
    command = without_file_names(with_forms(command));
    command.set_bin_name("klerk");
    command.build();
    let mut text = Vec::new();
    shell.try_generate(&command, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// With the forms of answer that each command has: those that its help names.
fn with_forms(command: Command) -> Command {
    let command = command.mut_args(|arg| match arg.get_value_names() {
        Some([forms]) if arg.get_id() == "output" => {
            let forms = cli::forms(forms);
            arg.value_parser(PossibleValuesParser::new(forms))
        }
        _ => arg,
    });
    command.mut_subcommands(with_forms)
}

/// Without file names where no file is meant: what clap knows nothing of, shells take for one.
fn without_file_names(command: Command) -> Command {
    let command = command.mut_args(|arg| match arg.get_value_hint() {
        ValueHint::Unknown if arg.get_action().takes_values() => arg.value_hint(ValueHint::Other),
        _ => arg,
    });
    command.mut_subcommands(without_file_names)
}

/// What asks klerk itself for names of the cluster, where a shell can: the rest of the script knows commands and flags.
fn with_names(shell: Shell) -> String {
    match shell {
        Shell::Bash => BASH.to_owned(),
        Shell::Zsh => ZSH.to_owned(),
        Shell::Fish => format!("\ncomplete -c klerk -a '{ASKED_BY_FISH}'\n"),
        Shell::Elvish | Shell::PowerShell => String::new(),
    }
}

const BASH: &str = r#"
_klerk_with_names() {
    local line=${COMP_LINE:0:COMP_POINT} names
    local -a typed
    read -ra typed <<< "$line"
    [[ $line == *[[:space:]] ]] && typed+=("")
    names=$(klerk complete -- "${typed[@]}" 2>/dev/null)
    if [[ -n $names ]]; then
        # Bash completes what stands after the last of its own separators only.
        local last=${typed[${#typed[@]}-1]} name before=
        [[ $COMP_WORDBREAKS == *:* && $last == *:* ]] && before=${last%"${last##*:}"}
        [[ $COMP_WORDBREAKS == *=* && ${last#"$before"} == *=* ]] && before=${last%"${last##*=}"}
        COMPREPLY=()
        while IFS= read -r name; do
            COMPREPLY+=("${name#"$before"}")
        done <<< "$names"
    else
        _klerk "$@"
    fi
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _klerk_with_names -o nosort -o bashdefault -o default klerk
else
    complete -F _klerk_with_names -o bashdefault -o default klerk
fi
"#;

const ZSH: &str = r#"
_klerk_with_names() {
    local -a names
    names=(${(f)"$(klerk complete -- "${(@)words[1,CURRENT]}" 2>/dev/null)"})
    if (( ${#names} )); then
        compadd -a names
    else
        _klerk "$@"
    fi
}

compdef _klerk_with_names klerk
"#;

const ASKED_BY_FISH: &str = "(klerk complete -- (commandline -opc) (commandline -ct) 2>/dev/null)";
