//! Throttles that stand: what was set on the cluster for copies to be slow is written down before it is set, and the file
//! goes once it is off again. What a run leaves behind, however it ended, a later one finds here. As long as the run that
//! set it is alive it holds a lock on the file, so that no other takes off what is about to be needed.

use super::StoreError;
use super::write::folder_name;
use klerk_core::placement::{Throttle, ThrottledReplicas};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const FORMAT: &str = "klerk.throttle";
const VERSION: u32 = 1;
const FOLDER: &str = "throttles";

/// A throttle as a file holds it; frozen.
#[derive(Debug, Serialize, Deserialize)]
struct ThrottleV1 {
    format: String,
    version: u32,
    rate: i64,
    topics: BTreeMap<String, ReplicasV1>,
    brokers: BTreeMap<i32, BTreeSet<String>>,
}

/// Replicas as pairs of partition and broker.
#[derive(Debug, Serialize, Deserialize)]
struct ReplicasV1 {
    leader: BTreeSet<(i32, i32)>,
    follower: BTreeSet<(i32, i32)>,
}

/// A throttle that stands, and the file that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingThrottle {
    /// The file.
    pub path: PathBuf,
    /// What was set.
    pub throttle: Throttle,
}

/// A throttle that nobody else takes off meanwhile.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

impl StandingThrottle {
    /// Writes down a throttle that is about to be set by the run of this record, which holds it for as long as it holds
    /// what is returned.
    ///
    /// # Errors
    /// When it cannot be written. Nothing may be set then.
    pub fn keep(
        state: &Path,
        cluster_id: &str,
        record: &str,
        throttle: &Throttle,
    ) -> Result<Held, StoreError> {
        let folder = state.join(folder_name(cluster_id)).join(FOLDER);
        let document = ThrottleV1 {
            format: FORMAT.to_owned(),
            version: VERSION,
            rate: throttle.rate,
            topics: throttle
                .topics
                .iter()
                .map(|(topic, replicas)| {
                    let ThrottledReplicas { leader, follower } = replicas.clone();
                    (topic.clone(), ReplicasV1 { leader, follower })
                })
                .collect(),
            brokers: throttle.brokers.clone(),
        };
        let path =
            (0..).map(|number| folder.join(format!("{record}-{number}.json"))).find(|path| !path.exists());
        let path = path.unwrap_or_else(|| folder.join(record));
        let write = || -> io::Result<File> {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            // Where a file system has no locks, there is one precaution less.
            let _locked = file.try_lock();
            file.write_all(&serde_json::to_vec(&document)?)?;
            file.sync_all()?;
            File::open(&folder)?.sync_all()?;
            Ok(file)
        };
        match write() {
            Ok(file) => Ok(Held { _file: file }),
            Err(source) => Err(StoreError::NotCreated { path, source }),
        }
    }

    /// Those that runs on this cluster have left, oldest first. A file that is no throttle is none.
    pub fn all(state: &Path, cluster_id: &str) -> Vec<StandingThrottle> {
        let folder = state.join(folder_name(cluster_id)).join(FOLDER);
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.into_iter().filter_map(read).collect()
    }

    /// Whether the run of this record has set it.
    pub fn is_of(&self, record: &str) -> bool {
        let name = self.path.file_stem().and_then(|name| name.to_str());
        name.and_then(|name| name.rsplit_once('-')).is_some_and(|(of, _)| of == record)
    }

    /// Takes hold of it; `None` while the run that set it is alive.
    pub fn hold(&self) -> Option<Held> {
        let file = File::open(&self.path).ok()?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            Ok(()) | Err(TryLockError::Error(_)) => Some(Held { _file: file }),
        }
    }

    /// Forgets it: it is off.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

fn read(path: PathBuf) -> Option<StandingThrottle> {
    let document: ThrottleV1 = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    if document.format != FORMAT || document.version != VERSION {
        return None;
    }
    let topics = document
        .topics
        .into_iter()
        .map(|(topic, ReplicasV1 { leader, follower })| (topic, ThrottledReplicas { leader, follower }));
    let throttle = Throttle { rate: document.rate, topics: topics.collect(), brokers: document.brokers };
    Some(StandingThrottle { path, throttle })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_is_found_by_a_later_run_until_it_is_forgotten() -> anyhow::Result<()> {
        let state = tempfile::tempdir()?;
        let replicas = ThrottledReplicas { leader: [(0, 1)].into(), follower: [(0, 2)].into() };
        let throttle = Throttle {
            rate: 500,
            topics: [("orders".to_owned(), replicas)].into(),
            brokers: [(1, ["leader.replication.throttled.rate".to_owned()].into())].into(),
        };
        assert_eq!(StandingThrottle::all(state.path(), "c"), []);
        let held = StandingThrottle::keep(state.path(), "c", "run", &throttle)?;
        drop(StandingThrottle::keep(state.path(), "c", "run", &throttle)?);
        fs::write(state.path().join("c").join(FOLDER).join("zz.json"), "no throttle")?;
        let all = StandingThrottle::all(state.path(), "c");
        let [first, second] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((&first.throttle, &second.throttle), (&throttle, &throttle));
        assert!(first.hold().is_none(), "its run is alive");
        assert!(second.hold().is_some());
        assert!(first.is_of("run") && !first.is_of("ru") && !first.is_of("run-0"));
        drop(held);
        assert!(first.hold().is_some());
        assert_eq!(StandingThrottle::all(state.path(), "another"), []);
        first.forget()?;
        assert_eq!(StandingThrottle::all(state.path(), "c"), std::slice::from_ref(second));
        Ok(())
    }
}
