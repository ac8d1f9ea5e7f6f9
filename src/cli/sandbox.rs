use clap::{Args, ValueEnum};
use klerk_sandbox::mishap::Mishap;
use std::path::PathBuf;
use std::str::FromStr;

/// The last port that leaves room for the registry, which listens ten ports after the first broker.
const LAST_PORT: i64 = 65_525;

/// Run a simulated cluster and registry on loopback until Ctrl-C
///
/// For trying things and for fast tests. It is not Kafka, and says so; everything is in memory of this process and gone
/// when it ends. Kafka's own tools and clients can connect to it as well. Ended by Ctrl-C it has done its job: status 0.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    klerk sandbox\n  \
    klerk sandbox --port 19092 --topology topology.yaml\n  \
    klerk sandbox --brokers 1 -o json          the addresses as a document, as soon as they answer")]
pub struct Sandbox {
    /// How many brokers, 1 to 9
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=9))]
    pub brokers: u16,
    /// The port of the first broker; the others follow it, and the registry listens on PORT+10 [default: free ports]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..=LAST_PORT))]
    pub port: Option<u16>,
    /// Whose manners the registry has, where registries differ: confluent, apicurio or karapace
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Manner::Confluent, hide_possible_values = true)]
    pub manner: Manner,
    /// A topology file or folder to apply before the addresses are told
    #[arg(long, value_name = "FILE")]
    pub topology: Option<PathBuf>,
    /// Keep access control entries, as a cluster with an authorizer does; nothing is enforced
    #[arg(long)]
    pub authorizer: bool,
    /// What shall go wrong from then on, such as 'CreateTopics topic=orders refuse 7 once'; repeatable
    ///
    /// With the brokers: API|* [topic|group|resource=NAME] [node=ID] HARM [after N] [once|N times|always], where HARM is one of
    /// refuse CODE, refuse-request CODE, answer CODE, omit, deny, late TIME, close-before, close-after, stop-before,
    /// stop-after, silence, throttle TIME, quota TIME, move, stale, absent and cap VERSION.
    ///
    /// With the registry: METHOD /PATH HARM [once|N times|always], where HARM is one of status STATUS, again STATUS, page
    /// STATUS, page-after STATUS, half, late TIME, silence, close-before and close-after.
    ///
    /// With the cluster: stop ID, release 3.9.
    #[arg(long, value_name = "FAULT", value_parser = parse_fault)]
    pub fault: Vec<Mishap>,
}

/// Reads a fault, which its own words explain when it is none.
fn parse_fault(text: &str) -> Result<Mishap, String> {
    text.parse().map_err(|error: <Mishap as FromStr>::Err| error.to_string())
}

/// Whose manners a registry has, where registries differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Manner {
    /// Confluent Schema Registry
    Confluent,
    /// Apicurio Registry
    Apicurio,
    /// Karapace
    Karapace,
}

/// Show klerk's whole job on a sandbox, narrated
///
/// Starts a simulated cluster and registry, applies a topology, lets events arrive and a group fall behind, and shows
/// lag, refusals, a reset and the way back. Each command is printed as one could type it, and is run by this program.
/// Nothing outside of a temporary folder is touched. Status 0 only if every step did what it says.
#[derive(Debug, Clone, Copy, Args)]
pub struct Demo {}
