//! Quotas and users, for people.

use super::counting::counted;
use super::table::{Side, table};
use klerk_core::access::{QuotaEntity, Quotas, ScramMechanism, describe_quota, quota_word};
use klerk_core::values::Known;
use std::collections::BTreeMap;

/// The quotas, a line for each entity, and a count.
pub fn quotas<T>(shown: &[(&QuotaEntity, &Quotas)], all: &Known<T>) -> String {
    let rows = shown.iter().map(|(entity, quotas)| {
        let told = quotas
            .iter()
            .map(|(key, amount)| format!("{} {}", quota_word(key), describe_quota(key, *amount)));
        vec![entity.to_string(), told.collect::<Vec<_>>().join(", ")]
    });
    let count = counted(shown.len(), "quota", "quotas");
    let columns = [("ENTITY", Side::Left), ("QUOTAS", Side::Left)];
    listed(all, "quotas", "describe the configs of the cluster", &columns, rows.collect(), &count)
}

/// The users, a line for each, and a count.
pub fn users<T>(shown: &[(&String, &BTreeMap<ScramMechanism, i32>)], all: &Known<T>) -> String {
    let rows = shown.iter().map(|(name, of)| {
        let told = of.iter().map(|(mechanism, iterations)| format!("{mechanism} ({iterations} iterations)"));
        vec![(*name).clone(), told.collect::<Vec<_>>().join(", ")]
    });
    let count = counted(shown.len(), "user", "users");
    let columns = [("USER", Side::Left), ("MECHANISMS", Side::Left)];
    listed(all, "users", "describe the cluster", &columns, rows.collect(), &count)
}

/// A table and a count, or why there is none.
fn listed<T>(
    all: &Known<T>,
    what: &str,
    right: &str,
    columns: &[(&str, Side)],
    rows: Vec<Vec<String>>,
    count: &str,
) -> String {
    match all {
        Known::Known(_) if rows.is_empty() => format!("{count}\n"),
        Known::Known(_) => format!("{}\n{count}\n", table(columns, rows)),
        Known::Unavailable(why) => format!("not available: {why}\n"),
        other => format!(
            "the {what} could not be read: {}\n  it takes the right to {right}\n",
            other.missing_reason().unwrap_or_default()
        ),
    }
}
