//! Topology and schema files as a revision of git has them. Git itself is run, in the repository of the files; it is asked
//! for nothing that is not stored there.

use super::{DEFAULT, EnvironmentError, LoadError, Loaded, STDIN, SourcesError, shown};
use klerk_core::topology::{Fault, Faults, Files, Place, Topology, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

/// Why a revision could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// Git could not be run.
    #[error("git could not be run: {0}")]
    NoGit(io::Error),
    /// The files are in no repository.
    #[error("{0} is in no git repository")]
    NoRepository(String),
    /// The repository has no such revision.
    #[error("the repository has no revision '{0}'")]
    Unknown(String),
    /// What came on standard input has no older state.
    #[error("standard input has no revision to compare with")]
    Stdin,
    /// Git has answered with something else.
    #[error("git could not read the revision: {0}")]
    Git(String),
}

impl RevisionError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            RevisionError::NoGit(_) => "install git, where PATH leads to it",
            RevisionError::NoRepository(_) => "run klerk where the repository is checked out",
            RevisionError::Unknown(_) => {
                "git rev-parse shows what a name stands for; a shallow clone lacks older commits (git fetch --unshallow)"
            }
            RevisionError::Stdin => "name the files with -f",
            RevisionError::Git(_) => "git fsck tells whether the repository is whole",
        }
    }
}

/// An older state of the files.
#[derive(Debug)]
pub struct Older {
    /// What it says; nothing where it has none of the files.
    pub topology: Topology,
    /// The revision as it was named, with its commit.
    pub revision: String,
    /// What is worth knowing of it, each in a sentence.
    pub notes: Vec<String>,
}

/// The topology of `named`, or of [`DEFAULT`], as `revision` has it.
///
/// A file or an environment that the revision does not have is no error: what is in it is new.
///
/// # Errors
/// When git or the revision cannot be read, and for the faults of the older files, each by `git:REV:path`.
pub fn load_older(named: &[PathBuf], revision: &str, environment: Option<&str>) -> Result<Older, LoadError> {
    let default = [PathBuf::from(DEFAULT)];
    let named = if named.is_empty() { &default[..] } else { named };
    if named.iter().any(|path| path.as_os_str() == STDIN) {
        return Err(SourcesError::from(RevisionError::Stdin).into());
    }
    let tree = Tree::of(&named[0], revision).map_err(SourcesError::from)?;
    let mut notes = Vec::new();
    let mut found = Vec::new();
    for path in named {
        let files = tree.files_of(path);
        if files.is_empty() {
            notes.push(format!("{} is not in git:{revision}: all that it says is new", shown(path)));
        }
        found.extend(files);
    }
    let mut seen = BTreeSet::new();
    found.retain(|(_, place)| seen.insert(place.clone()));
    let places: Vec<&String> = found.iter().map(|(_, place)| place).collect();
    let texts = tree.texts(&places)?;
    let texts: Vec<(String, String)> =
        found.iter().filter_map(|(name, place)| Some((name.clone(), texts.get(place)?.clone()))).collect();
    let commit = tree.commit.get(..8).unwrap_or(&tree.commit);
    let revision = format!("git:{revision} ({commit})");
    if texts.is_empty() {
        return Ok(Older { topology: Topology::default(), revision, notes });
    }
    let draft = parse(texts);
    let files = tree.schemas(&draft.wanted())?;
    let loaded = Loaded { draft, files };
    let environments = loaded.environments();
    let environment = environment.filter(|_| !environments.is_empty());
    let topology = match loaded.topology(environment) {
        Err(LoadError::Environment(EnvironmentError::Unknown { name, .. })) => {
            notes
                .push(format!("environment {name} is not in git:{}: all that it says is new", tree.revision));
            Topology::default()
        }
        Err(LoadError::Faults(faults)) => return Err(of_revision(&faults, &tree.revision).into()),
        other => other?,
    };
    Ok(Older { topology, revision, notes })
}

/// Faults that name the revision with the file, so that nobody looks for them in the work tree.
fn of_revision(faults: &Faults, revision: &str) -> Faults {
    let older = |place: &Place| {
        let mut place = place.clone();
        place.origin.file = Arc::from(format!("git:{revision}:{}", place.origin.file));
        place
    };
    let fault = |fault: &Fault| Fault {
        place: older(&fault.place),
        related: fault.related.iter().map(|(place, what)| (older(place), what.clone())).collect(),
        ..fault.clone()
    };
    faults.iter().map(fault).collect()
}

/// All files of a commit.
struct Tree {
    revision: String,
    commit: String,
    /// The folder of the work tree, without links.
    top: PathBuf,
    /// The object of each file by its path below `top`.
    objects: BTreeMap<String, String>,
}

