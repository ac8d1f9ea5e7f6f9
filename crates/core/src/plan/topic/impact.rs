//! What records a change of a topic makes deletable, from what servers tell of its logs, its log folders and the
//! commits on it. Every figure is an estimate, and says how it was made.

use super::TopicChange;
use super::risks::ConfigMove;
use crate::plan::{
    Answer, Answers, Estimate, HeldPartition, Holding, Loss, Question, RecordsChange, Span, Truncation,
};
use crate::values::{Known, list_items};
use crate::world::TopicView;
use std::collections::BTreeMap;

/// What a change takes from a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Cut<'a> {
    /// Everything.
    All,
    /// What is past a limit that has become smaller: an age in milliseconds, bytes a partition.
    Retention { ms: Option<i64>, bytes: Option<i64> },
    /// What compaction drops.
    Compaction,
    /// What comes before an offset of each of these partitions, and was written before a moment where one is given.
    Before { partitions: &'a [Truncation], ms: Option<i64> },
}

impl<'a> Cut<'a> {
    /// What a deletion of records takes.
    pub(in crate::plan) fn of_records(change: &'a RecordsChange) -> Self {
        let RecordsChange::Delete { before_ms, partitions, .. } = change;
        Cut::Before { partitions, ms: *before_ms }
    }

    /// What the change takes, where it takes anything.
    pub(in crate::plan) fn of(change: &TopicChange, view: &TopicView) -> Option<Cut<'static>> {
        match change {
            TopicChange::Create { .. }
            | TopicChange::AddPartitions { .. }
            | TopicChange::MoveReplicas { .. }
            | TopicChange::CancelMoves { .. } => None,
            TopicChange::Delete { .. } => Some(Cut::All),
            TopicChange::SetConfig { to, .. } => {
                let none = BTreeMap::new();
                ConfigMove { configs: view.configs.known().unwrap_or(&none), to }.cut()
            }
        }
    }

    /// What has to be asked to say how much that is.
    pub(in crate::plan) fn question(self, topic: &str) -> Question {
        let older_than_ms = match self {
            Cut::Retention { ms, .. } => ms,
            Cut::All | Cut::Compaction | Cut::Before { .. } => None,
        };
        Question::Holding { topic: topic.to_owned(), older_than_ms }
    }

    /// How much that is, as far as the answer tells.
    pub(in crate::plan) fn loss(self, topic: &str, view: &TopicView, answers: &Answers) -> Loss {
        let nothing = |why: &str| {
            fn none<T>(why: &str) -> Estimate<T> {
                Estimate::NotAvailable(why.to_owned())
            }
            Loss {
                records: none(why),
                bytes: none(why),
                span: none(why),
                last_write_ms: none(why),
                unread: none(why),
            }
        };
        match answers.get(&self.question(topic)) {
            Some(Answer::Holding(holding)) => Reckoning { cut: self, view, holding }.loss(),
            Some(Answer::Failed(why) | Answer::Denied(why) | Answer::Refused(why)) => {
                nothing(&why.to_string())
            }
            Some(Answer::NotAsked(why)) => nothing(why),
            Some(_) | None => nothing("nobody answered"),
        }
    }
}

/// The estimates of one topic.
struct Reckoning<'a> {
    cut: Cut<'a>,
    view: &'a TopicView,
    holding: &'a Holding,
}

/// What goes of one partition: its records from `start` to before `until`, of those before `end`.
#[derive(Debug, Clone, Copy)]
struct Gone {
    start: i64,
    until: i64,
    end: i64,
}

