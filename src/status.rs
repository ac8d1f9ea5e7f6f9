use std::process::ExitCode;

/// The exit status of a command. Scripts rely on the numbers; README and `klerk explain status` show this table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 0.
    Done,
    /// 1.
    Failed,
    /// 2.
    Differs,
    /// 3.
    Partly,
    /// 4.
    Refused,
    /// 5.
    Stale,
    /// 64.
    Usage,
    /// 129.
    HungUp,
    /// 130.
    Interrupted,
    /// 143.
    Terminated,
}

impl Status {
    /// Every status, in the order of their numbers.
    pub const ALL: [Status; 10] = [
        Status::Done,
        Status::Failed,
        Status::Differs,
        Status::Partly,
        Status::Refused,
        Status::Stale,
        Status::Usage,
        Status::HungUp,
        Status::Interrupted,
        Status::Terminated,
    ];

    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Status::Done => 0,
            Status::Failed => 1,
            Status::Differs => 2,
            Status::Partly => 3,
            Status::Refused => 4,
            Status::Stale => 5,
            Status::Usage => 64,
            Status::HungUp => 129,
            Status::Interrupted => 130,
            Status::Terminated => 143,
        }
    }

    /// What it tells a script.
    pub fn meaning(self) -> &'static str {
        match self {
            Status::Done => "done; nothing to do; everything is as it should be",
            Status::Failed => {
                "an error, and nothing was changed; also faults in the files, an unappliable plan, something not found"
            }
            Status::Differs => {
                "only with `--detailed-exitcode`: the plan has changes, the environments differ"
            }
            Status::Partly => {
                "partly: a step failed, is unknown, or is not visible by its deadline; a read lacks an answer"
            }
            Status::Refused => {
                "refused: consent is missing, a risk is not allowed, a group is active, a resource is protected"
            }
            Status::Stale => "the plan is stale: what it was made on no longer holds",
            Status::Usage => "the command line or a setting cannot be understood, or is not in this version",
            Status::HungUp => {
                "the terminal hung up; the step in flight was finished or is reported as unknown"
            }
            Status::Interrupted => {
                "interrupted (Ctrl-C); the step in flight was finished or is reported as unknown"
            }
            Status::Terminated => "terminated; the step in flight was finished or is reported as unknown",
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_this_table() {
        let table: String = Status::ALL
            .iter()
            .map(|status| format!("| {} | {} |\n", status.code(), status.meaning()))
            .collect();
        let readme = include_str!("../README.md");
        assert!(readme.contains(&table), "the README lacks this table:\n{table}");
    }
}
