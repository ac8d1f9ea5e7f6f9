use super::yaml::quoted;
use crate::topology::{ConfigWish, Files, parse, resolve};
use crate::values::{ByteSize, Millis, as_integer, list_items, same_value};
use crate::world::ConfigView;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a topic may say that the defaults and a class may say too, in the order in which it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Partitions,
    Replication,
    Config(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Partitions => f.write_str("partitions"),
            Key::Replication => f.write_str("replication"),
            Key::Config(key) => f.write_str(&quoted(key)),
        }
    }
}

/// Settings with their values as they are written.
pub(super) type Settings = BTreeMap<Key, String>;

/// The word that takes back what a weaker layer says.
pub(super) const UNSET: &str = "unset";

/// Config values as a topology writes them, each read back once.
#[derive(Debug, Default)]
pub(super) struct Values {
    tried: BTreeMap<(String, String), Option<String>>,
}

impl Values {
    /// How a topology writes the value that is set on a topic; `None` when it has no way to say it. That is found by
    /// reading it back, so that the readers' rules stand in one place.
    pub fn written(&mut self, key: &str, value: &str, view: &ConfigView) -> Option<String> {
        let tried = (key.to_owned(), value.to_owned());
        let write = || {
            let text = config_text(key, value);
            let said = read_back(key, &text)?;
            same_value(key, view.kind, &said, value).then_some(text)
        };
        self.tried.entry(tried).or_insert_with(write).clone()
    }
}

fn config_text(key: &str, value: &str) -> String {
    match as_integer(value) {
        Some(millis) if key.ends_with(".ms") => return duration(millis),
        Some(bytes) if key.ends_with(".bytes") => return ByteSize(bytes).to_string(),
        _ => {}
    }
    if is_plain_number(value) || matches!(value, "true" | "false") {
        return value.to_owned();
    }
    // To Kafka the policies are a set, so that their order would only part topics that are alike.
    let items: BTreeSet<&str> = list_items(value).collect();
    let items: Vec<String> = items.into_iter().map(quoted).collect();
    if key == "cleanup.policy" && items.len() > 1 {
        return format!("[{}]", items.join(", "));
    }
    quoted(value)
}

/// A duration in units as long as these are easier to read than the number.
fn duration(millis: i64) -> String {
    let written = Millis(millis).to_string();
    let units = written.chars().filter(char::is_ascii_digit).count();
    if units < millis.to_string().len() { written } else { millis.to_string() }
}

/// `42`, `-1`, `0.5`: what every reader of YAML takes for the same number.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_number(whole) && is_number(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// What a topology that writes this is taken to say.
fn read_back(key: &str, text: &str) -> Option<String> {
    let topology = format!("klerk: 1\ntopics:\n  t: {{ {}: {text} }}\n", quoted(key));
    let topology = resolve(parse([("t.yaml".to_owned(), topology)]), &Files::new()).ok()?;
    match &topology.topics.get("t")?.configs.get(key)?.value {
        ConfigWish::Set(value) => Some(value.clone()),
        ConfigWish::Unset => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{ConfigSource, ConfigType};

    fn written(key: &str, kind: ConfigType, value: &str) -> String {
        let view = ConfigView {
            value: Some(value.to_owned()),
            inherited: None,
            kind,
            source: ConfigSource::DynamicTopic,
            sensitive: false,
            read_only: false,
        };
        Values::default().written(key, value, &view).unwrap_or_else(|| "(no way)".to_owned())
    }

    #[test]
    fn values_are_written_as_people_say_them() {
        use ConfigType::{Boolean, Double, List, Long, String as Text};
        let shown = [
            ("retention.ms", Long, "604800000"),
            ("retention.ms", Long, "-1"),
            ("retention.ms", Long, "5400000"),
            ("retention.ms", Long, "604800001"),
            ("message.timestamp.before.max.ms", Long, "9223372036854775807"),
            ("segment.bytes", Long, "1073741824"),
            ("segment.bytes", Long, "1048588"),
            ("retention.bytes", Long, "-1"),
            ("min.insync.replicas", Long, "2"),
            ("min.cleanable.dirty.ratio", Double, "0.5"),
            ("min.cleanable.dirty.ratio", Double, "1.024E-8"),
            ("preallocate", Boolean, "true"),
            ("cleanup.policy", List, "delete, compact"),
            ("cleanup.policy", List, "compact"),
            ("cleanup.policy", List, ""),
            ("compression.type", Text, "zstd"),
            ("x.y", Text, "0777"),
            ("x.y", Text, "1e3"),
            ("x.y", Text, "off"),
            ("x.y", Text, "~"),
            ("x.y", Text, "null"),
            ("x.y", Text, "1_000"),
            ("x.y", Text, " a, 'b' # c"),
            ("x.y", Text, "a\tb"),
            ("x.y", Text, "unset"),
            ("x.y", Text, ""),
            ("x.y", Text, "  "),
            ("undotted", Text, "a"),
            ("replication.factor", Text, "3"),
        ]
        .map(|(key, kind, value)| format!("{key}: {}", written(key, kind, value)));
        insta::assert_snapshot!(shown.join("\n"), @r#"
        retention.ms: 7d
        retention.ms: forever
        retention.ms: 1h30m
        retention.ms: 7d1ms
        message.timestamp.before.max.ms: 9223372036854775807
        segment.bytes: 1GiB
        segment.bytes: 1048588
        retention.bytes: -1
        min.insync.replicas: 2
        min.cleanable.dirty.ratio: 0.5
        min.cleanable.dirty.ratio: '1.024E-8'
        preallocate: true
        cleanup.policy: [compact, delete]
        cleanup.policy: compact
        cleanup.policy: (no way)
        compression.type: zstd
        x.y: '0777'
        x.y: '1e3'
        x.y: 'off'
        x.y: '~'
        x.y: 'null'
        x.y: '1_000'
        x.y: (no way)
        x.y: "a\tb"
        x.y: (no way)
        x.y: (no way)
        x.y: (no way)
        undotted: (no way)
        replication.factor: (no way)
        "#);
    }
}
