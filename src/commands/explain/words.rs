//! Words of documents that have no room of their own to explain them.

use crate::error::Kind;
use klerk_core::apply::{Outcome, Settled};
use klerk_core::group::LagStatus;

/// The statuses of a row of `klerk group lag`.
pub(super) const LAG: [(LagStatus, &str); 9] = [
    (LagStatus::Ok, "There is nothing left to read."),
    (LagStatus::Lagging, "There are records left to read."),
    (LagStatus::None, "The group has no commit on the partition, so its lag is not known."),
    (
        LagStatus::Lost,
        "The commit lies below the start of the log: records are gone that the group has not read.",
    ),
    (
        LagStatus::Ahead,
        "The commit lies above the end of the log, as after a topic was made anew or lost records.",
    ),
    (LagStatus::Unsubscribed, "There is a commit on a topic that no member of the active group reads."),
    (LagStatus::Deleted, "There is a commit on a topic or partition that does not exist any more."),
    (
        LagStatus::OpenTransaction,
        "The last stable offset lies below the high watermark: an open transaction holds readers of committed records back.",
    ),
    (
        LagStatus::Unknown,
        "An answer is missing. The reason is shown with the row; it is never counted as zero.",
    ),
];

/// What a policy says of changes.
pub(super) const POLICY: [(&str, &str); 4] = [
    (
        "auto",
        "Consent to the plan is enough, which --yes gives too. Risks are still allowed by their own names.",
    ),
    (
        "approve",
        "The kind of change, or the risk, has to be allowed by its name: --allow NAME, or typed at the prompt.",
    ),
    (
        "by-hand",
        "The change is made by its own command at a terminal only, or taken back there by klerk undo, and its name is typed; no flag allows it, and klerk apply refuses it.",
    ),
    (
        "max-change-share",
        "The plan changes or deletes a larger share of the topics, of the subjects or of the groups that the topology names than its policy lets one plan do. One of each is always allowed, and what is created does not count. It has to be allowed with --allow max-change-share.",
    ),
];

/// The fates of a step in a report.
pub(super) const OUTCOMES: [(Outcome, &str); 7] = [
    (Outcome::Done, "The step is done, and was seen to be done."),
    (
        Outcome::Accepted,
        "The server accepted the step, and it was not visible by the deadline. That is no failure.",
    ),
    (Outcome::Running, "The step goes on by itself."),
    (Outcome::Partial { done: 0, of: 0 }, "Some items of the step were done, and the others were refused."),
    (Outcome::Rejected, "The server refused the step, and nothing of it was done."),
    (Outcome::Unknown, "No reply came, and looking did not settle what became of the step."),
    (Outcome::NotAttempted, "The step was never tried."),
];

/// What the look after a write says.
pub(super) const SETTLED: [(Settled, &str); 3] = [
    (Settled::AsAsked, "The look after the write found what was asked for."),
    (Settled::NotAsAsked, "The server accepted the write, and ignored or changed something of it."),
    (Settled::MovedOnSince, "The write was done, and somebody has changed the resource since."),
];

/// The kinds of errors.
pub(super) const KINDS: [(Kind, &str); 15] = [
    (Kind::Usage, "The command line or a setting cannot be understood, or is not in this version."),
    (Kind::Config, "A setting, or the file that holds it, cannot be used."),
    (Kind::File, "A topology or schema file has faults, or a file cannot be read or written."),
    (Kind::Connect, "There is no connection to the cluster or to the schema registry."),
    (Kind::Auth, "The server does not accept who is asking."),
    (Kind::Denied, "The server does not allow what was asked."),
    (Kind::NotFound, "What was named does not exist."),
    (Kind::Conflict, "The plan holds a wish that no change can grant."),
    (Kind::Refused, "Consent is missing, a risk is not allowed, or a group is active."),
    (Kind::Stale, "What the plan was made on no longer holds."),
    (Kind::Registry, "The schema registry answered with an error."),
    (Kind::Kafka, "Kafka answered with an error."),
    (Kind::Timeout, "There was no answer in time."),
    (Kind::Interrupted, "The command was told to stop."),
    (Kind::Internal, "klerk itself, or the system below it, is at fault."),
];
