//! The servers' files and the Java that runs them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::cluster::{Cluster, ClusterOptions};
use crate::registry::{Registry, RegistryOptions};
use crate::tool::Tool;

const JAVA_WANTED: &str = "The test bed runs Kafka and a schema registry on Java 17 or newer. Install it with \
    `apt-get install openjdk-17-jdk-headless` (Debian, Ubuntu), `dnf install java-17-openjdk-headless` (Fedora), \
    `pacman -S jdk17-openjdk` (Arch) or `brew install openjdk@17` (macOS), or run `make deps`.";
const MAVEN_WANTED: &str = "The test bed fetches Kafka and a schema registry with Maven. Install it with `apt-get install maven` \
    (Debian, Ubuntu), `dnf install maven` (Fedora), `pacman -S maven` (Arch) or `brew install maven` (macOS), or run `make deps`.";

/// The older releases that klerk is tested with, for [`Kit::older`].
pub const OLDER: [&str; 2] = ["3.9.1", "4.0.1"];

/// Class data archives: each roughly halves the start of what it was recorded from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Archive {
    Broker,
    Tools,
    Registry,
}

impl Archive {
    const ALL: [Archive; 3] = [Archive::Broker, Archive::Tools, Archive::Registry];

    fn file(self) -> &'static str {
        match self {
            Archive::Broker => "broker.jsa",
            Archive::Tools => "tools.jsa",
            Archive::Registry => "registry.jsa",
        }
    }
}

/// The unpacked servers and the Java found for them.
#[derive(Debug, Clone)]
pub struct Kit {
    java: PathBuf,
    folder: PathBuf,
    recording: Option<Archive>,
}

impl Kit {
    /// Finds Java and makes sure that `target/testbed` is filled, by one run of Maven if it is not.
    ///
    /// Test processes that start at the same time take turns. The first run also records the class data archives; if that
    /// fails the servers start more slowly and nothing else changes.
    ///
    /// # Errors
    /// Java or Maven is missing (the message says what to install), or Maven could not fetch what is asked for.
    pub fn locate() -> Result<Kit> {
        static KIT: OnceLock<Result<Kit, String>> = OnceLock::new();
        KIT.get_or_init(|| Kit::prepare().map_err(|error| format!("{error:#}")))
            .clone()
            .map_err(|error| anyhow!(error))
    }

    /// The brokers of an older Kafka, fetched into `target/testbed/older` when they are first asked for. There are no tools with them.
    ///
    /// # Errors
    /// Those of [`Kit::locate`].
    pub fn older(version: &str) -> Result<Kit> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().with_context(|| format!("{} is not there", root.display()))?;
        let pom = root.join("tests/testbed/older.pom.xml");
        let folder = root.join("target/testbed/older").join(version);
        let java = find_java()?;
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let turn = File::create(folder.join("lock")).context("cannot create the test bed's lock file")?;
        turn.lock().context("cannot take the test bed's lock")?;
        let wanted = fs::read_to_string(&pom).with_context(|| format!("cannot read {}", pom.display()))?;
        let fetched = Stamp(folder.join("fetched.stamp"));
        if !fetched.says(&wanted) {
            check_java(&java)?;
            fetch(&pom, &folder, &[format!("-Dkafka.version={version}")])?;
            fetched.write(&wanted)?;
        }
        Ok(Kit { java, folder, recording: None })
    }

    /// `target/testbed`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kafka's own tools under the names that they have in its distribution: `kafka-topics.sh` and its kin.
    pub fn scripts(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// The `java` that runs servers and tools.
    pub fn java(&self) -> &Path {
        &self.java
    }

    /// The class path of Kafka and its tools, for `java -cp`.
    pub fn kafka_class_path(&self) -> String {
        format!("{}/*", self.folder.join("kafka").display())
    }

    /// `java` with the flags of a short-lived, small JVM and the class data archive if there is one.
    pub(crate) fn jvm(&self, archive: Archive, heap: &str) -> Command {
        let mut command = Command::new(&self.java);
        command.arg(format!("-Xmx{heap}"));
        command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        // Warnings of the JVM, such as about an archive of another Java, would go to the tools' standard output.
        command.args(["-Xlog:disable", "-Xlog:all=error:stderr"]);
        let file = self.folder.join(archive.file());
        if self.recording.is_some_and(|recorded| recorded.file() == archive.file()) {
            command.arg(format!("-XX:ArchiveClassesAtExit={}", file.display()));
        } else if file.exists() {
            command.arg(format!("-XX:SharedArchiveFile={}", file.display()));
        }
        command
    }

    /// A main class of Kafka on such a JVM.
    pub(crate) fn kafka(&self, archive: Archive, heap: &str, class: &str) -> Command {
        self.kafka_with(archive, heap, &[], class)
    }

    /// The same with more arguments for the JVM.
    pub(crate) fn kafka_with(
        &self,
        archive: Archive,
        heap: &str,
        arguments: &[String],
        class: &str,
    ) -> Command {
        let mut command = self.jvm(archive, heap);
        command.args(arguments);
        command.args([
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            &self.kafka_class_path(),
            class,
        ]);
        command
    }

    /// The registry's runnable archive.
    pub(crate) fn registry_jar(&self) -> Result<PathBuf> {
        let folder = self.folder.join("registry");
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let mut jars = entries.flatten().map(|entry| entry.path());
        jars.find(|path| path.to_string_lossy().ends_with("-runner.jar"))
            .with_context(|| format!("{} holds no *-runner.jar", folder.display()))
    }

    fn prepare() -> Result<Kit> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().with_context(|| format!("{} is not there", root.display()))?;
        let pom = root.join("tests/testbed/pom.xml");
        let folder = root.join("target/testbed");
        let java = find_java()?;
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let turn = File::create(folder.join("lock")).context("cannot create the test bed's lock file")?;
        turn.lock().context("cannot take the test bed's lock")?;

        let wanted = fs::read_to_string(&pom).with_context(|| format!("cannot read {}", pom.display()))?;
        let fetched = Stamp(folder.join("fetched.stamp"));
        if !fetched.says(&wanted) {
            check_java(&java)?;
            fetch(&pom, &folder, &[])?;
            fetched.write(&wanted)?;
        }

        let kit = Kit { java, folder, recording: None };
        let recorded = Stamp(kit.folder.join("recorded.stamp"));
        let occasion = format!("{}\n{wanted}", identity(&kit.java)?);
        if !recorded.says(&occasion) {
            check_java(&kit.java)?;
            if let Err(error) = kit.record() {
                eprintln!("no class data archives, so servers start more slowly: {error:#}");
            }
            recorded.write(&occasion)?;
        }
        Tool::write_scripts(&kit, &kit.scripts())?;
        Ok(kit)
    }

    /// One throw-away run of each server and of a tool, on which the JVM notes the classes it has loaded.
    fn record(&self) -> Result<()> {
        for archive in Archive::ALL {
            fs::remove_file(self.folder.join(archive.file())).ok();
        }
        let while_recording = |archive| Kit { recording: Some(archive), ..self.clone() };
        let patience = Duration::from_secs(60);

        let cluster = Cluster::start_with(&while_recording(Archive::Broker), &ClusterOptions::one_broker())?;
        let tool =
            Tool::Topics.run_with(&while_recording(Archive::Tools), &cluster.bootstrap(), &["--list"])?;
        tool.checked()?;
        cluster.terminate(1)?;
        Registry::start_with(&while_recording(Archive::Registry), &RegistryOptions::default())?
            .terminate(patience)
    }
}

