use super::Sources;
use clap::{Args, Subcommand};
use klerk_core::access::{Named, Operation, parse_operation};

/// What to do with access control entries.
#[derive(Debug, Clone, Subcommand)]
pub enum Acl {
    List(AclList),
}

/// List access control entries, or tell which of them decides
///
/// Entries are changed through the topology file. --explain decides as Kafka's StandardAuthorizer does: what denies
/// outweighs what allows; names, prefixes and * count alike; to be allowed to read, write, delete or alter is to be
/// allowed to describe, and to alter configs is to describe them. Super users may do everything, and no broker tells
/// who they are, nor what allow.everyone.if.no.acl.found is.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk acl list\n  \
    klerk acl list --principal settlement --resource topic:escrow.released\n  \
    klerk acl list --explain settlement read topic:escrow.released")]
pub struct AclList {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// Only entries of this principal; User: is added to a plain name
    #[arg(long, value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// Only entries that hold for this resource, such as topic:orders, group or cluster
    #[arg(long, value_name = "TYPE[:NAME]")]
    pub resource: Option<Named>,
    /// Only entries that name this operation, or all of them
    #[arg(long, value_name = "OPERATION", value_parser = parse_operation)]
    pub operation: Option<Operation>,
    /// Only entries that deny
    #[arg(long)]
    pub deny: bool,
    /// Tell whether somebody may do something, and which entry decides
    #[arg(
        long,
        num_args = 3,
        value_names = ["PRINCIPAL", "OPERATION", "TYPE:NAME"],
        conflicts_with_all = ["principal", "resource", "operation", "deny"]
    )]
    pub explain: Vec<String>,
    /// The address that the request would come from [default: any, so that only entries for every host decide]
    #[arg(long, value_name = "ADDRESS", requires = "explain")]
    pub host: Option<String>,
}
