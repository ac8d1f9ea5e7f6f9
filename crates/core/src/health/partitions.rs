use crate::values::{Known, TopicPartition};
use crate::world::{HiddenTopics, PartitionView, StatusView, TopicView};
use std::collections::BTreeMap;

/// What can be the matter with a partition, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It has no leader: nobody can read or write it.
    Offline,
    /// Fewer replicas are in sync than `min.insync.replicas`: writes with acks=all are refused.
    UnderMinIsr,
    /// As many replicas are in sync as `min.insync.replicas`: with one fewer such writes are refused.
    AtMinIsr,
    /// Not all replicas are in sync.
    UnderReplicated,
    /// Another replica than the first one leads.
    NotPreferred,
}

impl Condition {
    /// Every condition, worst first.
    pub const ALL: [Condition; 5] = [
        Condition::Offline,
        Condition::UnderMinIsr,
        Condition::AtMinIsr,
        Condition::UnderReplicated,
        Condition::NotPreferred,
    ];

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Condition::Offline => "The partition has no leader: nobody can read or write it.",
            Condition::UnderMinIsr => {
                "Fewer replicas are in sync than min.insync.replicas asks for, which brokers cap at the number of replicas: writes with acks=all are refused."
            }
            Condition::AtMinIsr => {
                "Just as many replicas are in sync as min.insync.replicas asks for: with one fewer, writes with acks=all are refused. Where all replicas are in sync it is how the topic was made, and no trouble."
            }
            Condition::UnderReplicated => "Not all replicas of the partition are in sync.",
            Condition::NotPreferred => {
                "Another replica than the first one leads, as after a restart. klerk cluster elect brings leaders back."
            }
        }
    }

    /// The word in JSON and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Condition::Offline => "offline",
            Condition::UnderMinIsr => "under-min-isr",
            Condition::AtMinIsr => "at-min-isr",
            Condition::UnderReplicated => "under-replicated",
            Condition::NotPreferred => "not-preferred",
        }
    }

    /// Whether it wants looking after. A partition that is led by another replica works, and so does one whose
    /// replicas are all in sync and just as many as are needed.
    fn is_unhealthy(self) -> bool {
        matches!(self, Condition::Offline | Condition::UnderMinIsr | Condition::UnderReplicated)
    }
}

/// One partition that something can be said of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionHealth {
    /// Which one.
    pub partition: TopicPartition,
    /// The leader's node id; `None` while there is none.
    pub leader: Option<i32>,
    /// Assigned replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// How many replicas in sync `min.insync.replicas` asks for, as the broker caps it at the number of replicas.
    pub min_isr: Known<usize>,
    /// Whether replicas of it are on their way.
    pub moving: bool,
    /// All that holds of it, worst first.
    pub conditions: Vec<Condition>,
}

impl PartitionHealth {
    /// Replicas that are assigned and not in sync.
    pub fn missing(&self) -> Vec<i32> {
        self.replicas.iter().copied().filter(|id| !self.isr.contains(id)).collect()
    }

    /// The replica that should lead.
    pub fn preferred(&self) -> Option<i32> {
        self.replicas.first().copied()
    }

    /// Whether it wants looking after.
    pub fn is_unhealthy(&self) -> bool {
        self.conditions.iter().any(|condition| condition.is_unhealthy())
    }
}

/// How many partitions there are, and how many of them each condition holds of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartitionCounts {
    /// All that are visible.
    pub total: usize,
    /// Without a leader.
    pub offline: usize,
    /// With fewer replicas in sync than `min.insync.replicas`.
    pub under_min_isr: usize,
    /// With just as many.
    pub at_min_isr: usize,
    /// With replicas that are not in sync.
    pub under_replicated: usize,
    /// Led by another replica than the first one.
    pub not_preferred: usize,
    /// Of which it cannot be told how many replicas must be in sync.
    pub min_isr_unknown: usize,
    /// Those of them that may have fewer: with all replicas in sync there are never too few.
    pub under_min_isr_unknown: usize,
}

/// All partitions of a cluster, judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partitions {
    /// How many topics there are.
    pub topics: usize,
    /// How many partitions, and of what kind.
    pub counts: PartitionCounts,
    /// Those that want looking after, worst first, then by name.
    pub unhealthy: Vec<PartitionHealth>,
    /// Those that are led by another replica than the first one, by name.
    pub not_preferred: Vec<PartitionHealth>,
    /// Topics that are there and cannot be seen, with the reason.
    pub unseen: BTreeMap<String, String>,
    /// Topics of which live brokers have replicas and that are in no list, for they may not be described (KIP-113 asks for the
    /// cluster, and not for topics). Where that is not known there may be any number.
    pub hidden: HiddenTopics,
}

