//! The plan's changes of topics, sent kind by kind in as few requests as the protocol allows.

use super::batch::{Outcome, Unwatched, Watch, was_silent};
use super::cluster::Cluster;
use super::delete_topics::OldTopic;
use super::enact_topics::{ConfigChange, CreatedTopic, Mode, MorePartitions, NewTopic};
use klerk_core::apply::StepEvent;
use klerk_core::plan::{Answer, TopicChange};
use klerk_core::values::{Failure, TopicId};

/// Changes of one kind, each with its place in the list that was given.
struct Placed<T> {
    places: Vec<usize>,
    items: Vec<T>,
}

/// The changes of a list by kind.
struct Kinds {
    creations: Placed<NewTopic>,
    growths: Placed<MorePartitions>,
    alterations: Placed<ConfigChange>,
    deletions: Placed<OldTopic>,
}

impl Cluster {
    /// Carries out changes of topics and tells the fate of each by its place in the list: creations first, then
    /// partitions, then configs, then deletions, for each kind in requests of its own. Once the controller has kept silent
    /// for as long as a request may take, nothing more is sent to it, and its silence is returned. Moves of replicas are
    /// not for this: [`Cluster::move_replicas`].
    pub async fn enact_topics(
        &self,
        changes: &[&TopicChange],
        watch: &mut impl Watch<Option<TopicId>>,
    ) -> Option<Failure> {
        let Kinds { creations, growths, alterations, deletions } = by_kind(changes);
        let created = self.create_topics(&creations.items, Mode::Apply, &mut creations.follow(watch)).await;
        if let Some(why) = silence(&created) {
            growths.not_sent(&why, watch);
            alterations.not_sent(&why, watch);
            deletions.not_sent(&why, watch);
            return Some(why);
        }
        let grown = self.create_partitions(&growths.items, Mode::Apply, &mut growths.follow(watch)).await;
        if let Some(why) = silence(&grown) {
            alterations.not_sent(&why, watch);
            deletions.not_sent(&why, watch);
            return Some(why);
        }
        let altered =
            self.alter_topic_configs(&alterations.items, Mode::Apply, &mut alterations.follow(watch)).await;
        if let Some(why) = silence(&altered) {
            deletions.not_sent(&why, watch);
            return Some(why);
        }
        silence(&self.delete_topics(&deletions.items, &mut deletions.follow(watch)).await)
    }

    /// Asks the broker whether it would accept these changes (`validate_only`); one answer for each, in their order.
    /// An answer sees nothing of the other changes, so that all kinds are asked about at once. Deletions cannot be asked
    /// about.
    pub async fn ask_about_topics(&self, changes: &[&TopicChange]) -> Vec<Answer> {
        let Kinds { creations, growths, alterations, deletions } = by_kind(changes);
        let mode = Mode::Validate;
        let mut unwatched = (Unwatched, Unwatched, Unwatched);
        let (created, grown, altered) = tokio::join!(
            self.create_topics(&creations.items, mode, &mut unwatched.0),
            self.create_partitions(&growths.items, mode, &mut unwatched.1),
            self.alter_topic_configs(&alterations.items, mode, &mut unwatched.2),
        );
        let mut answers: Vec<(usize, Answer)> = creations
            .places
            .into_iter()
            .zip(created.into_iter().map(answer))
            .chain(growths.places.into_iter().zip(grown.into_iter().map(answer)))
            .chain(alterations.places.into_iter().zip(altered.into_iter().map(answer)))
            .chain(deletions.places.into_iter().map(|place| (place, Answer::Failed(not_askable()))))
            .collect();
        answers.sort_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

fn by_kind(changes: &[&TopicChange]) -> Kinds {
    let mut kinds = Kinds {
        creations: Placed::new(),
        growths: Placed::new(),
        alterations: Placed::new(),
        deletions: Placed::new(),
    };
    for (place, change) in changes.iter().enumerate() {
        match change {
            TopicChange::Create { topic, partitions, replication, configs } => kinds.creations.push(
                place,
                NewTopic {
                    name: topic.clone(),
                    partitions: *partitions,
                    replication: *replication,
                    configs: configs.clone(),
                },
            ),
            TopicChange::AddPartitions { topic, from, to, .. } => {
                kinds.growths.push(place, MorePartitions { topic: topic.clone(), from: *from, to: *to });
            }
            TopicChange::SetConfig { topic, to, .. } => {
                kinds.alterations.push(place, ConfigChange { topic: topic.clone(), values: to.clone() });
            }
            TopicChange::MoveReplicas { .. } | TopicChange::CancelMoves { .. } => {}
            TopicChange::Delete { topic, id, .. } => {
                kinds.deletions.push(place, OldTopic { name: topic.clone(), id: *id });
            }
        }
    }
    kinds
}

impl<T> Placed<T> {
    fn new() -> Self {
        Placed { places: Vec::new(), items: Vec::new() }
    }

    fn push(&mut self, place: usize, item: T) {
        self.places.push(place);
        self.items.push(item);
    }

    fn not_sent(&self, why: &Failure, watch: &mut impl Watch<Option<TopicId>>) {
        let news: Vec<_> = self.places.iter().map(|place| (*place, Outcome::NotSent(why.clone()))).collect();
        if !news.is_empty() {
            watch.heard(&news);
        }
    }

    fn follow<'a, W>(&'a self, watch: &'a mut W) -> Follow<'a, W> {
        Follow { places: &self.places, watch }
    }
}

/// The controller's silence, where these met it. One that answers for others has only not answered for this one.
fn silence<T>(outcomes: &[Outcome<T>]) -> Option<Failure> {
    let is_answer = |outcome: &Outcome<T>| matches!(outcome, Outcome::Accepted(_) | Outcome::Refused(_));
    let is_unsent = |outcome: &Outcome<T>| matches!(outcome, Outcome::NotSent(_));
    if outcomes.iter().any(is_answer) && !outcomes.iter().any(is_unsent) {
        return None;
    }
    outcomes.iter().find_map(|outcome| match outcome {
        Outcome::NoReply(why) if was_silent(why) => Some(why.clone()),
        _ => None,
    })
}

/// Tells a watcher of all changes what it hears of one kind.
struct Follow<'a, W> {
    places: &'a [usize],
    watch: &'a mut W,
}

impl<W> Follow<'_, W> {
    fn place(&self, of_kind: usize) -> usize {
        self.places.get(of_kind).copied().unwrap_or(of_kind)
    }
}

