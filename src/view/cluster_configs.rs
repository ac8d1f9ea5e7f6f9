//! Configs of brokers, for people: what is set and where, and what differs between brokers.

use super::table::{Side, table};
use klerk_core::values::{Known, Pattern, describe_config_value};
use klerk_core::world::{BrokerConfigView, BrokerConfigs, ConfigSource, ConfigTarget};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What differs between brokers by its nature, and says nothing about them.
const OF_EACH: [&str; 7] =
    ["advertised.listeners", "broker.id", "broker.rack", "listeners", "log.dir", "log.dirs", "node.id"];

const MIN_ISR: &str = "min.insync.replicas";
/// Nobody may have set it (KIP-966).
const BY_KAFKA: &str =
    "\nmin.insync.replicas: where eligible leader replicas are on, Kafka itself sets it for all brokers\n";

/// Which of the configs are shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The place; `None` for what is set dynamically anywhere, and what differs.
    pub target: Option<ConfigTarget>,
    /// Also what is at Kafka's default.
    pub all: bool,
    /// Only keys that match.
    pub matching: Option<&'a Pattern>,
}

impl Shown<'_> {
    /// Whether a config of a place is shown.
    pub fn covers(&self, target: ConfigTarget, key: &str, view: &BrokerConfigView) -> bool {
        if self.matching.is_some_and(|pattern| !pattern.matches(key)) {
            return false;
        }
        match self.target {
            Some(ConfigTarget::Broker(_)) => self.all || view.source != ConfigSource::Default,
            Some(ConfigTarget::Cluster) | None => {
                view.is_set_at(target) || (self.all && self.target.is_none())
            }
        }
    }

    /// Whether a place is shown: of those for all brokers, each broker is asked along with them.
    pub fn covers_place(&self, target: ConfigTarget) -> bool {
        self.target.is_none_or(|wanted| wanted == target)
    }
}

/// The values of a key by broker, where not all have the same.
pub type Differing<'a> = BTreeMap<&'a str, BTreeMap<i32, Option<&'a str>>>;

/// The keys that brokers have different values of; secrets cannot be compared.
pub fn differing<'a>(
    seen: &'a BTreeMap<ConfigTarget, Known<BrokerConfigs>>,
    shown: &Shown<'_>,
) -> Differing<'a> {
    let brokers: Vec<(i32, &BrokerConfigs)> = seen
        .iter()
        .filter_map(|(target, configs)| match target {
            ConfigTarget::Broker(id) => Some((*id, configs.known()?)),
            ConfigTarget::Cluster => None,
        })
        .collect();
    let keys: BTreeSet<&str> =
        brokers.iter().flat_map(|(_, configs)| configs.keys().map(String::as_str)).collect();
    let mut differing = Differing::new();
    for key in keys {
        let is_shown = shown.matching.is_none_or(|pattern| pattern.matches(key));
        if !is_shown || OF_EACH.contains(&key) {
            continue;
        }
        let values: BTreeMap<i32, Option<&str>> = brokers
            .iter()
            .map(|(id, configs)| (*id, configs.get(key).and_then(|view| view.value.as_deref())))
            .collect();
        if values.values().collect::<BTreeSet<_>>().len() > 1 {
            differing.insert(key, values);
        }
    }
    differing
}

/// The tables.
pub fn human(seen: &BTreeMap<ConfigTarget, Known<BrokerConfigs>>, shown: &Shown<'_>) -> String {
    let mut rows = Vec::new();
    let mut notes = String::new();
    for (target, configs) in seen.iter().filter(|(target, _)| shown.covers_place(**target)) {
        match configs {
            Known::Known(configs) => {
                let shown = configs.iter().filter(|(key, view)| shown.covers(*target, key, view));
                rows.extend(shown.map(|(key, view)| row(*target, key, view)));
            }
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                let _ = writeln!(notes, "not available: the configs of {target}: {why}");
            }
        }
    }
    let mut text = String::new();
    if rows.is_empty() && !notes.is_empty() {
        // What could not be read is not at its default.
    } else if rows.is_empty() {
        text.push_str(match shown.target {
            Some(ConfigTarget::Broker(_)) => "everything is at Kafka's default\n",
            Some(ConfigTarget::Cluster) => "nothing is set for all brokers\n",
            None => "nothing is set dynamically\n",
        });
    } else {
        let columns = [
            ("PLACE", Side::Left),
            ("KEY", Side::Left),
            ("VALUE", Side::Left),
            ("SOURCE", Side::Left),
            ("TYPE", Side::Left),
            ("INSTEAD OF", Side::Left),
        ];
        text.push_str(&table(&columns, rows));
    }
    if shown.target.is_none() {
        text.push_str(&differences(seen, shown));
    }
    let all = ConfigTarget::Cluster;
    let for_all = seen.get(&all).and_then(Known::known).and_then(|configs| configs.get(MIN_ISR));
    if shown.covers_place(all) && for_all.is_some_and(|view| shown.covers(all, MIN_ISR, view)) {
        text.push_str(BY_KAFKA);
    }
    text.push_str(&notes);
    text
}

fn row(target: ConfigTarget, key: &str, view: &BrokerConfigView) -> Vec<String> {
    let value = match &view.value {
        _ if view.sensitive => "(hidden)".to_owned(),
        Some(value) => describe_config_value(key, value),
        None => "(null)".to_owned(),
    };
    let source = match view.read_only {
        true => format!("{}, read-only", view.source.as_str()),
        false => view.source.as_str().to_owned(),
    };
    vec![
        target.to_string(),
        key.to_owned(),
        value,
        source,
        view.kind.as_str().to_owned(),
        instead_of(key, view),
    ]
}

/// The value that would hold without the one that does, with its key where that is another one, and its source.
fn instead_of(key: &str, view: &BrokerConfigView) -> String {
    let Some(next) = view.synonyms.get(1) else { return "-".to_owned() };
    let value = match &next.value {
        _ if view.sensitive => "(hidden)".to_owned(),
        Some(value) if next.key == key => describe_config_value(key, value),
        Some(value) => format!("{}={value}", next.key),
        None => "(null)".to_owned(),
    };
    format!("{value} ({})", next.source.as_str())
}

fn differences(seen: &BTreeMap<ConfigTarget, Known<BrokerConfigs>>, shown: &Shown<'_>) -> String {
    let differing = differing(seen, shown);
    if differing.is_empty() {
        return String::new();
    }
    let mut text = String::from("\ndifferent on different brokers:\n");
    for (key, values) in &differing {
        let values: Vec<String> = values
            .iter()
            .map(|(id, value)| {
                format!(
                    "{id}: {}",
                    value.map_or_else(|| "not set".to_owned(), |value| describe_config_value(key, value))
                )
            })
            .collect();
        let _ = writeln!(text, "  {key}  {}", values.join(", "));
    }
    text
}
