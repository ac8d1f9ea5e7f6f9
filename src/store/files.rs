//! Several files that belong together, written whole or not at all.

use super::StoreError;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Those of the files that are there already, under whatever they stand for.
pub fn existing<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Vec<PathBuf> {
    paths.into_iter().filter(|path| fs::symlink_metadata(path).is_ok()).map(Path::to_owned).collect()
}

/// Writes every file beside its place first and moves them only when all are on the disk, in the order given.
///
/// # Errors
/// When a file cannot be written; as long as nothing has been moved, nothing has changed.
pub fn write_all(files: &[(PathBuf, &str)]) -> Result<(), StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::FileNotWritten { path, source }
    };
    let mut written = Beside(Vec::with_capacity(files.len()));
    for (path, text) in files {
        written.write(path, text).map_err(failed(path))?;
    }
    for (path, beside) in files.iter().map(|(path, _)| path).zip(&written.0) {
        fs::rename(beside, path).map_err(failed(path))?;
    }
    Ok(())
}

/// Files that wait for their place. What has not been moved when it ends is of no use to anybody.
struct Beside(Vec<PathBuf>);

impl Beside {
    fn write(&mut self, path: &Path, text: &str) -> io::Result<()> {
        if path.is_dir() {
            return Err(io::Error::other("it is a folder"));
        }
        path.file_name().ok_or_else(|| io::Error::other("it is no file name"))?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // A number and not the name, which may be as long as a name can be.
        let beside = format!(".klerk-{}-{}", std::process::id(), self.0.len());
        let beside = path.with_file_name(OsString::from(beside));
        let mut file = File::create_new(&beside)?;
        self.0.push(beside);
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        for beside in &self.0 {
            fs::remove_file(beside).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_are_written_or_none() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        write_all(&[(path("schemas/a.avsc"), "a"), (path("t.yaml"), "t")])?;
        assert_eq!(fs::read_to_string(path("schemas/a.avsc"))?, "a");
        assert_eq!(existing([path("t.yaml").as_path(), &path("u.yaml")]), [path("t.yaml")]);

        fs::create_dir(path("blocked"))?;
        let refused =
            write_all(&[(path("t.yaml"), "changed"), (path("u.yaml"), "u"), (path("blocked"), "b")]);
        assert!(matches!(refused, Err(StoreError::FileNotWritten { .. })), "{refused:?}");
        assert_eq!(fs::read_to_string(path("t.yaml"))?, "t");
        let mut left: Vec<_> = fs::read_dir(folder.path())?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()?;
        left.sort();
        assert_eq!(left, ["blocked", "schemas", "t.yaml"], "nothing is left beside");

        write_all(&[(path("t.yaml"), "changed")])?;
        assert_eq!(fs::read_to_string(path("t.yaml"))?, "changed");
        Ok(())
    }
}
