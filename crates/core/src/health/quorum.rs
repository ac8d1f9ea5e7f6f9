use crate::world::{QuorumReplica, QuorumView};

/// A voter this much behind cannot take over without losing time, and is looked after.
pub(super) const BEHIND_MS: i64 = 10_000;

/// What a replica of the metadata log is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It decides.
    Leader,
    /// It votes, and may lead.
    Voter,
    /// It only follows: a broker, or a controller that is not in the quorum.
    Observer,
}

impl Role {
    /// The word in JSON and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Leader => "leader",
            Role::Voter => "voter",
            Role::Observer => "observer",
        }
    }
}

/// One replica of the metadata log, beside the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follower {
    /// Its node id.
    pub id: i32,
    /// What it is there for.
    pub role: Role,
    /// How many records it lacks; `None` where the leader does not know.
    pub lag: Option<i64>,
    /// For how long it has lacked some, in milliseconds; `None` where the leader does not tell.
    pub lag_ms: Option<i64>,
}

/// The quorum of controllers, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuorumStatus {
    /// The active controller; `None` while none is elected.
    pub leader: Option<i32>,
    /// Its epoch.
    pub leader_epoch: i32,
    /// The first offset of the metadata log that is not replicated to a majority.
    pub high_watermark: i64,
    /// Everybody, the leader first, then voters, then observers.
    pub replicas: Vec<Follower>,
}

impl QuorumStatus {
    /// Those of a role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Follower> {
        self.replicas.iter().filter(move |replica| replica.role == role)
    }

    /// The most that an observer lacks, in records and milliseconds.
    pub fn observers_behind(&self) -> (Option<i64>, Option<i64>) {
        let most = |lag: fn(&Follower) -> Option<i64>| self.of(Role::Observer).filter_map(lag).max();
        (most(|one| one.lag), most(|one| one.lag_ms))
    }
}

pub(super) fn quorum(view: &QuorumView) -> QuorumStatus {
    let leader = view.leader.and_then(|id| view.voters.get(&id));
    let follower = |id: i32, role: Role, replica: &QuorumReplica| {
        let ends = leader.and_then(|leader| leader.end).zip(replica.end);
        // Both times are by the leader's clock, so that ours does not matter.
        let times = leader.and_then(|leader| leader.caught_up_ms).zip(replica.caught_up_ms);
        Follower {
            id,
            role,
            lag: ends.map(|(ahead, behind)| ahead.saturating_sub(behind).max(0)),
            lag_ms: times.map(|(now, then)| now.saturating_sub(then).max(0)),
        }
    };
    let voter = |(id, replica): (&i32, &QuorumReplica)| {
        follower(*id, if view.leader == Some(*id) { Role::Leader } else { Role::Voter }, replica)
    };
    let mut replicas: Vec<Follower> = view.voters.iter().map(voter).collect();
    replicas.extend(view.observers.iter().map(|(id, replica)| follower(*id, Role::Observer, replica)));
    replicas.sort_by_key(|replica| (replica.role, replica.id));
    QuorumStatus {
        leader: view.leader,
        leader_epoch: view.leader_epoch,
        high_watermark: view.high_watermark,
        replicas,
    }
}
