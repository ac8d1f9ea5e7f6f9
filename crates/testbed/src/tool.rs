//! Kafka's own command line tools, to compare klerk with.

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
}

impl Tool {
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
        }
    }

    /// Runs the tool on the brokers at `bootstrap` (`host:port,…`); `args` are what follows `--bootstrap-server`.
    pub fn run(self, bootstrap: &str, args: &[&str]) -> Result<ToolOutput> {
        self.run_with(&Kit::locate()?, bootstrap, args)
    }

    /// The command that [`run`](Self::run) runs, for whoever wants to measure it.
    pub fn command(self, kit: &Kit, bootstrap: &str, args: &[&str]) -> Command {
        let mut command = kit.kafka(Archive::Tools, "256m", self.class());
        command.args(["--bootstrap-server", bootstrap]).args(args).stdin(Stdio::null());
        command
    }

    pub(crate) fn run_with(self, kit: &Kit, bootstrap: &str, args: &[&str]) -> Result<ToolOutput> {
        let output = self.command(kit, bootstrap, args).output();
        let output = output.with_context(|| format!("{} does not run", self.class()))?;
        Ok(ToolOutput {
            tool: self,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code(),
        })
    }
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
