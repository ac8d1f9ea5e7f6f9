//! Sending replicas elsewhere: what moves already is not sent again.

use super::ports::Hear;
use super::servers::Servers;
use crate::kafka::{Outcome, RefusedPartitions, ReplicaMove, Watch, event_of};
use klerk_core::apply::StepEvent;
use klerk_core::placement::Throttle;
use klerk_core::plan::{SetRates, StepId, TopicChange, rate_drifts, throttled_brokers};
use klerk_core::values::{Failure, Known};
use std::collections::BTreeMap;

/// Whether a change is carried out here.
pub(super) fn is_for(change: &TopicChange) -> bool {
    matches!(change, TopicChange::MoveReplicas { .. } | TopicChange::CancelMoves { .. })
}

/// Sends the moves of these steps, in as few requests as the protocol allows. What is under way already is accepted as
/// it is: it has only to be waited for.
pub(super) async fn enact(
    servers: &Servers,
    steps: &[(StepId, &TopicChange)],
    silence: Option<Failure>,
    hear: &mut impl Hear,
) {
    let mut ids = Vec::new();
    let mut moves = Vec::new();
    for (id, change) in steps {
        let (partitions, of): (BTreeMap<i32, Option<Vec<i32>>>, usize) = match change {
            TopicChange::MoveReplicas { to, under_way, .. } => {
                let new = to.iter().filter(|(number, _)| !under_way.contains(number));
                (new.map(|(number, replicas)| (*number, Some(replicas.clone()))).collect(), to.len())
            }
            TopicChange::CancelMoves { to, .. } => {
                (to.keys().map(|number| (*number, None)).collect(), to.len())
            }
            _ => continue,
        };
        ids.push((*id, of));
        moves.push(ReplicaMove { topic: change.topic().to_owned(), partitions });
    }
    if let Some(why) = silence {
        let news: Vec<_> = ids.iter().map(|(id, _)| (*id, StepEvent::NotSent(why.clone()))).collect();
        if !news.is_empty() {
            hear.heard(&news);
        }
        return;
    }
    let waiting: Vec<StepId> =
        ids.iter().zip(&moves).filter(|(_, one)| one.partitions.is_empty()).map(|((id, _), _)| *id).collect();
    let throttled = throttle(servers, steps, hear).await;
    // Without its throttle nothing is sent, and what is under way already is not what was asked for.
    let is_missed = |id: &StepId| {
        let change = steps.iter().find(|(step, _)| step == id).map(|(_, change)| *change);
        throttled.is_err() && Throttle::of(change).is_some()
    };
    let (missed, waiting): (Vec<StepId>, Vec<StepId>) = waiting.into_iter().partition(is_missed);
    if !waiting.is_empty() && hear.may_send(&waiting).await {
        let news: Vec<_> = waiting.iter().map(|id| (*id, StepEvent::Accepted)).collect();
        hear.heard(&news);
    }
    if let Err(why) = throttled {
        let copying = ids.iter().zip(&moves).filter(|(_, one)| !one.partitions.is_empty());
        let copying = copying.map(|((id, _), _)| *id).chain(missed);
        let news: Vec<_> = copying.map(|id| (id, StepEvent::NotSent(why.clone()))).collect();
        hear.heard(&news);
        return;
    }
    let (ids, moves): (Vec<_>, Vec<_>) =
        ids.into_iter().zip(moves).filter(|(_, one)| !one.partitions.is_empty()).unzip();
    servers.cluster.move_replicas(&moves, &mut Relay { ids: &ids, hear }).await;
}

/// Sets the throttle that is planned for these steps, noted before it is set. Without it nothing is moved, nor where the
/// rates that it rests on are others now.
async fn throttle(
    servers: &Servers,
    steps: &[(StepId, &TopicChange)],
    hear: &mut impl Hear,
) -> Result<(), Failure> {
    let changes = || steps.iter().map(|(_, change)| *change);
    let Some(throttle) = Throttle::of(changes()) else { return Ok(()) };
    let unthrottled = |failure: Failure| Failure {
        message: format!("the throttle could not be set, so no replica was moved: {}", failure.message),
        ..failure
    };
    let mut rates = SetRates::new();
    for (broker, seen) in servers.cluster.set_rates(throttled_brokers(changes()).into_iter()).await {
        match seen {
            Known::Known(set) => drop(rates.insert(broker, set)),
            Known::Denied(why) | Known::Failed(why) => return Err(unthrottled(why)),
            other => {
                let why = other.missing_reason().unwrap_or_default();
                return Err(unthrottled(Failure::without_reply("NOT_READABLE", why)));
            }
        }
    }
    let drifts = rate_drifts(changes(), &rates);
    if let Some(first) = drifts.first() {
        let why = format!("no longer what was planned: {first}");
        hear.stale(drifts);
        return Err(Failure::without_reply("STALE", why));
    }
    if !hear.throttling(&throttle) {
        return Err(Failure::without_reply("NOT_SENT", "the run was stopped before its turn"));
    }
    servers.cluster.set_throttle(&throttle).await.map_err(unthrottled)
}

/// Tells of moves by their steps.
struct Relay<'a, H> {
    /// Each step with the number of its partitions.
    ids: &'a [(StepId, usize)],
    hear: &'a mut H,
}

impl<H: Hear> Watch<RefusedPartitions> for Relay<'_, H> {
    async fn may_send(&mut self, places: &[usize]) -> bool {
        let steps: Vec<StepId> =
            places.iter().filter_map(|place| self.ids.get(*place)).map(|(id, _)| *id).collect();
        self.hear.may_send(&steps).await
    }

    fn heard(&mut self, news: &[(usize, Outcome<RefusedPartitions>)]) {
        let news: Vec<(StepId, StepEvent)> = news
            .iter()
            .filter_map(|(place, outcome)| {
                let (id, partitions) = self.ids.get(*place)?;
                Some((*id, event_of(outcome.clone(), *partitions)))
            })
            .collect();
        if !news.is_empty() {
            self.hear.heard(&news);
        }
    }
}
