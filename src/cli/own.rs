use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to tell of the settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Every setting with its value and where it came from; secrets are masked
    ///
    /// Flags are stronger than variables, these than a file that --command-config names, and that is stronger than a context and
    /// an environment. Nothing is connected to.
    #[command(after_help = "Examples:\n  klerk config show\n  klerk config show --context prod -o json")]
    Show,
    /// The files and folders that klerk reads and writes
    #[command(after_help = "Example:\n  klerk config path")]
    Path,
}

/// Say what a code means: of a fault, a finding, a risk, a status, a Kafka error
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk explain moves-keys\n  \
    klerk explain 36\n  \
    klerk explain TOPIC_ALREADY_EXISTS\n  \
    klerk explain status")]
pub struct Explain {
    /// The code; without one, everything that can be explained is listed
    pub code: Option<String>,
}

/// Print a completion script
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  klerk completions bash > /etc/bash_completion.d/klerk")]
pub struct Completions {
    /// The shell that will read it
    pub shell: Shell,
}

/// A shell that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash
    Bash,
    /// Elvish
    Elvish,
    /// fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// Z shell
    Zsh,
}

/// Write the manual, a page for each command
#[derive(Debug, Clone, Args)]
pub struct Man {
    /// The folder to write into; it is made when it is missing
    pub dir: PathBuf,
}