impl<W: Watch<Option<TopicId>>> Follow<'_, W> {
    async fn may_send_all(&mut self, places: &[usize]) -> bool {
        let places: Vec<usize> = places.iter().map(|place| self.place(*place)).collect();
        self.watch.may_send(&places).await
    }

    /// Tells the news with the id of what was created, where there is one.
    fn tell<T: Clone>(&mut self, news: &[(usize, Outcome<T>)], id: impl Fn(T) -> Option<TopicId>) {
        let news: Vec<_> =
            news.iter().map(|(place, outcome)| (self.place(*place), outcome.clone().map(&id))).collect();
        self.watch.heard(&news);
    }
}

impl<W: Watch<Option<TopicId>>> Watch<()> for Follow<'_, W> {
    async fn may_send(&mut self, places: &[usize]) -> bool {
        self.may_send_all(places).await
    }

    fn heard(&mut self, news: &[(usize, Outcome<()>)]) {
        self.tell(news, |()| None);
    }
}

impl<W: Watch<Option<TopicId>>> Watch<CreatedTopic> for Follow<'_, W> {
    async fn may_send(&mut self, places: &[usize]) -> bool {
        self.may_send_all(places).await
    }

    fn heard(&mut self, news: &[(usize, Outcome<CreatedTopic>)]) {
        self.tell(news, |created| created.id);
    }
}

impl From<Outcome<Option<TopicId>>> for StepEvent {
    fn from(outcome: Outcome<Option<TopicId>>) -> Self {
        match outcome {
            Outcome::Accepted(None) => StepEvent::Accepted,
            Outcome::Accepted(Some(id)) => StepEvent::Created(id),
            Outcome::Refused(why) => StepEvent::Refused(why),
            Outcome::NoReply(why) => StepEvent::NoReply(why),
            Outcome::NotSent(why) => StepEvent::NotSent(why),
        }
    }
}

fn answer<T>(outcome: Outcome<T>) -> Answer {
    match outcome {
        Outcome::Accepted(_) => Answer::Accepted,
        Outcome::Refused(why) if why.is_denied() => Answer::Denied(why),
        Outcome::Refused(why) => Answer::Refused(why),
        Outcome::NoReply(why) | Outcome::NotSent(why) => Answer::Failed(why),
    }
}

