//! Access control entries, and which of them decides, for people.

use super::counting::counted;
use super::table::{Side, table};
use klerk_core::access::{Acl, AclResourceType, Asked, Decision, Named, Operation, Ruling};
use klerk_core::values::Known;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The table and a count.
pub fn human(shown: &[&Acl], all: &Known<BTreeSet<Acl>>) -> String {
    if let Some(why) = missing(all) {
        return why;
    }
    let columns = [
        ("PRINCIPAL", Side::Left),
        ("PERMISSION", Side::Left),
        ("OPERATIONS", Side::Left),
        ("RESOURCE", Side::Left),
        ("HOST", Side::Left),
    ];
    // Entries that differ in their operations only stand on one line.
    let mut rows: BTreeMap<(&str, &klerk_core::access::AclResource, &str, &str), Vec<String>> =
        BTreeMap::new();
    for acl in shown {
        let key = (acl.principal.as_str(), &acl.resource, acl.permission.as_str(), acl.host.as_str());
        rows.entry(key).or_default().push(acl.operation.to_string());
    }
    let rows = rows.into_iter().map(|((principal, resource, permission, host), operations)| {
        vec![
            principal.to_owned(),
            permission.to_owned(),
            operations.join(", "),
            resource.to_string(),
            host.to_owned(),
        ]
    });
    let principals: BTreeSet<&str> = shown.iter().map(|acl| acl.principal.as_str()).collect();
    let mut text = String::new();
    if !shown.is_empty() {
        text.push_str(&table(&columns, rows));
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{} of {}",
        counted(shown.len(), "entry", "entries"),
        counted(principals.len(), "principal", "principals")
    );
    text
}

/// Whether somebody may do something, by which entry, and what else is to be known.
pub fn explained(
    asked: &Asked<'_>,
    resource: &Named,
    decision: &Decision<'_>,
    all: &Known<BTreeSet<Acl>>,
) -> String {
    if let Some(why) = missing(all) {
        return why;
    }
    let Asked { principal, operation, host, .. } = asked;
    let from = host.map(|host| format!(" from {host}")).unwrap_or_default();
    let verdict = match decision.ruling {
        Ruling::Allowed => "allowed",
        Ruling::Denied | Ruling::NoRule => "denied",
        Ruling::NoAcls => "denied, unless allow.everyone.if.no.acl.found is true",
    };
    let mut text = format!("{principal}, {operation} on {resource}{from}: {verdict}\n");
    let _ = match (decision.by, decision.ruling) {
        (Some(acl), _) => writeln!(text, "  by the entry   {acl}"),
        (None, Ruling::NoAcls) if decision.on_cluster => writeln!(text, "  the cluster has no entry at all"),
        (None, Ruling::NoAcls) => writeln!(text, "  {resource} has no entry at all"),
        (None, _) => writeln!(text, "  {resource} has entries, and none of them fits"),
    };
    for acl in &decision.also {
        let is_alike = decision.by.is_some_and(|by| by.allows() == acl.allows());
        let word = if is_alike { "fits too" } else { "outweighed" };
        let _ = writeln!(text, "  {word:<14} {acl}");
    }
    for acl in &decision.elsewhere {
        let _ = writeln!(text, "  from there     {acl}");
    }
    for note in notes(asked, decision) {
        let _ = writeln!(text, "  {note}");
    }
    text
}

/// What the entries do not say.
pub fn notes(asked: &Asked<'_>, decision: &Decision<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(acl) = decision
        .by
        .filter(|acl| acl.allows() && acl.operation != Operation::All && acl.operation != asked.operation)
    {
        notes.push(format!("whoever may {} may {} too", acl.operation, asked.operation));
    }
    if asked.operation == Operation::Create && asked.kind == AclResourceType::Topic {
        notes.push("to create topics takes create on the topic or on the cluster".to_owned());
    }
    if decision.ruling != Ruling::Allowed {
        notes.push(format!(
            "a super user may do it all the same, and no broker tells whether {} is one",
            asked.principal
        ));
        if decision.ruling == Ruling::NoAcls {
            notes.push(
                "no broker tells what allow.everyone.if.no.acl.found is; unless it was set, it is false"
                    .to_owned(),
            );
        }
        if asked.operation == Operation::IdempotentWrite && asked.kind == AclResourceType::Cluster {
            notes.push(
                "since Kafka 3.0 whoever may write to any topic may do so idempotently without it".to_owned(),
            );
        }
    }
    if asked.host.is_none() && !decision.elsewhere.is_empty() {
        notes.push("--host ADDRESS decides with the entries for single hosts".to_owned());
    }
    notes
}

/// Why there is nothing to be told.
fn missing(all: &Known<BTreeSet<Acl>>) -> Option<String> {
    match all {
        Known::Known(_) => None,
        Known::Unavailable(why) => Some(format!("not available: {why}\n")),
        other => Some(format!(
            "the entries could not be read: {}\n  it takes the right to describe the cluster\n",
            other.missing_reason().unwrap_or_default()
        )),
    }
}
