use super::connections::{CONNECTION, TOKEN};
use super::words::{KINDS, LAG, OUTCOMES, POLICY, SETTLED};
use crate::secure::ALERTS;
use crate::status::Status;
use klerk_core::health::{Condition, ProblemKind};
use klerk_core::plan::{ConflictReason, FINDINGS, Kind, Risk};
use klerk_core::topology::Code;
use klerk_core::values::closest;
use klerk_wire::ErrorCode;
use std::collections::BTreeSet;

/// One thing that can be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What family of codes it belongs to.
    pub subject: Subject,
    /// The code, by which it is asked for.
    pub code: String,
    /// Another name for it: the number of a Kafka error or of an alert of TLS.
    pub number: Option<i16>,
    /// What it means.
    pub meaning: String,
}

/// The families of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Status,
    ErrorKind,
    Risk,
    Change,
    Policy,
    ConflictReason,
    Fault,
    Finding,
    Outcome,
    Settled,
    Lag,
    Problem,
    Condition,
    Connection,
    TlsAlert,
    Token,
    KafkaError,
}

impl Subject {
    pub(super) const ALL: [Subject; 17] = [
        Subject::Status,
        Subject::ErrorKind,
        Subject::Risk,
        Subject::Change,
        Subject::Policy,
        Subject::ConflictReason,
        Subject::Fault,
        Subject::Finding,
        Subject::Outcome,
        Subject::Settled,
        Subject::Lag,
        Subject::Problem,
        Subject::Condition,
        Subject::Connection,
        Subject::TlsAlert,
        Subject::Token,
        Subject::KafkaError,
    ];

    /// The word in JSON, by which a whole family can be asked for.
    pub(super) fn word(self) -> &'static str {
        match self {
            Subject::Status => "status",
            Subject::ErrorKind => "error-kind",
            Subject::Risk => "risk",
            Subject::Change => "change",
            Subject::Policy => "policy",
            Subject::ConflictReason => "conflict",
            Subject::Fault => "fault",
            Subject::Finding => "finding",
            Subject::Outcome => "outcome",
            Subject::Settled => "settled",
            Subject::Lag => "lag",
            Subject::Problem => "problem",
            Subject::Condition => "condition",
            Subject::Connection => "connection",
            Subject::TlsAlert => "tls-alert",
            Subject::Token => "token",
            Subject::KafkaError => "kafka",
        }
    }

    /// What the family is, for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Subject::Status => "exit status",
            Subject::ErrorKind => "kind of error",
            Subject::Risk => "risk of a plan, allowed with --allow",
            Subject::Change => "kind of change in a plan",
            Subject::Policy => "word of a policy",
            Subject::ConflictReason => "reason why a plan cannot be applied",
            Subject::Fault => "fault in a topology file",
            Subject::Finding => "finding in a plan",
            Subject::Outcome => "outcome of a step",
            Subject::Settled => "what the look after a write says",
            Subject::Lag => "status in klerk group lag",
            Subject::Problem => "problem in klerk cluster status",
            Subject::Condition => "condition of a partition in klerk cluster status",
            Subject::Connection => "failure of a connection",
            Subject::TlsAlert => "alert of TLS, with which a server ends a connection",
            Subject::Token => "refusal of a token, or of a request for one",
            Subject::KafkaError => "Kafka error",
        }
    }

    fn entry(self, code: impl Into<String>, meaning: impl Into<String>) -> Entry {
        Entry { subject: self, code: code.into(), number: None, meaning: meaning.into() }
    }
}