fn not_askable() -> Failure {
    Failure::without_reply("NOT_ASKABLE", "Kafka cannot be asked whether it would delete a topic")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::tests::fake::{Act, FakeBroker, connect, options};
    use crate::kafka::{ConnectOptions, failure};
    use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
    use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
    use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
    use kafka_protocol::messages::{
        CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
    };
    use kafka_protocol::protocol::Request;
    use std::time::{Duration, Instant};

    /// Accepts everything except topics called `refused` (37) and `denied` (29).
    async fn broker() -> FakeBroker {
        let code = |name: &str| match name {
            "refused" => 37,
            "denied" => 29,
            _ => 0,
        };
        FakeBroker::start(move |seen| {
            if seen.is::<CreateTopicsRequest>() {
                let topics = seen.read::<CreateTopicsRequest>().topics.into_iter().map(|topic| {
                    CreatableTopicResult::default().with_error_code(code(&topic.name)).with_name(topic.name)
                });
                return Some(seen.answer(&CreateTopicsResponse::default().with_topics(topics.collect())));
            }
            if seen.is::<CreatePartitionsRequest>() {
                let results = seen.read::<CreatePartitionsRequest>().topics.into_iter().map(|topic| {
                    CreatePartitionsTopicResult::default()
                        .with_error_code(code(&topic.name))
                        .with_name(topic.name)
                });
                return Some(
                    seen.answer(&CreatePartitionsResponse::default().with_results(results.collect())),
                );
            }
            seen.is::<IncrementalAlterConfigsRequest>().then(|| {
                let responses =
                    seen.read::<IncrementalAlterConfigsRequest>().resources.into_iter().map(|topic| {
                        AlterConfigsResourceResponse::default()
                            .with_error_code(code(&topic.resource_name))
                            .with_resource_name(topic.resource_name)
                    });
                seen.answer(&IncrementalAlterConfigsResponse::default().with_responses(responses.collect()))
            })
        })
        .await
    }

    fn changes(name: &str) -> [TopicChange; 3] {
        let topic = name.to_owned();
        let (from, to) = (Default::default(), [("retention.ms".to_owned(), None)].into());
        [
            TopicChange::SetConfig { topic: topic.clone(), id: None, from, to },
            TopicChange::AddPartitions { topic: topic.clone(), id: None, from: 1, to: 2 },
            TopicChange::Create { topic, partitions: None, replication: None, configs: Default::default() },
        ]
    }

    #[derive(Default)]
    struct Heard(Vec<(usize, StepEvent)>);

    impl Watch<Option<TopicId>> for Heard {
        async fn may_send(&mut self, places: &[usize]) -> bool {
            self.0.extend(places.iter().map(|place| (*place, StepEvent::Sent)));
            true
        }

        fn heard(&mut self, news: &[(usize, Outcome<Option<TopicId>>)]) {
            self.0.extend(news.iter().map(|(place, outcome)| (*place, outcome.clone().into())));
        }
    }

    #[tokio::test]
    async fn each_change_is_told_of_at_its_own_place() {
        let broker = broker().await;
        let cluster = connect(&[&broker.address]).await.expect("connects");
        let all = [changes("fine"), changes("refused")].concat();
        let mut heard = Heard::default();
        cluster.enact_topics(&all.iter().collect::<Vec<_>>(), &mut heard).await;
        let refused = || StepEvent::Refused(failure(37, ""));
        let (sent, accepted) = (StepEvent::Sent, StepEvent::Accepted);
        let expected = [(2, 5), (1, 4), (0, 3)].into_iter().flat_map(|(fine, other)| {
            [(fine, sent.clone()), (other, sent.clone()), (fine, accepted.clone()), (other, refused())]
        });
        assert_eq!(heard.0, expected.collect::<Vec<_>>());
        assert_eq!((broker.requests(19), broker.requests(37), broker.requests(44)), (1, 1, 1));
    }

    #[tokio::test]
    async fn answers_stand_in_the_order_of_the_questions() {
        let broker = broker().await;
        let cluster = connect(&[&broker.address]).await.expect("connects");
        let all = [changes("denied"), changes("fine")].concat();
        let answers = cluster.ask_about_topics(&all.iter().collect::<Vec<_>>()).await;
        let denied = Answer::Denied(failure(29, ""));
        assert_eq!(answers[..3], [denied.clone(), denied.clone(), denied]);
        assert_eq!(answers[3..], [Answer::Accepted, Answer::Accepted, Answer::Accepted]);
    }

    #[tokio::test]
    async fn a_controller_that_stands_still_is_waited_for_once_for_all_kinds() {
        let changing =
            [CreateTopicsRequest::KEY, CreatePartitionsRequest::KEY, IncrementalAlterConfigsRequest::KEY];
        let broker =
            FakeBroker::start(move |seen| changing.contains(&seen.key).then_some(Act::Silence)).await;
        let limit = Duration::from_millis(400);
        let options = ConnectOptions { request_timeout: limit, ..options(&[&broker.address]) };
        let cluster = Cluster::connect(options).await.expect("connects");
        let all = changes("fine");
        let all: Vec<&TopicChange> = all.iter().collect();

        let started = Instant::now();
        let answers = cluster.ask_about_topics(&all).await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Failed(_))), "{answers:?}");
        assert!(started.elapsed() < limit * 2, "{:?}", started.elapsed());

        let mut heard = Heard::default();
        let started = Instant::now();
        cluster.enact_topics(&all, &mut heard).await;
        assert!(started.elapsed() < limit * 2, "{:?}", started.elapsed());
        let [(2, StepEvent::Sent), (2, StepEvent::NoReply(_)), rest @ ..] = heard.0.as_slice() else {
            panic!("{:?}", heard.0)
        };
        assert!(matches!(rest, [(1, StepEvent::NotSent(_)), (0, StepEvent::NotSent(_))]), "{rest:?}");
    }

    #[tokio::test]
    async fn no_change_is_no_request() {
        let broker = broker().await;
        let cluster = connect(&[&broker.address]).await.expect("connects");
        cluster.enact_topics(&[], &mut Heard::default()).await;
        assert!(cluster.ask_about_topics(&[]).await.is_empty());
        assert_eq!(cluster.meter().counts().total(), 1, "Metadata at connecting, and nothing else");
    }
}
