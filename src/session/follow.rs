//! Following what goes on by itself: moves of replicas, until one of them is settled.

use super::ports::{Look, Watcher};
use klerk_core::apply::{self, Outcome, Settlement, Told};
use klerk_core::placement::{Stall, Tally, replicas_to_measure, stalls};
use klerk_core::plan::{Step, StepId, wanted_for};
use klerk_core::values::{Failure, Known, TopicPartition};
use klerk_core::world::{OngoingMoves, World};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause between two looks; it doubles up to [`LONGEST_PAUSE`], so that a small move is told at once and a long
/// one is not asked about all the time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often it is asked whether to stop while pausing.
const BLINK: Duration = Duration::from_millis(50);
/// How long nobody may answer before the brokers are left to themselves.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a step may neither go on nor be as asked before it is taken for ended: brokers show late what is done, and
/// somebody else may have taken the move back.
const STANDSTILL: Duration = Duration::from_secs(10);

/// Why following ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Followed {
    /// These steps do not go on any more.
    Settled(Vec<(StepId, Settlement)>),
    /// The run was told to stop. What goes on goes on.
    Stopped,
    /// Nothing could be seen for too long. What goes on goes on.
    Lost(Failure),
}

/// Follows steps that go on by themselves.
pub(super) struct Follow<'a, S, W> {
    pub servers: &'a S,
    pub watcher: &'a mut W,
    pub stop: &'a dyn Fn() -> bool,
    /// Counts what is copied, from one call to the next.
    pub tally: &'a mut Tally,
    /// The moves that could not go on at the last look.
    pub stalls: &'a mut Vec<Stall>,
    /// When the run began, for the pace.
    pub since: Instant,
}

impl<S: Look, W: Watcher> Follow<'_, S, W> {
    /// Looks again and again until one of the steps is settled.
    pub async fn until_one_is_settled(&mut self, running: &[(&Step, &Told)]) -> Followed {
        let wanted = wanted_for(running.iter().map(|(step, _)| *step));
        let mut pause = FIRST_PAUSE;
        let mut seen_at = Instant::now();
        let mut went_on_at: BTreeMap<StepId, Instant> =
            running.iter().map(|(step, _)| (step.id, seen_at)).collect();
        loop {
            if (self.stop)() {
                return Followed::Stopped;
            }
            match self.servers.look(&wanted).await {
                Ok(world) => {
                    seen_at = Instant::now();
                    let settled = settled(running, &world, &mut went_on_at);
                    if !settled.is_empty() {
                        return Followed::Settled(settled);
                    }
                    self.tell(&world).await;
                }
                Err(_) if (self.stop)() => return Followed::Stopped,
                Err(failure) if seen_at.elapsed() > PATIENCE => return Followed::Lost(failure),
                Err(_) => {}
            }
            let until = Instant::now() + pause;
            while Instant::now() < until && !(self.stop)() {
                tokio::time::sleep(BLINK.min(pause)).await;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn tell(&mut self, world: &World) {
        let Known::Known(moves) = &world.cluster.moves else { return };
        let ours = |partition: &TopicPartition| world.cluster.topics.contains_key(&*partition.topic);
        let moves: OngoingMoves = moves
            .iter()
            .filter(|(partition, _)| ours(partition))
            .map(|(partition, ongoing)| (partition.clone(), ongoing.clone()))
            .collect();
        *self.stalls = stalls(world);
        self.watcher.standing_still(self.stalls);
        let leader = |partition: &TopicPartition| leader(world, partition);
        let sizes = self.servers.replica_sizes(&replicas_to_measure(&moves, leader)).await;
        let at_ms = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.tally.note(at_ms, &moves, leader, &sizes);
        self.watcher.moving(&self.tally.progress());
    }
}

/// The steps that do not go on any more.
fn settled(
    running: &[(&Step, &Told)],
    world: &World,
    went_on_at: &mut BTreeMap<StepId, Instant>,
) -> Vec<(StepId, Settlement)> {
    let mut settled = Vec::new();
    for (step, told) in running {
        let settlement = apply::settle(step, told, world);
        if settlement.outcome == Outcome::Running {
            went_on_at.insert(step.id, Instant::now());
            continue;
        }
        // What one look misses, the next one may see.
        let stands_still = went_on_at.get(&step.id).is_none_or(|at| at.elapsed() > STANDSTILL);
        if stands_still || !apply::still_waiting(step, told, world) {
            settled.push((step.id, settlement));
        }
    }
    settled
}

/// Who leads a partition, as a look has seen it.
pub(super) fn leader(world: &World, partition: &TopicPartition) -> Option<i32> {
    let topic = world.cluster.topics.get(&*partition.topic)?.known()?;
    topic.partitions.iter().find(|seen| seen.partition == partition.partition)?.leader
}
