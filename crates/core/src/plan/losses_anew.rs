//! What a saved plan loses by the time that it is carried out: records grow old although nobody writes or changes anything.

use super::topic::{Cut, GROWTH};
use super::{Answers, Change, Drift, Loss, Plan, Question, Step, TopicChange};
use crate::world::{TopicView, World};
use std::collections::{BTreeMap, BTreeSet};

/// What a drift calls the records that go, and those of them that a group has not read.
const GOING: &str = "records that go";

impl Plan {
    /// What has to be asked before a plan that was saved is carried out: how much goes by now.
    pub fn losses_wanted(&self, seen: &World) -> BTreeSet<Question> {
        self.steps
            .iter()
            .filter_map(|step| by_retention(step, seen))
            .map(|(cut, topic, _)| cut.question(topic))
            .collect()
    }

    /// The plan with the losses of now, and where they are more than about what somebody has consented to: `answers` are those
    /// to [`Plan::losses_wanted`]. What cannot be told now stays as it was told.
    #[must_use]
    pub fn with_losses_anew(mut self, answers: &Answers, seen: &World) -> (Plan, Vec<Drift>) {
        let mut drifts = Vec::new();
        for step in &mut self.steps {
            let Some((cut, topic, view)) = by_retention(step, seen) else { continue };
            let now = cut.loss(topic, view, answers);
            let Some(told) = step.impact.loss.as_ref().filter(|_| now.records.value().is_some()) else {
                continue;
            };
            drifts.extend(outgrown(told, &now).into_iter().map(|(field, (was, is))| Drift {
                resource: step.change.resource(),
                field,
                expected: Some(was.to_string()),
                found: Some(is.to_string()),
                unreadable: None,
            }));
            step.impact.loss = Some(now);
        }
        (self, drifts)
    }
}

/// What a step takes by the age or the size of records, of which topic.
fn by_retention<'a>(step: &'a Step, seen: &'a World) -> Option<(Cut<'static>, &'a str, &'a TopicView)> {
    let Change::Topic(change @ TopicChange::SetConfig { topic, .. }) = &step.change else { return None };
    step.impact.loss.as_ref()?;
    let view = seen.cluster.topics.get(topic)?.known()?;
    let cut = Cut::of(change, view).filter(|cut| matches!(cut, Cut::Retention { .. }))?;
    Some((cut, topic, view))
}

/// The figures that have grown beyond what was told, each with what it was and is.
fn outgrown(told: &Loss, now: &Loss) -> BTreeMap<String, (i64, i64)> {
    let records =
        told.records.value().zip(now.records.value()).map(|(was, is)| (GOING.to_owned(), (*was, *is)));
    let unread = told.unread.value().zip(now.unread.value()).into_iter().flat_map(|(was, is)| {
        is.iter().map(|(group, is)| {
            (
                format!("{GOING} and that group '{group}' has not read"),
                (was.get(group).copied().unwrap_or(0), *is),
            )
        })
    });
    records.into_iter().chain(unread).filter(|(_, (was, is))| *is > was.saturating_mul(GROWTH)).collect()
}