/// A file whose text tells for what a piece of work was done.
struct Stamp(PathBuf);

impl Stamp {
    fn says(&self, text: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|found| found == text)
    }

    fn write(&self, text: &str) -> Result<()> {
        fs::write(&self.0, text).with_context(|| format!("cannot write {}", self.0.display()))
    }
}

fn find_java() -> Result<PathBuf> {
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    home.filter(|java| java.is_file())
        .or_else(|| on_path("java"))
        .ok_or_else(|| anyhow!("java was not found. {JAVA_WANTED}"))
}

/// Java's tool for stores of certificates, which every Java brings.
pub(crate) fn keytool() -> Result<PathBuf> {
    let java = find_java()?;
    let real = java.canonicalize().with_context(|| format!("{} leads nowhere", java.display()))?;
    let beside = real.with_file_name("keytool");
    let found = if beside.is_file() { Some(beside) } else { on_path("keytool") };
    found.with_context(|| format!("{} has no keytool beside it. {JAVA_WANTED}", java.display()))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// Changes when another Java is installed or this one is upgraded: an archive of one Java is of no use to the next.
fn identity(java: &Path) -> Result<String> {
    let real = java.canonicalize().with_context(|| format!("{} leads nowhere", java.display()))?;
    let changed = fs::metadata(&real).and_then(|metadata| metadata.modified());
    let changed = changed.with_context(|| format!("cannot look at {}", real.display()))?;
    Ok(format!(
        "{} of {:?}",
        real.display(),
        changed.duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
    ))
}

fn check_java(java: &Path) -> Result<()> {
    let output = Command::new(java).arg("-version").output();
    let output = output.with_context(|| format!("{} does not run. {JAVA_WANTED}", java.display()))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    match java_major(&text) {
        Some(17..) => Ok(()),
        Some(major) => bail!("{} is Java {major}. {JAVA_WANTED}", java.display()),
        None => bail!("{} does not tell its version: {}. {JAVA_WANTED}", java.display(), text.trim()),
    }
}

/// Reads `openjdk version "17.0.15" 2025-04-15`, and `"1.8.0_392"` as 8.
fn java_major(text: &str) -> Option<u32> {
    let version = text.split('"').nth(1)?;
    let mut numbers = version.split(['.', '-', '_', '+']).map(|part| part.parse::<u32>().ok());
    match numbers.next()?? {
        1 => numbers.next()?,
        major => Some(major),
    }
}

fn fetch(pom: &Path, folder: &Path, arguments: &[String]) -> Result<()> {
    let maven = on_path("mvn").ok_or_else(|| anyhow!("mvn was not found. {MAVEN_WANTED}"))?;
    for stale in ["kafka", "registry"] {
        let stale = folder.join(stale);
        if stale.exists() {
            fs::remove_dir_all(&stale).with_context(|| format!("cannot clear {}", stale.display()))?;
        }
    }
    eprintln!("fetching servers into {}", folder.display());
    let mut command = Command::new(maven);
    command.args(["-B", "-q", "-ntp", "-f"]).arg(pom).arg("package");
    command.arg(format!("-Dtestbed.out={}", folder.display())).args(arguments);
    let output = command.stdin(std::process::Stdio::null()).output().context("mvn does not run")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "Maven could not fetch the test bed ({}):\n{}",
            output.status,
            String::from_utf8_lossy(&said).trim()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::java_major;

    #[test]
    fn the_major_version_is_read_from_old_and_new_spellings() {
        assert_eq!(java_major("openjdk version \"17.0.15\" 2025-04-15"), Some(17));
        assert_eq!(java_major("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(java_major("java version \"1.8.0_392\""), Some(8));
        assert_eq!(java_major("openjdk version \"24-ea\" 2025-03-18"), Some(24));
        assert_eq!(java_major("no such thing"), None);
    }
}
