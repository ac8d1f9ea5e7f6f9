//! The only reader of topology and schema files. It knows where they are, not what they mean.

mod revision;

pub use revision::{Older, RevisionError, load_older};

use crate::store::says_it_is_a_plan;
use klerk_core::topology::{Draft, Faults, Files, Place, Topology, parse, resolve, resolve_all, resolve_in};
use klerk_core::values::Origin;
use klerk_core::values::closest;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The file that is read when none is named.
pub const DEFAULT: &str = "topology.yaml";

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// More than any topology or schema; what is larger is a mistake, such as a device or a log.
const LARGEST: u64 = 64 << 20;

/// Why topology files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourcesError {
    /// No file was named, and there is none by the default name.
    #[error("there is no {DEFAULT} here")]
    NoDefault,
    /// A named file is not there.
    #[error("there is no file {0}")]
    Missing(String),
    /// A folder holds no topology file.
    #[error("the folder {0} holds no .yaml or .yml file")]
    EmptyFolder(String),
    /// A file is there and cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What is in the way.
        reason: String,
    },
    /// It is a saved plan, and no topology.
    #[error("{0} is a saved plan, and no topology")]
    SavedPlan(String),
    /// An older state of the files cannot be read.
    #[error(transparent)]
    Revision(#[from] RevisionError),
}

impl SourcesError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            SourcesError::NoDefault => {
                "name a file or a folder with -f, or '-f -' for standard input".to_owned()
            }
            SourcesError::Missing(_) => "check the path given to -f".to_owned(),
            SourcesError::EmptyFolder(_) => {
                "name another folder with -f; entries that begin with a dot are skipped".to_owned()
            }
            SourcesError::Unreadable { .. } => {
                "topology files are UTF-8 text that this user may read".to_owned()
            }
            SourcesError::SavedPlan(path) => format!("klerk apply {path} carries it out"),
            SourcesError::Revision(error) => error.hint().to_owned(),
        }
    }
}

/// Why it is not clear which environment of a topology is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The files have environments, and none was named.
    #[error("the topology has environments, and none is named: {}", names.join(", "))]
    Needed {
        /// Those that there are.
        names: Vec<String>,
    },
    /// The files have no environment of that name.
    #[error("the topology has no environment '{name}'")]
    Unknown {
        /// What was named.
        name: String,
        /// Those that there are.
        names: Vec<String>,
    },
    /// More than one was named.
    #[error("-e names one environment here, and this names {}", .0.len())]
    Several(Vec<String>),
    /// `klerk diff` compares two.
    #[error("-e names the environments to compare: there have to be two, and this names {0}")]
    NotTwo(usize),
    /// A saved plan belongs to one environment.
    #[error("the plan was made for the environment {of_plan}, and -e names {named}")]
    Other {
        /// What was named.
        named: String,
        /// What the plan was made for.
        of_plan: String,
    },
    /// A saved plan takes topology files only for where its environment is.
    #[error(
        "a saved plan is carried out as it is: -f only tells where the environment of -e is, and there is no -e"
    )]
    Idle,
}

impl EnvironmentError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            EnvironmentError::Needed { names } => format!("choose one with -e, such as -e {}", names[0]),
            EnvironmentError::Unknown { names, .. } if names.is_empty() => {
                "it has no section environments; leave -e out".to_owned()
            }
            EnvironmentError::Unknown { name, names } => {
                let listed = names.join(", ");
                match closest(name, names.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean {meant}? there are {listed}"),
                    None => format!("there are {listed}"),
                }
            }
            EnvironmentError::Several(_) => "run the command once for each".to_owned(),
            EnvironmentError::NotTwo(_) => "klerk diff -e A -e B".to_owned(),
            EnvironmentError::Other { named, of_plan } => {
                format!(
                    "carry it out with -e {of_plan}, or make a plan with klerk plan -e {named} --out FILE"
                )
            }
            EnvironmentError::Idle => "add -e NAME, or leave -f out".to_owned(),
        }
    }
}

