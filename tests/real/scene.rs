//! A folder with a topology, and klerk run in it as an operator would; and servers that may be broken.

use crate::documents::Report;
use anyhow::{Context, Result, anyhow, bail, ensure};
use klerk_testbed::{Cluster, ClusterOptions, Outcome, Run, Running};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A working folder, and a klerk that knows the way to the servers from its environment.
pub struct Scene {
    run: Run,
    folder: TempDir,
}

impl Scene {
    pub fn new(bootstrap: &str) -> Result<Scene> {
        let folder = tempfile::tempdir()?;
        let run =
            Run::new(env!("CARGO_BIN_EXE_klerk"))?.in_folder(folder.path()).env("KLERK_BOOTSTRAP", bootstrap);
        Ok(Scene { run, folder })
    }

    #[must_use]
    pub fn with_registry(self, url: &str) -> Scene {
        Scene { run: self.run.env("KLERK_REGISTRY", url), ..self }
    }

    /// With settings out of a `client.properties` that only its owner may read.
    pub fn with_properties(self, text: &str) -> Result<Scene> {
        self.write("client.properties", text)?;
        let path = self.path("client.properties");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let run = self.run.env("KLERK_COMMAND_CONFIG", &path.display().to_string());
        Ok(Scene { run, folder: self.folder })
    }

    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(path, text)?;
        Ok(())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The home folder that klerk sees, with what it has recorded.
    pub fn home(&self) -> &Path {
        self.run.home()
    }

    /// A run to come; words are parted at blanks.
    pub fn klerk(&self, line: &str) -> Run {
        self.run.clone().args(line.split_whitespace())
    }

    /// The document that a run with `-o json` prints, which has to end with this status.
    pub fn json<T: DeserializeOwned>(&self, line: &str, status: i32) -> Result<T> {
        document(self.klerk(line).args(["-o", "json"]).run()?, status)
    }

