use super::v1::{EventV1, FateV1, FooterV1, ItemV1};
use crate::view::json::v1::{FailureV1, InvalidDocument, LiftedV1};
use jiff::Timestamp;
use klerk_core::apply::{ItemFailure, Outcome, Report, ReportOutcome, Settled, StepEvent, StepReport};
use klerk_core::plan::{Change, Plan, SentMoves, StepId, TopicChange};
use klerk_core::values::{Failure, TopicId, TopicPartition};
use std::path::PathBuf;

/// A record that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its file.
    pub path: PathBuf,
    /// Its id.
    pub id: String,
    /// When the run began.
    pub at: Timestamp,
    /// Who ran it, where that is known.
    pub user: Option<String>,
    /// The version of klerk that wrote it.
    pub klerk: String,
    /// What was to be done, with everything that was there before.
    pub plan: Plan,
    /// What became known of each step, in order.
    pub events: Vec<Event>,
    /// How the run ended; `None` when it was killed before its end.
    pub footer: Option<Footer>,
    /// Whether the last line was torn off in the middle, which only a killed run leaves behind.
    pub torn: bool,
}

/// Something that became known of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// The step.
    pub step: StepId,
    /// What.
    pub event: StepEvent,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footer {
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: ReportOutcome,
    /// How each step ended.
    pub steps: Vec<StepFate>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepFate {
    /// The step.
    pub step: StepId,
    /// Its outcome.
    pub outcome: Outcome,
    /// What the look afterwards said.
    pub settled: Option<Settled>,
}

/// Whether a step has changed anything, as far as the record knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was never sent, or was refused.
    Unchanged,
    /// It was sent, and nothing more is known.
    Perhaps,
    /// It was accepted, wholly or in part.
    Changed,
}

/// Steps by what the record knows of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fates {
    /// Accepted, wholly or in part.
    pub changed: usize,
    /// Sent, and nothing more is known.
    pub perhaps: usize,
    /// Never sent, or refused.
    pub unchanged: usize,
}

impl Recorded {
    /// How many steps met each fate.
    pub fn fates(&self) -> Fates {
        self.plan.steps.iter().fold(Fates::default(), |mut fates, step| {
            match self.fate(step.id) {
                Fate::Changed => fates.changed += 1,
                Fate::Perhaps => fates.perhaps += 1,
                Fate::Unchanged => fates.unchanged += 1,
            }
            fates
        })
    }

    /// The moves of replicas that this run has sent, or may have.
    pub fn sent_moves(&self) -> SentMoves {
        let steps = self.plan.steps.iter().filter(|step| self.fate(step.id) != Fate::Unchanged);
        let mut sent = SentMoves::new();
        for step in steps {
            let Change::Topic(TopicChange::MoveReplicas { topic, to, under_way, .. }) = &step.change else {
                continue;
            };
            let own = to.iter().filter(|(number, _)| !under_way.contains(number));
            sent.extend(own.map(|(number, brokers)| {
                (TopicPartition::new(topic.as_str(), *number), brokers.iter().copied().collect())
            }));
        }
        sent
    }

    /// The id of the topic that a step has created, where the answer came and told it.
    pub fn created(&self, step: StepId) -> Option<TopicId> {
        self.events.iter().filter(|event| event.step == step).find_map(|event| match event.event {
            StepEvent::Created(id) => Some(id),
            _ => None,
        })
    }

    /// Whether a step has changed anything. What the run concluded at its end outweighs what it heard on the way.
    pub fn fate(&self, step: StepId) -> Fate {
        let concluded =
            self.footer.as_ref().and_then(|footer| footer.steps.iter().find(|fate| fate.step == step));
        if let Some(fate) = concluded {
            return match fate.outcome {
                Outcome::Done | Outcome::Accepted | Outcome::Running | Outcome::Partial { .. } => {
                    Fate::Changed
                }
                Outcome::Unknown => Fate::Perhaps,
                Outcome::Rejected | Outcome::NotAttempted => Fate::Unchanged,
            };
        }
        let mut last = None;
        let mut in_doubt = false;
        for event in self.events.iter().filter(|event| event.step == step).map(|event| &event.event) {
            // A second sending tells nothing of the first one, whose answer never came.
            in_doubt |=
                *event == StepEvent::Sent && matches!(last, Some(&StepEvent::Sent | &StepEvent::NoReply(_)));
            last = Some(event);
        }
        match last {
            Some(StepEvent::Refused(_) | StepEvent::NotSent(_)) if in_doubt => Fate::Perhaps,
            None | Some(StepEvent::Refused(_) | StepEvent::NotSent(_)) => Fate::Unchanged,
            Some(StepEvent::Sent | StepEvent::NoReply(_)) => Fate::Perhaps,
            Some(StepEvent::PartlyAccepted { .. } | StepEvent::Accepted | StepEvent::Created(_)) => {
                Fate::Changed
            }
        }
    }
}

/// The time as a record has it: UTC with milliseconds.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn read_time(text: &str) -> Result<Timestamp, InvalidDocument> {
    text.parse().map_err(|_| InvalidDocument::Word { field: "at", found: text.to_owned() })
}