/// Why there is no topology.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file could not be read.
    #[error(transparent)]
    Sources(#[from] SourcesError),
    /// The files were read, and something in them cannot stand.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The files were read, and it is not clear which of their environments is meant.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

/// The texts of topology files, read and not yet resolved, with the schemas that they name.
#[derive(Debug)]
pub struct Loaded {
    draft: Draft,
    files: Files,
}

impl Loaded {
    /// The names of the environments, in their order.
    pub fn environments(&self) -> Vec<String> {
        self.draft.environments().map(str::to_owned).collect()
    }

    /// The names of the users that the files name, in whatever environment.
    pub fn users(&self) -> Vec<String> {
        self.draft.users().into_iter().map(str::to_owned).collect()
    }

    /// The topology files by their paths.
    pub fn files(&self) -> Vec<String> {
        self.draft.files().map(|file| file.to_string()).collect()
    }

    /// The line that an origin in one of the topology files stands in.
    pub fn place(&self, origin: &Origin) -> Option<Place> {
        self.draft.place(origin)
    }

    /// The topology of the environment that was named, or of files without environments.
    ///
    /// # Errors
    /// With all the faults of all files, and when it is not clear which environment is meant.
    pub fn topology(self, environment: Option<&str>) -> Result<Topology, LoadError> {
        match environment {
            Some(name) => self.within(name),
            None => match self.environments() {
                names if names.is_empty() => Ok(resolve(self.draft, &self.files)?),
                names => Err(EnvironmentError::Needed { names }.into()),
            },
        }
    }

    /// The topology of one environment.
    ///
    /// # Errors
    /// With the faults that it has, and when there is none of that name.
    pub fn within(&self, name: &str) -> Result<Topology, LoadError> {
        match resolve_in(&self.draft, name, &self.files) {
            Some(topology) => Ok(topology?),
            None => {
                // Where the files have faults nobody knows which environments they would have.
                self.all()?;
                let names = self.environments();
                Err(EnvironmentError::Unknown { name: name.to_owned(), names }.into())
            }
        }
    }

    /// What the files say for all environments, and the topology of each.
    ///
    /// # Errors
    /// With all the faults of all files and environments.
    pub fn all(&self) -> Result<Vec<Topology>, Faults> {
        resolve_all(&self.draft, &self.files)
    }
}

/// Reads the files and folders named, or [`DEFAULT`] where none is, with the schemas that they name.
///
/// `stdin` is asked for the text of [`STDIN`], at most once.
///
/// # Errors
/// When a topology file cannot be read.
pub fn load(named: &[PathBuf], stdin: impl FnOnce() -> io::Result<String>) -> Result<Loaded, SourcesError> {
    let draft = parse(read(named, stdin)?);
    let files = schemas(&draft.wanted());
    Ok(Loaded { draft, files })
}

/// The texts of the files and folders named, each with its path as it is shown to people.
///
/// # Errors
/// At the first file that cannot be read.
pub fn read(
    named: &[PathBuf],
    stdin: impl FnOnce() -> io::Result<String>,
) -> Result<Vec<(String, String)>, SourcesError> {
    if named.is_empty() {
        if !Path::new(DEFAULT).exists() {
            return Err(SourcesError::NoDefault);
        }
        return Ok(vec![(DEFAULT.to_owned(), read_topology(Path::new(DEFAULT))?)]);
    }
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    let mut stdin = Some(stdin);
    for path in named {
        if path.as_os_str() == STDIN {
            if let Some(stdin) = stdin.take() {
                let text = stdin().map_err(|error| unreadable("standard input", &error))?;
                texts.push((STDIN.to_owned(), text));
            }
            continue;
        }
        for file in files_of(path)? {
            let same = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
            if seen.insert(same) {
                texts.push((shown(&file), read_topology(&file)?));
            }
        }
    }
    Ok(texts)
}

/// The schema files, each with its text or with why it could not be read.
pub fn schemas(wanted: &BTreeSet<String>) -> Files {
    let read = |path: &String| {
        let text = read_text(Path::new(path)).map_err(|error| match error {
            SourcesError::Unreadable { reason, .. } => reason,
            SourcesError::Missing(_) => "there is no such file".to_owned(),
            other => other.to_string(),
        });
        (path.clone(), text)
    };
    wanted.iter().map(read).collect()
}

/// A file itself, or all topology files below a folder, sorted.
fn files_of(path: &Path) -> Result<Vec<PathBuf>, SourcesError> {
    let about = fs::metadata(path).map_err(|error| refused(path, &error))?;
    if !about.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    below(path, &mut BTreeSet::new(), &mut files)?;
    if files.is_empty() {
        return Err(SourcesError::EmptyFolder(shown(path)));
    }
    files.sort();
    Ok(files)
}

/// Gathers what is below a folder, links to folders too. Each folder is read once, for links may lead around in a circle.
fn below(folder: &Path, been: &mut BTreeSet<PathBuf>, files: &mut Vec<PathBuf>) -> Result<(), SourcesError> {
    let itself = fs::canonicalize(folder).map_err(|error| refused(folder, &error))?;
    if !been.insert(itself) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(|error| refused(folder, &error))? {
        let entry = entry.map_err(|error| refused(folder, &error))?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        let is_yaml = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"));
        if path.is_dir() {
            below(&path, been, files)?;
        } else if is_yaml {
            files.push(path);
        }
    }
    Ok(())
}

fn read_topology(path: &Path) -> Result<String, SourcesError> {
    let text = read_text(path)?;
    match says_it_is_a_plan(&text) {
        true => Err(SourcesError::SavedPlan(shown(path))),
        false => Ok(text),
    }
}

fn read_text(path: &Path) -> Result<String, SourcesError> {
    let file = File::open(path).map_err(|error| refused(path, &error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| refused(path, &error))?;
    let unreadable = |reason: String| SourcesError::Unreadable { path: shown(path), reason };
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.iter().filter(|byte| **byte == b'\n').count() + 1;
        unreadable(format!("line {line} is not UTF-8"))
    })
}