    /// An apply with `record.jsonl` that stands still just after the first reply to a change.
    pub fn apply_until_first_reply(&self) -> Result<Stopped> {
        let path = self.path("record.jsonl");
        fs::remove_file(&path).ok();
        let run =
            self.klerk("apply --yes --batch 20 --record record.jsonl -o json -X request.timeout.ms=15000");
        let mut running = run.spawn()?;
        running.wait_until(|_, _| {
            fs::read_to_string(&path).is_ok_and(|record| record.contains(r#""event":"accepted""#))
        })?;
        running.pause()?;
        let record = Record::read(&fs::read_to_string(&path)?)?;
        ensure!(record.footer.is_none(), "it was over before it could be stopped");
        ensure!(record.sent().len() < record.steps(), "all was sent before it could be stopped");
        Ok(Stopped { running, record })
    }
}

/// The one document on a run's standard output.
pub fn document<T: DeserializeOwned>(outcome: Outcome, status: i32) -> Result<T> {
    let text = outcome.expect_status(status)?;
    serde_json::from_str(&text).with_context(|| format!("not the document that was expected:\n{text}"))
}

/// The report of a run after which everything was to be done. Brokers that are very busy show it later than a run waits for
/// them: then it is `accepted`, and nothing worse.
pub fn carried_out(outcome: Outcome) -> Result<Report> {
    let report: Report = document(outcome.clone(), outcome.status.unwrap_or_default())?;
    let late = report.steps.iter().filter(|step| step.outcome == "accepted").count();
    let done = report.steps.iter().filter(|step| step.outcome == "done").count();
    ensure!(done + late == report.steps.len(), "not carried out: {outcome:#?}");
    let (status, word) = if late == 0 { (0, "done") } else { (3, "partial") };
    ensure!(
        outcome.status == Some(status) && report.outcome == word,
        "{:?}: {}",
        outcome.status,
        report.outcome
    );
    Ok(report)
}

/// Applies until there is nothing left to do: what an earlier run has sent may still be carried out meanwhile.
pub fn finishes(scene: &Scene) -> Result<()> {
    until("nothing is left to do", || {
        scene.klerk("apply --yes").run()?;
        Ok(scene.klerk("plan --detailed-exitcode").run()?.status == Some(0))
    })
}

/// A run that stands still in the middle.
pub struct Stopped {
    pub running: Running,
    /// The record so far.
    pub record: Record,
}

impl Stopped {
    /// Lets it go on to its end.
    pub fn finish(self) -> Result<Outcome> {
        self.running.resume()?;
        self.running.wait()
    }
}

/// A record file, line by line.
pub struct Record {
    pub header: serde_json::Value,
    pub events: Vec<(u64, String)>,
    pub footer: Option<serde_json::Value>,
}

impl Record {
    /// Every line has to be a JSON object of one of the three kinds, the header first and the footer last.
    pub fn read(text: &str) -> Result<Record> {
        let mut lines = text.lines().map(|line| {
            serde_json::from_str::<serde_json::Value>(line).with_context(|| format!("a torn line: {line}"))
        });
        let header = lines.next().context("an empty record")??;
        ensure!(header["line"] == "header", "the first line is no header: {header}");
        let mut record = Record { header, events: Vec::new(), footer: None };
        for line in lines {
            let line = line?;
            ensure!(record.footer.is_none(), "a line after the footer: {line}");
            match line["line"].as_str() {
                Some("event") => record.events.push((
                    line["step"].as_u64().context("an event without a step")?,
                    line["event"].as_str().context("an event without a word")?.to_owned(),
                )),
                Some("footer") => record.footer = Some(line),
                _ => bail!("a line of no kind: {line}"),
            }
        }
        Ok(record)
    }

    /// How many steps the plan in the header has.
    pub fn steps(&self) -> usize {
        self.header["plan"]["steps"].as_array().map_or(0, Vec::len)
    }

    pub fn sent(&self) -> BTreeSet<u64> {
        self.with_event("sent")
    }

    pub fn accepted(&self) -> BTreeSet<u64> {
        self.with_event("accepted")
    }

    fn with_event(&self, word: &str) -> BTreeSet<u64> {
        self.events.iter().filter(|(_, event)| event == word).map(|(step, _)| *step).collect()
    }
}

/// So many topics that creating them takes several requests: what a topic weighs is its configs.
pub fn many_topics(prefix: &str, count: usize, replication: u8) -> String {
    let mut text = format!("klerk: 1\ndefaults:\n  partitions: 1\n  replication: {replication}\n");
    for key in [
        "retention.ms: 7d",
        "retention.bytes: 1GiB",
        "segment.ms: 1d",
        "segment.bytes: 64MiB",
        "min.insync.replicas: 1",
        "max.message.bytes: 1MiB",
        "compression.type: producer",
        "delete.retention.ms: 1d",
        "file.delete.delay.ms: 1m",
        "flush.messages: 1000000000",
        "flush.ms: 1d",
        "index.interval.bytes: 4KiB",
        "max.compaction.lag.ms: 30d",
        "message.timestamp.type: CreateTime",
        "min.cleanable.dirty.ratio: 0.5",
        "min.compaction.lag.ms: 1d",
        "preallocate: false",
        "segment.jitter.ms: 1m",
        "unclean.leader.election.enable: false",
    ] {
        writeln!(text, "  {key}").ok();
    }
    text.push_str("topics:\n");
    for number in 0..count {
        writeln!(text, "  {prefix}.{number:04}: {{}}").ok();
    }
    text
}

/// Three brokers that a test may break. One test at a time has them, and finds them whole and empty.
pub struct Breakable {
    pub cluster: Cluster,
}

pub fn breakable() -> Result<MutexGuard<'static, Breakable>> {
    static SERVERS: OnceLock<Result<Mutex<Breakable>, String>> = OnceLock::new();
    let start = || -> Result<Mutex<Breakable>> {
        let options = ClusterOptions::three_brokers().fast_failure();
        // Every five minutes brokers would bring leaders back by themselves, in the middle of a test that does.
        let options = options.property("auto.leader.rebalance.enable", "false");
        Ok(Mutex::new(Breakable { cluster: Cluster::start(options)? }))
    };
    let servers = SERVERS.get_or_init(|| start().map_err(|error| format!("{error:#}")));
    let servers = servers.as_ref().map_err(|error| anyhow!("the servers did not start: {error}"))?;
    let servers = servers.lock().unwrap_or_else(PoisonError::into_inner);
    servers.make_whole()?;
    Ok(servers)
}

impl Breakable {
    /// A scene at all brokers, the first one first.
    pub fn scene(&self) -> Result<Scene> {
        Scene::new(&self.cluster.bootstrap())
    }

    fn make_whole(&self) -> Result<()> {
        for broker in 1..=self.cluster.size() {
            match self.cluster.process_id(broker) {
                Some(_) => self.cluster.resume(broker)?,
                None => self.cluster.start_broker(broker)?,
            }
        }
        self.cluster.await_brokers(self.cluster.size())?;
        let client = self.cluster.client();
        client.delete_topics(&self.topics()?.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The topics that are there, internal ones apart.
    pub fn topics(&self) -> Result<BTreeSet<String>> {
        let all = self.cluster.client().topics()?.into_keys();
        Ok(all.filter(|topic| !topic.starts_with("__")).collect())
    }

    /// Waits until these topics are there, for reads lag writes.
    pub fn await_topics(&self, wanted: &BTreeSet<String>) -> Result<()> {
        until(&format!("{} topics are there", wanted.len()), || Ok(wanted.is_subset(&self.topics()?)))
    }
}

/// How long what is found out at once may take: a machine that is busy with other tests is slow without that being so. Whoever waits for
/// the answer to a request is given half a minute by itself.
pub const IN_GOOD_TIME: Duration = Duration::from_secs(15);

/// Waits for a condition.
pub fn until(what: &str, check: impl Fn() -> Result<bool>) -> Result<()> {
    let started = Instant::now();
    while !check()? {
        ensure!(started.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
