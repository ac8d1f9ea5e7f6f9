use super::{Filter, Moving, parse_count, parse_duration, parse_rate};
use clap::Args;
use klerk_core::plan::{Permission, UnknownPermission};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// The topology that a command reads.
#[derive(Debug, Clone, Default, Args)]
pub struct Sources {
    /// A topology file, a folder of them, or - for standard input; repeatable [default: topology.yaml]
    #[arg(short, long = "file", value_name = "PATH")]
    pub file: Vec<PathBuf>,
}

/// What stands for the cluster: a revision of git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(pub String);

fn parse_revision(text: &str) -> Result<Revision, String> {
    match text.strip_prefix("git:") {
        Some(revision) if !revision.is_empty() && !revision.starts_with('-') => {
            Ok(Revision(revision.to_owned()))
        }
        _ => Err("git:REV is expected, such as git:main, git:HEAD~1 or git:v1.2".to_owned()),
    }
}

/// Consent to a change, given beforehand.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Consent")]
pub struct Consent {
    /// Answer the question whether to go on; allows no risk
    #[arg(short, long)]
    pub yes: bool,
    /// Allow a risk, or a kind of change that the policy guards, by its name as the plan lists it; repeatable. protected
    /// stands for both: what the topology marks as protected, and a protected context, whose name is then not asked for
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = parse_permission)]
    pub allow: Vec<Permission>,
    /// Show the plan and stop
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Show the plan, save it in a file for klerk apply FILE, and stop
    #[arg(long, value_name = "FILE", conflicts_with_all = ["yes", "allow", "dry_run", "record"])]
    pub out: Option<PathBuf>,
    /// Write the record here instead of the state folder
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Show every resource of the plan and every step of the report by itself, however many there are
    #[arg(long)]
    pub full: bool,
}

impl Consent {
    /// Whether the plan is only to be shown or saved, so that nobody needs to consent to it.
    pub fn only_plans(&self) -> bool {
        self.dry_run || self.out.is_some()
    }
}

/// Reads the name of a risk or a kind of change. What is none is answered with what was probably meant, else with all.
fn parse_permission(text: &str) -> Result<Permission, String> {
    text.parse().map_err(|unknown: UnknownPermission| match unknown.meant {
        Some(_) => unknown.to_string(),
        None => {
            let names: Vec<&str> = Permission::all().map(Permission::as_str).collect();
            format!("{unknown}; there are {}", names.join(", "))
        }
    })
}

fn parse_batch(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| format!("'{text}' is not a whole number of 1 or more, such as 100"))
}

/// Check topology and schema files without a cluster
///
/// Lists every fault of all files at once, each with file, line, column and, where it can be told, the fix. Of files
/// that are sound it tells what is unwise, such as too few replicas in an environment that is production. --only and
/// --match are for what is unwise: a fault is told whatever it is about.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  klerk validate\n  klerk validate -f topics/ -f groups.yaml -o json")]
pub struct Validate {
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub filter: Filter,
    /// Refuse (status 4) when there is a warning
    #[arg(long)]
    pub strict: bool,
}

/// Compare the topology with the cluster and the registry; change nothing
///
/// Every change is put to the broker (validate_only) and every schema to the registry. A refusal makes the plan
/// unappliable and names the line that asked. What no file names is shown as unmanaged and never touched.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk plan -b localhost:9092\n  \
    klerk plan --detailed-exitcode -o json    status 0: nothing to do, 2: changes\n  \
    klerk plan --out plan.json                for klerk apply plan.json\n  \
    klerk plan -e prod -o markdown            a comment for a pull request\n  \
    klerk plan --against git:main             what this branch asks for, without a cluster")]
pub struct Plan {
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub filter: Filter,
    /// Compare with the files of a git revision instead of the cluster; nothing is asked, and the plan cannot be applied
    #[arg(long, value_name = "git:REV", value_parser = parse_revision, conflicts_with = "out")]
    pub against: Option<Revision>,
    /// Save the plan in a file for klerk apply FILE
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Give a user of the file the password of its file, also where it has one; repeatable
    #[arg(long, value_name = "USER")]
    pub rotate_user: Vec<String>,
    /// Status 2 when the plan has changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// The most that each broker may send, and may receive, for copies of replicas, such as 50MB/s or 400KiB/s; a number
    /// without a unit counts bytes a second
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub throttle: Option<i64>,
    /// Refuse (status 4) when there is a warning
    #[arg(long)]
    pub strict: bool,
    /// Show every resource by itself, however many there are, and the line of every value
    #[arg(long)]
    pub full: bool,
}

/// Show what differs between two environments of a topology, without a cluster
///
/// Resource by resource, each value with the line that it comes from; then the sections external, naming and policy,
/// unless --only or --match asks for some of the resources. Where the environments are, and whether they are of
/// production, is not compared.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk diff -e dev -e prod\n  \
    klerk diff -e prod -e dr --only topics --detailed-exitcode    status 0: nothing differs, 2: something does")]
