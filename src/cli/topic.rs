use super::{Consent, Sources, parse_duration};
use clap::{ArgGroup, Args, Subcommand};
use klerk_core::group::TopicScope;
use std::time::Duration;

/// What to do with topics.
#[derive(Debug, Clone, Subcommand)]
pub enum Topic {
    Truncate(Box<TopicTruncate>),
    Delete(TopicDelete),
}

/// Delete the first records of topics: show what goes and who has not read it, ask, record, delete, look again
///
/// The topic, its partitions and its configs stay; the records are gone for good. Which ones go is decided when it is
/// planned: what is written afterwards stays. It needs --allow loses-data. Brokers delete no records of a topic that is
/// compacted only.
#[derive(Debug, Clone, Args)]
#[command(
    group(ArgGroup::new("how_far").required(true).args(["to_latest", "to_offset", "before", "older_than"])),
    override_usage = "klerk topic truncate [OPTIONS] <HOW FAR> <TOPICS>...",
    after_help = "Examples:\n  \
        klerk topic truncate debug.trace --to-latest --dry-run\n  \
        klerk topic truncate trading.executed:0,2-4 --to-offset 120000\n  \
        klerk topic truncate escrow.released --older-than 30d --yes --allow loses-data"
)]
pub struct TopicTruncate {
    /// The topics, or some of their partitions
    #[arg(required = true, value_name = "TOPIC[:P,P-P…]")]
    pub topics: Vec<TopicScope>,
    /// The topology that protects topics [default: topology.yaml where there is one]
    #[command(flatten)]
    pub sources: Sources,
    /// Time zone of a --before without one, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", requires = "before")]
    pub tz: Option<String>,
    #[command(flatten)]
    pub strategy: TruncateStrategy,
    #[command(flatten)]
    pub consent: Consent,
}

/// How far a truncation goes. Exactly one of them is set.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How far (one is needed)")]
pub struct TruncateStrategy {
    /// Every record that is there
    #[arg(long)]
    pub to_latest: bool,
    /// The records before this offset
    #[arg(long, value_name = "N")]
    pub to_offset: Option<i64>,
    /// The records before the first that is as young as this time, such as 2026-11-21T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub before: Option<String>,
    /// The records before the first that is no older than this, such as 30d or PT90M
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub older_than: Option<Duration>,
}

/// Delete topics: show what goes and who has not read it, ask, record, delete, look again
///
/// Topics are deleted by the ids that the plan has seen. Their records are gone for good; their partitions and configs
/// are in the record. It needs --allow loses-data unless every topic is certain to be empty.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk topic delete escrow.legacy --dry-run\n  \
    klerk topic delete escrow.legacy debug.trace --yes --allow loses-data")]
pub struct TopicDelete {
    /// The topics
    #[arg(required = true, value_name = "TOPIC")]
    pub topics: Vec<String>,
    /// The topology that protects topics [default: topology.yaml where there is one]
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub consent: Consent,
}
