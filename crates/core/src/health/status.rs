use super::balance::{Load, Spread, loads};
use super::partitions::{Partitions, partitions};
use super::problem::{Problem, ProblemKind};
use super::quorum::{BEHIND_MS, QuorumStatus, Role, quorum};
use super::throttles::{Throttle, throttles};
use crate::values::{Failure, Known, Millis};
use crate::world::StatusView;

/// Whether a broker takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BrokerState {
    /// It serves.
    Live,
    /// The controller keeps it out: it is down, or just starting.
    Fenced,
    /// It has replicas, and the cluster does not list it.
    Missing,
}

impl BrokerState {
    /// The word in JSON and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            BrokerState::Live => "live",
            BrokerState::Fenced => "fenced",
            BrokerState::Missing => "missing",
        }
    }
}

/// One broker and what it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerStatus {
    /// Its node id.
    pub id: i32,
    /// Whether it takes part.
    pub state: BrokerState,
    /// What it carries.
    pub load: Load,
}

/// How a cluster is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterStatus {
    /// All brokers by node id, with those that only have replicas.
    pub brokers: Vec<BrokerStatus>,
    /// The quorum of controllers.
    pub quorum: Known<QuorumStatus>,
    /// All partitions.
    pub partitions: Partitions,
    /// How evenly live brokers lead; `None` while none is live.
    pub leaders: Option<Spread>,
    /// How evenly replicas lie on live brokers.
    pub replicas: Option<Spread>,
    /// How evenly bytes lie on live brokers; `None` where one of them does not tell.
    pub bytes: Option<Spread>,
    /// What slows replicas down.
    pub throttles: Vec<Throttle>,
    /// What an operator should look after, worst first. Empty when the cluster is healthy.
    pub problems: Vec<Problem>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Awaited {
    /// So many brokers at least; all that are registered where none is named.
    pub brokers: Option<usize>,
}

impl ClusterStatus {
    /// How many brokers serve.
    pub fn live(&self) -> usize {
        self.brokers.iter().filter(|broker| broker.state == BrokerState::Live).count()
    }

    /// Whether nothing is wrong, and no topic is known to be kept back of which that cannot be said.
    pub fn is_healthy(&self) -> bool {
        self.problems.is_empty() && self.partitions.untold().is_none()
    }

    /// What is still missing of what is waited for: brokers, a controller, partitions with a leader and with all their
    /// replicas in sync. Nothing when it is there.
    pub fn lacks(&self, awaited: Awaited) -> Vec<String> {
        let mut lacks = Vec::new();
        let live = self.live();
        if let Some(brokers) = awaited.brokers.filter(|brokers| live < *brokers) {
            lacks.push(format!("{live} of {brokers} brokers are live"));
        }
        let matters = |problem: &&Problem| match problem.kind {
            ProblemKind::BrokersDown => awaited.brokers.is_none(),
            ProblemKind::LogDirOffline | ProblemKind::VoterBehind => false,
            ProblemKind::NoController
            | ProblemKind::OfflinePartitions
            | ProblemKind::UnderMinIsr
            | ProblemKind::UnderReplicated
            | ProblemKind::Unanswered => true,
        };
        lacks.extend(self.partitions.untold());
        lacks.extend(self.problems.iter().filter(matters).map(|problem| problem.message.clone()));
        lacks
    }
}

/// Judges what was seen.
pub fn status(view: &StatusView) -> ClusterStatus {
    let state = |id: &i32| match view.brokers.get(id) {
        Some(broker) if broker.fenced => BrokerState::Fenced,
        Some(_) => BrokerState::Live,
        None => BrokerState::Missing,
    };
    let brokers: Vec<BrokerStatus> =
        loads(view).into_iter().map(|(id, load)| BrokerStatus { id, state: state(&id), load }).collect();
    let live = || brokers.iter().filter(|broker| broker.state == BrokerState::Live).map(|one| &one.load);
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let bytes: Option<Vec<i64>> = live().map(|load| load.bytes.known().copied()).collect();
    let mut status = ClusterStatus {
        quorum: view.quorum.as_ref().map(quorum),
        partitions: partitions(view),
        leaders: Spread::of(live().map(|load| count(load.leaders))),
        replicas: Spread::of(live().map(|load| count(load.replicas))),
        bytes: bytes.and_then(Spread::of),
        throttles: throttles(view),
        problems: Vec::new(),
        brokers,
    };
    status.problems = problems(view, &status);
    status
}

