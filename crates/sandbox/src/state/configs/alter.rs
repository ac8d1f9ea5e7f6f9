//! How the configs of a topic or of brokers change: all that is wanted of one resource, or nothing.

use crate::state::configs::brokers::MIN_INSYNC;
use crate::state::configs::catalog::Kind;
use crate::state::configs::value::{bracketed, items, normal_form};
use crate::state::configs::{Scope, check_all};
use crate::state::{Refusal, State, topic_name};
use kafka_protocol::error::ResponseError;
use std::collections::{BTreeMap, BTreeSet};

/// What is done to a config (KIP-339).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Set,
    Delete,
    Append,
    Subtract,
}

impl Operation {
    /// The operation with this number.
    pub(crate) fn of(number: i8) -> Option<Operation> {
        match number {
            0 => Some(Operation::Set),
            1 => Some(Operation::Delete),
            2 => Some(Operation::Append),
            3 => Some(Operation::Subtract),
            _ => None,
        }
    }
}

/// What the changes start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From what is set now.
    Incremental,
    /// From nothing: what is not named is taken away.
    Whole,
}

/// A change of one config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) key: String,
    pub(crate) operation: Operation,
    pub(crate) value: Option<String>,
}

type Configs = BTreeMap<String, String>;

/// Checks what a broker checks before it knows whose configs they are.
///
/// # Errors
/// 42 for a key that is named twice, or for a value that is missing.
pub(crate) fn check_form(changes: &[Change]) -> Result<(), Refusal> {
    let invalid = |words: String| Err(Refusal::new(ResponseError::InvalidRequest, words));
    let valueless: Vec<&str> = changes
        .iter()
        .filter(|change| change.operation != Operation::Delete && change.value.is_none())
        .map(|change| change.key.as_str())
        .collect();
    if !valueless.is_empty() {
        return invalid(format!("Null value not supported for : {}", valueless.join(",")));
    }
    let mut seen = BTreeSet::new();
    if !changes.iter().all(|change| seen.insert(&change.key)) {
        return invalid("Error due to duplicate config keys".to_owned());
    }
    Ok(())
}

impl State {
    /// What a topic's configs will be; nothing is changed.
    ///
    /// # Errors
    /// 17 and 3 for the topic, 40 for a config, with the broker's words.
    pub(crate) fn altered_topic(&self, way: Way, name: &str, changes: &[Change]) -> Result<Configs, Refusal> {
        if name.is_empty() {
            let words = "Default topic resources are not allowed.";
            return Err(Refusal::new(ResponseError::InvalidRequest, words));
        }
        topic_name::check(name)?;
        let Some(topic) = self.topics.get(name) else {
            let words = format!("The topic '{name}' does not exist.");
            return Err(Refusal::new(ResponseError::UnknownTopicOrPartition, words));
        };
        let none = Configs::new();
        let now = if way == Way::Incremental { &topic.configs } else { &none };
        let configs = changed(Scope::Topic, now, changes, |key, operation| {
            let operation = if operation == Operation::Append { "APPEND" } else { "SUBTRACT" };
            format!("Can't {operation} to key {key} because its type is not LIST.")
        })?;
        check_all(Scope::Topic, &configs)
    }

