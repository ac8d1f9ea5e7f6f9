use crate::view::json::v1::InvalidDocument;
use klerk_core::plan::Unsound;
use klerk_core::values::first_few;
use std::io;
use std::path::{Path, PathBuf};

/// A record or a saved plan that cannot be written, found or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be made, so nothing may be changed.
    #[error("the record {} cannot be written, so nothing was changed: {source}", path.display())]
    NotCreated {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line cannot be added.
    #[error("the record {} cannot be written on: {source}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("the record {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its first line was never written whole, and nothing is sent before that is on the disk.
    #[error("the record {} ends within its first line: klerk was stopped before it had sent anything", path.display())]
    NotBegun {
        /// The file.
        path: PathBuf,
    },
    /// A folder of records cannot be listed.
    #[error("the records in {} cannot be listed: {source}", path.display())]
    NotListed {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not what a record holds.
    #[error("{}:{line}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: InvalidDocument,
    },
    /// A plan cannot be saved.
    #[error("the plan cannot be saved as {}: {source}", path.display())]
    PlanNotSaved {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file in which a plan is to be saved holds something else.
    #[error("{} holds something that is no saved plan, and is left as it is", path.display())]
    NotAPlan {
        /// The file.
        path: PathBuf,
    },
    /// Files that are to be written are there already.
    #[error("{} there already and left as {}: {}", if paths.len() == 1 { "a file is" } else { "files are" }, if paths.len() == 1 { "it is" } else { "they are" }, listed(paths))]
    Exist {
        /// The files.
        paths: Vec<PathBuf>,
    },
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    FileNotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A saved plan cannot be read.
    #[error("the saved plan {} cannot be read: {source}", path.display())]
    PlanUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a saved plan, or one of a later version.
    #[error("{} cannot be applied: {source}", path.display())]
    PlanMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: InvalidDocument,
    },
    /// The digest of the plan is no longer that of what it says.
    #[error("{} cannot be applied: it was changed since klerk wrote it", path.display())]
    PlanChanged {
        /// The file.
        path: PathBuf,
    },
    /// The plan is not as klerk saved it, as far as that shows without a digest.
    #[error("{} cannot be applied: it is not as it was saved: {source}", path.display())]
    PlanUnsound {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Unsound,
    },
    /// The plan compares files with files.
    #[error("{} cannot be applied: it was made against {against}, and not with a cluster", path.display())]
    PlanAgainst {
        /// The file.
        path: PathBuf,
        /// What it was made against.
        against: String,
    },
    /// There is no such record.
    #[error("there is no record '{name}' in {}", folder.display())]
    NotFound {
        /// What was asked for.
        name: String,
        /// The folder of the cluster's records.
        folder: PathBuf,
        /// The latest records, newest first.
        latest: Vec<String>,
    },
    /// There are several.
    #[error("'{name}' is the beginning of several records: {}", found.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// The records.
        found: Vec<String>,
    },
}

impl StoreError {
    /// The file or folder that could not be written or read.
    pub fn path(&self) -> &Path {
        match self {
            StoreError::NotCreated { path, .. }
            | StoreError::NotWritten { path, .. }
            | StoreError::Unreadable { path, .. }
            | StoreError::NotBegun { path }
            | StoreError::NotListed { path, .. }
            | StoreError::Malformed { path, .. }
            | StoreError::PlanNotSaved { path, .. }
            | StoreError::NotAPlan { path }
            | StoreError::FileNotWritten { path, .. }
            | StoreError::PlanUnreadable { path, .. }
            | StoreError::PlanMalformed { path, .. }
            | StoreError::PlanChanged { path }
            | StoreError::PlanUnsound { path, .. }
            | StoreError::PlanAgainst { path, .. }
            | StoreError::NotFound { folder: path, .. } => path,
            StoreError::Exist { paths } => paths.first().map_or(Path::new(""), PathBuf::as_path),
            StoreError::Ambiguous { name, .. } => Path::new(name),
        }
    }
}

/// The first few of many files.
fn listed(paths: &[PathBuf]) -> String {
    const FEW: usize = 5;
    first_few(paths.iter().map(|path| path.display().to_string()), FEW).join(", ")
}
