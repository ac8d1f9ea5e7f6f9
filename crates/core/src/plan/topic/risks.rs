use super::TopicChange;
use super::impact::Cut;
use super::in_sync;
use crate::plan::{Answer, Answers, Question, Risk};
use crate::values::{Thousands, as_boolean, as_integer, describe_config_value, list_items};
use crate::world::{ConfigView, LogRange, TopicView};
use std::collections::{BTreeMap, BTreeSet};

/// Keys whose change can make existing records deletable, so that it matters whether there are any. Local retention
/// is not among them, for what it drops is still in the remote tier; nor are the clocks of compaction, which hasten
/// what compaction does anyhow.
pub(super) const RECORD_KEYS: [&str; 5] = [
    "retention.ms",
    "retention.bytes",
    "cleanup.policy",
    "remote.storage.enable",
    "remote.log.delete.on.disable",
];

/// Bounds on the time of a record: one that lies outside is refused.
const TIMESTAMP_BOUNDS: [&str; 3] = [
    "message.timestamp.before.max.ms",
    "message.timestamp.after.max.ms",
    "message.timestamp.difference.max.ms",
];

/// Whether the risks of a change depend on what records the topic holds.
pub(super) fn asks_for_ranges(change: &TopicChange) -> bool {
    match change {
        TopicChange::Create { .. } | TopicChange::MoveReplicas { .. } | TopicChange::CancelMoves { .. } => {
            false
        }
        TopicChange::AddPartitions { .. } | TopicChange::Delete { .. } => true,
        TopicChange::SetConfig { to, .. } => to.keys().any(|key| RECORD_KEYS.contains(&key.as_str())),
    }
}

/// What is known of the records of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Records {
    /// No partition holds a record.
    None,
    /// The offsets between start and end, over all partitions: an upper bound of the number of records.
    UpTo(i64),
    /// It could not be read, for this reason.
    NotKnown(String),
}

impl Records {
    /// Reads them from the answer, which has to cover every partition to count.
    pub(super) fn of(topic: &str, view: &TopicView, answers: &Answers) -> Self {
        match answers.get(&Question::LogRanges { topic: topic.to_owned() }) {
            Some(Answer::LogRanges(ranges)) => Self::in_ranges(view, ranges),
            Some(Answer::Denied(failure) | Answer::Failed(failure) | Answer::Refused(failure)) => {
                Records::NotKnown(failure.to_string())
            }
            Some(Answer::NotAsked(why)) => Records::NotKnown(why.clone()),
            Some(_) | None => Records::NotKnown("no answer".to_owned()),
        }
    }

    fn in_ranges(view: &TopicView, ranges: &BTreeMap<i32, LogRange>) -> Self {
        let missing = view.partitions.iter().filter(|seen| !ranges.contains_key(&seen.partition)).count();
        if missing > 0 {
            return Records::NotKnown(match missing {
                1 => "1 partition gave no answer".to_owned(),
                _ => format!("{missing} partitions gave no answer"),
            });
        }
        match ranges.values().map(|range| (range.end - range.start).max(0)).sum() {
            0 => Records::None,
            some => Records::UpTo(some),
        }
    }

    /// Whether it is certain that nothing can be lost.
    pub(super) fn are_absent(&self) -> bool {
        *self == Records::None
    }
}

/// The configs of a topic before and after a change.
pub(in crate::plan) struct ConfigMove<'a> {
    pub configs: &'a BTreeMap<String, ConfigView>,
    pub to: &'a BTreeMap<String, Option<String>>,
}

/// A value after a change; what a key will inherit is not always told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Known(&'a str),
    NotKnown,
}

impl<'a> Value<'a> {
    fn from(value: Option<&'a String>) -> Self {
        value.map_or(Value::NotKnown, |text| Value::Known(text))
    }

    pub(super) fn integer(self) -> Option<i64> {
        match self {
            Value::Known(text) => as_integer(text),
            Value::NotKnown => None,
        }
    }

    fn is_true(self) -> Option<bool> {
        match self {
            Value::Known(text) => as_boolean(text),
            Value::NotKnown => None,
        }
    }

    /// Whether a list may hold the item: assumed where the value is not known.
    fn may_hold(self, item: &str) -> bool {
        match self {
            Value::Known(text) => list_items(text).any(|found| found == item),
            Value::NotKnown => true,
        }
    }
}

