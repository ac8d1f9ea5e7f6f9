use super::super::Code;
use super::super::draft::{Sections, Wish, once};
use super::super::place::{At, Complaints};
use super::super::policy::{PolicyWish, UnlistedConfigs};
use super::super::policy_values::Allowed;
use super::super::yaml::{Entry, Node, Scalar, Value};
use super::{configs, keys, scalars};
use crate::plan::{Level, Permission, UnknownPermission};
use crate::values::check_topic_name;

/// The topic keys of which a policy may say what they may be, besides Kafka configs.
const KEYS_WITH_VALUES: &[&str] = &["class", "partitions", "replication", "owner", "key_by"];

/// Reads the section `policy`.
pub(super) fn policy(entry: &Entry, sections: &mut Sections, complaints: &mut Complaints<'_>) {
    let wish = &mut sections.policy;
    // A second section, in another file, is a fault of its own, which also covers what it repeats.
    if wish.spot.is_some() {
        sections.other_policies.push(entry.key.spot);
        return;
    }
    wish.spot = Some(entry.key.spot);
    for entry in keys::entries(&entry.value, "policy", complaints) {
        let (name, node) = (entry.key.value.as_str(), &entry.value);
        match name {
            "changes" => changes(node, wish, complaints),
            "topics" => topics(node, wish, complaints),
            "scope" => scope(node, wish, complaints),
            "unlisted_configs" => {
                let words = [UnlistedConfigs::Keep, UnlistedConfigs::Reset].map(|word| (word.as_str(), word));
                wish.unlisted_configs = scalars::word(node, name, &words, complaints);
            }
            "max_change_share" => wish.max_change_share = share(node, complaints),
            _ => keys::refuse(entry, "policy", &[keys::POLICY_KEYS], &[], complaints),
        }
    }
}

fn changes(node: &Node, wish: &mut PolicyWish, complaints: &mut Complaints<'_>) {
    let words = Level::ALL.map(|level| (level.as_str(), level));
    for entry in keys::entries(node, "'changes' of policy", complaints) {
        let name = entry.key.value.as_str();
        match name.parse::<Permission>() {
            Ok(permission) if permission != Permission::ChangeShare => {
                if let Some(level) = scalars::word(&entry.value, name, &words, complaints) {
                    wish.changes.insert(permission, level);
                }
            }
            Ok(_) => {
                let message = format!("'{name}' has no level: the share itself is what the policy sets");
                complaints.say(Code::UnknownKey, entry.key.spot, message).fix("max_change_share: 30%");
            }
            Err(UnknownPermission { meant, .. }) => {
                let message = format!("'{name}' is neither a kind of change nor a risk");
                let fix = match meant {
                    Some(meant) => format!("did you mean '{meant}'?"),
                    None => {
                        let names: Vec<&str> = Permission::levelled().map(Permission::as_str).collect();
                        format!("there are {}", names.join(", "))
                    }
                };
                complaints.say(Code::UnknownKey, entry.key.spot, message).fix(fix);
            }
        }
    }
}

fn scope(node: &Node, wish: &mut PolicyWish, complaints: &mut Complaints<'_>) {
    let mut prefixes = Vec::new();
    for prefix in scalars::texts(node, "scope", complaints) {
        let text = prefix.value.as_str();
        if let Some(before) = text.split('*').next().filter(|before| before.len() < text.len()) {
            let message = format!("'scope' takes the beginnings of names, not patterns such as '{text}'");
            let fix = (!before.is_empty()).then_some(before);
            complaints.say(Code::BadPattern, prefix.spot, message).maybe_fix(fix);
        } else if check_topic_name(&format!("{text}x")).is_err() {
            let message = format!("no topic can have a name that begins with '{text}'");
            complaints.say(Code::BadPattern, prefix.spot, message);
        } else {
            prefixes.push(prefix);
        }
    }
    if !prefixes.is_empty() {
        wish.scope = Some(At::new(prefixes, node.spot));
    }
}

fn topics(node: &Node, wish: &mut PolicyWish, complaints: &mut Complaints<'_>) {
    for entry in keys::entries(node, "'topics' of policy", complaints) {
        let (name, node) = (entry.key.value.as_str(), &entry.value);
        match name {
            "require" => {
                let mut required = Vec::new();
                for key in scalars::texts(node, name, complaints) {
                    if is_topic_key(&key.value) {
                        required.push(key);
                    } else if keys::TOPIC_KEYS.contains(&key.value.as_str()) {
                        let message = format!("'{}' is not for a policy to require", key.value);
                        complaints.say(Code::UnknownKey, key.spot, message);
                    } else {
                        unknown(&At::new(key.value.clone(), key.spot), complaints);
                    }
                }
                once(&mut wish.require, At::new(required, node.spot), "'require'", complaints);
            }
            "values" => {
                for entry in keys::entries(node, "'values' of policy", complaints) {
                    values(entry, wish, complaints);
                }
            }
            _ => keys::refuse(entry, "'topics' of policy", &[keys::POLICY_TOPICS_KEYS], &[], complaints),
        }
    }
}

