use super::{Consent, Sources};
use clap::{Args, Subcommand};

/// What to do with topics.
#[derive(Debug, Clone, Subcommand)]
pub enum Topic {
    Delete(TopicDelete),
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
