//! Waiting for a cluster: looking again until nothing is missing, or the time is over.

use klerk_core::health::{self, Awaited, ClusterStatus};
use klerk_core::world::StatusView;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The pause before looking again.
const PAUSE: Duration = Duration::from_millis(500);
/// What the first look is given, however short the wait: without one there is nothing to say.
const FIRST_LOOK: Duration = Duration::from_secs(10);

/// What was seen last, and what of it was still missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    /// What was seen.
    pub view: StatusView,
    /// How that is.
    pub status: ClusterStatus,
    /// What is missing of what was waited for.
    pub lacks: Vec<String>,
    /// How long it took.
    pub waited: Duration,
}

/// Why nothing was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSeen<E> {
    /// The last look failed.
    Failed(E),
    /// No look ended in time.
    InTime,
}

/// Looks until nothing is missing of what is awaited, for as long as `wait` and at least once. A look that is not done
/// when the time is over is given up, and what the one before has seen holds. A failure that `may_pass` is waited out.
///
/// # Errors
/// When nothing was seen.
pub async fn until_whole<E>(
    mut look: impl AsyncFnMut() -> Result<StatusView, E>,
    awaited: Awaited,
    wait: Duration,
    may_pass: impl Fn(&E) -> bool,
    mut say: impl FnMut(&str),
) -> Result<Waited, NotSeen<E>> {
    let begun = Instant::now();
    let end = begun + wait;
    let mut given_up_at = end.max(begun + FIRST_LOOK);
    let mut last: Result<Waited, NotSeen<E>> = Err(NotSeen::InTime);
    loop {
        let seen = timeout_at(given_up_at, look()).await;
        given_up_at = end;
        match seen {
            Ok(Ok(view)) => {
                let status = health::status(&view);
                let lacks = status.lacks(awaited);
                if let Some(first) = lacks.first() {
                    say(first);
                }
                let is_whole = lacks.is_empty();
                last = Ok(Waited { view, status, lacks, waited: begun.elapsed() });
                if is_whole {
                    return last;
                }
            }
            Ok(Err(error)) if !may_pass(&error) => return Err(NotSeen::Failed(error)),
            Ok(Err(error)) => {
                say("the cluster does not answer yet");
                // What was seen before does not hold any more.
                last = Err(NotSeen::Failed(error));
            }
            Err(_) => {}
        }
        if Instant::now() >= end {
            return last.map(|last| Waited { waited: begun.elapsed(), ..last });
        }
        sleep(PAUSE.min(end.saturating_duration_since(Instant::now()))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::values::Known;
    use klerk_core::world::RegisteredBroker;
    use std::collections::{BTreeMap, BTreeSet};

    fn brokers(live: i32) -> StatusView {
        let broker = |id| {
            let broker = RegisteredBroker {
                host: "kafka".to_owned(),
                port: 9092,
                rack: None,
                fenced: id > live,
                metadata_versions: Known::NotAsked,
            };
            (id, broker)
        };
        StatusView {
            id: "c".to_owned(),
            brokers: (1..=3).map(broker).collect(),
            listed: Known::Known(()),
            quorum: Known::NotAsked,
            features: Known::NotAsked,
            topics: BTreeMap::new(),
            disks: (1..=live).map(|id| (id, Known::Known(Vec::new()))).collect(),
            moves: Known::Known(BTreeMap::new()),
            throttles: BTreeMap::new(),
            hidden: Known::Known(BTreeSet::new()),
        }
    }

    /// Waits this many seconds for a cluster that answers the looks so, each after so many seconds.
    async fn wait(
        seconds: u64,
        mut answers: Vec<(u64, Result<i32, &'static str>)>,
    ) -> Result<(Vec<String>, Duration), NotSeen<&'static str>> {
        answers.reverse();
        let look = async || {
            let (late, answer) = answers.pop().unwrap_or((1_000_000, Err("hangs")));
            sleep(Duration::from_secs(late)).await;
            answer.map(brokers)
        };
        let limit = Duration::from_secs(seconds);
        let may_pass = |error: &&'static str| *error == "down";
        let waited = until_whole(look, Awaited::default(), limit, may_pass, |_| {}).await?;
        Ok((waited.lacks, waited.waited))
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_cluster_is_not_waited_for_and_another_is_until_it_is_whole() {
        assert_eq!(wait(60, vec![(0, Ok(3))]).await, Ok((vec![], Duration::ZERO)));
        let (lacks, waited) = wait(60, vec![(0, Ok(2)), (0, Err("down")), (0, Ok(3))]).await.expect("seen");
        assert_eq!((lacks.len(), waited), (0, PAUSE * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_is_late_is_given_up_when_the_time_is_over() {
        let (lacks, waited) = wait(30, vec![(0, Ok(2))]).await.expect("seen");
        assert_eq!(
            (lacks, waited),
            (vec!["broker 3 is registered and not live".to_owned()], Duration::from_secs(30))
        );
        assert_eq!(wait(30, vec![]).await, Err(NotSeen::InTime));
        assert_eq!(wait(30, vec![(0, Ok(2)), (0, Err("down"))]).await, Err(NotSeen::Failed("down")));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_look_has_time_even_where_nothing_is_waited_for() {
        assert_eq!(wait(0, vec![(5, Ok(2))]).await.map(|(lacks, _)| lacks.len()), Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_not_waited_out() {
        assert_eq!(wait(60, vec![(0, Err("wrong"))]).await, Err(NotSeen::Failed("wrong")));
    }
}
