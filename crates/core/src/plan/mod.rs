//! What would change: `diff` compares what should be with what is and lists its open questions, the servers answer
//! them, and `assess` makes the plan. One file a family of resources; nothing outside a family's file knows what its
//! changes expect, risk or settle to.

mod access;
mod assess;
mod beside;
mod blocked;
mod change;
mod cluster;
mod copying;
mod desired;
mod diff;
mod expect;
mod findings;
mod group;
mod held_back;
mod holding;
mod loss;
mod losses_anew;
mod model;
mod order;
mod origins;
mod policy;
mod question;
mod records;
mod revision;
mod rights;
mod risk;
mod sight;
mod subject;
#[cfg(test)]
mod tests;
mod topic;
mod undo;
mod usage;
mod visible;
mod wanted;

pub use access::AccessChange;
pub use assess::{Basis, assess};
pub use change::Change;
pub use cluster::{
    ClusterChange, ConfigWishes, ElectionScope, LeaderMove, propose_broker_configs, propose_elections,
    topic_key, wanted_for_broker_configs,
};
pub use copying::Copying;
pub use desired::{FileFinding, desired_findings, findings_of_files};
pub use diff::{DiffOptions, Families, diff};
pub use expect::{Drift, Unsound, drifts, sound, step_drifts};
pub use findings::FINDINGS;
pub use group::{
    GroupChange, GroupSight, GroupStale, LatestTimes, MissingGroup, MissingGroups, OffsetMove, OffsetsByTime,
    ResetInput, SpanQuestions, Unready, changed_groups, group_holds, moving, plan_reset,
    reset_log_partitions, settle_group, span_questions, tell_spans, unready, with_present,
};
pub use held_back::HeldBack;
pub use holding::{HeldPartition, Holding};
pub use loss::{Estimate, Loss, Span};
pub use model::{
    Conflict, ConflictReason, Expectation, Finding, Impact, Plan, Preflight, Proposal, Proposed, Severity,
    Step, StepId, Summary, Unmanaged,
};
pub use origins::ValueOrigin;
pub use policy::{Bounds, Kind, Level, Permission, ShareBound, UnknownPermission};
pub use question::{Answer, Answers, OwnVerdict, Question, Verdict, contradicted};
pub use records::{
    RecordsChange, TruncateInput, TruncateSpec, TruncateTo, Truncation, plan_truncation, truncated_partitions,
};
pub use revision::plan_against;
pub use rights::Rights;
pub use risk::{Risk, UnknownRisk};
pub use sight::{Sight, sight};
pub use subject::{LastVersion, RegisteredVersion, SubjectChange};
pub use topic::{
    MissingTopics, SentMoves, SetRates, TopicChange, propose_cancels, propose_deletions,
    propose_unthrottling, rate_drifts, throttled_brokers, wanted_for_unthrottling,
};
pub use undo::{NOT_REVERSIBLE, Undone, undo, wanted_for_undo};
pub use usage::{Reader, SeenReader, TopicUse, Usage, Writers};
pub use wanted::{wanted, wanted_for};
