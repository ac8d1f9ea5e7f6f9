use super::{GroupLag, LagReport, LagRow, LagStatus, LagTotal};
use crate::values::{Failure, Known, TopicPartition, as_integer, list_items};
use crate::world::{ConfigView, RecordTimes};
use std::collections::BTreeMap;

/// How long a topic keeps its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// `retention.ms` where it deletes anything; `None` where records do not go by age: it is −1, or `cleanup.policy` lacks
    /// `delete`.
    pub by_age_ms: Option<i64>,
    /// Whether `retention.bytes` may delete records sooner.
    pub by_size: bool,
}

impl Retention {
    /// The configs that it is read from.
    pub const KEYS: [&'static str; 3] = ["cleanup.policy", "retention.ms", "retention.bytes"];

    /// What a topic's configs come to; `None` where `retention.ms` is not among them.
    pub fn of(configs: &BTreeMap<String, ConfigView>) -> Option<Retention> {
        let value = |key: &str| configs.get(key).and_then(|config| config.value.as_deref());
        let deletes =
            value("cleanup.policy").is_none_or(|text| list_items(text).any(|item| item == "delete"));
        let by_age = as_integer(value("retention.ms")?)?;
        let by_size = value("retention.bytes").and_then(as_integer).is_some_and(|bytes| bytes >= 0);
        Some(Retention { by_age_ms: (deletes && by_age >= 0).then_some(by_age), by_size: deletes && by_size })
    }
}

/// What the time of the next record to read is compared with.
#[derive(Debug, Clone, Copy)]
pub struct LagTimes<'a> {
    /// When it was looked, in milliseconds since 1970.
    pub now_ms: i64,
    /// The records at [`LagReport::places`].
    pub records: &'a RecordTimes,
    /// Whether it was asked how old they are.
    pub behind: bool,
    /// How long topics keep records, where it was asked how much of that is left.
    pub retention: Option<&'a BTreeMap<String, Known<Retention>>>,
}

impl LagReport {
    /// Where the next record stands that each group has to read on each partition, of those that have one.
    pub fn places(&self) -> impl Iterator<Item = (TopicPartition, i64)> {
        self.groups.iter().flat_map(|group| &group.rows).filter_map(LagRow::place)
    }

    /// Tells of each row how old the next record is, and how much of its retention is left.
    pub fn tell_times(&mut self, times: LagTimes<'_>) {
        for group in &mut self.groups {
            for row in &mut group.rows {
                row.tell_times(times);
            }
            let GroupLag { rows, total, .. } = group;
            let of_rows = LagTotal::of(&*rows);
            (total.behind_ms, total.behind_at_least_ms) = (of_rows.behind_ms, of_rows.behind_at_least_ms);
            total.headroom_ms = of_rows.headroom_ms;
        }
    }
}

impl LagRow {
    /// The offset of the next record to read, where there is one.
    fn place(&self) -> Option<(TopicPartition, i64)> {
        let offset = self.committed?.max(self.start?);
        self.lag.filter(|lag| *lag > 0).map(|_| (self.partition.clone(), offset))
    }

    fn tell_times(&mut self, times: LagTimes<'_>) {
        if self.lag.is_none() {
            return;
        }
        let written = self.next_written(times);
        if times.behind {
            self.behind = match &written {
                Known::Known(millis) => Known::Known(times.now_ms.saturating_sub(*millis).max(0)),
                Known::Absent => Known::Known(0),
                missing => missing.clone(),
            };
        }
        if let Some(retention) = times.retention {
            let kept = retention.get(&*self.partition.topic).unwrap_or(&Known::NotAsked);
            self.headroom = if self.status == LagStatus::Lost {
                Known::Known(0)
            } else {
                headroom(&written, kept, times.now_ms)
            };
            if matches!(written, Known::Known(_) | Known::Absent) && self.status != LagStatus::Lost {
                self.lack("its retention could not be read", &self.headroom.clone());
            }
        }
        self.lack("the time of its next record could not be read", &written);
    }