fn failed<T>(fact: &Known<T>) -> Option<&Failure> {
    match fact {
        Known::Failed(failure) => Some(failure),
        _ => None,
    }
}

fn problems(view: &StatusView, status: &ClusterStatus) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut tell = |kind, message: String| problems.push(Problem { kind, message });
    let counts = status.partitions.counts;
    let partitions = |number: usize| {
        if number == 1 { "1 partition".to_owned() } else { format!("{number} partitions") }
    };
    if let Known::Known(quorum) = &status.quorum {
        if quorum.leader.is_none() {
            tell(ProblemKind::NoController, "the quorum has no leader: nothing can be changed".to_owned());
        }
        for voter in quorum.of(Role::Voter) {
            match voter.lag_ms {
                Some(behind) if behind > BEHIND_MS => {
                    let behind = Millis(behind / 1000 * 1000);
                    let message = format!("voter {} of the quorum is {behind} behind", voter.id);
                    tell(ProblemKind::VoterBehind, message);
                }
                // A leader knows nothing of a voter that has never asked it for records, as after a failover.
                None if voter.lag.is_none() && quorum.leader.is_some() => {
                    let message =
                        format!("voter {} of the quorum has not been heard of by its leader", voter.id);
                    tell(ProblemKind::VoterBehind, message);
                }
                _ => {}
            }
        }
    }
    if counts.offline > 0 {
        let message = format!("{} without a leader: nobody can read or write", partitions(counts.offline));
        tell(ProblemKind::OfflinePartitions, message);
    }
    if counts.under_min_isr > 0 {
        let message = format!(
            "{} below min.insync.replicas: writes with acks=all fail",
            partitions(counts.under_min_isr)
        );
        tell(ProblemKind::UnderMinIsr, message);
    }
    if counts.under_replicated > 0 {
        let message = format!("{} with replicas that are not in sync", partitions(counts.under_replicated));
        tell(ProblemKind::UnderReplicated, message);
    }
    for broker in status.brokers.iter().filter(|broker| broker.state != BrokerState::Live) {
        let how = match broker.state {
            BrokerState::Missing => "has replicas and is not there",
            BrokerState::Fenced | BrokerState::Live => "is registered and not live",
        };
        tell(ProblemKind::BrokersDown, format!("broker {} {how}", broker.id));
    }
    for (broker, dirs) in &view.disks {
        for dir in dirs.known().into_iter().flatten() {
            if let Some(failure) = &dir.failure {
                let message = format!("broker {broker}: log folder {}: {failure}", dir.path);
                tell(ProblemKind::LogDirOffline, message);
            }
        }
    }
    // What a cluster refuses to tell, or cannot, is no fault of it; what should have come and did not is.
    let mut silent = |what: String, failure: Option<&Failure>| {
        if let Some(failure) = failure {
            tell(ProblemKind::Unanswered, format!("{what}: {failure}"));
        }
    };
    silent("brokers that are not live were not told".to_owned(), failed(&view.listed));
    silent("the quorum was not told".to_owned(), failed(&view.quorum));
    silent("the features were not told".to_owned(), failed(&view.features));
    silent("replicas on the move were not told".to_owned(), failed(&view.moves));
    for (broker, dirs) in &view.disks {
        silent(format!("broker {broker} did not tell its log folders"), failed(dirs));
    }
    for (broker, throttles) in &view.throttles {
        silent(format!("broker {broker} did not tell its throttles"), failed(throttles));
    }
    let configs = || view.topics.values().filter_map(|topic| failed(&topic.known()?.configs));
    let count = configs().count();
    let topics = if count == 1 { "1 topic".to_owned() } else { format!("{count} topics") };
    silent(format!("the configs of {topics} were not told"), configs().next());
    for (topic, why) in &status.partitions.unseen {
        tell(ProblemKind::Unanswered, format!("topic {topic}: {why}"));
    }
    problems.sort_by_key(|problem| problem.kind);
    problems
}
