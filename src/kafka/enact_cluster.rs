//! Changing the cluster itself: elections of preferred leaders, and the dynamic configs of brokers.

use super::batch::{Carrier, Outcome, Verdicts, Watch, carry_all};
use super::broker_configs::{BROKER, resource_name, responsible};
use super::call_error::{CallError, failure};
use super::cluster::Cluster;
use super::enact_topics::{Mode, Way, alterable, text, verdict};
use super::route::Retry;
use futures::future::join_all;
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::incremental_alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::{
    ElectLeadersRequest, ElectLeadersResponse, IncrementalAlterConfigsRequest, TopicName,
};
use klerk_core::apply::{ItemFailure, StepEvent};
use klerk_core::plan::{Answer, ClusterChange};
use klerk_core::values::{Failure, TopicPartition};
use klerk_core::world::ConfigTarget;
use std::collections::{BTreeMap, HashMap};

/// ELECTION_NOT_NEEDED: the preferred replica leads already.
const NOT_NEEDED: i16 = 84;

/// Hears of changes of the cluster by their places in the list that was given.
pub trait WatchCluster {
    /// A request with these changes is about to leave. `false` forbids it.
    fn may_send(&mut self, places: &[usize]) -> impl Future<Output = bool>;

    /// What became of one.
    fn heard(&mut self, place: usize, event: StepEvent);
}

impl Cluster {
    /// Carries out changes of the cluster and tells the fate of each by its place: all elections together in as few
    /// requests as may be, then configs one place after another, each told to the broker that is responsible.
    pub async fn enact_cluster(&self, changes: &[&ClusterChange], watch: &mut impl WatchCluster) {
        self.elect(changes, watch).await;
        for (place, change) in changes.iter().enumerate() {
            if let ClusterChange::SetConfig { target, to, .. } = change
                && watch.may_send(&[place]).await
            {
                let event = match self.alter_broker(*target, to, Mode::Apply).await {
                    Ok(Ok(())) => StepEvent::Accepted,
                    Ok(Err(failure)) => StepEvent::Refused(failure),
                    Err(error) => unanswered(&error),
                };
                watch.heard(place, event);
            }
        }
    }

    /// Asks brokers whether they would accept these changes; one answer for each, in their order. An election cannot be
    /// asked about.
    pub async fn ask_about_cluster(&self, changes: &[&ClusterChange]) -> Vec<Answer> {
        let asked = changes.iter().map(async |change| match change {
            ClusterChange::SetConfig { target, to, .. } => {
                match self.alter_broker(*target, to, Mode::Validate).await {
                    Ok(Ok(())) => Answer::Accepted,
                    Ok(Err(failure)) => Answer::Refused(failure),
                    Err(error) if error.is_denied() => Answer::Denied(error.failure()),
                    Err(error @ CallError::Refused(_)) => Answer::Refused(error.failure()),
                    Err(error) => Answer::Failed(error.failure()),
                }
            }
            ClusterChange::ElectLeaders { .. } => {
                let why = "Kafka cannot be asked whether it would hold an election";
                Answer::Failed(Failure::without_reply("NOT_ASKABLE", why))
            }
        });
        join_all(asked).await
    }

    pub(super) async fn alter_broker(
        &self,
        target: ConfigTarget,
        values: &BTreeMap<String, Option<String>>,
        mode: Mode,
    ) -> Result<Result<(), Failure>, CallError> {
        let retry = if mode == Mode::Validate { Retry::Safe } else { Retry::Never };
        let answer = self
            .call(responsible(target), retry, |_| {
                let resource = AlterConfigsResource::default()
                    .with_resource_type(BROKER)
                    .with_resource_name(resource_name(target))
                    .with_configs(alterable(values));
                IncrementalAlterConfigsRequest::default()
                    .with_resources(vec![resource])
                    .with_validate_only(mode == Mode::Validate)
            })
            .await?;
        let result = answer.body.responses.first();
        Ok(result.map_or_else(
            || Err(Failure::without_reply("NO_ANSWER", "the broker left itself out of its answer")),
            |result| verdict(result.error_code, &result.error_message, || ()),
        ))
    }

    async fn elect(&self, changes: &[&ClusterChange], watch: &mut impl WatchCluster) {
        let mut items = Vec::new();
        let mut places = Vec::new();
        for (place, change) in changes.iter().enumerate() {
            let ClusterChange::ElectLeaders { topic, partitions, .. } = change else { continue };
            items.extend(partitions.iter().map(|one| TopicPartition::new(topic.as_str(), one.partition)));
            places.extend(partitions.iter().map(|_| place));
        }
        if items.is_empty() {
            return;
        }
        let carrier = Elections(Way::new(self, Mode::Apply));
        let mut sending = Sending { places: &places, watch, forbidden: false };
        let outcomes = carry_all(&carrier, &items, &mut sending).await;
        let forbidden = sending.forbidden;
        let mut by_change: BTreeMap<usize, Vec<(&TopicPartition, Outcome<()>)>> = BTreeMap::new();
        for ((place, item), outcome) in places.iter().zip(&items).zip(outcomes) {
            by_change.entry(*place).or_default().push((item, outcome));
        }
        for (place, outcomes) in by_change {
            let event = together(&outcomes);
            // Whoever forbids a request need not be told that it was not sent.
            if !(forbidden && matches!(event, StepEvent::NotSent(_))) {
                watch.heard(place, event);
            }
        }
    }
}

