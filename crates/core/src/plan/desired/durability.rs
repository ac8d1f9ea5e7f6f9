use super::effective::Effective;
use super::of_topic;
use crate::plan::{Finding, Severity};
use crate::values::{as_boolean, as_integer};

/// How many replicas have to have a record before it is acknowledged to a producer with acks=all.
pub(super) const MIN_ISR: &str = "min.insync.replicas";

/// With fewer replicas a broker that is down leaves no room for another failure.
const ENOUGH_REPLICAS: i64 = 3;

/// How many failures acknowledged records would outlive, and how many writes would.
pub(super) fn findings(topic: &Effective<'_>, findings: &mut Vec<Finding>) {
    let name = &topic.topic.name;
    let replication = topic.replication();
    if let Some((factor, origin)) = replication.filter(|(factor, _)| *factor < ENOUGH_REPLICAS)
        && topic.is_in_production()
    {
        let message = format!(
            "'{name}' has replication factor {factor} in production: with fewer than {ENOUGH_REPLICAS}, a broker that \
             is down leaves no room for a second failure"
        );
        let origin = origin.unwrap_or(&topic.topic.origin);
        findings.push(of_topic(name, Severity::Warning, "topic/low-replication", message, origin));
    }
    if let Some((factor, origin)) = replication {
        min_isr(topic, factor, origin.is_some(), findings);
    }
    let key = "unclean.leader.election.enable";
    if let Some(value) = topic.config(key)
        && let Some(origin) = value.origin
        && as_boolean(value.text) == Some(true)
    {
        let message = format!(
            "'{name}' lets a replica that is behind become leader, which drops records that were acknowledged; leave \
             {key} out to wait for one that is not"
        );
        findings.push(of_topic(name, Severity::Warning, "topic/unclean-election", message, origin));
    }
    if let Some((0, origin)) = topic.asked("max.message.bytes") {
        let message = format!("'{name}' has max.message.bytes 0, so that nothing can be written to it");
        findings.push(of_topic(name, Severity::Warning, "topic/no-message-fits", message, origin));
    }
}

/// How many replicas have to have a record before it is acknowledged, beside how many there are.
fn min_isr(topic: &Effective<'_>, factor: i64, asked: bool, findings: &mut Vec<Finding>) {
    let name = &topic.topic.name;
    let value = topic.config(MIN_ISR);
    let said = value.as_ref().and_then(|value| value.origin);
    let followed = || as_integer(topic.inherited(MIN_ISR)?);
    let least = value.as_ref().map_or_else(followed, |value| value.integer());
    let origin = said.unwrap_or(&topic.topic.origin);
    let mut find = |severity, code, message| findings.push(of_topic(name, severity, code, message, origin));
    match least {
        Some(least) if least > factor && (asked || said.is_some()) => find(
            Severity::Warning,
            "topic/min-isr-above-replication",
            format!(
                "min.insync.replicas {least} of '{name}' is above its replication factor {factor}, which caps it"
            ),
        ),
        Some(least) if least == factor && factor > 1 && (asked || said.is_some()) => find(
            Severity::Warning,
            "topic/min-isr-equals-replication",
            format!(
                "min.insync.replicas {least} of '{name}' equals its replication factor: as soon as one replica is \
                 behind, writes with acks=all are refused; {} leaves room for one",
                least - 1
            ),
        ),
        _ if said.is_some() || least.is_some_and(|least| least > 1) || factor < 2 => {}
        // Elsewhere only what is known is told: there brokers often are not to be asked, and less rests on it.
        None if !topic.is_in_production() => {}
        _ => {
            let (severity, place) = match topic.is_in_production() {
                true => (Severity::Warning, " in production"),
                false => (Severity::Info, ""),
            };
            let holds = match least {
                Some(least) if topic.keeps_own(MIN_ISR) => format!("the topic has {least} of its own"),
                Some(least) => format!("the broker's default of {least} holds"),
                None => "the broker's default holds, which is 1 unless somebody has set it".to_owned(),
            };
            find(
                severity,
                "topic/min-isr-missing",
                format!(
                    "'{name}' has replication factor {factor}{place} and says no min.insync.replicas: {holds}, so that \
                     an acknowledged record may be on one replica only"
                ),
            );
        }
    }
}