/// Judges every partition of every topic that was seen.
pub(super) fn partitions(view: &StatusView) -> Partitions {
    let mut all = Partitions::default();
    for (name, topic) in &view.topics {
        match topic {
            Known::Known(topic) => {
                all.topics += 1;
                for partition in &topic.partitions {
                    all.add(judge(view, name, topic, partition));
                }
            }
            Known::Absent => {}
            missing => {
                all.unseen.insert(name.clone(), missing.missing_reason().unwrap_or_default());
            }
        }
    }
    all.hidden = HiddenTopics(view.hidden.clone());
    all.unhealthy
        .sort_by(|a, b| (a.conditions.first(), &a.partition).cmp(&(b.conditions.first(), &b.partition)));
    all
}

impl Partitions {
    /// Whether every topic that there may be was seen.
    pub fn is_whole(&self) -> bool {
        self.hidden.visible_only() == Some(false)
    }

    /// Whether there are topics, or it may not be known whether there are, and none was seen: nothing can be said of the cluster's
    /// health.
    pub fn is_blind(&self) -> bool {
        self.topics == 0 && self.hidden.visible_only() == Some(true)
    }

    /// Why it cannot be said that all partitions are served, where topics are known to be kept back. That somebody does not tell
    /// whether there are such topics is no reason: a managed cluster may tell nobody.
    pub fn untold(&self) -> Option<String> {
        if self.is_blind() {
            return Some("no topic is visible, so whether partitions are served cannot be told".to_owned());
        }
        let note = self.hidden.0.known().and_then(|_| self.hidden.note())?;
        Some(format!("whether all partitions are served cannot be told: {note}"))
    }

    fn add(&mut self, health: PartitionHealth) {
        let counts = &mut self.counts;
        counts.total += 1;
        if health.min_isr.known().is_none() {
            counts.min_isr_unknown += 1;
            counts.under_min_isr_unknown += usize::from(!health.missing().is_empty());
        }
        for condition in &health.conditions {
            *match condition {
                Condition::Offline => &mut counts.offline,
                Condition::UnderMinIsr => &mut counts.under_min_isr,
                Condition::AtMinIsr => &mut counts.at_min_isr,
                Condition::UnderReplicated => &mut counts.under_replicated,
                Condition::NotPreferred => &mut counts.not_preferred,
            } += 1;
        }
        if health.conditions.contains(&Condition::NotPreferred) {
            self.not_preferred.push(health.clone());
        }
        if health.is_unhealthy() {
            self.unhealthy.push(health);
        }
    }
}

fn judge(view: &StatusView, name: &str, topic: &TopicView, seen: &PartitionView) -> PartitionHealth {
    let partition = TopicPartition::new(name, seen.partition);
    let moves = view.moves.known().and_then(|moves| moves.get(&partition));
    // Replicas that are still on their way are not missed, as Kafka's own count has it.
    let coming = moves.map_or(&[][..], |one| &one.adding);
    let settled = seen.replicas.iter().filter(|id| !coming.contains(id));
    let min_isr = min_isr(topic, seen.replicas.len());
    let mut conditions = Vec::new();
    if seen.leader.is_none() {
        conditions.push(Condition::Offline);
    }
    if let Known::Known(min_isr) = min_isr {
        match seen.isr.len() {
            // The ISR of a partition without a leader is whoever was in sync last, though nobody takes writes.
            _ if seen.leader.is_none() => conditions.push(Condition::UnderMinIsr),
            isr if isr < min_isr => conditions.push(Condition::UnderMinIsr),
            isr if isr == min_isr => conditions.push(Condition::AtMinIsr),
            _ => {}
        }
    }
    if settled.clone().any(|id| !seen.isr.contains(id)) {
        conditions.push(Condition::UnderReplicated);
    }
    if seen.leader.is_some() && seen.leader.as_ref() != seen.replicas.first() {
        conditions.push(Condition::NotPreferred);
    }
    PartitionHealth {
        partition,
        leader: seen.leader,
        replicas: seen.replicas.clone(),
        isr: seen.isr.clone(),
        min_isr,
        moving: moves.is_some(),
        conditions,
    }
}

/// `min.insync.replicas` as it takes effect: a broker caps it at the number of replicas.
fn min_isr(topic: &TopicView, replicas: usize) -> Known<usize> {
    match &topic.configs {
        Known::Known(configs) => {
            let value = configs.get("min.insync.replicas").and_then(|config| config.value.as_deref());
            match value.and_then(|value| value.trim().parse::<usize>().ok()) {
                Some(value) => Known::Known(value.min(replicas)),
                None => Known::Unavailable("the broker does not tell min.insync.replicas".to_owned()),
            }
        }
        missing => missing.as_ref().map(|_| replicas),
    }
}
