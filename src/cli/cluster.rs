use super::Sources;
use clap::{Args, Subcommand};

/// What to do with the cluster itself.
#[derive(Debug, Clone, Subcommand)]
pub enum Cluster {
    Status(ClusterStatus),
}

impl Cluster {
    /// The topology whose environment -e names.
    pub fn sources(&self) -> &Sources {
        match self {
            Cluster::Status(status) => &status.sources,
        }
    }
}

/// Show how the cluster is: brokers, partitions that are unhealthy, balance
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk cluster status\n  \
    klerk cluster status -o json")]
pub struct ClusterStatus {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
}