pub struct Diff {
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub filter: Filter,
    /// Status 2 when something differs
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// Write what is on the cluster and in the registry as a topology of which the plan is empty
///
/// Topics with what is set on themselves, schemas, for each group the topics that it has commits on, for each principal
/// all that it may do, quotas, and users without their passwords. Settings that many topics share become defaults and
/// classes where that makes the file shorter. What a topology has no way to say, and what may not be seen, stands in its
/// comments. Without --out the topology goes to standard output, and schemas, which stand in files of their own, are left
/// out.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk export > topology.yaml\n  \
    klerk export --out estate/ && klerk plan -f estate/topology.yaml\n  \
    klerk export --only topics --match 'payments.*'\n  \
    klerk export --only access                who may do what, quotas and users\n  \
    klerk export -o json                      every file with its text")]
pub struct Export {
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub filter: Filter,
    /// Write topology.yaml and schemas/ into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// Plan, ask, carry out, and report the fate of every step
///
/// Shows the plan and asks on a terminal; elsewhere --yes is needed. A risk has to be allowed by its name. What was
/// there before is recorded first, in a file that the report names.
///
/// With PLANFILE, which --out has saved, exactly that plan is carried out. Everything that it rests on is read again;
/// what no longer holds is listed, nothing is done, and the status is 5. -e, with -f for another file than topology.yaml,
/// tells where its environment is.
///
/// Another replication factor moves replicas: the leader stays, as little as possible is copied, and racks are told
/// apart. The brokers do it by themselves; klerk follows them to the end, takes its throttle off again, and may be stopped
/// meanwhile: applied again, it goes on to follow them.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk apply\n  \
    klerk apply --yes --allow moves-keys\n  \
    klerk apply --allow moves-replicas --throttle 50MB/s\n  \
    klerk apply --dry-run\n  \
    klerk plan --out plan.json && klerk apply plan.json\n  \
    klerk plan -f estate/ -e prod --out plan.json && klerk apply -f estate/ -e prod plan.json")]
pub struct Apply {
    /// A saved plan to carry out instead of a fresh one
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["only", "matching", "out", "throttle", "rotate_user"])]
    pub plan_file: Option<PathBuf>,
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub filter: Filter,
    /// Refuse (status 4) when there is a warning
    #[arg(long, conflicts_with = "plan_file")]
    pub strict: bool,
    /// Give a user of the file the password of its file, also where it has one; repeatable
    #[arg(long, value_name = "USER")]
    pub rotate_user: Vec<String>,
    #[command(flatten)]
    pub moving: Moving,
    #[command(flatten)]
    pub consent: Consent,
    /// Send no more than this many changes in one request, to be gentle with a busy controller; 1 sends each step by itself
    /// [default: as many as a controller takes]
    #[arg(long, value_name = "N", value_parser = parse_batch)]
    pub batch: Option<NonZeroUsize>,
    /// Apply the rest where something is blocked; the status is 3 then
    ///
    /// A resource with a conflict is left out whole, and with it what depends on it.
    #[arg(long)]
    pub skip_blocked: bool,
}

/// Plan the way back of an apply or a reset, show it, ask, do it
///
/// RECORD is a record file, the id of a record of this cluster or the beginning of one, or `last`. Refused where
/// things have moved since, with what has moved; --allow moved-since plans the way back from the present. Configs of
/// topics and brokers, replicas, compatibility levels and committed offsets go back; created topics go while they are
/// empty; added partitions, registered schemas and deletions stay, and are named.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Examples:\n  klerk undo last --dry-run\n  klerk undo 20261121T100000Z-1f2e3d4c --yes"
)]
pub struct Undo {
    /// The record to go back over
    #[arg(value_name = "RECORD")]
    pub record_of: String,
    /// How long commits must stand still before an empty group is believed
    #[arg(long, value_name = "DURATION", default_value = "6s", value_parser = parse_duration)]
    pub settle: Duration,
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub moving: Moving,
    #[command(flatten)]
    pub consent: Consent,
}

/// List the records of what was changed on this cluster, newest first
///
/// Every run that changes something leaves a record, whatever becomes of it; one that was killed shows as ended early.
/// Records that --record has put elsewhere are not listed.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  klerk history --limit 10\n  klerk history --all -o json")]
pub struct History {
    /// The topology whose environment -e names
    #[command(flatten)]
    pub sources: Sources,
    /// Of the cluster with this id, without connecting to it
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub cluster: Option<String>,
    /// Of every cluster, without connecting to any
    #[arg(long)]
    pub all: bool,
    /// No more than this many, the newest
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub limit: Option<usize>,
}
