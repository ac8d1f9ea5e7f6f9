use super::StoreError;
use super::recorded::time;
use super::v1::{ConsentV1, EventV1, FORMAT, FooterV1, HeaderV1, LineV1, VERSION};
use crate::consent::Grant;
use crate::view::json::v1::PlanDocument;
use jiff::Timestamp;
use klerk_core::apply::{Report, StepEvent};
use klerk_core::plan::{Permission, Plan, StepId};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long lines about single steps may wait for the disk. What leads back is in the header, which never waits; a
/// thousand topics in one request must not cost a thousand waits.
const SYNC_EVERY: Duration = Duration::from_millis(100);

/// What the first line tells.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// What is about to be done. The values before each change are those of the present: whoever reads them again just
    /// before the change puts them into the plan first.
    pub plan: &'a Plan,
    /// By what means consent was given.
    pub grant: &'a Grant,
    /// Who runs the command, where that is known.
    pub user: Option<&'a str>,
    /// When the run begins.
    pub at: Timestamp,
}

/// A record that is being written.
#[derive(Debug)]
pub struct Record {
    file: File,
    path: PathBuf,
    id: String,
    synced: Instant,
    /// Whether a line could not be written whole.
    torn: bool,
}

impl Record {
    /// Makes the record in the state folder, with its header on the disk.
    ///
    /// # Errors
    /// When it cannot be written whole. Nothing may be changed then.
    pub fn create(state: &Path, header: &Header<'_>) -> Result<Record, StoreError> {
        let id = new_id(header.at);
        let folder = state.join(folder_name(&header.plan.cluster_id));
        let path = folder.join(format!("{id}.jsonl"));
        let make = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            sync_folder(&folder)
        };
        make().map_err(|source| StoreError::NotCreated { path: path.clone(), source })?;
        Record::begin(path, id, header)
    }

    /// Makes the record in a file of its own, with its header on the disk. The file must not exist.
    ///
    /// # Errors
    /// When it cannot be written whole. Nothing may be changed then.
    pub fn create_at(path: &Path, header: &Header<'_>) -> Result<Record, StoreError> {
        Record::begin(path.to_owned(), new_id(header.at), header)
    }

    fn begin(path: PathBuf, id: String, header: &Header<'_>) -> Result<Record, StoreError> {
        let line = LineV1::Header(Box::new(HeaderV1 {
            format: FORMAT.to_owned(),
            version: VERSION,
            id: id.clone(),
            at: time(header.at),
            user: header.user.map(str::to_owned),
            klerk: env!("CARGO_PKG_VERSION").to_owned(),
            consent: ConsentV1 {
                go_on: header.grant.go_on.as_str().to_owned(),
                risks: allowed(header.grant, |name| matches!(name, Permission::Risk(_))),
                policy: allowed(header.grant, |name| !matches!(name, Permission::Risk(_))),
            },
            plan: PlanDocument::from(header.plan),
        }));
        let write = || -> io::Result<File> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(&bytes(&line)?)?;
            file.sync_all()?;
            sync_folder(&path)?;
            Ok(file)
        };
        match write() {
            Ok(file) => Ok(Record { file, path, id, synced: Instant::now(), torn: false }),
            Err(source) => Err(StoreError::NotCreated { path, source }),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The id by which `klerk undo` finds it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Adds what became known of a step.
    ///
    /// # Errors
    /// When the line cannot be written. No further step should be begun then.
    pub fn event(&mut self, at: Timestamp, step: StepId, event: &StepEvent) -> Result<(), StoreError> {
        self.add(&LineV1::Event(EventV1::of(at, step, event)))?;
        if self.synced.elapsed() >= SYNC_EVERY {
            self.sync()?;
        }
        Ok(())
    }

    /// Adds how the run ended, and waits for the disk.
    ///
    /// # Errors
    /// When the line cannot be written.
    pub fn finish(mut self, at: Timestamp, report: &Report) -> Result<PathBuf, StoreError> {
        self.add(&LineV1::Footer(FooterV1::of(at, report)))?;
        self.sync()?;
        Ok(self.path)
    }

    /// Takes back the record of a run that has changed nothing. One that cannot be removed stays, and tells of nothing.
    pub fn discard(self) {
        let _removed = fs::remove_file(&self.path);
    }

    /// Waits until every line so far is on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.synced = Instant::now();
        self.file.sync_data().map_err(|source| StoreError::NotWritten { path: self.path.clone(), source })
    }

    /// Adds a line. After one that failed nothing more is written: half a line at the end can be read back over, half a
    /// line in the middle could not.
    fn add(&mut self, line: &LineV1) -> Result<(), StoreError> {
        let written = match self.torn {
            true => Err(io::Error::other("an earlier line could not be written")),
            false => bytes(line).and_then(|bytes| self.file.write_all(&bytes)),
        };
        self.torn |= written.is_err();
        written.map_err(|source| StoreError::NotWritten { path: self.path.clone(), source })
    }
}

/// What of the consent is such a name, each with how it was given.
fn allowed(grant: &Grant, is_one: impl Fn(&Permission) -> bool) -> BTreeMap<String, String> {
    let names = grant.allowed.iter().filter(|(name, _)| is_one(name));
    names.map(|(name, by)| (name.as_str().to_owned(), by.as_str().to_owned())).collect()
}

/// A line with its end, written in one go so that only the last one of a file can be torn.
fn bytes(line: &LineV1) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A new file is safe only when its folder is on the disk too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

/// Time first, so that names sort by age, down to the microsecond at which the last part begins: `last` has to be the
/// last one for a script too. Then chance, for runs that begin together.
fn new_id(at: Timestamp) -> String {
    let chance = RandomState::new().hash_one(at.as_nanosecond());
    let microsecond = at.subsec_microsecond().unsigned_abs();
    format!("{}-{microsecond:05x}{:03x}", at.strftime("%Y%m%dT%H%M%SZ"), chance >> 52)
}

/// A cluster id as the name of a folder. Kafka takes any text as a cluster id.
pub(super) fn folder_name(cluster_id: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let name: String =
        cluster_id.chars().map(|character| if plain(character) { character } else { '_' }).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}
