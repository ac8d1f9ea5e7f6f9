//! Deleting topics: by id where the broker takes one, so that a topic which was made anew under the same name is safe.

use super::batch::{Carrier, Outcome, Verdicts, Watch, carry_all};
use super::call_error::CallError;
use super::cluster::Cluster;
use super::enact_topics::{Mode, Way, text, verdict};
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, TopicName};
use klerk_core::values::TopicId;
use uuid::Uuid;

/// The version of DeleteTopics from which on topics may be named by their ids (KIP-516).
const BY_ID: i16 = 6;

/// A topic to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldTopic {
    /// Its name.
    pub name: String,
    /// Its id; `None` on brokers that give topics none.
    pub id: Option<TopicId>,
}

impl Cluster {
    /// Deletes topics; one outcome for each, in their order.
    pub async fn delete_topics(&self, topics: &[OldTopic], watch: &mut impl Watch<()>) -> Vec<Outcome<()>> {
        carry_all(&Removal(Way::new(self, Mode::Apply)), topics, watch).await
    }
}

struct Removal<'a>(Way<'a>);

impl Carrier for Removal<'_> {
    type Item = OldTopic;
    type Value = ();

    /// The controller writes one record a topic, whatever its partitions.
    fn most_at_once(&self) -> usize {
        self.0.cluster.most_at_once()
    }

    async fn carry(&self, topics: &[&OldTopic]) -> Result<Verdicts<()>, CallError> {
        let Removal(way) = self;
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |version| request(version, topics, way.timeout_ms()))
            .await?;
        Ok(read(answer.version, topics, &answer.body.responses))
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

fn request(version: i16, topics: &[&OldTopic], timeout_ms: i32) -> DeleteTopicsRequest {
    let request = DeleteTopicsRequest::default().with_timeout_ms(timeout_ms);
    let name = |topic: &OldTopic| TopicName(text(&topic.name));
    if version < BY_ID {
        return request.with_topic_names(topics.iter().map(|topic| name(topic)).collect());
    }
    let state = |topic: &&OldTopic| match topic.id {
        // Both at once are refused.
        Some(id) => DeleteTopicState::default().with_name(None).with_topic_id(Uuid::from_bytes(id.0)),
        None => DeleteTopicState::default().with_name(Some(name(topic))),
    };
    request.with_topics(topics.iter().map(state).collect())
}

/// The answer to each topic; one that was named by its id is answered by it, for its name may be hidden.
fn read(version: i16, topics: &[&OldTopic], results: &[DeletableTopicResult]) -> Verdicts<()> {
    let is_of = |result: &DeletableTopicResult, topic: &OldTopic| match topic.id.filter(|_| version >= BY_ID)
    {
        Some(id) => *result.topic_id.as_bytes() == id.0,
        None => result.name.as_ref().is_some_and(|name| name.as_str() == topic.name),
    };
    topics
        .iter()
        .map(|topic| {
            let result = results.iter().find(|result| is_of(result, topic))?;
            Some(verdict(result.error_code, &result.error_message, || ()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::failure;

    fn old(name: &str, id: Option<u8>) -> OldTopic {
        OldTopic { name: name.to_owned(), id: id.map(|byte| TopicId([byte; 16])) }
    }

    #[test]
    fn a_topic_is_named_by_its_id_wherever_that_can_be() {
        let (a, b) = (old("a", Some(1)), old("b", None));
        let sent = request(6, &[&a, &b], 5);
        let named: Vec<_> = sent
            .topics
            .iter()
            .map(|topic| (topic.name.as_deref().map(|name| name.to_string()), topic.topic_id))
            .collect();
        assert_eq!(named, [(None, Uuid::from_bytes([1; 16])), (Some("b".to_owned()), Uuid::nil())]);
        assert!(sent.topic_names.is_empty());
        let sent = request(5, &[&a, &b], 5);
        assert_eq!(sent.topic_names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(sent.topics.is_empty());
    }

    #[test]
    fn answers_are_told_by_id_also_without_a_name() {
        let (a, b, c) = (old("a", Some(1)), old("b", None), old("c", Some(3)));
        let of = |code| DeletableTopicResult::default().with_error_code(code);
        let results = [
            of(100).with_name(None).with_topic_id(Uuid::from_bytes([1; 16])),
            of(0).with_name(Some(TopicName(text("b")))).with_topic_id(Uuid::from_bytes([9; 16])),
        ];
        assert_eq!(read(6, &[&b, &a, &c], &results), [Some(Ok(())), Some(Err(failure(100, ""))), None]);
    }
}
