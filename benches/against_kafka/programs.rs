//! How klerk and Kafka's own tools are called.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use klerk_testbed::{Kit, Tool};

/// What `kafka-run-class.sh` passes to Java for a tool when nobody has set anything.
const SCRIPT_FLAGS: [&str; 10] = [
    "-Xmx256M",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
    "-Dcom.sun.management.jmxremote=true",
    "-Dcom.sun.management.jmxremote.authenticate=false",
    "-Dcom.sun.management.jmxremote.ssl=false",
];

/// Builds the command lines of both sides.
#[derive(Debug)]
pub struct Programs {
    kit: Kit,
    home: PathBuf,
}

impl Programs {
    /// klerk sees `home` as the operator's.
    pub fn new(home: &Path) -> Result<Programs> {
        Ok(Programs { kit: Kit::locate()?, home: home.to_owned() })
    }

    pub fn klerk<S: AsRef<str>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_klerk"));
        command.env_clear().current_dir(&self.home);
        command.envs([("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("COLUMNS", "100")]).env("HOME", &self.home);
        for (variable, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")] {
            command.env(variable, self.home.join(folder));
        }
        command.args(args.iter().map(AsRef::as_ref));
        command
    }

    /// The main class that the tool's script runs, with the script's flags.
    pub fn kafka<S: AsRef<str>>(&self, tool: Tool, args: &[S]) -> Command {
        let mut command = Command::new(self.kit.java());
        command.env_remove("JAVA_TOOL_OPTIONS").env_remove("JDK_JAVA_OPTIONS");
        command.args(SCRIPT_FLAGS).arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        command.args(["-cp", &self.kit.kafka_class_path(), tool.class()]);
        command.args(args.iter().map(AsRef::as_ref));
        command
    }

    /// For the reader of the figures.
    pub fn how_they_run() -> String {
        let flags: Vec<String> =
            SCRIPT_FLAGS.chunks(3).map(|flags| format!("  {}", flags.join(" "))).collect();
        format!(
            "klerk runs as built with release optimisation, with JSON output.\nKafka's tools run as their main classes \
             with the flags that kafka-run-class.sh passes, which are\n{}\nwithout the script's own time, with \
             slf4j-simple instead of log4j, and with no class data archive but Java's own.",
            flags.join("\n")
        )
    }
}