fn refused(path: &Path, error: &io::Error) -> SourcesError {
    match error.kind() {
        io::ErrorKind::NotFound => SourcesError::Missing(shown(path)),
        _ => unreadable(&shown(path), error),
    }
}

fn unreadable(path: &str, error: &io::Error) -> SourcesError {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    SourcesError::Unreadable { path: path.to_owned(), reason }
}

/// A path as it is shown and as paths in the file are relative to it: with `/` between its parts.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPOLOGY: &str = "klerk: 1\n";

    fn no_stdin() -> io::Result<String> {
        Err(io::Error::other("nobody asked"))
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn names(folder: &tempfile::TempDir, texts: &[(String, String)]) -> Vec<String> {
        let prefix = format!("{}/", folder.path().display());
        texts.iter().map(|(path, _)| path.strip_prefix(&prefix).unwrap_or(path).to_owned()).collect()
    }

    #[test]
    fn a_folder_is_its_yaml_files_sorted() {
        let text = TOPOLOGY.as_bytes();
        let folder = folder(&[
            ("b.yaml", text),
            ("a/z.yml", text),
            ("a/.hidden.yaml", text),
            (".git/x.yaml", text),
            ("c.yaml.orig", text),
            ("d.YAML", text),
            ("s.avsc", text),
        ]);
        let again = folder.path().join("b.yaml");
        let texts = read(&[folder.path().to_owned(), again], no_stdin).unwrap();
        assert_eq!(names(&folder, &texts), ["a/z.yml", "b.yaml", "d.YAML"], "one file is read once");
    }

    #[test]
    fn a_link_in_a_circle_ends() {
        let folder = folder(&[("a/b.yaml", TOPOLOGY.as_bytes())]);
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/again.yaml")).unwrap();
        let texts = read(&[folder.path().to_owned()], no_stdin).unwrap();
        assert_eq!(names(&folder, &texts), ["a/b.yaml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_a_link_is_read_once_like_any_other() {
        let elsewhere = folder(&[("shared/c.yaml", TOPOLOGY.as_bytes())]);
        let folder = folder(&[("a/b.yaml", TOPOLOGY.as_bytes())]);
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        link(&elsewhere.path().join("shared"), "linked");
        link(folder.path(), "round");
        let texts = read(&[folder.path().to_owned()], no_stdin).unwrap();
        assert_eq!(names(&folder, &texts), ["a/b.yaml", "linked/c.yaml"]);
    }

    #[test]
    fn standard_input_is_a_dash() {
        let texts = read(&[PathBuf::from("-"), PathBuf::from("-")], || Ok(TOPOLOGY.to_owned())).unwrap();
        assert_eq!(texts, [("-".to_owned(), TOPOLOGY.to_owned())]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let folder = folder(&[("bad.yaml", b"klerk: 1\n\xff"), ("empty/x.txt", b"")]);
        let said = |name: &str| {
            let error = read(&[folder.path().join(name)], no_stdin).unwrap_err();
            assert!(!error.hint().is_empty());
            error.to_string().replace(&format!("{}/", folder.path().display()), "")
        };
        assert_eq!(said("gone.yaml"), "there is no file gone.yaml");
        assert_eq!(said("bad.yaml"), "bad.yaml cannot be read: line 2 is not UTF-8");
        assert_eq!(said("empty"), "the folder empty holds no .yaml or .yml file");
    }

    #[test]
    fn schemas_are_found_beside_the_file_that_names_them() {
        let folder = folder(&[
            ("topology.yaml", b"klerk: 1\ntopics: { a: { value: schemas/A.avsc } }\n"),
            ("schemas/A.avsc", br#"{"type": "record", "name": "A", "fields": []}"#),
        ]);
        let file = folder.path().join("topology.yaml");
        let topology = load(std::slice::from_ref(&file), no_stdin).unwrap().topology(None).unwrap();
        assert!(topology.subjects["a-value"].file.ends_with("schemas/A.avsc"));

        fs::remove_file(folder.path().join("schemas/A.avsc")).unwrap();
        let error = load(&[file], no_stdin).unwrap().topology(None).unwrap_err();
        assert!(error.to_string().contains("there is no such file"), "{error}");
    }
}
