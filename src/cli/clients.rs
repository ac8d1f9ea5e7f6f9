use super::Sources;
use clap::{Args, Subcommand};

/// What to do with quotas.
#[derive(Debug, Clone, Subcommand)]
pub enum Quota {
    List(QuotaList),
}

/// List the quotas that clients are held to
///
/// Quotas are changed through the topology file. What a client may do is limited by the most particular one: for its
/// user and client id, its user, its client id, then the defaults.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk quota list\n  \
    klerk quota list --match 'user webhooks*'")]
pub struct QuotaList {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// Only entities called so, such as 'user web*' or 'ip 10.*'; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB")]
    pub matching: Option<String>,
}

/// What to do with users.
#[derive(Debug, Clone, Subcommand)]
pub enum User {
    List(UserList),
}

/// List the users that the cluster itself lets log in, by SCRAM
///
/// Users are changed through the topology file. Passwords cannot be read back: mechanisms and iterations are all that a
/// broker tells.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk user list\n  \
    klerk user list --match 'pf-*'")]
pub struct UserList {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// Only users called so; * stands for any run of characters
    #[arg(long = "match", value_name = "GLOB")]
    pub matching: Option<String>,
}