    /// What the configs of a broker, or of all when there is no `node`, will be; nothing is changed.
    ///
    /// # Errors
    /// 42 for a value that the broker does not take or a config that it does not change while it runs, 40 otherwise.
    pub(crate) fn altered_broker(
        &self,
        way: Way,
        node: Option<i32>,
        changes: &[Change],
    ) -> Result<Configs, Refusal> {
        let none = Configs::new();
        let now = match (way, node) {
            (Way::Whole, _) => &none,
            (Way::Incremental, None) => &self.broker_configs.defaults,
            (Way::Incremental, Some(id)) => self.broker_configs.own.get(&id).unwrap_or(&none),
        };
        let configs = changed(Scope::Broker, now, changes, |key, operation| {
            let operation = if operation == Operation::Append { "append" } else { "subtract" };
            match Scope::Broker.find(key) {
                None => format!("Unknown config name: {key}"),
                Some(_) => format!("Config value {operation} is not allowed for config key: {key}"),
            }
        })?;
        check_broker(&configs, node).map_err(|words| Refusal::new(ResponseError::InvalidRequest, words))?;
        // Eligible leader replicas (KIP-966) need one value for the whole cluster, and always one.
        let refused = |words: &str| Err(Refusal::new(ResponseError::InvalidConfig, words));
        if node.is_none() && !configs.contains_key(MIN_INSYNC) {
            return refused("Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
        }
        if node.is_some() && changes.iter().any(|change| change.key == MIN_INSYNC) {
            return refused("Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
        }
        Ok(configs)
    }
}

/// Makes the changes one by one; `unlisted` has the words for adding to what is no list.
fn changed(
    scope: Scope,
    now: &Configs,
    changes: &[Change],
    unlisted: impl Fn(&str, Operation) -> String,
) -> Result<Configs, Refusal> {
    let mut configs = now.clone();
    for Change { key, operation, value } in changes {
        let value = value.as_deref().unwrap_or_default();
        match operation {
            Operation::Set => {
                configs.insert(key.clone(), value.to_owned());
            }
            Operation::Delete => {
                configs.remove(key);
            }
            Operation::Append | Operation::Subtract => {
                let definition = scope.find(key).filter(|definition| definition.kind == Kind::List);
                let Some(definition) = definition else {
                    return Err(Refusal::new(ResponseError::InvalidConfig, unlisted(key, *operation)));
                };
                let present = configs.get(key).or(definition.default.as_ref()).cloned().unwrap_or_default();
                let mut list: Vec<&str> = items(&present).into_iter().filter(|it| !it.is_empty()).collect();
                for item in items(value) {
                    match operation {
                        Operation::Append if !list.contains(&item) => list.push(item),
                        Operation::Subtract => list.retain(|present| *present != item),
                        _ => {}
                    }
                }
                configs.insert(key.clone(), list.join(","));
            }
        }
    }
    Ok(configs)
}

/// Checks all values that are set on brokers together.
fn check_broker(configs: &Configs, node: Option<i32>) -> Result<(), String> {
    let set: Vec<_> =
        configs.iter().filter_map(|(name, value)| Some((Scope::Broker.find(name)?, value))).collect();
    let those = |fits: fn(&super::catalog::Definition) -> bool| {
        let found = set.iter().filter(|(definition, _)| fits(definition));
        found.map(|(definition, _)| definition.name.as_str()).collect::<Vec<_>>()
    };
    let read_only = those(|definition| definition.read_only);
    if !read_only.is_empty() {
        return Err(format!("Cannot update these configs dynamically: {}", bracketed(&read_only)));
    }
    let per_listener = those(|definition| definition.per_listener);
    if !per_listener.is_empty() {
        return Err(format!(
            "These security configs can be dynamically updated only per-listener using the listener prefix: {}",
            bracketed(&per_listener)
        ));
    }
    let per_broker = those(|definition| definition.per_broker);
    if node.is_none() && !per_broker.is_empty() {
        return Err(format!(
            "Cannot update these configs at default cluster level, broker id must be specified: {}",
            bracketed(&per_broker)
        ));
    }
    set.iter().try_for_each(|(definition, value)| normal_form(definition, value).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Broker, Topic};

    fn state() -> State {
        let broker = |id: i32| (id, Broker { port: 9092, rack: format!("rack-{id}"), alive: true });
        let mut state = State::new((1..=3).map(broker).collect());
        let topic = Topic { id: uuid::Uuid::nil(), partitions: Vec::new(), configs: Configs::new() };
        state.topics.insert("t".to_owned(), topic);
        state
    }

    fn change(key: &str, operation: Operation, value: &str) -> Change {
        Change { key: key.to_owned(), operation, value: Some(value.to_owned()) }
    }

    #[test]
    fn a_list_grows_and_shrinks_from_its_default() {
        let mut state = state();
        let steps = [
            (Operation::Append, "compact", "delete,compact"),
            (Operation::Append, "compact,delete", "delete,compact"),
            (Operation::Subtract, "delete", "compact"),
            (Operation::Subtract, "delete, bla", "compact"),
            (Operation::Subtract, "compact", ""),
            (Operation::Set, "compact, delete", "compact,delete"),
        ];
        for (operation, value, after) in steps {
            let configs = state
                .altered_topic(Way::Incremental, "t", &[change("cleanup.policy", operation, value)])
                .expect("altered");
            assert_eq!(configs["cleanup.policy"], after, "{operation:?} {value}");
            state.topics.get_mut("t").expect("the topic").configs = configs;
        }
    }

    #[test]
    fn refusals_use_kafkas_words() {
        use Operation::{Append, Delete, Set};
        let state = state();
        let topic =
            |name: &str, changes: &[Change]| state.altered_topic(Way::Incremental, name, changes).map(|_| ());
        let broker =
            |node, changes: &[Change]| state.altered_broker(Way::Incremental, node, changes).map(|_| ());
        let twice = [change("retention.ms", Set, "1"), change("retention.ms", Set, "2")];
        let nothing = [Change { key: "retention.ms".to_owned(), operation: Set, value: None }];
        let all = [
            check_form(&twice),
            check_form(&nothing),
            topic("", &[]),
            topic("nix", &[]),
            topic("a b", &[]),
            topic("t", &[change("nope", Set, "1")]),
            topic("t", &[change("nope", Delete, "1")]),
            topic("t", &[change("retention.ms", Append, "1")]),
            topic("t", &[change("cleanup.policy", Append, "bla")]),
            broker(None, &[change("log.retention.ms", Set, "x")]),
            broker(None, &[change("node.id", Set, "5"), change("log.retention.hours", Set, "5")]),
            broker(Some(1), &[change("node.id", Delete, "")]),
            broker(None, &[change("listeners", Set, "5")]),
            broker(Some(1), &[change("ssl.keystore.location", Set, "x")]),
            broker(Some(1), &[change("log.retention.ms", Append, "1")]),
            broker(Some(1), &[change("nope", Append, "1")]),
            broker(Some(1), &[change("nope", Set, "1")]),
            broker(Some(1), &[change("min.insync.replicas", Set, "1")]),
            broker(None, &[change("min.insync.replicas", Delete, "")]),
            broker(None, &[change("min.insync.replicas", Set, "1")]),
        ];
        let told = all.map(|judged| match judged {
            Ok(()) => "accepted".to_owned(),
            Err(refusal) => format!("{} {}", refusal.code, refusal.words.unwrap_or_default()),
        });
        insta::assert_snapshot!(told.join("\n"), @r"
    42 Error due to duplicate config keys
    42 Null value not supported for : retention.ms
    42 Default topic resources are not allowed.
    3 The topic 'nix' does not exist.
    17 Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'
    40 Unknown topic config name: nope
    accepted
    40 Can't APPEND to key retention.ms because its type is not LIST.
    40 Invalid value bla for configuration cleanup.policy: String must be one of: compact, delete
    42 Invalid value x for configuration log.retention.ms: Not a number of type LONG
    42 Cannot update these configs dynamically: [log.retention.hours, node.id]
    accepted
    42 Cannot update these configs at default cluster level, broker id must be specified: [listeners]
    42 These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]
    40 Config value append is not allowed for config key: log.retention.ms
    40 Unknown config name: nope
    accepted
    40 Broker-level min.insync.replicas cannot be altered while ELR is enabled.
    40 Cluster-level min.insync.replicas cannot be removed while ELR is enabled.
    accepted
        ");
    }
}
