use super::{Consent, Sources, parse_count, parse_duration};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use klerk_core::group::TopicScope;
use klerk_core::values::closest;
use std::path::PathBuf;
use std::time::Duration;

/// What to do with consumer groups.
#[derive(Debug, Clone, Subcommand)]
pub enum Group {
    List(GroupList),
    Describe(GroupDescribe),
    Lag(GroupLag),
    Reset(Box<GroupReset>),
}

/// Reads the state of a group, with or without its dashes. Brokers may know others than klerk, so only slips are refused.
fn parse_state(text: &str) -> Result<String, String> {
    const STATES: [&str; 7] = [
        "empty",
        "stable",
        "preparing-rebalance",
        "completing-rebalance",
        "assigning",
        "reconciling",
        "dead",
    ];
    let plain = |word: &str| word.replace('-', "").to_lowercase();
    let known = STATES.iter().any(|state| plain(state) == plain(text));
    match closest(text, STATES).filter(|_| !known) {
        Some(meant) => Err(format!("'{text}' is no state of a group; did you mean {meant}?")),
        None => Ok(text.to_owned()),
    }
}

/// List groups with type, state and coordinator
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk group list\n  \
    klerk group list --match 'pf-*' --state empty")]
pub struct GroupList {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// Only groups whose id matches; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB")]
    pub matching: Option<String>,
    /// Only groups in this state, such as empty or stable
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    pub state: Option<String>,
}

/// Show groups in full: members, hosts, assignments, commits
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk group describe pf-settlement-cg\n  \
    klerk group describe pf-settlement-cg pf-ledger-cg -o json")]
pub struct GroupDescribe {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// The groups
    #[arg(required = true, value_name = "GROUP")]
    pub groups: Vec<String>,
}

/// Show how far groups are behind
///
/// Without a group: all visible groups, one row each. With groups: their partitions. Commits are read before log
/// ends; a missing answer is an error with a name and never a zero.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk group lag\n  \
    klerk group lag pf-settlement-cg\n  \
    klerk group lag pf-settlement-cg --time --headroom\n  \
    klerk group lag --match 'pf-*' --top 10 -o json")]
pub struct GroupLag {
    /// The groups; all visible ones when none is named
    #[arg(value_name = "GROUP")]
    pub groups: Vec<String>,
    /// The topology, so that the partitions of a group's contract are listed too
    #[command(flatten)]
    pub sources: Sources,
    /// What a row stands for
    #[arg(long, value_enum)]
    pub by: Option<LagBy>,
    /// Only groups whose id matches; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB")]
    pub matching: Option<String>,
    /// Only topics whose name matches
    #[arg(long, value_name = "GLOB")]
    pub topic: Option<String>,
    /// Only groups in this state, such as empty or stable
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    pub state: Option<String>,
    /// Only the N rows with the most lag
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub top: Option<usize>,
    /// Also how long ago the next record to read was written; it is read for that, which needs Read on the topic
    #[arg(long)]
    pub time: bool,
    /// Also how long until that record is older than retention.ms keeps it; retention.bytes may delete it sooner
    #[arg(long)]
    pub headroom: bool,
    /// What counts as the end of the log
    #[arg(long, value_enum)]
    pub isolation: Option<Isolation>,
}

/// What a row of a lag table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LagBy {
    /// A group
    Group,
    /// A topic of a group
    Topic,
    /// A partition of a group
    Partition,
    /// A member of a group
    Member,
}

/// Which end of a log a reader can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Isolation {
    /// The high watermark
    Uncommitted,
    /// The last stable offset, for readers of committed transactions
    Committed,
}

/// Move the committed offsets of groups: show old, new and delta per partition, ask, record, commit, look again
///
/// Planning works on a live group; carrying it out needs a group without members. Present offsets are always
/// recorded first, so `klerk undo` leads back.
#[derive(Debug, Clone, Args)]
#[command(
    group(ArgGroup::new("scope").required(true).args(["topic", "all_topics"])),
    group(ArgGroup::new("strategy").required(true).args([
        "to_earliest", "to_latest", "to_offset", "shift_by", "to_datetime", "by_duration", "to_current", "from_file",
        "from_group",
    ])),
    override_usage = "klerk group reset [OPTIONS] <SCOPE> <STRATEGY> <GROUP>...",
    after_help = "Examples:\n  \
        klerk group reset pf-settlement-cg --all-topics --to-earliest --dry-run\n  \
        klerk group reset pf-settlement-cg --topic escrow.released:0,2-4 --shift-by -10\n  \
        klerk group reset pf-settlement-cg --topic escrow.released --to-datetime 2026-11-21T10:00:00Z --yes"
)]
pub struct GroupReset {
    /// The groups
    #[arg(required = true, value_name = "GROUP")]
    pub groups: Vec<String>,
    /// The topology that protects groups [default: topology.yaml where there is one]
    #[command(flatten)]
    pub sources: Sources,
    /// Wait until the group has no members, at most this long
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "60s", value_parser = parse_duration)]
    pub wait_empty: Option<Duration>,
    /// How long commits must stand still before an empty group is believed
    #[arg(long, value_name = "DURATION", default_value = "6s", value_parser = parse_duration)]
    pub settle: Duration,
    /// Refuse when a target had to be clamped or a wish cannot be met exactly
    #[arg(long)]
    pub strict: bool,
    /// Seed a group that does not exist
    #[arg(long)]
    pub new_group: bool,
    /// What counts as the end of the log
    #[arg(long, value_enum)]
    pub isolation: Option<Isolation>,
    /// Time zone of a --to-datetime without one, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", requires = "to_datetime")]
    pub tz: Option<String>,
    #[command(flatten)]
    pub scope: ResetScope,
    #[command(flatten)]
    pub strategy: ResetStrategy,
    #[command(flatten)]
    pub consent: Consent,
}

/// Which partitions a reset covers.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Scope (one is needed)")]
pub struct ResetScope {
    /// A topic, or some of its partitions; repeatable
    #[arg(long, value_name = "TOPIC[:P,P-P…]")]
    pub topic: Vec<TopicScope>,
    /// Every topic that the group has a commit for
    #[arg(long)]
    pub all_topics: bool,
}

/// Where a reset goes to. Exactly one of them is set.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Strategy (one is needed)")]
pub struct ResetStrategy {
    /// The first record that is still there
    #[arg(long)]
    pub to_earliest: bool,
    /// The end: only records still to come
    #[arg(long)]
    pub to_latest: bool,
    /// This offset
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub to_offset: Option<i64>,
    /// The present commit and N records more, or fewer
    #[arg(long, value_name = "±N", allow_negative_numbers = true)]
    pub shift_by: Option<i64>,
    /// The first record at or after a time, such as 2026-11-21T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub to_datetime: Option<String>,
    /// The first record at or after this long ago, such as 90m or PT90M
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub by_duration: Option<Duration>,
    /// The present commit; the end where there is none
    #[arg(long)]
    pub to_current: bool,
    /// Offsets from a CSV file, as Kafka's own tool exports it
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// The commits of another group
    #[arg(long, value_name = "GROUP")]
    pub from_group: Option<String>,
}
