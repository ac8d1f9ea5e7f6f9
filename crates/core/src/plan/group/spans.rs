//! How much time lies between where commits are and where a plan moves them.

use super::{GroupChange, OffsetMove};
use crate::plan::{Change, Plan};
use crate::values::{Known, TopicPartition};
use crate::world::RecordTimes;
use std::collections::{BTreeMap, BTreeSet};

/// What has to be looked up, for [`tell_spans`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpanQuestions {
    /// Offsets whose records tell the time.
    pub places: BTreeSet<(TopicPartition, i64)>,
    /// Partitions that a commit is moved to the end of, or back from there, where no record stands: their latest time is
    /// that of the other side.
    pub ends: BTreeSet<TopicPartition>,
}

/// The latest time of a record of each partition, in milliseconds since 1970.
pub type LatestTimes = BTreeMap<TopicPartition, Known<i64>>;

/// The records that are skipped or read again: from the first one up to the second, which is not among them.
fn between(one: &OffsetMove) -> Option<(i64, i64)> {
    let from = one.from.as_ref()?.offset;
    let inside = |offset: i64| offset.clamp(one.start, one.end);
    let (low, high) = (inside(from.min(one.to)), inside(from.max(one.to)));
    (low < high).then_some((low, high))
}

fn moves(plan: &Plan) -> impl Iterator<Item = &OffsetMove> {
    let of_group = |change: &'_ Change| matches!(change, Change::Group(GroupChange::CommitOffsets { .. }));
    plan.steps.iter().filter(move |step| of_group(&step.change)).flat_map(|step| match &step.change {
        Change::Group(GroupChange::CommitOffsets { partitions, .. }) => partitions.as_slice(),
        _ => &[],
    })
}

/// What is to be looked up so that a plan can tell which time its moves of commits span.
pub fn span_questions(plan: &Plan) -> SpanQuestions {
    let mut questions = SpanQuestions::default();
    for one in moves(plan) {
        let Some((low, high)) = between(one) else { continue };
        questions.places.insert((one.partition.clone(), low));
        if high == one.end {
            questions.ends.insert(one.partition.clone());
        } else {
            questions.places.insert((one.partition.clone(), high));
        }
    }
    questions
}

/// Writes into a plan how much time its moves of commits span. Comes back with why that is not known of some, and of how many.
pub fn tell_spans(plan: &mut Plan, times: &RecordTimes, latest: &LatestTimes) -> BTreeMap<String, usize> {
    let mut unknown = BTreeMap::new();
    for step in &mut plan.steps {
        let Change::Group(GroupChange::CommitOffsets { partitions, .. }) = &mut step.change else { continue };
        for one in partitions {
            let Some((low, high)) = between(one) else { continue };
            let at = |offset| match times.get(&(one.partition.clone(), offset)) {
                Some(Known::Known(record)) => match record.millis {
                    Some(millis) => Known::Known(millis),
                    None => Known::Unavailable("a record carries no time".to_owned()),
                },
                Some(missing) => missing.as_ref().map(|record| record.offset),
                None => Known::NotAsked,
            };
            let first = at(low);
            let last = match high == one.end {
                true => latest.get(&one.partition).cloned().unwrap_or_default(),
                false => at(high),
            };
            match (&first, &last) {
                (Known::Known(first), Known::Known(last)) => {
                    // Records may be written with any time, also one that is earlier than that of the record before.
                    one.span_ms = Some(last.saturating_sub(*first).max(0));
                }
                (first, last) => {
                    if let Some(why) = first.missing_reason().or_else(|| last.missing_reason()) {
                        *unknown.entry(why).or_default() += 1;
                    }
                }
            }
        }
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::super::{ResetInput, plan_reset};
    use super::*;
    use crate::group::small_world::world;
    use crate::group::{ResetSpec, Scope, Strategy};
    use crate::values::Failure;
    use crate::world::RecordTime;

    fn plan(strategy: Strategy) -> Plan {
        let world = world()
            .topic("t", &[(0, 100), (50, 100), (0, 100), (0, 100)])
            .group("g", &[("t", 0, 60), ("t", 1, 10), ("t", 2, 100), ("t", 3, 30)]);
        let spec =
            ResetSpec { groups: vec!["g".to_owned()], scope: Scope::AllTopics, strategy, new_group: false };
        let by_time = BTreeMap::new();
        plan_reset(ResetInput {
            spec: &spec,
            world: &world,
            by_time: &by_time,
            contracts: None,
            environment: None,
        })
        .unwrap()
    }

    fn at(partition: i32, offset: i64) -> (TopicPartition, i64) {
        (TopicPartition::new("t", partition), offset)
    }

    /// A record a second.
    fn times(places: &BTreeSet<(TopicPartition, i64)>) -> RecordTimes {
        let record = |offset| RecordTime { offset, millis: Some(offset * 1_000) };
        places.iter().map(|place| (place.clone(), Known::Known(record(place.1)))).collect()
    }

    fn spans(plan: &Plan) -> Vec<Option<i64>> {
        moves(plan).map(|one| one.span_ms).collect()
    }

    #[test]
    fn a_span_is_from_the_first_record_to_the_one_after_the_last() {
        let mut plan = plan(Strategy::ToOffset { offset: 30 });
        let questions = span_questions(&plan);
        // What is lost has no time, and what stays no span.
        assert_eq!(questions.places, BTreeSet::from([at(0, 30), at(0, 60), at(2, 30)]));
        assert_eq!(questions.ends, BTreeSet::from([at(2, 0).0]));
        let latest = BTreeMap::from([(at(2, 0).0, Known::Known(99_500))]);
        assert_eq!(tell_spans(&mut plan, &times(&questions.places), &latest), BTreeMap::new());
        assert_eq!(spans(&plan), [Some(30_000), None, Some(69_500), None]);
    }

    #[test]
    fn lost_records_are_not_skipped_again() {
        let mut plan = plan(Strategy::ToLatest);
        let questions = span_questions(&plan);
        assert_eq!(questions.places, BTreeSet::from([at(0, 60), at(1, 50), at(3, 30)]));
        let latest = questions.ends.iter().map(|one| (one.clone(), Known::Known(40_000))).collect();
        tell_spans(&mut plan, &times(&questions.places), &latest);
        assert_eq!(spans(&plan), [Some(0), Some(0), None, Some(10_000)]);
    }

    #[test]
    fn what_is_not_known_is_counted_by_its_reason() {
        let mut plan = plan(Strategy::ToEarliest);
        let questions = span_questions(&plan);
        let denied = Known::Denied(Failure::without_reply("NOT_YOURS", ""));
        let records = questions.places.iter().map(|place| (place.clone(), denied.clone())).collect();
        let unknown = tell_spans(&mut plan, &records, &BTreeMap::new());
        assert_eq!(unknown, BTreeMap::from([("NOT_YOURS".to_owned(), 3)]));
        assert_eq!(spans(&plan), [None; 4]);
    }
}
