use super::{Consent, Sources, parse_duration};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use klerk_core::group::TopicScope;
use std::time::Duration;

/// What to do with the cluster itself.
#[derive(Debug, Clone, Subcommand)]
pub enum Cluster {
    Status(ClusterStatus),
    Configs(ClusterConfigs),
    Elect(ClusterElect),
    Moves(ClusterMoves),
}

impl Cluster {
    /// The topology whose environment -e names.
    pub fn sources(&self) -> &Sources {
        match self {
            Cluster::Status(status) => &status.sources,
            Cluster::Configs(configs) => &configs.sources,
            Cluster::Elect(elect) => &elect.sources,
            Cluster::Moves(moves) => &moves.sources,
        }
    }
}

/// Show how the cluster is: what is wrong, brokers, quorum, unhealthy partitions, balance, disks
///
/// What a cluster does not tell, such as the log folders of a managed one, is named with its reason and is no failure.
/// The status is 0 whenever it could be read, however the cluster is. With --wait or --brokers it is 3 while something
/// of what is waited for is missing: brokers (all that are registered, or N), a controller, a leader for every
/// partition and all of its replicas in sync.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk cluster status\n  \
    klerk cluster status --by broker\n  \
    klerk cluster status --wait 60s --brokers 3    until three brokers serve everything, else status 3\n  \
    klerk cluster status --wait 0s                 status 3 unless the cluster is whole now")]
pub struct ClusterStatus {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// What a row stands for: what each broker carries, and its log folders
    #[arg(long, value_enum)]
    pub by: Option<StatusBy>,
    /// Look again until nothing is missing, at most this long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub wait: Option<Duration>,
    /// So many brokers have to be live, instead of all that are registered
    #[arg(long, value_name = "N")]
    pub brokers: Option<usize>,
}

/// What a row of the status stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusBy {
    /// A broker
    Broker,
}

/// Show the configs of brokers, and set dynamic ones as a plan
///
/// Without a broker: what is set dynamically, for all brokers or for one, and what differs between brokers. With one:
/// everything that is not at Kafka's default, with where it comes from. Setting shows the plan, asks the broker whether
/// it would accept it, records what was there before, and looks again; `klerk undo` leads back.
#[derive(Debug, Clone, Args)]
#[command(
    group(ArgGroup::new("place").args(["broker", "default"])),
    group(ArgGroup::new("change").args(["set", "unset"]).multiple(true).requires("place")),
    after_help = "Examples:\n  \
        klerk cluster configs\n  \
        klerk cluster configs 2 --all --match 'log.*'\n  \
        klerk cluster configs --default --set log.retention.ms=3d --set message.max.bytes=2MiB --dry-run\n  \
        klerk cluster configs 2 --unset num.io.threads --yes"
)]
pub struct ClusterConfigs {
    /// The topology whose environment -e names, and whose policy a change is held to
    #[command(flatten)]
    pub sources: Sources,
    /// One broker, by its node id
    #[arg(value_name = "BROKER")]
    pub broker: Option<i32>,
    /// What is set for all brokers that have no value of their own
    #[arg(long)]
    pub default: bool,
    /// Also what is at Kafka's default
    #[arg(long, conflicts_with = "change")]
    pub all: bool,
    /// Only keys that match; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB", conflicts_with = "change")]
    pub matching: Option<String>,
    /// Set a dynamic config; times and sizes also as a topology file takes them, such as 7d and 10MB; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Take a dynamic config off, so that what lies below holds; repeatable
    #[arg(long, value_name = "KEY")]
    pub unset: Vec<String>,
    #[command(flatten)]
    pub consent: Consent,
}

/// Bring leaders back to the preferred replicas: show who leads and who should, ask, record, elect, look again
///
/// Only partitions whose preferred replica, the first of the assigned ones, is live and in sync; the others are named
/// with the reason. No record is lost by it, and there is no way back, since who led before was nobody's wish.
/// An unclean election, which loses records, is not offered.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk cluster elect --dry-run\n  \
    klerk cluster elect --match 'payments.*' --yes\n  \
    klerk cluster elect --topic escrow.released:0,2-4")]
pub struct ClusterElect {
    /// The topology whose environment -e names, and whose policy the election is held to
    #[command(flatten)]
    pub sources: Sources,
    /// Only topics whose name matches; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB", conflicts_with = "topic")]
    pub matching: Option<String>,
    /// A topic, or some of its partitions; repeatable [default: all visible topics]
    #[arg(long, value_name = "TOPIC[:P,P-P…]")]
    pub topic: Vec<TopicScope>,
    #[command(flatten)]
    pub consent: Consent,
}

/// Show replicas that are on their way between brokers, wait for them, take moves back, or throttles off
///
/// Whoever sent them: what klerk apply has begun and left to the brokers, what a balancer does, and what Kafka's own tool
/// does. Bytes are those that the new replicas have, of those that their leaders hold. Throttles that are set are named,
/// and which of them no move needs any more. Nothing is changed. Another rate for what is on its way sets klerk apply
/// --throttle.
///
/// With --cancel the replicas stay where they were; a move that no record of klerk on this machine tells of is somebody
/// else's, and to take it back needs --allow moves-replicas. With --remove-throttle the lists of throttled replicas and the rates
/// go that no move needs, whoever has left them; what a running move needs stays. Either is a plan, which is shown, asked
/// for and recorded as every change is, and which klerk undo takes back where it can be.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk cluster moves\n  \
    klerk cluster moves --wait --timeout 2h\n  \
    klerk cluster moves --cancel --match 'payments.*'\n  \
    klerk cluster moves --remove-throttle --yes")]
pub struct ClusterMoves {
    /// The topology whose environment -e names, and whose protected topics need --allow protected
    #[command(flatten)]
    pub sources: Sources,
    /// Only topics that match; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB")]
    pub matching: Option<String>,
    /// Follow what is under way until it is done
    #[arg(long, conflicts_with_all = ["cancel", "remove_throttle"])]
    pub wait: bool,
    /// Take back what is under way
    #[arg(long)]
    pub cancel: bool,
    /// Take off the throttles that no move needs any more
    #[arg(long, conflicts_with = "cancel")]
    pub remove_throttle: bool,
    #[command(flatten)]
    pub consent: Consent,
}