/// Everything that can be explained, family by family.
pub(super) fn all() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    entries.extend(
        Status::ALL
            .iter()
            .map(|status| Subject::Status.entry(status.code().to_string(), sentence(status.meaning()))),
    );
    entries.extend(KINDS.iter().map(|(kind, meaning)| Subject::ErrorKind.entry(kind.as_str(), *meaning)));
    entries.extend(Risk::ALL.iter().map(|risk| Subject::Risk.entry(risk.as_str(), risk_meaning(*risk))));
    entries.extend(Kind::all().map(|kind| Subject::Change.entry(kind.as_str(), change_meaning(kind))));
    entries.extend(POLICY.iter().map(|(word, meaning)| Subject::Policy.entry(*word, *meaning)));
    entries.extend(
        ConflictReason::ALL
            .iter()
            .map(|reason| Subject::ConflictReason.entry(reason.as_str(), reason.meaning())),
    );
    entries.extend(Code::ALL.iter().map(|code| Subject::Fault.entry(code.as_str(), code.meaning())));
    entries.extend(FINDINGS.iter().map(|(code, meaning)| Subject::Finding.entry(*code, *meaning)));
    entries
        .extend(OUTCOMES.iter().map(|(outcome, meaning)| Subject::Outcome.entry(outcome.as_str(), *meaning)));
    entries
        .extend(SETTLED.iter().map(|(settled, meaning)| Subject::Settled.entry(settled.as_str(), *meaning)));
    entries.extend(LAG.iter().map(|(status, meaning)| Subject::Lag.entry(status.as_str(), *meaning)));
    entries.extend(ProblemKind::ALL.map(|kind| Subject::Problem.entry(kind.as_str(), kind.meaning())));
    entries.extend(Condition::ALL.map(|one| Subject::Condition.entry(one.as_str(), one.meaning())));
    entries.extend(CONNECTION.iter().map(|(name, meaning)| Subject::Connection.entry(*name, *meaning)));
    entries.extend(ALERTS.iter().map(|(number, name, meaning)| Entry {
        number: Some(i16::from(*number)),
        ..Subject::TlsAlert.entry(*name, *meaning)
    }));
    entries.extend(TOKEN.iter().map(|(code, meaning)| Subject::Token.entry(*code, *meaning)));
    entries.extend(ErrorCode::all().iter().map(|error| Entry {
        number: Some(error.code),
        ..Subject::KafkaError.entry(error.name, error.meaning)
    }));
    entries
}

/// Everything that can be asked for: codes and families.
pub(in crate::commands) fn codes() -> BTreeSet<String> {
    let families = Subject::ALL.into_iter().map(|subject| subject.word().to_owned());
    all().into_iter().map(|entry| entry.code).chain(families).collect()
}

/// What a code means: one family whole, or each entry that goes by it. A number may be a status, an alert and a Kafka error.
pub(super) fn find(code: &str) -> Vec<Entry> {
    let whole = Subject::ALL.into_iter().find(|subject| subject.word() == code);
    let number = code.parse::<i16>().ok();
    let is_meant = |entry: &Entry| {
        whole == Some(entry.subject)
            || entry.code.eq_ignore_ascii_case(code)
            || (number.is_some() && entry.number == number)
            || entry.code.split_once('/').is_some_and(|(_, rest)| rest == code)
    };
    all().into_iter().filter(is_meant).collect()
}

/// The code that was probably meant by one that nothing goes by.
pub(super) fn meant(code: &str) -> Option<String> {
    let short = |code: &str| code.split_once('/').map(|(_, rest)| rest.to_owned());
    let mut codes: Vec<String> = Subject::ALL.into_iter().map(|subject| subject.word().to_owned()).collect();
    for entry in all() {
        codes.extend(short(&entry.code));
        codes.push(entry.code);
    }
    closest(code, codes.iter().map(String::as_str)).map(str::to_owned)
}

fn risk_meaning(risk: Risk) -> String {
    let allowed = if risk.is_covered_by_yes() {
        "It is shown, and --yes covers it".to_owned()
    } else {
        format!("It has to be allowed with --allow {risk}, or by typing its name at the prompt")
    };
    format!("{} {allowed}.", sentence(risk.meaning()))
}

fn change_meaning(kind: Kind) -> String {
    match kind.own_command() {
        Some(command) => format!("{} By hand, klerk {command} does it.", kind.meaning()),
        None => kind.meaning().to_owned(),
    }
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(code: &str) -> Vec<&'static str> {
        find(code).iter().map(|entry| entry.subject.word()).collect()
    }

    #[test]
    fn codes_are_found_by_every_name_they_go_by() {
        assert_eq!(subjects("3"), ["status", "kafka"]);
        assert_eq!(subjects("36"), ["kafka"]);
        assert_eq!(subjects("topic_already_exists"), ["kafka"]);
        assert_eq!(subjects("42"), ["tls-alert", "kafka"]);
        assert_eq!(subjects("certificate_required"), ["tls-alert"]);
        assert_eq!(subjects("TLS_UNTRUSTED"), ["connection"]);
        assert_eq!(subjects("invalid_client"), ["token"]);
        assert_eq!(subjects("moves-keys"), ["risk"]);
        assert_eq!(subjects("pinned-default"), ["finding"]);
        assert_eq!(subjects("topology/null"), ["fault"]);
        assert_eq!(subjects("unknown"), ["outcome", "lag"]);
        assert_eq!(subjects("status").len(), 10);
        assert!(subjects("nonsense").is_empty());
    }

    #[test]
    fn every_entry_is_a_sentence_and_can_be_found() {
        for entry in all() {
            assert!(entry.meaning.ends_with('.'), "{entry:?}");
            assert!(find(&entry.code).contains(&entry), "{entry:?}");
        }
    }
}