impl<'a> ConfigMove<'a> {
    pub(super) fn before(&self, key: &str) -> Value<'a> {
        Value::from(self.configs.get(key).and_then(|view| view.value.as_ref()))
    }

    pub(super) fn after(&self, key: &str) -> Value<'a> {
        match self.to.get(key) {
            None => self.before(key),
            Some(Some(value)) => Value::Known(value),
            Some(None) => Value::from(self.configs.get(key).and_then(|view| view.inherited.as_ref())),
        }
    }

    fn changes(&self, key: &str) -> bool {
        self.to.contains_key(key)
    }

    /// Whether an upper limit becomes smaller, or may do so; a negative limit is none. A limit that cannot be read
    /// counts as smaller.
    fn lowers(&self, key: &str) -> bool {
        if !self.changes(key) {
            return false;
        }
        let limit = |value: Value<'_>| value.integer().map(|limit| if limit < 0 { i64::MAX } else { limit });
        match (limit(self.before(key)), limit(self.after(key))) {
            (Some(before), Some(after)) => after < before,
            (None, Some(after)) => after < i64::MAX,
            (_, None) => true,
        }
    }

    fn turns(&self, key: &str, on: bool) -> bool {
        self.changes(key)
            && self.before(key).is_true() != Some(on)
            && self.after(key).is_true().is_none_or(|after| after == on)
    }

    /// ` from 7d (604800000) to 1d (86400000)`, as far as it is known.
    fn span(&self, key: &str) -> String {
        let word = |value: Value<'_>| match value {
            Value::Known(text) => describe_config_value(key, text),
            Value::NotKnown => "what was not told".to_owned(),
        };
        format!(" from {} to {}", word(self.before(key)), word(self.after(key)))
    }

    /// Whether the topic is compacted afterwards; `None` where the policy is not known.
    pub(super) fn is_compacted(&self) -> Option<bool> {
        match self.after("cleanup.policy") {
            Value::Known(policy) => Some(list_items(policy).any(|item| item == "compact")),
            Value::NotKnown => None,
        }
    }

    /// Whether the cleanup policy has an item afterwards, or may have it, that it did not have before.
    fn gains(&self, item: &str) -> bool {
        let had = |before| list_items(before).any(|found| found == item);
        self.changes("cleanup.policy")
            && !matches!(self.before("cleanup.policy"), Value::Known(before) if had(before))
            && self.after("cleanup.policy").may_hold(item)
    }

    /// What becomes deletable, as far as limits that are known can tell.
    pub(super) fn cut(&self) -> Option<Cut<'static>> {
        let past = |key: &str| {
            let limit = self.after(key).integer().filter(|limit| *limit >= 0)?;
            (self.gains("delete") || self.lowers(key)).then_some(limit)
        };
        let limits = (past("retention.ms"), past("retention.bytes"));
        match limits {
            (None, None) => self.gains("compact").then_some(Cut::Compaction),
            (ms, bytes) if self.after("cleanup.policy").may_hold("delete") => {
                Some(Cut::Retention { ms, bytes })
            }
            _ => None,
        }
    }

    /// Why existing records may become deletable, one reason a line; nothing when they cannot.
    pub(in crate::plan) fn data_losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        let policy_after = self.after("cleanup.policy");
        if policy_after.may_hold("delete") {
            for key in ["retention.ms", "retention.bytes"] {
                if self.lowers(key) {
                    losses.push(format!("{key} is lowered{}", self.span(key)));
                }
            }
            let limited = ["retention.ms", "retention.bytes"]
                .iter()
                .any(|key| self.after(key).integer().is_none_or(|limit| limit >= 0));
            if self.gains("delete") && limited {
                losses.push("records past the topic's retention become deletable".to_owned());
            }
        }
        if self.gains("compact") {
            losses.push(
                "compaction keeps only the latest record of each key; how many go cannot be told without reading \
                 the keys"
                    .to_owned(),
            );
        }
        if self.turns("remote.storage.enable", false) {
            losses.push("records in remote storage are no longer reachable".to_owned());
        }
        if self.turns("remote.log.delete.on.disable", true) {
            losses.push("records in remote storage are deleted when it is switched off".to_owned());
        }
        losses
    }

    /// Why producers may be refused afterwards.
    pub(in crate::plan) fn stopped_writes(&self, view: &TopicView) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(wanted) = self.raised_min_isr(view) {
            let short = in_sync::under(view, wanted);
            if !short.is_empty() {
                reasons.push(format!(
                    "min.insync.replicas {wanted} is above the in-sync replicas of {} of {} partitions: writes with \
                     acks=all are refused there: {}",
                    short.len(),
                    view.partitions.len(),
                    in_sync::named(&short)
                ));
            }
        }
        if self.lowers("max.message.bytes") {
            let span = self.span("max.message.bytes");
            reasons.push(format!("max.message.bytes is lowered{span}: larger batches are refused"));
        }
        for key in TIMESTAMP_BOUNDS {
            if self.lowers(key) {
                let span = self.span(key);
                reasons.push(format!("{key} is lowered{span}: records with a time outside it are refused"));
            }
        }
        let own_times = "CreateTime";
        if self.changes("message.timestamp.type")
            && self.before("message.timestamp.type") != Value::Known(own_times)
            && self.after("message.timestamp.type") == Value::Known(own_times)
            && TIMESTAMP_BOUNDS.iter().any(|key| self.after(key).integer().is_some_and(|max| max < i64::MAX))
        {
            reasons.push("message.timestamp.type makes the bounds on producers' timestamps count".to_owned());
        }
        reasons
    }

    /// How a change of min.insync.replicas meets what is in sync now, where it changes what brokers ask for.
    pub(super) fn in_sync_now(&self, view: &TopicView) -> Vec<String> {
        let key = "min.insync.replicas";
        let Some(after) = self.after(key).integer().filter(|_| self.changes(key)) else { return Vec::new() };
        let before = self.before(key).integer();
        let largest = view.partitions.iter().map(|seen| seen.replicas.len() as i64).max().unwrap_or(0);
        match before.is_some_and(|before| before.min(largest) == after.min(largest)) {
            true => Vec::new(),
            false => in_sync::standing(view, before, after),
        }
    }

    fn raised_min_isr(&self, view: &TopicView) -> Option<i64> {
        let key = "min.insync.replicas";
        let after = self.after(key).integer().filter(|_| self.changes(key))?;
        let largest = view.partitions.iter().map(|seen| seen.replicas.len() as i64).max()?;
        let before = self.before(key).integer().unwrap_or(0);
        (after.min(largest) > before.min(largest)).then_some(after)
    }

    /// Why an acknowledged record may be lost with fewer failures than before.
    pub(in crate::plan) fn weaker_durability(&self, view: &TopicView) -> Vec<String> {
        let mut reasons = Vec::new();
        let key = "min.insync.replicas";
        if self.changes(key) {
            // Kafka caps the value at the replication factor, so lowering it above that changes nothing.
            let largest = view.partitions.iter().map(|seen| seen.replicas.len() as i64).max().unwrap_or(0);
            match (self.before(key).integer(), self.after(key).integer()) {
                (Some(before), Some(after)) if after.min(largest) >= before.min(largest) => {}
                (_, Some(_)) => {
                    reasons.push(format!(
                        "{key} is lowered{}: an acknowledged record may be on that few replicas",
                        self.span(key)
                    ));
                }
                (_, None) => {
                    reasons.push(format!("{key} will follow the broker, whose value was not told"));
                }
            }
        }
        if self.turns("unclean.leader.election.enable", true) {
            reasons
                .push("a replica that is behind may become leader and drop acknowledged records".to_owned());
        }
        reasons
    }
}

/// The risks of a config change with the sentences that explain them.
pub(super) fn config_risks(
    moved: &ConfigMove<'_>,
    view: &TopicView,
    records: &Records,
) -> (BTreeSet<Risk>, Vec<String>) {
    let mut risks = BTreeSet::new();
    let mut notes = Vec::new();
    let losses = moved.data_losses();
    if !losses.is_empty() && !records.are_absent() {
        risks.insert(Risk::LosesData);
        notes.extend(losses);
        notes.extend(about(records));
    }
    for (risk, reasons) in [
        (Risk::StopsWrites, moved.stopped_writes(view)),
        (Risk::WeakensDurability, moved.weaker_durability(view)),
    ] {
        if !reasons.is_empty() {
            risks.insert(risk);
            notes.extend(reasons);
        }
    }
    (risks, notes)
}

/// One sentence on how much there is to lose.
pub(super) fn about(records: &Records) -> Option<String> {
    match records {
        Records::None => None,
        Records::UpTo(count) => {
            Some(format!("the topic holds up to {} records, by its offsets", Thousands(*count)))
        }
        Records::NotKnown(why) => Some(format!("whether the topic holds records could not be read: {why}")),
    }
}