impl EventV1 {
    pub(super) fn of(at: Timestamp, step: StepId, event: &StepEvent) -> Self {
        let mut line = EventV1 {
            at: time(at),
            step: step.0,
            event: String::new(),
            done: None,
            of: None,
            topic_id: None,
            items: Vec::new(),
            error: None,
        };
        line.event = match event {
            StepEvent::Sent => "sent",
            StepEvent::Accepted => "accepted",
            StepEvent::Created(id) => {
                line.topic_id = Some(id.to_string());
                "accepted"
            }
            StepEvent::PartlyAccepted { done, of, failures } => {
                (line.done, line.of) = (Some(*done), Some(*of));
                line.items = failures.iter().map(ItemV1::from).collect();
                "partly-accepted"
            }
            StepEvent::Refused(failure) => {
                line.error = Some(FailureV1::from(failure));
                "refused"
            }
            StepEvent::NoReply(failure) => {
                line.error = Some(FailureV1::from(failure));
                "no-reply"
            }
            StepEvent::NotSent(failure) => {
                line.error = Some(FailureV1::from(failure));
                "not-sent"
            }
        }
        .to_owned();
        line
    }
}

impl TryFrom<EventV1> for Event {
    type Error = InvalidDocument;

    fn try_from(line: EventV1) -> Result<Self, Self::Error> {
        let failure =
            || line.error.clone().map_or_else(|| Failure::without_reply("UNKNOWN", ""), Failure::from);
        let event = match line.event.as_str() {
            "sent" => StepEvent::Sent,
            "accepted" => match &line.topic_id {
                None => StepEvent::Accepted,
                Some(text) => StepEvent::Created(
                    text.parse()
                        .map_err(|_| InvalidDocument::Word { field: "topic_id", found: text.clone() })?,
                ),
            },
            "partly-accepted" => StepEvent::PartlyAccepted {
                done: line.done.unwrap_or_default(),
                of: line.of.unwrap_or_default(),
                failures: line.items.iter().cloned().map(ItemFailure::from).collect(),
            },
            "refused" => StepEvent::Refused(failure()),
            "no-reply" => StepEvent::NoReply(failure()),
            "not-sent" => StepEvent::NotSent(failure()),
            other => return Err(InvalidDocument::Word { field: "event", found: other.to_owned() }),
        };
        Ok(Event { at: read_time(&line.at)?, step: StepId(line.step), event })
    }
}

impl From<&ItemFailure> for ItemV1 {
    fn from(item: &ItemFailure) -> Self {
        ItemV1 { item: item.item.clone(), error: FailureV1::from(&item.failure) }
    }
}

impl From<ItemV1> for ItemFailure {
    fn from(line: ItemV1) -> Self {
        ItemFailure { item: line.item, failure: line.error.into() }
    }
}

impl FooterV1 {
    pub(super) fn of(at: Timestamp, report: &Report) -> Self {
        FooterV1 {
            at: time(at),
            outcome: report.outcome.as_str().to_owned(),
            steps: report.steps.iter().map(FateV1::from).collect(),
            lifted_throttles: report.lifted.iter().map(LiftedV1::from).collect(),
        }
    }
}

impl From<&StepReport> for FateV1 {
    fn from(report: &StepReport) -> Self {
        let (done, of) = match report.outcome {
            Outcome::Partial { done, of } => (Some(done), Some(of)),
            _ => (None, None),
        };
        FateV1 {
            step: report.step.id.0,
            outcome: report.outcome.as_str().to_owned(),
            settled: report.settled.map(|settled| settled.as_str().to_owned()),
            done,
            of,
        }
    }
}

impl TryFrom<FooterV1> for Footer {
    type Error = InvalidDocument;

    fn try_from(line: FooterV1) -> Result<Self, Self::Error> {
        let outcomes = [
            ReportOutcome::Done,
            ReportOutcome::NothingToDo,
            ReportOutcome::Partial,
            ReportOutcome::Failed,
            ReportOutcome::Interrupted,
            ReportOutcome::Refused,
        ];
        let outcome = outcomes
            .into_iter()
            .find(|outcome| outcome.as_str() == line.outcome)
            .ok_or_else(|| InvalidDocument::Word { field: "outcome", found: line.outcome.clone() })?;
        let steps = line.steps.into_iter().map(StepFate::try_from).collect::<Result<_, _>>()?;
        Ok(Footer { at: read_time(&line.at)?, outcome, steps })
    }
}

impl TryFrom<FateV1> for StepFate {
    type Error = InvalidDocument;

    fn try_from(line: FateV1) -> Result<Self, Self::Error> {
        let partial =
            Outcome::Partial { done: line.done.unwrap_or_default(), of: line.of.unwrap_or_default() };
        let outcomes = [
            Outcome::Done,
            Outcome::Accepted,
            Outcome::Running,
            partial,
            Outcome::Rejected,
            Outcome::Unknown,
            Outcome::NotAttempted,
        ];
        let outcome = outcomes
            .into_iter()
            .find(|outcome| outcome.as_str() == line.outcome)
            .ok_or_else(|| InvalidDocument::Word { field: "outcome", found: line.outcome.clone() })?;
        let settled = match &line.settled {
            None => None,
            Some(word) => Some(
                [Settled::AsAsked, Settled::NotAsAsked, Settled::MovedOnSince]
                    .into_iter()
                    .find(|settled| settled.as_str() == word)
                    .ok_or_else(|| InvalidDocument::Word { field: "settled", found: word.clone() })?,
            ),
        };
        Ok(StepFate { step: StepId(line.step), outcome, settled })
    }
}
