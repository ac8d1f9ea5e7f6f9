//! Replicas on their way between brokers: one look at them, and following them until they have arrived.

use super::follow::leader;
use super::ports::{Look, Watcher};
use super::servers::Servers;
use crate::kafka::CallError;
use klerk_core::placement::{Stall, Tally, replicas_to_measure, stalls};
use klerk_core::values::{Known, Pattern, TopicPartition};
use klerk_core::world::{OngoingMoves, Selection, Wanted, World};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// The pause between two looks at replicas that are waited for.
const PAUSE: Duration = Duration::from_secs(1);

/// Moves that were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenMoves {
    /// The moves that match.
    pub moves: OngoingMoves,
    /// Those that cannot go on as things are.
    pub stalls: Vec<Stall>,
}

impl Servers {
    /// The topics that moves are of, whose names match, with these moves.
    ///
    /// # Errors
    /// When the cluster does not tell what moves.
    pub async fn see_moves(&self, matching: Option<&Pattern>) -> Result<World, CallError> {
        let mut moves = self.cluster.moves_under_way().await?;
        moves.retain(|at, _| matching.is_none_or(|matching| matching.matches(&at.topic)));
        let names: BTreeSet<String> = moves.keys().map(|at| at.topic.to_string()).collect();
        let wanted = Wanted { topics: Selection::Named(names), ..Wanted::default() };
        let mut world = self.see(&wanted).await?;
        world.cluster.moves = Known::Known(moves);
        Ok(world)
    }

    /// One look at replicas on their way, which notes what they have copied this long after the first.
    ///
    /// # Errors
    /// When the cluster does not tell what moves.
    pub async fn look_at_moves(
        &self,
        matching: Option<&Pattern>,
        tally: &mut Tally,
        passed: Duration,
    ) -> Result<SeenMoves, CallError> {
        let world = self.see_moves(matching).await?;
        let stalls = stalls(&world);
        let leader = |at: &TopicPartition| leader(&world, at);
        let moves = world.cluster.moves.known().cloned().unwrap_or_default();
        let sizes = self.replica_sizes(&replicas_to_measure(&moves, leader)).await;
        tally.note(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX), &moves, leader, &sizes);
        Ok(SeenMoves { moves, stalls })
    }

    /// Follows what is under way now until it is done; what somebody begins meanwhile is not waited for.
    ///
    /// # Errors
    /// When the cluster does not tell what moves.
    pub async fn until_arrived(
        &self,
        matching: Option<&Pattern>,
        tally: &mut Tally,
        watcher: &mut impl Watcher,
    ) -> Result<(), CallError> {
        let since = Instant::now();
        let first = self.look_at_moves(matching, tally, Duration::ZERO).await?.moves;
        loop {
            let SeenMoves { mut moves, mut stalls } =
                self.look_at_moves(matching, tally, since.elapsed()).await?;
            moves.retain(|at, _| first.contains_key(at));
            stalls.retain(|stall| first.contains_key(&stall.at));
            watcher.standing_still(&stalls);
            if moves.is_empty() {
                return Ok(());
            }
            watcher.moving(&tally.progress());
            tokio::time::sleep(PAUSE).await;
        }
    }
}
