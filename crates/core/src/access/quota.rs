use crate::values::{ByteSize, Thousands};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// The kinds of entities that quotas are for, in the order in which people name them, by Kafka's words.
pub const ENTITY_KINDS: [&str; 3] = ["user", "client-id", "ip"];

/// What is limited: the key of a topology, Kafka's own key, and how it is counted.
pub const QUOTA_KEYS: [(&str, &str, QuotaUnit); 5] = [
    ("produce", "producer_byte_rate", QuotaUnit::BytesPerSecond),
    ("consume", "consumer_byte_rate", QuotaUnit::BytesPerSecond),
    ("request", "request_percentage", QuotaUnit::Percent),
    ("mutations", "controller_mutation_rate", QuotaUnit::PerSecond),
    ("connections", "connection_creation_rate", QuotaUnit::PerSecond),
];

/// How the default of a kind of entity is called.
const BY_DEFAULT: &str = "by default";

/// How a quota is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaUnit {
    /// Bytes a second and broker.
    BytesPerSecond,
    /// Percent of one thread's time, of which a broker has several.
    Percent,
    /// So many a second.
    PerSecond,
}

/// Whom a quota is for: kinds of entity by Kafka's words (`user`, `client-id`, `ip`) with their names; `None` is the
/// default of a kind (KIP-546).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct QuotaEntity {
    /// The names by kind.
    pub parts: BTreeMap<String, Option<String>>,
}

impl QuotaEntity {
    /// The entity of these kinds and names.
    pub fn new<'a>(parts: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let owned = |(kind, name): (&str, Option<&str>)| (kind.to_owned(), name.map(str::to_owned));
        QuotaEntity { parts: parts.into_iter().map(owned).collect() }
    }

    /// The kinds with their names, in the order in which people name them.
    pub fn in_order(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let known = ENTITY_KINDS.iter().filter_map(|kind| self.parts.get_key_value(*kind));
        let others = self.parts.iter().filter(|(kind, _)| !ENTITY_KINDS.contains(&kind.as_str()));
        known.chain(others).map(|(kind, name)| (kind.as_str(), name.as_deref()))
    }
}

impl fmt::Display for QuotaEntity {
    /// `user webhooks, client-id etl`, `user by default`. A name that could be taken for something else than a name stands
    /// between quotes, so that no two entities are called alike.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (kind, name)) in self.in_order().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            match name {
                Some(name) if name == BY_DEFAULT || name.contains([',', '"']) => {
                    write!(f, "{comma}{kind} {name:?}")?;
                }
                Some(name) => write!(f, "{comma}{kind} {name}")?,
                None => write!(f, "{comma}{kind} {BY_DEFAULT}")?,
            }
        }
        Ok(())
    }
}

/// How much a quota is.
#[derive(Debug, Clone, Copy)]
pub struct Amount(pub f64);

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Amount {}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Amount {
    /// The whole number that it is, where it is one that a `f64` tells from its neighbours.
    fn whole(self) -> Option<i64> {
        let is_whole = self.0.fract() == 0.0 && self.0.abs() < 9_007_199_254_740_992.0;
        is_whole.then_some(self.0 as i64)
    }
}

/// The quotas of one entity, by Kafka's keys.
pub type Quotas = BTreeMap<String, Amount>;

/// The key of a topology for a key of Kafka's; Kafka's own where the format has none.
pub fn quota_word(key: &str) -> &str {
    QUOTA_KEYS.iter().find(|(_, kafka, _)| *kafka == key).map_or(key, |(word, ..)| word)
}

fn unit(key: &str) -> Option<QuotaUnit> {
    QUOTA_KEYS.iter().find(|(_, kafka, _)| *kafka == key).map(|(_, _, unit)| *unit)
}

/// How much it is for people: `10 MiB/s (10485760)`, `50%`, `20/s`.
pub fn describe_quota(key: &str, amount: Amount) -> String {
    match (unit(key), amount.whole()) {
        (Some(QuotaUnit::BytesPerSecond), Some(bytes)) => {
            match ByteSize(bytes).described().split_once(" (") {
                Some((size, exact)) => format!("{size}/s ({exact}"),
                None => format!("{} bytes/s", Thousands(bytes)),
            }
        }
        (Some(QuotaUnit::BytesPerSecond), None) => format!("{amount} bytes/s"),
        (Some(QuotaUnit::Percent), _) => format!("{amount}%"),
        (Some(QuotaUnit::PerSecond), _) => format!("{amount}/s"),
        (None, _) => amount.to_string(),
    }
}

/// How much it is as a topology writes it, read back as the same.
pub fn write_quota(key: &str, amount: Amount) -> String {
    match unit(key) {
        Some(QuotaUnit::BytesPerSecond) => match amount.whole().map(|bytes| ByteSize(bytes).to_string()) {
            Some(size) => format!("{size}/s"),
            None => amount.to_string(),
        },
        Some(QuotaUnit::Percent) => format!("{amount}%"),
        Some(QuotaUnit::PerSecond) => format!("{amount}/s"),
        None => amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_told_with_their_units() {
        let told =
            |key: &str, amount| (describe_quota(key, Amount(amount)), write_quota(key, Amount(amount)));
        assert_eq!(
            told("consumer_byte_rate", 10_485_760.0),
            ("10 MiB/s (10485760)".to_owned(), "10MiB/s".to_owned())
        );
        assert_eq!(told("producer_byte_rate", 1234.0), ("1,234 bytes/s".to_owned(), "1234/s".to_owned()));
        assert_eq!(told("request_percentage", 12.5), ("12.5%".to_owned(), "12.5%".to_owned()));
        assert_eq!(told("controller_mutation_rate", 0.5), ("0.5/s".to_owned(), "0.5/s".to_owned()));
        assert_eq!(quota_word("later_rate"), "later_rate");
    }

    #[test]
    fn entities_are_named_in_the_usual_order() {
        let entity = QuotaEntity::new([("client-id", None), ("user", Some("a"))]);
        assert_eq!(entity.to_string(), "user a, client-id by default");
        let odd = |name| QuotaEntity::new([("user", Some(name))]).to_string();
        assert_eq!(odd("a, client-id by default"), "user \"a, client-id by default\"");
        assert_eq!(
            (odd("by default"), odd("a b")),
            ("user \"by default\"".to_owned(), "user a b".to_owned())
        );
    }
}
