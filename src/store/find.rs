use super::write::folder_name;
use super::{StoreError, read};
use std::fs;
use std::path::{Path, PathBuf};

/// How many records are offered when none was found.
const OFFERED: usize = 5;

/// The file of a record of this cluster, by its path, its id, the beginning of its id, its last part, or `last`.
///
/// # Errors
/// When there is none, or more than one.
pub fn find(state: &Path, cluster_id: &str, name: &str) -> Result<PathBuf, StoreError> {
    let path = Path::new(name);
    if path.components().count() > 1 || path.extension().is_some() || path.is_file() {
        return Ok(path.to_owned());
    }
    let folder = state.join(folder_name(cluster_id));
    let ids = ids(&folder);
    let matching: Vec<&String> = match name {
        "last" => last(&folder, &ids).into_iter().collect(),
        _ => ids.iter().filter(|id| id.starts_with(name) || id.rsplit('-').next() == Some(name)).collect(),
    };
    match matching.as_slice() {
        [id] => Ok(folder.join(format!("{id}.jsonl"))),
        [] => Err(StoreError::NotFound {
            name: name.to_owned(),
            latest: ids.into_iter().rev().take(OFFERED).collect(),
            folder,
        }),
        several => Err(StoreError::Ambiguous {
            name: name.to_owned(),
            found: several.iter().map(|id| (*id).clone()).collect(),
        }),
    }
}

/// The last one with a step that changes something. One that only tells of a throttle that was taken off has nothing to
/// take back, and one of a run that was stopped before anything was sent neither.
fn last<'a>(folder: &Path, ids: &'a [String]) -> Option<&'a String> {
    let changes = |id: &&String| match read(&folder.join(format!("{id}.jsonl"))) {
        Ok(record) => record.plan.steps.iter().any(|step| !step.change.is_unchanged()),
        Err(error) => !matches!(error, StoreError::NotBegun { .. }),
    };
    ids.iter().rev().find(changes).or(ids.last())
}

/// The ids of the records in a folder, oldest first. A folder that is not there holds none.
fn ids(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let mut ids: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned)).collect();
    ids.sort_unstable();
    ids
}
