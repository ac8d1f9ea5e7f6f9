//! The estates below `examples/`, read from there.

use std::fs;
use std::path::{Path, PathBuf};

/// One estate.
#[derive(Debug, Clone, Copy)]
pub struct Estate {
    /// The name of its folder.
    pub name: &'static str,
    /// Its environments, each of which differs from the one before it by no more than what a plan can change.
    pub environments: &'static [&'static str],
    /// The file beside the topology that says who may do what, where the topology itself does not.
    pub access: Option<&'static str>,
}

/// All of them.
pub const ESTATES: [Estate; 5] = [
    Estate { name: "agent-platform", environments: &["dev", "prod"], access: None },
    Estate { name: "crypto-checkout", environments: &["dev", "staging", "prod", "dr"], access: None },
    Estate { name: "event-streaming", environments: &["dev", "prod"], access: None },
    Estate { name: "purple-flea", environments: &[], access: Some("access.yaml") },
    Estate { name: "stablecoin-analytics", environments: &["dev", "prod"], access: None },
];

/// The folder of all examples.
pub fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

impl Estate {
    /// Its topology and its schemas, each by its path below the estate's folder.
    pub fn files(&self) -> Vec<(String, String)> {
        let folder = examples().join(self.name);
        let mut paths = vec![PathBuf::from("topology.yaml")];
        paths.extend(self.access.map(PathBuf::from));
        if let Ok(schemas) = fs::read_dir(folder.join("schemas")) {
            paths.extend(schemas.flatten().map(|entry| Path::new("schemas").join(entry.file_name())));
        }
        paths.sort();
        let read = |path: &PathBuf| fs::read_to_string(folder.join(path)).unwrap_or_default();
        paths.iter().map(|path| (path.display().to_string(), read(path))).collect()
    }

    /// Its files for a cluster with this id: an environment that is pinned to a cluster of its own is pinned to that one.
    pub fn files_for(&self, cluster_id: &str) -> Vec<(String, String)> {
        let pinned = |line: &str| match line.split_once("    cluster: ") {
            Some(("", _)) => format!("    cluster: {cluster_id}\n"),
            _ => format!("{line}\n"),
        };
        let repinned = |(name, text): (String, String)| match name.as_str() {
            "topology.yaml" => (name, text.lines().map(pinned).collect()),
            _ => (name, text),
        };
        self.files().into_iter().map(repinned).collect()
    }
}
