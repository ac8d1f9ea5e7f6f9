use crate::kafka::meter::Meter;
use crate::registry::Counts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Counts what a command sends, to whomever and whatever becomes of the command. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// To the brokers.
    pub kafka: Arc<Meter>,
    /// To the schema registry.
    pub registry: Counts,
}

impl Requests {
    /// How many requests were sent so far, by API; handshakes apart.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let kafka = self.kafka.counts().requests;
        let mut counts: BTreeMap<String, u64> =
            kafka.into_iter().map(|(api, count)| (api.to_owned(), count.requests)).collect();
        counts.extend(self.registry.by_api());
        counts
    }
}
