use klerk_core::plan::HeldBack;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What holds copies of replicas back already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBackV1 {
    /// The rates by broker and key, in bytes a second; empty where they could not be read. The ids are texts, for serde reads no
    /// numbers as keys within the tagged lines of a record.
    pub brokers: BTreeMap<String, BTreeMap<String, String>>,
    /// Whether runs of klerk have set all of them, so that klerk takes them off again.
    pub by_klerk: bool,
    /// Why they could not be read; null where they could.
    pub not_available: Option<String>,
}

impl From<&HeldBack> for HeldBackV1 {
    fn from(held_back: &HeldBack) -> Self {
        match held_back {
            HeldBack::By { rates, by_klerk } => {
                let brokers = rates.iter().map(|(broker, set)| (broker.to_string(), set.clone())).collect();
                HeldBackV1 { brokers, by_klerk: *by_klerk, not_available: None }
            }
            HeldBack::NotRead(why) => {
                HeldBackV1 { brokers: BTreeMap::new(), by_klerk: false, not_available: Some(why.clone()) }
            }
        }
    }
}

impl HeldBackV1 {
    pub(super) fn to_core(&self) -> HeldBack {
        match &self.not_available {
            Some(why) => HeldBack::NotRead(why.clone()),
            None => {
                let known =
                    |(broker, set): (&String, &BTreeMap<_, _>)| Some((broker.parse().ok()?, set.clone()));
                HeldBack::By {
                    rates: self.brokers.iter().filter_map(known).collect(),
                    by_klerk: self.by_klerk,
                }
            }
        }
    }
}
