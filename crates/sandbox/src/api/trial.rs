//! One request and its faults: what they decide when it arrives, around its handler, and about its answer.

use crate::api::harmed::{Harmed, Item};
use crate::api::{Answer, Call};
use crate::faults::{Fate, Fault, Harm, Occasion, Refusal};
use crate::state::{Former, State};
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::StrBytes;
use std::time::Duration;
use tokio::sync::watch;

/// What the faults have decided about one request.
#[derive(Debug)]
pub(crate) struct Trial {
    occasion: Occasion,
    refused: Option<Refusal>,
    former: Option<Former>,
    /// How much later the answer leaves.
    late: Duration,
    /// When the faults are taken back that it has met.
    taken_back: watch::Receiver<()>,
    /// Whether the connection closes before anything is done.
    pub(crate) close_before: bool,
    /// Whether the connection closes instead of an answer.
    pub(crate) close_after: bool,
    /// Whether the broker goes down instead of an answer.
    pub(crate) stop_after: bool,
    /// Whether nothing is ever done or answered.
    pub(crate) silent: bool,
}

impl Trial {
    /// A request has arrived: faults of the whole request are decided, and moves are made.
    pub(crate) fn arrive(state: &mut State, call: &Call, body: &[u8]) -> Trial {
        *state.arrived.entry(call.key).or_default() += 1;
        state.settle_moves();
        state.forget_former();
        state.expire_transactions();
        let mut occasion = Occasion::new(call.key, call.node);
        // Flexible versions of messages, which have compact strings, have a flexible header (KIP-482).
        let compact =
            ApiKey::try_from(call.key).is_ok_and(|api| api.request_header_version(call.version) > 1);
        let now = state.clock.now_ms();
        let State { faults, topics, former, .. } = &mut *state;
        let gone_off = faults.arrive(
            &mut occasion,
            |time| former.as_ref().is_some_and(|former| former.holds(*time, now)),
            |name| {
                names(body, compact, name)
                    || topics.get(name).is_some_and(|topic| has(body, topic.id.as_bytes()))
            },
        );
        let former = former.clone();
        let mut trial = Trial {
            occasion,
            refused: None,
            former: None,
            late: Duration::ZERO,
            taken_back: faults.taken_back(),
            close_before: false,
            close_after: false,
            stop_after: false,
            silent: false,
        };
        for Fault { resource, harm, .. } in gone_off {
            match harm {
                Harm::Late(by) => trial.late += by,
                Harm::CloseBefore => trial.close_before = true,
                Harm::CloseAfter => trial.close_after = true,
                Harm::StopBefore => {
                    trial.close_before = true;
                    state.stop_broker(call.node);
                }
                Harm::StopAfter => trial.stop_after = true,
                Harm::Silence => trial.silent = true,
                Harm::RefuseRequest { code, message } => trial.refused = Some((code, message)),
                Harm::Stale(_) => trial.former.clone_from(&former),
                Harm::Move => trial.refused = make_a_move(state, call.key, resource.as_deref()),
                _ => {}
            }
        }
        trial
    }

    /// Holds the answer back for as long as a fault says, or until it is taken back.
    pub(crate) async fn hold(&mut self) {
        if !self.late.is_zero() {
            tokio::time::timeout(self.late, self.taken_back.changed()).await.ok();
        }
    }

    /// Asks the handler, and does to its answer what the faults have decided.
    pub(crate) fn attempt<R: Harmed, A: Into<Answer<R::Response>>>(
        &mut self,
        state: &mut State,
        call: &Call,
        handler: impl FnOnce(&mut State) -> A,
    ) -> Answer<R::Response> {
        if !R::ITEMS_HAVE_CODES && !writes(R::KEY) && self.refused.is_none() {
            self.refused = state.faults.refusal_of_all(&mut self.occasion);
        }
        let whole = self.refused.clone().and_then(|(code, words)| R::refused(code, words));
        let mut answer = match whole {
            Some(response) => Answer::Ready(response),
            None => self.handled(state, call, handler),
        };
        if let Answer::Ready(response) = &mut answer {
            self.mark::<R>(state, response);
        }
        answer
    }

    fn handled<T, A: Into<Answer<T>>>(
        &mut self,
        state: &mut State,
        call: &Call,
        handler: impl FnOnce(&mut State) -> A,
    ) -> Answer<T> {
        self.occasion.refused.clone_from(&self.refused);
        state.faults.enter(std::mem::take(&mut self.occasion));
        let answer = match &self.former {
            Some(former) => former.shown(state, handler),
            None if changes_topics(call.key) => state.remembering(handler),
            None => handler(state),
        };
        self.occasion = state.faults.leave().unwrap_or_default();
        answer.into()
    }

