//! Kafka's own command line tools, to compare klerk with.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::kit::{Archive, Kit};

/// A tool of Kafka's distribution. A run costs about a second, most of it Java's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `kafka-topics.sh`
    Topics,
    /// `kafka-configs.sh`
    Configs,
    /// `kafka-consumer-groups.sh`
    ConsumerGroups,
    /// `kafka-groups.sh`
    Groups,
    /// `kafka-get-offsets.sh`
    GetOffsets,
    /// `kafka-delete-records.sh`
    DeleteRecords,
    /// `kafka-reassign-partitions.sh`
    ReassignPartitions,
    /// `kafka-leader-election.sh`
    LeaderElection,
    /// `kafka-acls.sh`
    Acls,
    /// `kafka-console-consumer.sh`
    ConsoleConsumer,
    /// `kafka-console-producer.sh`
    ConsoleProducer,
}

impl Tool {
    const ALL: [Tool; 11] = [
        Tool::Topics,
        Tool::Configs,
        Tool::ConsumerGroups,
        Tool::Groups,
        Tool::GetOffsets,
        Tool::DeleteRecords,
        Tool::ReassignPartitions,
        Tool::LeaderElection,
        Tool::Acls,
        Tool::ConsoleConsumer,
        Tool::ConsoleProducer,
    ];

    /// The name of the script that starts it in Kafka's distribution.
    pub fn script(self) -> &'static str {
        match self {
            Tool::Topics => "kafka-topics.sh",
            Tool::Configs => "kafka-configs.sh",
            Tool::ConsumerGroups => "kafka-consumer-groups.sh",
            Tool::Groups => "kafka-groups.sh",
            Tool::GetOffsets => "kafka-get-offsets.sh",
            Tool::DeleteRecords => "kafka-delete-records.sh",
            Tool::ReassignPartitions => "kafka-reassign-partitions.sh",
            Tool::LeaderElection => "kafka-leader-election.sh",
            Tool::Acls => "kafka-acls.sh",
            Tool::ConsoleConsumer => "kafka-console-consumer.sh",
            Tool::ConsoleProducer => "kafka-console-producer.sh",
        }
    }

    /// The tool's main class.
    pub fn class(self) -> &'static str {
        match self {
            Tool::Topics => "org.apache.kafka.tools.TopicCommand",
            Tool::Configs => "kafka.admin.ConfigCommand",
            Tool::ConsumerGroups => "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            Tool::Groups => "org.apache.kafka.tools.GroupsCommand",
            Tool::GetOffsets => "org.apache.kafka.tools.GetOffsetShell",
            Tool::DeleteRecords => "org.apache.kafka.tools.DeleteRecordsCommand",
            Tool::ReassignPartitions => "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
            Tool::LeaderElection => "org.apache.kafka.tools.LeaderElectionCommand",
            Tool::Acls => "org.apache.kafka.tools.AclCommand",
            Tool::ConsoleConsumer => "org.apache.kafka.tools.consumer.ConsoleConsumer",
            Tool::ConsoleProducer => "org.apache.kafka.tools.ConsoleProducer",
        }
    }

    /// Runs the tool on the brokers at `bootstrap` (`host:port,…`); `args` are what follows `--bootstrap-server`.
    pub fn run(self, bootstrap: &str, args: &[&str]) -> Result<ToolOutput> {
        self.run_with(&Kit::locate()?, bootstrap, args)
    }

    /// The command that [`run`](Self::run) runs, for whoever wants to measure it.
    pub fn command(self, kit: &Kit, bootstrap: &str, args: &[&str]) -> Command {
        let mut command = self.bare(kit);
        command.args(["--bootstrap-server", bootstrap]).args(args).stdin(Stdio::null());
        command
    }

    fn bare(self, kit: &Kit) -> Command {
        kit.kafka(Archive::Tools, "256m", self.class())
    }

    /// Writes the scripts into a folder, under the names that they have in Kafka's distribution. One that is there already stays as it
    /// is: somebody may be running it.
    pub(crate) fn write_scripts(kit: &Kit, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for tool in Tool::ALL {
            let path = folder.join(tool.script());
            let command = tool.bare(kit);
            let words = std::iter::once(command.get_program()).chain(command.get_args());
            let line: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
            let script = format!("#!/bin/sh\nexec {} \"$@\"\n", line.join(" "));
            if fs::read_to_string(&path).is_ok_and(|found| found == script) {
                continue;
            }
            fs::write(&path, script)
                .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o755)))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    pub(crate) fn run_with(self, kit: &Kit, bootstrap: &str, args: &[&str]) -> Result<ToolOutput> {
        self.collect(&mut self.command(kit, bootstrap, args))
    }

    /// Runs a command that [`command`](Self::command) made.
    pub(crate) fn collect(self, command: &mut Command) -> Result<ToolOutput> {
        let output = command.output();
        let output = output.with_context(|| format!("{} does not run", self.class()))?;
        Ok(ToolOutput {
            tool: self,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code(),
        })
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a tool said. Many of them end with status 0 after an error, so look at the text as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolOutput {
    pub tool: Tool,
    pub stdout: String,
    pub stderr: String,
    /// `None` when a signal ended it.
    pub status: Option<i32>,
}

impl ToolOutput {
    /// Standard output, or an error with everything that was said when the status is not 0.
    pub fn checked(self) -> Result<String> {
        if self.status != Some(0) {
            bail!(
                "{} ended with status {:?}:\n{}\n{}",
                self.tool.class(),
                self.status,
                self.stdout,
                self.stderr
            );
        }
        Ok(self.stdout)
    }
}
