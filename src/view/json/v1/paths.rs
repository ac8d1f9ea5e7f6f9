use serde::Serialize;
use std::path::{Path, PathBuf};

/// `klerk.paths`: the files that are read and written.
#[derive(Debug, Clone, Serialize)]
pub struct PathsDocument {
    format: &'static str,
    version: u32,
    contexts: Option<String>,
    command_config: Option<String>,
    records: Option<String>,
}

impl PathsDocument {
    /// The file of contexts, the properties file, and the folder of records.
    pub fn new(contexts: Option<&Path>, command_config: Option<&Path>, records: Option<&Path>) -> Self {
        let shown = |path: Option<&Path>| path.map(|path| path.display().to_string());
        PathsDocument {
            format: "klerk.paths",
            version: 1,
            contexts: shown(contexts),
            command_config: shown(command_config),
            records: shown(records),
        }
    }
}

/// `klerk.files`: files that were written.
#[derive(Debug, Clone, Serialize)]
pub struct FilesDocument {
    format: &'static str,
    version: u32,
    files: Vec<String>,
}

impl FilesDocument {
    /// The files, in the order given.
    pub fn new(files: &[PathBuf]) -> Self {
        let files = files.iter().map(|file| file.display().to_string()).collect();
        FilesDocument { format: "klerk.files", version: 1, files }
    }
}