    /// When the next record to read was written; `Absent` where there is none.
    fn next_written(&self, times: LagTimes<'_>) -> Known<i64> {
        let Some(place) = self.place() else { return Known::Absent };
        match times.records.get(&place) {
            // Only the markers of transactions stood between the commit and the end that was seen.
            Some(Known::Known(record)) if self.end.is_some_and(|end| record.offset >= end) => Known::Absent,
            Some(Known::Known(record)) => match record.millis {
                Some(millis) => Known::Known(millis),
                None => Known::Unavailable("its next record carries no time".to_owned()),
            },
            Some(missing) => missing.as_ref().map(|record| record.offset),
            None => Known::NotAsked,
        }
    }

    /// Says that an answer is missing, unless something worse was said.
    fn lack(&mut self, what: &str, answer: &Known<i64>) {
        let Some(why) = answer.missing_reason() else { return };
        let said = format!("{what}: {why}");
        self.reason = Some(match self.reason.take() {
            Some(reason) => format!("{reason}; {said}"),
            None => said,
        });
        let failure = match answer {
            Known::Denied(failure) | Known::Failed(failure) => failure.clone(),
            _ => Failure::without_reply("NO_ANSWER", why),
        };
        self.error.get_or_insert(failure);
    }
}

/// How long until a record is older than its topic keeps records; `Absent` where age deletes nothing, or where there is no
/// record.
fn headroom(written: &Known<i64>, kept: &Known<Retention>, now_ms: i64) -> Known<i64> {
    match (written, kept) {
        (Known::Known(written), Known::Known(Retention { by_age_ms: Some(kept), .. })) => {
            Known::Known(written.saturating_add(*kept).saturating_sub(now_ms).max(0))
        }
        (Known::Absent, _) | (_, Known::Known(Retention { by_age_ms: None, .. })) => Known::Absent,
        (Known::Known(_), missing) => match missing {
            Known::Absent => Known::Unavailable("the topic does not tell its retention.ms".to_owned()),
            missing => missing.as_ref().map(|_| 0),
        },
        (missing, _) => missing.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::small_world::world;
    use super::super::{LagInput, lag};
    use super::*;
    use crate::world::{RecordTime, World};

    const NOW: i64 = 1_000_000;

    fn report(world: &World) -> LagReport {
        lag(LagInput {
            cluster: &world.cluster,
            groups: &world.groups,
            contracts: None,
            stable_ends: None,
            topics: None,
        })
    }

    fn at(partition: i32, offset: i64) -> (TopicPartition, i64) {
        (TopicPartition::new("t", partition), offset)
    }

    fn written(offset: i64, millis: i64) -> Known<RecordTime> {
        Known::Known(RecordTime { offset, millis: Some(millis) })
    }

    fn told(world: &World, records: &RecordTimes, kept: Known<Retention>) -> LagReport {
        let retention = BTreeMap::from([("t".to_owned(), kept)]);
        let mut report = report(world);
        report.tell_times(LagTimes { now_ms: NOW, records, behind: true, retention: Some(&retention) });
        report
    }

    fn kept(by_age_ms: Option<i64>) -> Known<Retention> {
        Known::Known(Retention { by_age_ms, by_size: false })
    }

    #[test]
    fn age_counts_from_the_next_record_and_headroom_to_the_end_of_its_retention() {
        let world = world()
            .topic("t", &[(0, 10), (0, 10), (5, 10), (0, 10)])
            .group("g", &[("t", 0, 4), ("t", 1, 10), ("t", 2, 1), ("t", 3, 9)]);
        let places: Vec<_> = report(&world).places().collect();
        assert_eq!(places, [at(0, 4), at(2, 5), at(3, 9)]);
        let records = RecordTimes::from([
            (at(0, 4), written(6, NOW - 300)),
            (at(2, 5), written(5, NOW - 700)),
            (at(3, 9), Known::Absent),
        ]);
        let report = told(&world, &records, kept(Some(1_000)));
        let rows: Vec<_> =
            report.groups[0].rows.iter().map(|row| (row.behind.clone(), row.headroom.clone())).collect();
        assert_eq!(
            rows,
            [
                (Known::Known(300), Known::Known(700)),
                (Known::Known(0), Known::Absent),
                // What is lost has been overtaken.
                (Known::Known(700), Known::Known(0)),
                (Known::Known(0), Known::Absent),
            ]
        );
        let total = &report.groups[0].total;
        assert_eq!(
            (total.behind_ms, total.behind_at_least_ms, total.headroom_ms),
            (Some(700), None, Some(0))
        );
        assert!(!report.lacks_an_answer());
    }

    #[test]
    fn where_age_deletes_nothing_there_is_no_headroom_to_tell() {
        let world = world().topic("t", &[(0, 10)]).group("g", &[("t", 0, 4)]);
        let records = RecordTimes::from([(at(0, 4), written(4, NOW + 50))]);
        let report = told(&world, &records, kept(None));
        let row = &report.groups[0].rows[0];
        // A clock that is ahead makes nobody early.
        assert_eq!((&row.behind, &row.headroom), (&Known::Known(0), &Known::Absent));
        assert_eq!(report.groups[0].total.headroom_ms, None);
    }

    #[test]
    fn a_missing_time_has_a_name_and_leaves_a_bound() {
        let world = world().topic("t", &[(0, 10), (0, 10)]).group("g", &[("t", 0, 4), ("t", 1, 4)]);
        let denied =
            Failure { code: Some(29), name: "TOPIC_AUTHORIZATION_FAILED".to_owned(), message: String::new() };
        let records = RecordTimes::from([(at(0, 4), Known::Denied(denied)), (at(1, 4), written(4, NOW - 5))]);
        let report = told(&world, &records, kept(Some(10)));
        let group = &report.groups[0];
        assert_eq!((group.total.behind_ms, group.total.behind_at_least_ms), (None, Some(5)));
        assert_eq!(group.total.headroom_ms, None);
        assert_eq!(group.total.lag, Some(12));
        let row = &group.rows[0];
        assert_eq!(row.status, LagStatus::Lagging);
        assert_eq!(
            row.reason.as_deref(),
            Some("the time of its next record could not be read: TOPIC_AUTHORIZATION_FAILED (29)")
        );
        assert!(report.lacks_an_answer());

        let report = told(
            &world,
            &RecordTimes::from([(at(0, 4), Known::Known(RecordTime { offset: 4, millis: None }))]),
            kept(None),
        );
        assert!(
            report.groups[0].rows[0]
                .reason
                .as_deref()
                .is_some_and(|reason| reason.contains("carries no time"))
        );
    }

    #[test]
    fn a_record_behind_the_end_that_was_seen_is_not_waited_for() {
        let world = world().topic("t", &[(0, 10)]).group("g", &[("t", 0, 9)]);
        let records = RecordTimes::from([(at(0, 9), written(10, NOW - 5))]);
        assert_eq!(told(&world, &records, kept(None)).groups[0].rows[0].behind, Known::Known(0));
    }

    #[test]
    fn retention_is_what_deletes_by_age() {
        let configs = |list: &[(&str, &str)]| {
            let config = |value: &str| ConfigView {
                value: Some(value.to_owned()),
                inherited: None,
                kind: crate::world::ConfigType::String,
                source: crate::world::ConfigSource::Default,
                sensitive: false,
                read_only: false,
            };
            list.iter().map(|(key, value)| ((*key).to_owned(), config(value))).collect::<BTreeMap<_, _>>()
        };
        let of = |list: &[(&str, &str)]| Retention::of(&configs(list));
        let both = Retention { by_age_ms: Some(5), by_size: true };
        assert_eq!(of(&[("retention.ms", "5"), ("retention.bytes", "9")]), Some(both));
        for (policy, age) in [("compact,delete", Some(5)), ("compact", None)] {
            let found = of(&[("retention.ms", "5"), ("retention.bytes", "-1"), ("cleanup.policy", policy)]);
            assert_eq!(found, Some(Retention { by_age_ms: age, by_size: false }));
        }
        assert_eq!(of(&[("retention.ms", "-1")]), Some(Retention { by_age_ms: None, by_size: false }));
        assert_eq!(of(&[]), None);
    }
}