    fn mark<R: Harmed>(&mut self, state: &mut State, response: &mut R::Response) {
        let State { faults, topics, .. } = state;
        let reads = !writes(R::KEY);
        R::sift(response, &mut |item: Item<'_>| {
            let by_id = item.id.filter(|_| item.name.is_empty());
            let found = by_id.and_then(|id| topics.iter().find(|(_, topic)| topic.id == id));
            let name = found.map_or(item.name, |(name, _)| name);
            match faults.fate(&mut self.occasion, name, item.partition, reads) {
                Fate::Kept => true,
                Fate::Omitted => false,
                Fate::Coded((code, words)) => {
                    if let Some(place) = item.code {
                        *place = code;
                    }
                    if let Some(place) = item.words {
                        *place = words.map(StrBytes::from_string);
                    }
                    true
                }
            }
        });
        if let Some(wait) = faults.throttle(&self.occasion) {
            R::throttle(response, wait);
        }
    }
}

/// What an API needs moves away from where its client believes it. The refusal is that of a broker which is not the
/// controller any more; handlers find out about coordinators and leaders themselves.
fn make_a_move(state: &mut State, api: i16, resource: Option<&str>) -> Option<Refusal> {
    const NOT_CONTROLLER: i16 = 41;
    match api {
        8..=16 | 22 | 24..=26 | 28 | 42 | 47 | 65 | 68 | 69 | 76..=79 => {
            state.move_leaders("__consumer_offsets");
            state.move_leaders("__transaction_state");
            None
        }
        0..=2 | 21 | 23 | 61 => {
            let every = || state.topics.keys().cloned().collect();
            let topics: Vec<String> = resource.map_or_else(every, |name| vec![name.to_owned()]);
            for topic in topics {
                state.move_leaders(&topic);
            }
            None
        }
        _ => {
            state.move_controller();
            Some((NOT_CONTROLLER, None))
        }
    }
}

/// Whether an API changes topics or their configs, which [`Harm::Stale`] is about.
fn changes_topics(key: i16) -> bool {
    const CHANGES: [ApiKey; 7] = [
        ApiKey::CreateTopics,
        ApiKey::DeleteTopics,
        ApiKey::CreatePartitions,
        ApiKey::AlterConfigs,
        ApiKey::IncrementalAlterConfigs,
        ApiKey::AlterPartitionReassignments,
        ApiKey::ElectLeaders,
    ];
    CHANGES.iter().any(|api| *api as i16 == key)
}

/// Whether an API changes anything item by item, so that its handler has to ask for refusals beforehand.
fn writes(key: i16) -> bool {
    const WRITES: [ApiKey; 13] = [
        ApiKey::Produce,
        ApiKey::OffsetCommit,
        ApiKey::DeleteRecords,
        ApiKey::AddPartitionsToTxn,
        ApiKey::TxnOffsetCommit,
        ApiKey::CreateAcls,
        ApiKey::DeleteAcls,
        ApiKey::DeleteGroups,
        ApiKey::OffsetDelete,
        ApiKey::AlterClientQuotas,
        ApiKey::AlterUserScramCredentials,
        ApiKey::LeaveGroup,
        ApiKey::UpdateFeatures,
    ];
    changes_topics(key) || WRITES.iter().any(|api| *api as i16 == key)
}

/// Whether the body of a request has a name in it as a string of the protocol, for whatever API and version it is.
fn names(body: &[u8], compact: bool, name: &str) -> bool {
    let text = name.as_bytes();
    let length = match (compact, i16::try_from(text.len())) {
        (true, _) => varint(text.len() + 1),
        (false, Ok(length)) => length.to_be_bytes().to_vec(),
        (false, Err(_)) => return false,
    };
    has(body, &[&length, text].concat())
}

fn has(body: &[u8], wanted: &[u8]) -> bool {
    body.windows(wanted.len()).any(|part| part == wanted)
}

/// The length of a compact string: seven bits a byte, the lowest first (KIP-482).
fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap_or_default());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
    use kafka_protocol::messages::{MetadataRequest, TopicName};
    use kafka_protocol::protocol::Encodable;

    #[test]
    fn a_request_names_what_it_is_about_in_every_version() {
        let long = "x".repeat(200);
        for version in 0..=13 {
            for name in ["orders", &long] {
                let topic = MetadataRequestTopic::default()
                    .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))));
                let mut body = Vec::new();
                let request = MetadataRequest::default().with_topics(Some(vec![topic]));
                request.encode(&mut body, version).expect("encodes");
                assert!(names(&body, version >= 9, name), "{version}");
                assert!(!names(&body, version >= 9, "order") && !names(&body, version >= 9, "rders"));
            }
        }
    }
}
