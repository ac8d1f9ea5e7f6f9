//! What an export to a folder has written.

use super::counting::counted;
use klerk_core::export::Export;
use std::path::Path;

/// For people. What access is about is counted where there is any.
pub fn human(export: &Export, topology: &Path) -> String {
    let mut parts = vec![
        counted(export.topics, "topic", "topics"),
        counted(export.schemas.len(), "schema in a file of its own", "schemas in files of their own"),
        counted(export.groups, "group", "groups"),
    ];
    let access = [
        (export.principals, "principal", "principals"),
        (export.quotas, "quota", "quotas"),
        (export.users, "user", "users"),
    ];
    parts.extend(
        access
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| counted(count, one, many)),
    );
    format!("{}: {}\n", topology.display(), parts.join(", "))
}