impl Reckoning<'_> {
    fn loss(&self) -> Loss {
        if self.cut == Cut::Compaction {
            let untold = || "what compaction drops cannot be told without reading the keys".to_owned();
            return Loss {
                records: Estimate::NotAvailable(untold()),
                bytes: Estimate::NotAvailable(untold()),
                span: Estimate::NotAvailable(untold()),
                last_write_ms: self.last_write(),
                // These are known all the same, and all of them may go but the latest of each key.
                unread: Estimate::of(self.unread(), self.unread_how()),
            };
        }
        let (records, bytes) = (self.records_how(), "the same share of what the leaders' log folders hold");
        Loss {
            records: Estimate::of(self.records(), records),
            bytes: Estimate::of(self.bytes(), bytes),
            span: self.span(),
            last_write_ms: self.last_write(),
            unread: Estimate::of(self.unread(), self.unread_how()),
        }
    }

    /// The partitions that there are, each with what is known of it.
    fn partitions(&self) -> impl Iterator<Item = Result<(i32, &HeldPartition), String>> {
        let touched = |number: i32| match self.cut {
            Cut::Before { partitions, .. } => partitions.iter().any(|one| one.partition == number),
            Cut::All | Cut::Retention { .. } | Cut::Compaction => true,
        };
        self.view.partitions.iter().filter(move |seen| touched(seen.partition)).map(|seen| {
            let held = self.holding.partitions.get(&seen.partition).map(|held| (seen.partition, held));
            held.ok_or_else(|| format!("partition {} gave no answer", seen.partition))
        })
    }

    fn gone(&self, number: i32, held: &HeldPartition) -> Result<Gone, String> {
        let told = |offset: &Known<i64>| told(number, offset);
        let (start, end) = (told(&held.start)?, told(&held.end)?);
        let until = match self.cut {
            Cut::All | Cut::Compaction => end,
            Cut::Before { partitions, .. } => {
                partitions.iter().find(|one| one.partition == number).map_or(start, |one| one.to)
            }
            Cut::Retention { ms, bytes } => {
                let by_age = match (ms, &held.kept_from) {
                    (None, _) => start,
                    // No record is young enough to stay.
                    (Some(_), Known::Absent) => end,
                    // The first record that is there stays: what lies before it was compacted away.
                    (Some(age), _) if self.oldest_is_younger(held, age) => start,
                    (Some(_), kept) => told(kept)?,
                };
                let by_size = match bytes {
                    Some(limit) => start + share(end - start, told(&held.bytes)? - limit, told(&held.bytes)?),
                    None => start,
                };
                by_age.max(by_size)
            }
        };
        Ok(Gone { start, until: until.clamp(start, end.max(start)), end: end.max(start) })
    }

    /// Whether the first record of a partition is not older than so many milliseconds.
    fn oldest_is_younger(&self, held: &HeldPartition, age: i64) -> bool {
        let cut = self.holding.asked_at_ms.saturating_sub(age);
        held.oldest_ms.known().is_some_and(|oldest| *oldest >= cut)
    }

    fn all_gone(&self) -> Result<Vec<(i32, &HeldPartition, Gone)>, String> {
        self.partitions()
            .map(|partition| {
                let (number, held) = partition?;
                Ok((number, held, self.gone(number, held)?))
            })
            .collect()
    }

    fn records(&self) -> Result<i64, String> {
        Ok(self.all_gone()?.iter().map(|(_, _, gone)| gone.until - gone.start).sum())
    }

    fn records_how(&self) -> String {
        let how = match self.cut {
            Cut::All | Cut::Compaction | Cut::Before { .. } => {
                "by offsets; fewer where some were compacted away or mark the end of a transaction"
            }
            Cut::Retention { bytes: None, .. } => {
                "by offsets and times; whole segments go, each once its newest record is that old"
            }
            Cut::Retention { ms: Some(_), .. } => {
                "by offsets and times, or the share of bytes past the limit; whole segments go, so fewer may go at first"
            }
            Cut::Retention { ms: None, .. } => {
                "by the share of bytes past the limit; whole segments go, so one segment less goes at first"
            }
        };
        let policy =
            self.view.configs.known().and_then(|configs| configs.get("cleanup.policy")?.value.as_deref());
        let is_compacted = policy.is_some_and(|policy| list_items(policy).any(|item| item == "compact"));
        match self.cut {
            Cut::Retention { .. } if is_compacted => {
                format!("at most, as compaction may have taken some away: {how}")
            }
            _ => how.to_owned(),
        }
    }

    fn bytes(&self) -> Result<i64, String> {
        let mut bytes = 0;
        for (number, held, gone) in self.all_gone()? {
            bytes += share(told(number, &held.bytes)?, gone.until - gone.start, gone.end - gone.start);
        }
        Ok(bytes)
    }

    fn span(&self) -> Estimate<Span> {
        let mut evenly = false;
        let mut span = || -> Result<Span, String> {
            let mut span = None::<Span>;
            for (number, held, gone) in
                self.all_gone()?.into_iter().filter(|(.., gone)| gone.until > gone.start)
            {
                let from_ms = told(number, &held.oldest_ms)?;
                let newest = match &held.newest_ms {
                    Known::Absent => from_ms,
                    newest => told(number, newest)?.max(from_ms),
                };
                let to_ms = match self.moment() {
                    Some(moment) => newest.min(moment),
                    None if gone.until == gone.end => newest,
                    // How the times lie between the first and the last record is in the records alone.
                    None => {
                        evenly = true;
                        from_ms + share(newest - from_ms, gone.until - gone.start, gone.end - gone.start)
                    }
                };
                span = Some(span.map_or(Span { from_ms, to_ms }, |other| Span {
                    from_ms: other.from_ms.min(from_ms),
                    to_ms: other.to_ms.max(to_ms),
                }));
            }
            let Span { from_ms, to_ms } = span.ok_or("no record goes")?;
            Ok(Span { from_ms, to_ms: to_ms.max(from_ms) })
        };
        let span = span();
        let how = match evenly {
            false => "by the times of the first and the last record",
            true => {
                "by the times of the first and the last record, as if they were written evenly in between"
            }
        };
        Estimate::of(span, how)
    }

    /// The moment before which records go, where it is one that decides.
    fn moment(&self) -> Option<i64> {
        match self.cut {
            Cut::Before { ms, .. } => ms,
            Cut::Retention { ms: Some(age), bytes: None } => {
                Some(self.holding.asked_at_ms.saturating_sub(age))
            }
            Cut::All | Cut::Retention { .. } | Cut::Compaction => None,
        }
    }

    fn last_write(&self) -> Estimate<Option<i64>> {
        Estimate::of(self.newest(), "the latest time of a record, which its producer may have chosen")
    }

    fn newest(&self) -> Result<Option<i64>, String> {
        let mut newest = None;
        for partition in self.partitions() {
            let (number, held) = partition?;
            match &held.newest_ms {
                Known::Absent => {}
                time => newest = newest.max(Some(told(number, time)?)),
            }
        }
        Ok(newest)
    }

    fn unread(&self) -> Result<BTreeMap<String, i64>, String> {
        let Known::Known(committed) = &self.holding.committed else {
            return Err(self.holding.committed.missing_reason().unwrap_or_else(|| "no answer".to_owned()));
        };
        let gone: BTreeMap<i32, Gone> =
            self.all_gone()?.into_iter().map(|(number, _, gone)| (number, gone)).collect();
        let mut unread = BTreeMap::new();
        for (group, commits) in committed {
            let of = |(number, next): (&i32, &i64)| {
                gone.get(number).map_or(0, |gone| (gone.until - (*next).max(gone.start)).max(0))
            };
            let records: i64 = commits.iter().map(of).sum();
            if records > 0 {
                unread.insert(group.clone(), records);
            }
        }
        Ok(unread)
    }

    fn unread_how(&self) -> String {
        let how = match self.cut {
            Cut::Compaction => {
                "by the commits of the groups that have any on the topic; of these records the latest of each key stays"
            }
            _ => "by the commits of the groups that have any on the topic",
        };
        match self.holding.untold.first_key_value() {
            None => how.to_owned(),
            Some((group, why)) => format!(
                "{how}, without {} whose commits could not be read, such as {group}: {why}",
                self.holding.untold.len()
            ),
        }
    }
}

/// A number that a partition told, or why it did not.
fn told(partition: i32, number: &Known<i64>) -> Result<i64, String> {
    let why = || match number.missing_reason() {
        Some(why) => format!("partition {partition}: {why}"),
        None => format!("partition {partition} told nothing"),
    };
    number.known().copied().ok_or_else(why)
}

/// The part of a whole that `of` is of `all`, rounded up; nothing where there is nothing.
fn share(whole: i64, of: i64, all: i64) -> i64 {
    if whole <= 0 || of <= 0 || all <= 0 {
        return 0;
    }
    let part = (i128::from(whole) * i128::from(of.min(all))).div_euclid(i128::from(all));
    let rest = (i128::from(whole) * i128::from(of.min(all))).rem_euclid(i128::from(all));
    i64::try_from(part + i128::from(rest > 0)).unwrap_or(whole)
}
