//! Looking at transactions: ListTransactions, DescribeTransactions (KIP-664).

use crate::api::Call;
use crate::api::transactions::turned_away;
use crate::state::State;
use crate::state::groups::CoordinatorOf;
use crate::state::transactions::TransactionState;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_transactions_response::{TopicData, TransactionState as Described};
use kafka_protocol::messages::list_transactions_response::TransactionState as Listed;
use kafka_protocol::messages::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, ListTransactionsRequest,
    ListTransactionsResponse, TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;
use regex::Regex;

/// All states that Kafka has a name for; transactions are only ever in some of them here.
const STATES: [&str; 8] = [
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "Dead",
    "PrepareEpochFence",
];

pub(super) fn list(
    state: &mut State,
    call: &Call,
    request: &ListTransactionsRequest,
) -> ListTransactionsResponse {
    let unknown = request.state_filters.iter().filter(|name| !STATES.contains(&name.as_str()));
    let unknown: Vec<StrBytes> = unknown.cloned().collect();
    let pattern = request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty());
    // The whole id has to match.
    let pattern = match pattern.map(|pattern| Regex::new(&format!("^(?:{pattern})$"))).transpose() {
        Ok(pattern) => pattern,
        Err(_) => {
            let code = ResponseError::InvalidRegularExpression.code();
            return ListTransactionsResponse::default().with_error_code(code);
        }
    };
    let now_ms = state.clock.now_ms();
    let mine = |id: &str| state.coordinator(CoordinatorOf::Transaction, id) == Ok(call.node);
    let listed = state.transactions.iter().filter(|(id, _)| mine(id)).filter(|(id, transaction)| {
        let named = |names: &[StrBytes]| names.iter().any(|name| name.as_str() == transaction.state.name());
        let long = transaction.state == TransactionState::Ongoing
            && now_ms - transaction.started_ms > request.duration_filter;
        (request.state_filters.is_empty() || named(&request.state_filters))
            && (request.producer_id_filters.is_empty()
                || request.producer_id_filters.contains(&transaction.producer.id.into()))
            && (request.duration_filter < 0 || call.version < 1 || long)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(id))
    });
    let listed = listed.map(|(id, transaction)| {
        Listed::default()
            .with_transactional_id(TransactionalId(StrBytes::from_string(id.to_owned())))
            .with_producer_id(transaction.producer.id.into())
            .with_transaction_state(StrBytes::from_static_str(transaction.state.name()))
    });
    ListTransactionsResponse::default()
        .with_unknown_state_filters(unknown)
        .with_transaction_states(listed.collect())
}

pub(super) fn describe(
    state: &mut State,
    call: &Call,
    request: &DescribeTransactionsRequest,
) -> DescribeTransactionsResponse {
    let described = request.transactional_ids.iter().map(|id| {
        let answer = Described::default().with_transactional_id(id.clone());
        match turned_away(state, call, id.as_str()) {
            Err(code) => answer.with_error_code(code),
            Ok(()) => one(state, answer, id),
        }
    });
    DescribeTransactionsResponse::default().with_transaction_states(described.collect())
}

fn one(state: &State, answer: Described, id: &TransactionalId) -> Described {
    let Some(transaction) = state.transactions.get(id.as_str()) else {
        return answer.with_error_code(ResponseError::TransactionalIdNotFound.code());
    };
    let mut topics: Vec<TopicData> = Vec::new();
    for (topic, index) in &transaction.partitions {
        match topics.last_mut().filter(|last| last.topic.as_str() == topic) {
            Some(last) => last.partitions.push(*index),
            None => {
                let name = TopicName(StrBytes::from_string(topic.clone()));
                topics.push(TopicData::default().with_topic(name).with_partitions(vec![*index]));
            }
        }
    }
    answer
        .with_transaction_state(StrBytes::from_static_str(transaction.state.name()))
        .with_transaction_timeout_ms(transaction.timeout_ms)
        .with_transaction_start_time_ms(transaction.started_ms)
        .with_producer_id(transaction.producer.id.into())
        .with_producer_epoch(transaction.producer.epoch)
        .with_topics(topics)
}