impl Tree {
    /// The commit that `revision` stands for in the repository of `path`.
    fn of(path: &Path, revision: &str) -> Result<Tree, RevisionError> {
        let real = real(path);
        let folder = if real.is_dir() { real.as_path() } else { real.parent().unwrap_or(Path::new("/")) };
        let folder = existing(folder);
        let top = git(folder, &["rev-parse", "--show-toplevel"], b"")?
            .map_err(|_| RevisionError::NoRepository(shown(path)))?;
        let top = real_folder(text(&top).trim_end_matches(['\r', '\n']));
        let named = format!("{revision}^{{commit}}");
        let commit = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &named], b"")?
            .map_err(|_| RevisionError::Unknown(revision.to_owned()))?;
        let commit = text(&commit).trim().to_owned();
        let listed =
            git(&top, &["ls-tree", "-r", "-z", "--full-tree", &commit], b"")?.map_err(RevisionError::Git)?;
        // Each entry is "MODE TYPE OBJECT\tPATH".
        let objects = text(&listed)
            .split('\0')
            .filter_map(|entry| {
                let (about, path) = entry.split_once('\t')?;
                let mut words = about.split(' ');
                let (mode, object) = (words.next()?, words.nth(1)?);
                mode.starts_with("100").then(|| (path.to_owned(), object.to_owned()))
            })
            .collect();
        Ok(Tree { revision: revision.to_owned(), commit, top, objects })
    }

    /// A file itself, or the topology files below a folder, sorted: the name that is shown, and the place in the commit.
    fn files_of(&self, path: &Path) -> Vec<(String, String)> {
        let Some(place) = self.place(path) else { return Vec::new() };
        if self.objects.contains_key(&place) {
            return vec![(shown(path), place)];
        }
        let folder = if place.is_empty() { String::new() } else { format!("{place}/") };
        let below = self.objects.keys().filter_map(|file| file.strip_prefix(&folder));
        let mut files: Vec<(PathBuf, String)> = below
            .filter(|rest| !rest.split('/').any(|part| part.starts_with('.')))
            .filter(|rest| rest.ends_with(".yaml") || rest.ends_with(".yml"))
            .map(|rest| (path.join(rest), format!("{folder}{rest}")))
            .collect();
        files.sort();
        files.into_iter().map(|(name, place)| (shown(&name), place)).collect()
    }

    /// Where a file of the work tree is in the commit; `None` outside of the repository.
    fn place(&self, path: &Path) -> Option<String> {
        Some(shown(real(path).strip_prefix(&self.top).ok()?))
    }

    fn schemas(&self, wanted: &BTreeSet<String>) -> Result<Files, SourcesError> {
        let places: BTreeMap<&String, Option<String>> = wanted
            .iter()
            .map(|path| (path, self.place(Path::new(path)).filter(|place| self.objects.contains_key(place))))
            .collect();
        let texts = self.texts(&places.values().flatten().collect::<Vec<_>>())?;
        let read = |(path, place): (&String, Option<String>)| {
            let text = place.and_then(|place| texts.get(&place).cloned());
            (path.clone(), text.ok_or_else(|| format!("there is no such file in {}", self.revision)))
        };
        Ok(places.into_iter().map(read).collect())
    }

    /// The texts of files of the commit by their places.
    fn texts(&self, places: &[&String]) -> Result<BTreeMap<String, String>, SourcesError> {
        let objects: Vec<(&String, &String)> =
            places.iter().filter_map(|place| Some((*place, self.objects.get(*place)?))).collect();
        let asked: String = objects.iter().map(|(_, object)| format!("{object}\n")).collect();
        if asked.is_empty() {
            return Ok(BTreeMap::new());
        }
        let answer =
            git(&self.top, &["cat-file", "--batch"], asked.as_bytes())?.map_err(RevisionError::Git)?;
        let mut rest = answer.as_slice();
        let mut texts = BTreeMap::new();
        for (place, _) in objects {
            let cut = || RevisionError::Git(format!("{place} came without its text"));
            let (bytes, after) = next_object(rest).ok_or_else(cut)?;
            let text = String::from_utf8(bytes.to_vec()).map_err(|_| SourcesError::Unreadable {
                path: format!("git:{}:{place}", self.revision),
                reason: "it is not UTF-8".to_owned(),
            })?;
            texts.insert(place.clone(), text);
            rest = after;
        }
        Ok(texts)
    }
}

/// The next object of `cat-file --batch`: "OBJECT TYPE SIZE\n", its bytes, "\n". Returns its bytes and what follows.
fn next_object(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let size: usize = std::str::from_utf8(&answer[..end]).ok()?.rsplit(' ').next()?.parse().ok()?;
    let bytes = answer.get(end + 1..)?.get(..size)?;
    Some((bytes, answer.get(end + 1 + size + 1..)?))
}

/// Runs git; its answer, or what it said when it failed. It fetches nothing and asks for nothing.
fn git(folder: &Path, args: &[&str], input: &[u8]) -> Result<Result<Vec<u8>, String>, RevisionError> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(RevisionError::NoGit)?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        // Git answers while it is still being asked, so that both have to go on at once. One that has ended early has
        // told why on its standard error.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input).ok()));
        child.wait_with_output()
    });
    let output = output.map_err(RevisionError::NoGit)?;
    Ok(match output.status.success() {
        true => Ok(output.stdout),
        false => Err(text(&output.stderr).trim().to_owned()),
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn real_folder(path: &str) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path))
}

/// The path from the root and without links, as far as it exists; what is gone from the work tree may be in the commit.
fn real(path: &Path) -> PathBuf {
    let base = existing(path);
    let rest = path.strip_prefix(base).unwrap_or(Path::new(""));
    let here = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let mut real = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
    for part in rest.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            Component::Normal(name) => real.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    real
}

/// The longest beginning of a path that exists; empty where nothing of it does.
fn existing(path: &Path) -> &Path {
    path.ancestors().find(|part| part.exists()).unwrap_or(Path::new(""))
}
