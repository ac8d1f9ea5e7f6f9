//! The keys of the format, and what is said to keys that are not among them.

use super::super::Code;
use super::super::place::Complaints;
use super::super::yaml::{Entry, Node, Value};
use crate::values::closest;

/// The sections of a file that this version carries out.
pub(in super::super) const SECTIONS: &[&str] = &[
    "klerk",
    "naming",
    "defaults",
    "classes",
    "topics",
    "schemas",
    "groups",
    "external",
    "policy",
    "access",
    "quotas",
    "users",
    "environments",
];
/// Sections of the format that it does not carry out yet.
pub(super) const LATER_SECTIONS: &[&str] = &["dead_letters"];

/// What an environment may say besides the sections of a file.
pub(in super::super) const ENVIRONMENT_KEYS: &[&str] =
    &["extends", "context", "bootstrap", "registry", "cluster", "production", "at_most", "override"];

/// What a topic may say besides Kafka configs; a class and the defaults say less.
pub(in super::super) const TOPIC_KEYS: &[&str] = &[
    "class",
    "partitions",
    "replication",
    "owner",
    "description",
    "key_by",
    "protected",
    "key",
    "value",
    "only",
    "state",
];
pub(super) const LATER_TOPIC_KEYS: &[&str] = &["dead_letters"];

/// What a group's contract may say.
pub(in super::super) const GROUP_KEYS: &[&str] =
    &["topics", "members", "max_lag", "max_age", "isolation", "protected", "start", "only"];
pub(super) const LATER_GROUP_KEYS: &[&str] = &[];

/// What the policy may say.
pub(in super::super) const POLICY_KEYS: &[&str] =
    &["changes", "topics", "scope", "unlisted_configs", "max_change_share"];
pub(in super::super) const POLICY_TOPICS_KEYS: &[&str] = &["require", "values"];

/// What may be said of whoever is allowed something.
pub(in super::super) const ACCESS_KEYS: &[&str] =
    &["principal", "produce", "consume", "groups", "transactions", "acls", "only", "state"];
/// What one of Kafka's own entries says.
pub(in super::super) const ACL_KEYS: &[&str] =
    &["resource", "name", "pattern", "operation", "host", "permission"];

/// What an entry of `quotas` says.
pub(in super::super) const QUOTA_KEYS: &[&str] = &[
    "user",
    "client_id",
    "ip",
    "produce",
    "consume",
    "request",
    "mutations",
    "connections",
    "only",
    "state",
];
/// What may be said of a user's login.
pub(in super::super) const USER_KEYS: &[&str] = &["scram", "password_file", "iterations", "only", "state"];

pub(in super::super) const SCHEMAS_KEYS: &[&str] = &["compatibility", "naming", "subjects"];
pub(in super::super) const SCHEMA_KEYS: &[&str] = &["schema", "compatibility", "type"];
/// What a subject by its own name may say.
pub(in super::super) const SUBJECT_KEYS: &[&str] =
    &["schema", "compatibility", "type", "only", "state", "permanent"];
pub(super) const LATER_SCHEMA_KEYS: &[&str] = &["references"];

/// Topic configs that Kafka 4 has. Others are taken too, for the broker knows best; these are for suggestions, and
/// for the one whose name has no dot.
pub(crate) const KAFKA_CONFIGS: &[&str] = &[
    "cleanup.policy",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.messages",
    "flush.ms",
    "follower.replication.throttled.replicas",
    "index.interval.bytes",
    "leader.replication.throttled.replicas",
    "local.retention.bytes",
    "local.retention.ms",
    "max.compaction.lag.ms",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.type",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "preallocate",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.index.bytes",
    "segment.jitter.ms",
    "segment.ms",
    "unclean.leader.election.enable",
];

/// Keys that people bring along from other tools, with the key that they want here.
const BROUGHT_ALONG: &[(&str, &str)] = &[
    ("replication.factor", "replication"),
    ("replication_factor", "replication"),
    ("replication-factor", "replication"),
    ("num.partitions", "partitions"),
    ("partition_count", "partitions"),
    ("retention", "retention.ms"),
    ("compression", "compression.type"),
    ("min_isr", "min.insync.replicas"),
    ("schema", "value"),
    ("value_schema", "value"),
    ("key_schema", "key"),
    ("consumers", "members"),
    ("isolation_level", "isolation"),
    ("isolation.level", "isolation"),
    ("version", "klerk"),
    ("consumer_groups", "groups"),
    ("acls", "access"),
    ("producer", "produce"),
    ("write", "produce"),
    ("consumer", "consume"),
    ("read", "consume"),
    ("transactional_id", "transactions"),
    ("transactional_ids", "transactions"),
    ("operations", "operation"),
    ("client", "client_id"),
    ("client-id", "client_id"),
    ("producer_byte_rate", "produce"),
    ("consumer_byte_rate", "consume"),
    ("request_percentage", "request"),
    ("controller_mutation_rate", "mutations"),
    ("connection_creation_rate", "connections"),
    ("mechanism", "scram"),
    ("mechanisms", "scram"),
    ("resource_type", "resource"),
    ("resource_name", "name"),
    ("pattern_type", "pattern"),
    ("permission_type", "permission"),
];

/// What another tool's key is called here.
pub(super) fn brought_along(key: &str) -> Option<&'static str> {
    BROUGHT_ALONG.iter().find(|(theirs, _)| *theirs == key).map(|(_, ours)| *ours)
}

/// Complains about a key that a reader has no use for: one of a later version, or one of none.
pub(super) fn refuse(
    entry: &Entry,
    whose: &str,
    known: &[&[&str]],
    later: &[&str],
    complaints: &mut Complaints<'_>,
) {
    let key = entry.key.value.as_str();
    if later.contains(&key) {
        complaints
            .say(
                Code::NotYet,
                entry.key.spot,
                format!("'{key}' is part of the format, but this version does not carry it out yet"),
            )
            .fix("remove it until a version carries it out");
        return;
    }
    if entry.bare {
        complaints
            .say(Code::StrayKey, entry.key.spot, format!("the comma makes a key of its own of '{key}'"))
            .fix("put values with commas in brackets or quotes: [a, b] or 'a,b'");
        return;
    }
    let candidates = || known.iter().chain(std::iter::once(&later)).flat_map(|keys| keys.iter().copied());
    let meant = brought_along(key)
        .filter(|ours| candidates().any(|candidate| candidate == *ours))
        .or_else(|| closest(key, candidates()));
    let nested =
        ["config", "configs", "settings"].contains(&key) && known.iter().any(|keys| keys == &KAFKA_CONFIGS);
    let fix = match meant {
        Some(meant) => Some(format!("did you mean '{meant}'?")),
        None if nested => {
            Some("write Kafka configs by their own names, beside partitions and replication".to_owned())
        }
        None => None,
    };
    complaints.say(Code::UnknownKey, entry.key.spot, format!("{whose} has no key '{key}'")).maybe_fix(fix);
}

/// The entries of a map, or nothing when it is something else, which is said.
pub(super) fn entries<'n>(node: &'n Node, what: &str, complaints: &mut Complaints<'_>) -> &'n [Entry] {
    match &node.value {
        Value::Map(entries) => entries,
        _ if node.is_null() => {
            complaints
                .say(Code::Null, node.spot, format!("{what} says nothing"))
                .fix("write {} for a map without keys, or leave it out");
            &[]
        }
        _ => {
            complaints.say(
                Code::WrongShape,
                node.spot,
                format!("{what} is a map of keys, not {}", node.shape()),
            );
            &[]
        }
    }
}
