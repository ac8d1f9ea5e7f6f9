//! Changes of who may do what, for people.

use klerk_core::access::{Acl, Amount, Operation, WILDCARD, describe_quota, quota_word};
use klerk_core::plan::{AccessChange, Change, Step};
use std::collections::BTreeMap;

/// A change in words, a line for each thing that it changes.
pub(super) fn details(change: &AccessChange) -> Vec<String> {
    match change {
        AccessChange::CreateAcl { acl } => vec![format!("+ {}", acl.rule())],
        AccessChange::DeleteAcl { acl } => vec![format!("- {}", acl.rule())],
        AccessChange::SetQuota { from, to, .. } => {
            to.iter().map(|(key, to)| quota(key, from.get(key).copied().flatten(), *to)).collect()
        }
        AccessChange::DeleteQuota { from, .. } => {
            from.iter().map(|(key, from)| quota(key, Some(*from), None)).collect()
        }
        AccessChange::SetUser { mechanism, from, iterations, password_file, .. } => {
            let what = match from {
                None => format!("+ {mechanism}"),
                Some(_) => format!("~ {mechanism}: a new password"),
            };
            vec![format!("{what}, {iterations} iterations, from {password_file}")]
        }
        AccessChange::DeleteUser { mechanism, .. } => vec![format!("- {mechanism}")],
    }
}

fn quota(key: &str, from: Option<Amount>, to: Option<Amount>) -> String {
    let word = quota_word(key);
    match (from, to) {
        (None, Some(to)) => format!("+ {word} {}", describe_quota(key, to)),
        (Some(from), Some(to)) => {
            format!("~ {word}: {} → {}", describe_quota(key, from), describe_quota(key, to))
        }
        (Some(from), None) => format!("- {word} {}", describe_quota(key, from)),
        (None, None) => format!("- {word}"),
    }
}

/// What a report adds to the kind and the name of a change.
pub(super) fn of_step(change: &AccessChange) -> String {
    match change {
        AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl } => acl.rule(),
        AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. } => {
            let lines = details(change);
            lines.iter().map(|line| line.trim_start_matches(['+', '~', ' '])).collect::<Vec<_>>().join(", ")
        }
        AccessChange::SetUser { mechanism, .. } | AccessChange::DeleteUser { mechanism, .. } => {
            mechanism.to_string()
        }
    }
}

/// The entries of one principal that come and go, those alike but for their operations on one line, each with the first
/// of its steps.
pub(super) fn lines<'a>(steps: &[&'a Step]) -> Vec<(String, &'a Step)> {
    let mut lines: BTreeMap<(&str, &Acl), (Vec<Operation>, &'a Step)> = BTreeMap::new();
    let mut first_alike: Vec<(&str, &Acl)> = Vec::new();
    for step in steps {
        let (sign, acl) = match &step.change {
            Change::Access(AccessChange::CreateAcl { acl }) => ("+", acl),
            Change::Access(AccessChange::DeleteAcl { acl }) => ("-", acl),
            _ => continue,
        };
        let alike = first_alike.iter().find(|(other, one)| *other == sign && are_alike(one, acl)).copied();
        let key = alike.unwrap_or((sign, acl));
        if alike.is_none() {
            first_alike.push(key);
        }
        lines.entry(key).or_insert_with(|| (Vec::new(), step)).0.push(acl.operation);
    }
    let said = lines.into_iter().map(|((sign, acl), (operations, step))| {
        let host = if acl.host == WILDCARD { String::new() } else { format!(" from {}", acl.host) };
        let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
        let permission = acl.permission.as_str();
        (format!("{sign} {permission} {} on {}{host}", operations.join(", "), acl.resource), step)
    });
    said.collect()
}

fn are_alike(one: &Acl, other: &Acl) -> bool {
    one.resource == other.resource && one.permission == other.permission && one.host == other.host
}
