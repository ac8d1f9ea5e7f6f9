//! What an export to a folder has written.

use super::counting::counted;
use klerk_core::export::Export;
use std::path::Path;

/// For people.
pub fn human(export: &Export, topology: &Path) -> String {
    format!(
        "{}: {}, {}, {}\n",
        topology.display(),
        counted(export.topics, "topic", "topics"),
        counted(export.schemas.len(), "schema in a file of its own", "schemas in files of their own"),
        counted(export.groups, "group", "groups")
    )
}
