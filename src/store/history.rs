use super::write::folder_name;
use super::{Recorded, StoreError, read};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The records that lie in the state folder.
#[derive(Debug, Default)]
pub struct History {
    /// How many record files there are, listed or not.
    pub total: usize,
    /// Those that could be read, newest first.
    pub records: Vec<Recorded>,
    /// Those of runs that were stopped before anything was sent, newest first.
    pub not_begun: Vec<PathBuf>,
    /// Why files, and folders of them, could not be read.
    pub unreadable: Vec<StoreError>,
}

/// The records of a cluster, or of all clusters, newest first and no more than `limit` of them. Nothing is left out in
/// silence: what cannot be read is listed with the reason.
pub fn history(state: &Path, cluster_id: Option<&str>, limit: Option<usize>) -> History {
    let mut history = History::default();
    let folders = match cluster_id {
        Some(id) => vec![state.join(folder_name(id))],
        None => history.list(state, Path::is_dir),
    };
    let is_record = |path: &Path| path.extension().is_some_and(|extension| extension == "jsonl");
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|folder| history.list(folder, is_record)).collect();
    // Their names begin with the time.
    files.sort_unstable_by(|one, other| other.file_name().cmp(&one.file_name()).then_with(|| one.cmp(other)));
    history.total = files.len();
    for file in files.into_iter().take(limit.unwrap_or(usize::MAX)) {
        match read(&file) {
            Ok(recorded) => history.records.push(recorded),
            Err(StoreError::NotBegun { path }) => history.not_begun.push(path),
            Err(error) => history.unreadable.push(error),
        }
    }
    history
}

impl History {
    /// What is in a folder. One that is not there holds nothing.
    fn list(&mut self, folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let read =
            || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>();
        match read() {
            Ok(mut paths) => {
                paths.retain(|path| wanted(path));
                paths
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                self.unreadable.push(StoreError::NotListed { path: folder.to_owned(), source });
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/v1");

    #[test]
    fn newest_first_of_one_cluster_or_all_and_nothing_in_silence() -> anyhow::Result<()> {
        let state = tempfile::tempdir()?;
        let put = |cluster: &str, id: &str, name: &str| -> anyhow::Result<()> {
            fs::create_dir_all(state.path().join(cluster))?;
            fs::copy(Path::new(STORED).join(name), state.path().join(cluster).join(format!("{id}.jsonl")))?;
            Ok(())
        };
        put("a", "20261121T100000Z-1", "apply_complete.jsonl")?;
        put("a", "20261121T120000Z-1", "reset_complete.jsonl")?;
        put("b", "20261121T110000Z-1", "reset_killed_midway.jsonl")?;
        fs::write(state.path().join("a/20261121T130000Z-1.jsonl"), "{}\n")?;
        fs::write(state.path().join("a/notes.txt"), "no record")?;

        let stems = |history: &History| -> Vec<String> {
            let stem =
                |record: &Recorded| record.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            history.records.iter().filter_map(stem).collect()
        };
        let of_a = history(state.path(), Some("a"), None);
        assert_eq!(stems(&of_a), ["20261121T120000Z-1", "20261121T100000Z-1"]);
        assert_eq!((of_a.total, of_a.unreadable.len()), (3, 1));
        let all = history(state.path(), None, Some(3));
        assert_eq!(stems(&all), ["20261121T120000Z-1", "20261121T110000Z-1"]);
        assert_eq!((all.total, all.unreadable.len()), (4, 1));
        let fates = all.records[1].fates();
        assert_eq!((fates.changed, fates.perhaps, fates.unchanged), (0, 1, 0));
        let none = history(state.path(), Some("c"), None);
        assert_eq!((none.total, none.records.len(), none.unreadable.len()), (0, 0, 0));
        Ok(())
    }
}
