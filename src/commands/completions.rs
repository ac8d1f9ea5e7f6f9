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
    let script = script.map(|script| format!("{script}{}", with_names(args.shell)));
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

/// What asks klerk itself for names of the cluster, where a shell can: the rest of the script knows commands and flags.
fn with_names(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::Elvish | Shell::PowerShell => "",
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

const FISH: &str = r#"
complete -c klerk -a '(klerk complete -- (commandline -opc) (commandline -ct) 2>/dev/null)'
"#;
