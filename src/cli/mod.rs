//! The command line as types. Doc comments are the help; nothing here does anything.

mod acl;
mod clients;
mod cluster;
mod completing;
mod duration;
mod filter;
mod group;
mod moving;
mod not_yet;
mod own;
mod parse;
mod root;
mod sandbox;
mod topic;
mod topology;
mod wants_json;

pub use acl::{Acl, AclList};
pub use clients::{Quota, QuotaList, User, UserList};
pub use cluster::{Cluster, ClusterConfigs, ClusterElect, ClusterMoves, ClusterStatus, StatusBy};
pub use completing::{Complete, Completing, Names, completing};
pub use duration::{parse_bound, parse_count, parse_duration};
pub use filter::{Family, Filter};
pub use group::{
    Group, GroupDescribe, GroupLag, GroupList, GroupReset, Isolation, LagBy, ResetScope, ResetStrategy,
};
pub use moving::{Moving, parse_rate};
pub use not_yet::{NotYet, forms};
pub use own::{Completions, ConfigCommand, Explain, Man, Shell};
pub use parse::{Parsed, UsageError, command, parse, visible_command};
pub use root::{Cli, ColorChoice, Command, Connection, Needs, OutputArg, OutputFlags};
pub use sandbox::{Demo, Manner, Sandbox};
pub use topic::{Topic, TopicDelete, TopicTruncate, TruncateStrategy};
pub use topology::{Apply, Consent, Diff, Export, History, Plan, Revision, Sources, Undo, Validate};
pub use wants_json::wants_json;
