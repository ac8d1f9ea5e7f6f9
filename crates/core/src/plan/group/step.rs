use super::{GroupChange, OffsetMove};
use crate::plan::{Finding, Risk, Severity};
use crate::values::{Resource, first_few};
use crate::world::{GroupType, GroupView, Member};

/// What moving a commit from one offset to another means for a group, within a log.
///
/// Records that are gone, or not there yet, are neither skipped nor repeated; without a commit before it is not known
/// where the group would have begun.
pub(super) fn skipped_and_repeated(from: Option<i64>, to: i64, start: i64, end: i64) -> (i64, i64) {
    let Some(from) = from else { return (0, 0) };
    let (from, to) = (from.clamp(start, end.max(start)), to.clamp(start, end.max(start)));
    ((to - from).max(0), (from - to).max(0))
}

/// What a change of offsets means for the records that the group reads.
pub(super) fn group_risks(change: &GroupChange) -> Vec<Risk> {
    let mut risks = Vec::new();
    if let GroupChange::CommitOffsets { partitions, .. } = change {
        if partitions.iter().any(|one| one.skips > 0) {
            risks.push(Risk::SkipsRecords);
        }
        if partitions.iter().any(|one| one.repeats > 0) {
            risks.push(Risk::RepeatsRecords);
        }
    }
    risks
}

/// What is worth knowing about a group whose offsets are to be changed.
pub(super) fn findings(group: &str, view: &GroupView, findings: &mut Vec<Finding>) {
    let resource = Resource::group(group);
    if !view.state.is_inactive() {
        let members = view.members.known().map(Vec::as_slice).unwrap_or_default();
        findings.push(Finding {
            severity: Severity::Warning,
            code: "group/active",
            message: format!(
                "the group is {}{}: Kafka takes the change only once they have stopped (--wait-empty waits for it)",
                view.state,
                with_members(members)
            ),
            resource: resource.clone(),
            origin: None,
        });
    }
    if view.kind == GroupType::Streams {
        findings.push(Finding {
            severity: Severity::Warning,
            code: "group/streams",
            message:
                "a streams group: only the offsets of its input topics move; its state stores and internal \
                      topics stay as they are"
                    .to_owned(),
            resource,
            origin: None,
        });
    }
}

/// ` with 2 members (a on 10.0.0.1, b on 10.0.0.2)`, at most five of them by name.
pub(super) fn with_members(members: &[Member]) -> String {
    if members.is_empty() {
        return String::new();
    }
    let named = members.iter().map(|member| format!("{} on {}", member.client_id, member.host));
    let noun = if members.len() == 1 { "member" } else { "members" };
    format!(" with {} {noun} ({})", members.len(), first_few(named, 5).join(", "))
}

/// Completes a move by what follows from its ends.
pub(super) fn complete(mut one: OffsetMove) -> OffsetMove {
    let from = one.from.as_ref().map(|commit| commit.offset);
    (one.skips, one.repeats) = skipped_and_repeated(from, one.to, one.start, one.end);
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_records_that_are_there_count() {
        assert_eq!(skipped_and_repeated(Some(10), 40, 0, 100), (30, 0));
        assert_eq!(skipped_and_repeated(Some(40), 10, 0, 100), (0, 30));
        assert_eq!(
            skipped_and_repeated(Some(5), 40, 20, 100),
            (20, 0),
            "records below the log start are gone"
        );
        assert_eq!(
            skipped_and_repeated(Some(150), 90, 20, 100),
            (0, 10),
            "records above the end are not there yet"
        );
        assert_eq!(skipped_and_repeated(None, 90, 20, 100), (0, 0));
    }

    proptest! {
        #[test]
        fn never_both_and_never_more_than_the_log_holds(from in 0..200i64, to in 0..200i64, start in 0..100i64, len in 0..100i64) {
            let (skips, repeats) = skipped_and_repeated(Some(from), to, start, start + len);
            prop_assert!(skips == 0 || repeats == 0);
            prop_assert!((0..=len).contains(&skips) && (0..=len).contains(&repeats));
        }
    }
}