/// What became of a change by what became of its partitions.
fn together(outcomes: &[(&TopicPartition, Outcome<()>)]) -> StepEvent {
    let of = u32::try_from(outcomes.len()).unwrap_or(u32::MAX);
    let failures: Vec<ItemFailure> = outcomes
        .iter()
        .filter_map(|(item, outcome)| {
            Some(ItemFailure { item: item.to_string(), failure: outcome.failure()?.clone() })
        })
        .collect();
    let Some(first) = failures.first() else { return StepEvent::Accepted };
    let all = |is: fn(&Outcome<()>) -> bool| outcomes.iter().all(|(_, outcome)| is(outcome));
    if all(|outcome| matches!(outcome, Outcome::NotSent(_))) {
        return StepEvent::NotSent(first.failure.clone());
    }
    // One without an answer may have been elected, which a look at all of them settles.
    let silent = outcomes.iter().find_map(|(_, outcome)| match outcome {
        Outcome::NoReply(why) => Some(why),
        _ => None,
    });
    if let Some(why) = silent {
        return StepEvent::NoReply(why.clone());
    }
    if all(|outcome| matches!(outcome, Outcome::Refused(_))) {
        return StepEvent::Refused(first.failure.clone());
    }
    let failed = u32::try_from(failures.len()).unwrap_or(u32::MAX);
    StepEvent::PartlyAccepted { done: of.saturating_sub(failed), of, failures }
}

fn unanswered(error: &CallError) -> StepEvent {
    match error {
        error if error.may_have_done("IncrementalAlterConfigs") => StepEvent::NoReply(error.failure()),
        CallError::Refused(_) => StepEvent::Refused(error.failure()),
        _ => StepEvent::NotSent(error.failure()),
    }
}

struct Elections<'a>(Way<'a>);

impl Carrier for Elections<'_> {
    type Item = TopicPartition;
    type Value = ();

    /// Who leads already is not elected again.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn carry(&self, items: &[&TopicPartition]) -> Result<Verdicts<()>, CallError> {
        let Elections(way) = self;
        let answer = way.cluster.call(way.to(), way.retry(), |_| request(items, way.timeout_ms())).await?;
        Ok(read(&answer.body, items))
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

/// Preferred elections are what version 0 holds, and the number 0 stands for them in the others.
fn request(items: &[&TopicPartition], timeout_ms: i32) -> ElectLeadersRequest {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for item in items {
        topics.entry(&item.topic).or_default().push(item.partition);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        TopicPartitions::default().with_topic(TopicName(text(topic))).with_partitions(partitions)
    });
    ElectLeadersRequest::default().with_topic_partitions(Some(topics.collect())).with_timeout_ms(timeout_ms)
}

fn read(answer: &ElectLeadersResponse, items: &[&TopicPartition]) -> Verdicts<()> {
    let mut verdicts: HashMap<(&str, i32), Result<(), Failure>> = HashMap::new();
    for topic in &answer.replica_election_results {
        for result in &topic.partition_result {
            let words = result.error_message.as_ref().map_or("", |text| text.as_str());
            let verdict = match result.error_code {
                0 | NOT_NEEDED => Ok(()),
                code => Err(failure(code, words)),
            };
            verdicts.insert((topic.topic.as_str(), result.partition_id), verdict);
        }
    }
    items.iter().map(|item| verdicts.remove(&(&*item.topic, item.partition))).collect()
}

/// Tells of partitions by the changes that they belong to.
struct Sending<'a, W> {
    places: &'a [usize],
    watch: &'a mut W,
    forbidden: bool,
}

impl<W: WatchCluster> Watch<()> for Sending<'_, W> {
    async fn may_send(&mut self, items: &[usize]) -> bool {
        let mut places: Vec<usize> =
            items.iter().filter_map(|item| self.places.get(*item).copied()).collect();
        places.dedup();
        let may = self.watch.may_send(&places).await;
        self.forbidden |= !may;
        may
    }

    // A change is told of once all of its partitions are.
    fn heard(&mut self, _: &[(usize, Outcome<()>)]) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};

    #[test]
    fn partitions_are_asked_for_by_topic_and_answered_one_by_one() {
        let (a0, a1, b0) =
            (TopicPartition::new("a", 0), TopicPartition::new("a", 1), TopicPartition::new("b", 0));
        let items = [&a0, &b0, &a1];
        let sent = request(&items, 5);
        let topics = sent.topic_partitions.expect("topics");
        assert_eq!(
            topics.iter().map(|one| one.partitions.clone()).collect::<Vec<_>>(),
            [vec![0, 1], vec![0]]
        );
        let result =
            |number, code| PartitionResult::default().with_partition_id(number).with_error_code(code);
        let answer = ElectLeadersResponse::default().with_replica_election_results(vec![
            ReplicaElectionResult::default()
                .with_topic(TopicName(text("a")))
                .with_partition_result(vec![result(0, NOT_NEEDED), result(1, 80)]),
        ]);
        assert_eq!(read(&answer, &items), [Some(Ok(())), None, Some(Err(failure(80, "")))]);
    }

    #[test]
    fn a_change_is_what_its_partitions_are() {
        let (a0, a1) = (TopicPartition::new("a", 0), TopicPartition::new("a", 1));
        let refused = || Outcome::Refused(failure(80, ""));
        let done = Outcome::Accepted(());
        assert_eq!(together(&[(&a0, done.clone())]), StepEvent::Accepted);
        assert!(matches!(together(&[(&a0, refused())]), StepEvent::Refused(_)));
        let partly = together(&[(&a0, done.clone()), (&a1, refused())]);
        assert!(matches!(partly, StepEvent::PartlyAccepted { done: 1, of: 2, .. }), "{partly:?}");
        let unknown = together(&[(&a0, done), (&a1, Outcome::NoReply(failure(7, "")))]);
        assert!(matches!(unknown, StepEvent::NoReply(_)));
    }
}
