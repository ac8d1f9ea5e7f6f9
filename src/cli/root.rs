use super::{
    Acl, Apply, Cluster, Complete, Completions, ConfigCommand, Demo, Diff, Explain, Export, Group, History,
    Man, Plan, Quota, Sandbox, Sources, Topic, Undo, User, Validate, parse_bound,
};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// The Kafka operator's command line: plan, apply, look and reset without harm
///
/// A topology file says which topics, schemas and group contracts there should be. `klerk plan` shows what differs on
/// the cluster and in the schema registry, `klerk apply` carries that out and reports the fate of every step.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "klerk",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
                  klerk demo                                the whole job on a simulated cluster, narrated\n  \
                  klerk export -b localhost:9092 > topology.yaml\n  \
                  klerk plan -b localhost:9092              what differs from topology.yaml\n  \
                  klerk apply -b localhost:9092\n  \
                  klerk group lag -b localhost:9092\n\n\
                  Exit status: 0 done, 1 error, 2 changes (with --detailed-exitcode), 3 partly, 4 refused, 64 usage.\n\
                  `klerk explain status` tells all of them."
)]
pub struct Cli {
    /// Where to connect, and how.
    #[command(flatten)]
    pub connection: Connection,
    /// What is printed, and how.
    #[command(flatten)]
    pub output: OutputFlags,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that say where the cluster and the registry are. They stand before or after the subcommand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Brokers to ask first [variables: KLERK_BOOTSTRAP, KAFKA_BOOTSTRAP_SERVERS]
    #[arg(short, long, value_name = "HOST:PORT,…", global = true, value_delimiter = ',')]
    pub bootstrap: Vec<String>,
    /// Schema registry; several URLs are one registry [variables: KLERK_REGISTRY, SCHEMA_REGISTRY_URL]
    #[arg(long, value_name = "URL,…", global = true, value_delimiter = ',')]
    pub registry: Vec<String>,
    /// A client.properties file as Java clients read it [variable: KLERK_COMMAND_CONFIG]
    #[arg(long, value_name = "FILE", global = true)]
    pub command_config: Option<PathBuf>,
    /// One client property, over the file; repeatable
    #[arg(short = 'X', value_name = "KEY=VALUE", global = true, action = ArgAction::Append)]
    pub property: Vec<String>,
    /// A named cluster of config.toml: where it is, and how to log in [variable: KLERK_CONTEXT]
    #[arg(short, long, value_name = "NAME", global = true)]
    pub context: Option<String>,
    /// Environment of the topology, which says where the cluster is and what differs there
    #[arg(short, long, value_name = "NAME", global = true, action = ArgAction::Append)]
    pub env: Vec<String>,
    /// Bound for the whole command, such as 90s; without one it has none [variable: KLERK_TIMEOUT]
    #[arg(long, value_name = "DURATION", global = true, value_parser = parse_bound)]
    pub timeout: Option<Duration>,
}

/// Flags that shape the output. They stand before or after the subcommand.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputFlags {
    /// The form of the answer on standard output
    #[arg(short, long, value_name = "human|json", global = true, hide_possible_values = true)]
    pub output: Option<OutputArg>,
    /// When to colour; NO_COLOR and TERM=dumb are heeded
    #[arg(long, value_name = "auto|always|never", global = true, value_enum, hide_possible_values = true)]
    pub color: Option<ColorChoice>,
    /// No progress and no notes; errors and warnings stay
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Trace requests on standard error; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// End standard error with the number of requests by API
    #[arg(long, global = true)]
    pub explain_requests: bool,
}

/// Every form of answer of the agreed design. Those that this version does not print are refused by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputArg {
    /// For people
    Human,
    /// One JSON document
    Json,
    #[value(hide = true)]
    Markdown,
    #[value(hide = true)]
    Junit,
    #[value(hide = true)]
    Github,
    #[value(hide = true)]
    Csv,
    #[value(hide = true)]
    Prometheus,
}

/// When a stream is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What can be done.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    Validate(Validate),
    Plan(Plan),
    Apply(Apply),
    Undo(Undo),
    History(History),
    Diff(Diff),
    Export(Export),
    /// Look at the cluster itself, set configs of its brokers, bring leaders back
    #[command(subcommand, arg_required_else_help = true)]
    Cluster(Cluster),
    /// Delete topics, or their first records
    #[command(subcommand, arg_required_else_help = true)]
    Topic(Topic),
    /// Look at access control entries
    #[command(subcommand, arg_required_else_help = true)]
    Acl(Acl),
    /// Look at the quotas that clients are held to
    #[command(subcommand, arg_required_else_help = true)]
    Quota(Quota),
    /// Look at the users that the cluster lets log in
    #[command(subcommand, arg_required_else_help = true)]
    User(User),
    /// Look at consumer groups, and move their committed offsets
    #[command(subcommand, arg_required_else_help = true)]
    Group(Group),
    /// Show every setting with where it came from, and the files that klerk reads and writes
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    Sandbox(Sandbox),
    Demo(Demo),
    Explain(Explain),
    Completions(Completions),
    #[command(hide = true)]
    Complete(Complete),
    Man(Man),
}

impl Command {
    /// The topology that the command reads, for those that read one.
    pub fn sources(&self) -> Option<&Sources> {
        match self {
            Command::Validate(validate) => Some(&validate.sources),
            Command::Plan(plan) => Some(&plan.sources),
            Command::Diff(diff) => Some(&diff.sources),
            Command::Export(export) => Some(&export.sources),
            Command::Apply(apply) => Some(&apply.sources),
            Command::Undo(undo) => Some(&undo.sources),
            Command::Topic(Topic::Truncate(truncate)) => Some(&truncate.sources),
            Command::Topic(Topic::Delete(delete)) => Some(&delete.sources),
            Command::History(history) => Some(&history.sources),
            Command::Cluster(cluster) => Some(cluster.sources()),
            Command::Acl(Acl::List(list)) => Some(&list.sources),
            Command::Quota(Quota::List(list)) => Some(&list.sources),
            Command::User(User::List(list)) => Some(&list.sources),
            Command::Group(Group::Lag(lag)) => Some(&lag.sources),
            Command::Group(Group::Reset(reset)) => Some(&reset.sources),
            Command::Group(Group::List(list)) => Some(&list.sources),
            Command::Group(Group::Describe(describe)) => Some(&describe.sources),
            Command::Config(_)
            | Command::Sandbox(_)
            | Command::Demo(_)
            | Command::Explain(_)
            | Command::Completions(_)
            | Command::Complete(_)
            | Command::Man(_) => None,
        }
    }

    /// What the command has use for. The others run whatever the settings hold.
    pub fn needs(&self) -> Needs {
        match self {
            Command::Plan(Plan { against: Some(_), .. }) => Needs::Limit,
            Command::Plan(_)
            | Command::Apply(_)
            | Command::Undo(_)
            | Command::Export(_)
            | Command::Cluster(_)
            | Command::Topic(_)
            | Command::Acl(_)
            | Command::Quota(_)
            | Command::User(_)
            | Command::History(_)
            | Command::Group(_)
            | Command::Config(_) => Needs::Settings,
            Command::Sandbox(_) | Command::Demo(_) => Needs::Limit,
            Command::Validate(_)
            | Command::Diff(_)
            | Command::Explain(_)
            | Command::Completions(_)
            | Command::Complete(_)
            | Command::Man(_) => Needs::Nothing,
        }
    }
}

/// Which of the settings a command has use for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// All of them.
    Settings,
    /// Only the bound of the whole command: it connects to nothing of the user's.
    Limit,
    /// None.
    Nothing,
}
