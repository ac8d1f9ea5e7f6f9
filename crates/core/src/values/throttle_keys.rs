/// The config of a broker that bounds what it sends to throttled replicas, in bytes a second.
pub const LEADER_RATE: &str = "leader.replication.throttled.rate";
/// The config of a broker that bounds what it receives for throttled replicas, in bytes a second.
pub const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
/// The config of a topic that names the replicas whose sending is bounded.
pub const LEADER_REPLICAS: &str = "leader.replication.throttled.replicas";
/// The config of a topic that names the replicas whose receiving is bounded.
pub const FOLLOWER_REPLICAS: &str = "follower.replication.throttled.replicas";

/// The lists of throttled replicas on a topic: written by whoever moves replicas at this moment, not by its owner.
pub const THROTTLED_REPLICAS: [&str; 2] = [LEADER_REPLICAS, FOLLOWER_REPLICAS];
/// The rates of throttled replication on a broker.
pub const THROTTLED_RATES: [&str; 2] = [LEADER_RATE, FOLLOWER_RATE];