/// Whether a topic may say such a key of itself. In which environments it is, and whether it is at all, no policy rules.
fn is_topic_key(key: &str) -> bool {
    let own = keys::TOPIC_KEYS.contains(&key) && !matches!(key, "only" | "state");
    own || (configs::is_config(key) && keys::brought_along(key).is_none())
}

fn unknown(key: &At<String>, complaints: &mut Complaints<'_>) {
    let entry = Entry {
        key: key.clone(),
        value: Node { spot: key.spot, value: Value::List(Vec::new()) },
        bare: false,
    };
    keys::refuse(
        &entry,
        "a topic",
        &[keys::TOPIC_KEYS, keys::KAFKA_CONFIGS],
        keys::LATER_TOPIC_KEYS,
        complaints,
    );
}

fn values(entry: &Entry, wish: &mut PolicyWish, complaints: &mut Complaints<'_>) {
    let (key, node) = (entry.key.value.as_str(), &entry.value);
    let is_config = configs::is_config(key) && keys::brought_along(key).is_none();
    if !is_config && !KEYS_WITH_VALUES.contains(&key) {
        if keys::TOPIC_KEYS.contains(&key) {
            let message = format!("of '{key}' a policy cannot say what it may be");
            complaints.say(Code::UnknownKey, entry.key.spot, message).fix("require asks that it is said");
        } else {
            unknown(&entry.key, complaints);
        }
        return;
    }
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    if items.is_empty() {
        complaints
            .say(Code::EmptyValue, node.spot, format!("the policy takes no value of '{key}' at all"))
            .fix("name the values, or leave the key out");
        return;
    }
    let before = complaints.count();
    let allowed: Vec<Allowed> = items.iter().filter_map(|item| one(key, item, complaints)).collect();
    if complaints.count() == before {
        wish.values.insert(key.to_owned(), At::new(allowed, entry.key.spot));
    }
}

/// A value, or two numbers with `..` between them.
fn one(key: &str, node: &Node, complaints: &mut Complaints<'_>) -> Option<Allowed> {
    let text = node.scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
    let Some((from, to)) = text.split_once("..").filter(|(from, to)| !from.is_empty() && !to.is_empty())
    else {
        return value(key, node, complaints).map(Allowed::Value);
    };
    let end = |text: &str| {
        let scalar = Scalar { text: text.trim().to_owned(), plain: false };
        Node { spot: node.spot, value: Value::Scalar(scalar) }
    };
    let (from, to) = (value(key, &end(from), complaints)?, value(key, &end(to), complaints)?);
    let between = Allowed::Between(from.clone(), to.clone());
    if between.takes(key, &from) && between.takes(key, &to) {
        return Some(between);
    }
    let message = format!("'{text}' holds no number of '{key}': the smaller one comes first");
    complaints.say(Code::BadValue, node.spot, message);
    None
}

/// A value of a topic's key as it is sent to Kafka.
fn value(key: &str, node: &Node, complaints: &mut Complaints<'_>) -> Option<String> {
    match key {
        "partitions" => Some(scalars::number(node, key, 1, i64::from(i32::MAX), complaints)?.to_string()),
        "replication" => Some(scalars::number(node, key, 1, i64::from(i16::MAX), complaints)?.to_string()),
        "class" | "owner" | "key_by" => Some(scalars::text(node, key, complaints)?.value),
        _ => match configs::config(key, node, complaints)?.value {
            Wish::Set(value) => Some(value),
            Wish::Unset => {
                let message = format!("'{key}: unset' is no value that a policy could take");
                complaints.say(Code::BadValue, node.spot, message).fix("name values");
                None
            }
        },
    }
}

/// A share of an estate: `30%`.
fn share(node: &Node, complaints: &mut Complaints<'_>) -> Option<At<u8>> {
    let written = scalars::text(node, "max_change_share", complaints)?;
    let text = written.value.trim();
    let number = text.strip_suffix('%').map(str::trim_end).and_then(|number| number.parse::<u8>().ok());
    if let Some(percent) = number.filter(|percent| (1..=100).contains(percent)) {
        return Some(At::new(percent, written.spot));
    }
    let fix = text.parse::<u8>().ok().filter(|percent| (1..=100).contains(percent));
    let message = format!("'max_change_share' takes a share from 1% to 100%, not '{text}'");
    complaints.say(Code::BadValue, written.spot, message).maybe_fix(fix.map(|percent| format!("{percent}%")));
    None
}
