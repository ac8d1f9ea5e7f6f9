//! Electing leaders on demand (KIP-460).

use crate::state::State;

/// Which leader is elected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Election {
    /// The first of the replicas, if it is in sync.
    Preferred,
    /// Any replica that is up, also one that lacks records, where there is no leader.
    Unclean,
}

/// An election that was not held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElectionError {
    /// There is no such topic.
    #[error("No such topic as {0}")]
    NoTopic(String),
    /// There is no such partition of the topic.
    #[error("No such partition as {0}-{1}")]
    NoPartition(String, i32),
    /// The right one leads already.
    #[error("Leader election not needed for topic partition.")]
    NotNeeded,
    /// The preferred replica is down or not in sync.
    #[error("The preferred leader was not available.")]
    NoPreferred,
    /// No replica can lead.
    #[error("Eligible topic partition leaders are not available.")]
    NoEligible,
}

impl State {
    /// Elects the leader of a partition.
    ///
    /// # Errors
    /// When there is no such partition, or nobody to be elected.
    pub fn elect(&mut self, kind: Election, topic: &str, index: i32) -> Result<(), ElectionError> {
        let alive: Vec<i32> = self.alive().collect();
        let found = self.topics.get_mut(topic).ok_or_else(|| ElectionError::NoTopic(topic.to_owned()))?;
        let place = usize::try_from(index).ok();
        let partition = place.and_then(|place| found.partitions.get_mut(place));
        let partition = partition.ok_or_else(|| ElectionError::NoPartition(topic.to_owned(), index))?;
        let leader = match kind {
            Election::Preferred => {
                let preferred = partition.replicas.first().copied();
                if preferred.is_some() && partition.leader == preferred {
                    return Err(ElectionError::NotNeeded);
                }
                let fit = |id: &i32| alive.contains(id) && partition.isr.contains(id);
                preferred.filter(fit).ok_or(ElectionError::NoPreferred)?
            }
            Election::Unclean if partition.leader.is_some() => return Err(ElectionError::NotNeeded),
            Election::Unclean => {
                let up = partition.replicas.iter().copied().find(|id| alive.contains(id));
                let leader = up.ok_or(ElectionError::NoEligible)?;
                partition.isr = vec![leader];
                leader
            }
        };
        partition.lead_by(Some(leader));
        self.touch();
        Ok(())
    }
}
