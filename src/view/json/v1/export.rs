use klerk_core::export::Export;
use serde::Serialize;
use std::path::Path;

/// `klerk.export`: what is on a cluster as the files of a topology.
#[derive(Debug, Clone, Serialize)]
pub struct ExportDocument {
    format: &'static str,
    version: u32,
    cluster: ClusterV1,
    /// The folder that they were written into; `null` when they were not.
    out: Option<String>,
    /// The topology first. Paths are relative to the folder.
    files: Vec<FileV1>,
    /// Whether there may be more topics, subjects and groups than this principal may see; null where nobody can tell.
    visible_only: Option<bool>,
    /// What could not be read.
    gaps: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct ClusterV1 {
    id: String,
}

#[derive(Debug, Clone, Serialize)]
struct FileV1 {
    path: String,
    text: String,
}

impl ExportDocument {
    /// The document.
    pub fn new(
        export: &Export,
        topology: &str,
        cluster_id: &str,
        visible_only: Option<bool>,
        out: Option<&Path>,
    ) -> Self {
        let file = |path: &str, text: &str| FileV1 { path: path.to_owned(), text: text.to_owned() };
        let schemas = export.schemas.iter().map(|schema| file(&schema.path, &schema.text));
        ExportDocument {
            format: "klerk.export",
            version: 1,
            cluster: ClusterV1 { id: cluster_id.to_owned() },
            out: out.map(|out| out.display().to_string()),
            files: std::iter::once(file(topology, &export.topology)).chain(schemas).collect(),
            visible_only,
            gaps: export.gaps.clone(),
        }
    }
}
