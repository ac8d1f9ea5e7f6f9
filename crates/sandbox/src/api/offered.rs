//! The APIs that the sandbox offers, with their versions, and the way from a key to its handler.

use crate::api::{
    Answer, Call, Trial, acls, alter_configs, cluster, delete_records, delete_topics, describe_configs,
    disks, features, fetch, groups, leader_epochs, list_offsets, metadata, partitions, produce, producer_ids,
    producers, quorum, quotas, reassignments, topic_partitions, topics, transaction_listing,
    transaction_offsets, transactions, users,
};
use crate::server::{Shared, respond};
use crate::state::State;
use bytes::Bytes;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AlterClientQuotasRequest, AlterConfigsRequest,
    AlterPartitionReassignmentsRequest, AlterUserScramCredentialsRequest, ApiVersionsRequest,
    ApiVersionsResponse, ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, CreateAclsRequest,
    CreatePartitionsRequest, CreateTopicsRequest, DeleteAclsRequest, DeleteGroupsRequest,
    DeleteRecordsRequest, DeleteTopicsRequest, DescribeAclsRequest, DescribeClientQuotasRequest,
    DescribeClusterRequest, DescribeConfigsRequest, DescribeGroupsRequest, DescribeLogDirsRequest,
    DescribeProducersRequest, DescribeQuorumRequest, DescribeTopicPartitionsRequest,
    DescribeTransactionsRequest, DescribeUserScramCredentialsRequest, ElectLeadersRequest, EndTxnRequest,
    FetchRequest, FindCoordinatorRequest, HeartbeatRequest, IncrementalAlterConfigsRequest,
    InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, ListConfigResourcesRequest,
    ListGroupsRequest, ListOffsetsRequest, ListPartitionReassignmentsRequest, ListTransactionsRequest,
    MetadataRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    OffsetForLeaderEpochRequest, ProduceRequest, SyncGroupRequest, TxnOffsetCommitRequest,
    UnregisterBrokerRequest, UpdateFeaturesRequest, WriteTxnMarkersRequest,
};
use kafka_protocol::protocol::Request;
use klerk_wire::frame::CodecError;
use klerk_wire::serve::{RequestFrame, encode_response};
use std::ops::RangeInclusive;

/// The code of a version that the broker does not have.
const UNSUPPORTED_VERSION: i16 = 35;

/// The code of a client that does not say what it is.
const INVALID_REQUEST: i16 = 42;

/// From this version on, clients say what software they are (KIP-511).
const SOFTWARE_IS_NAMED: i16 = 3;

/// An API: its key and the versions of it, as a 4.3 broker offers them and the codec can carry them.
struct Offered {
    key: i16,
    min: i16,
    max: i16,
}

macro_rules! offers {
    ($($request:ident $min:literal..=$max:literal => $handler:path;)+) => {
        const OFFERED: &[Offered] = &[$(Offered { key: $request::KEY, min: $min, max: $max }),+];

        async fn dispatch(
            shared: &Shared,
            call: &Call,
            trial: &mut Trial,
            frame: RequestFrame,
        ) -> Result<Option<Bytes>, CodecError> {
            match frame.key {
                $($request::KEY => respond(shared, call, trial, frame, $handler).await,)+
                key => Err(CodecError::Decode { key, version: frame.version, reason: "not offered".to_owned() }),
            }
        }
    };
}

offers! {
    AddOffsetsToTxnRequest 0..=4 => transactions::add_offsets;
    AddPartitionsToTxnRequest 0..=5 => transactions::add_partitions;
    AlterConfigsRequest 0..=2 => alter_configs::whole;
    ApiVersionsRequest 0..=4 => api_versions;
    ConsumerGroupDescribeRequest 0..=1 => groups::consumer_group_describe;
    ConsumerGroupHeartbeatRequest 0..=1 => groups::consumer_group_heartbeat;
    CreatePartitionsRequest 0..=3 => partitions::create_partitions;
    AlterClientQuotasRequest 0..=1 => quotas::alter;
    AlterPartitionReassignmentsRequest 0..=1 => reassignments::alter;
    AlterUserScramCredentialsRequest 0..=0 => users::alter;
    CreateAclsRequest 1..=3 => acls::create;
    CreateTopicsRequest 2..=7 => topics::create;
    DeleteAclsRequest 1..=3 => acls::delete;
    DeleteGroupsRequest 0..=2 => groups::delete;
    DeleteRecordsRequest 0..=2 => delete_records::delete_records;
    DeleteTopicsRequest 1..=6 => delete_topics::delete;
    DescribeClusterRequest 0..=2 => cluster::describe_cluster;
    DescribeConfigsRequest 1..=4 => describe_configs::describe;
    DescribeAclsRequest 1..=3 => acls::describe;
    DescribeClientQuotasRequest 0..=1 => quotas::describe;
    DescribeGroupsRequest 0..=6 => groups::describe;
    DescribeLogDirsRequest 1..=4 => disks::log_dirs;
    DescribeProducersRequest 0..=0 => producers::describe;
    DescribeTopicPartitionsRequest 0..=0 => topic_partitions::describe;
    DescribeQuorumRequest 0..=2 => quorum::describe;
    DescribeTransactionsRequest 0..=0 => transaction_listing::describe;
    DescribeUserScramCredentialsRequest 0..=0 => users::describe;
    ElectLeadersRequest 0..=2 => reassignments::elect;
    EndTxnRequest 0..=5 => transactions::end;
    FetchRequest 4..=18 => fetch::fetch;
    FindCoordinatorRequest 0..=6 => groups::find;
    HeartbeatRequest 0..=4 => groups::heartbeat;
    IncrementalAlterConfigsRequest 0..=1 => alter_configs::incremental;
    InitProducerIdRequest 0..=5 => producer_ids::init;
    JoinGroupRequest 0..=9 => groups::join;
    LeaveGroupRequest 0..=5 => groups::leave;
    ListConfigResourcesRequest 0..=1 => describe_configs::list;
    ListGroupsRequest 0..=5 => groups::list;
    ListOffsetsRequest 1..=10 => list_offsets::list_offsets;
    ListPartitionReassignmentsRequest 0..=0 => reassignments::list;
    ListTransactionsRequest 0..=2 => transaction_listing::list;
    MetadataRequest 0..=13 => metadata::metadata;
    OffsetCommitRequest 2..=9 => groups::commit;
    OffsetDeleteRequest 0..=0 => groups::delete_offsets;
    OffsetFetchRequest 1..=9 => groups::fetch;
    OffsetForLeaderEpochRequest 2..=4 => leader_epochs::ends;
    ProduceRequest 3..=13 => produce::produce;
    SyncGroupRequest 0..=5 => groups::sync;
    TxnOffsetCommitRequest 0..=5 => transaction_offsets::commit;
    UnregisterBrokerRequest 0..=0 => quorum::unregister;
    UpdateFeaturesRequest 0..=2 => features::update;
    WriteTxnMarkersRequest 1..=1 => producers::write_markers;
}

/// Answers one request; `None` when the client wants no answer.
///
/// # Errors
/// When the request cannot be read, its API is not offered or its version is not: a broker closes the connection then,
/// except for ApiVersions, which it answers in version 0 (KIP-511).
pub(crate) async fn answer(
    shared: &Shared,
    call: &Call,
    trial: &mut Trial,
    frame: RequestFrame,
) -> Result<Option<Bytes>, CodecError> {
    let (key, version) = (frame.key, frame.version);
    let offered = OFFERED.iter().find(|api| api.key == key);
    let range = offered.and_then(|api| shared.with(|state| api.range(state, call.node)));
    if range.is_some_and(|range| range.contains(&version)) {
        return dispatch(shared, call, trial, frame).await;
    }
    if key == ApiVersionsRequest::KEY {
        let refusal = shared.with(|state| versions(state, call.node)).with_error_code(UNSUPPORTED_VERSION);
        return encode_response::<ApiVersionsRequest>(&refusal, 0, frame.correlation_id).map(Some);
    }
    Err(CodecError::Decode { key, version, reason: "this version is not offered".to_owned() })
}

fn api_versions(state: &mut State, call: &Call, asked: &ApiVersionsRequest) -> Answer<ApiVersionsResponse> {
    let named = [&asked.client_software_name, &asked.client_software_version];
    if call.version >= SOFTWARE_IS_NAMED && !named.iter().all(|text| names_software(text)) {
        return ApiVersionsResponse::default().with_error_code(INVALID_REQUEST).into();
    }
    features::told(state, versions(state, call.node), call.version).into()
}

/// Whether a text can be the name or the version of client software: `[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?`
/// (`ApiVersionsRequest` of Kafka, KIP-511).
fn names_software(text: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn versions(state: &State, node: i32) -> ApiVersionsResponse {
    let keys = OFFERED.iter().filter_map(|api| {
        let range = api.range(state, node)?;
        let offered = ApiVersion::default().with_api_key(api.key);
        Some(offered.with_min_version(*range.start()).with_max_version(*range.end()))
    });
    ApiVersionsResponse::default().with_api_keys(keys.collect())
}

impl Offered {
    /// What a broker offers: of what the sandbox can do, what its release has and no fault takes away.
    fn range(&self, state: &State, node: i32) -> Option<RangeInclusive<i16>> {
        let newest = [Some(self.max), state.release.newest(self.key), state.faults.cap(self.key, node)];
        let max = newest.into_iter().flatten().min()?;
        (max >= self.min).then_some(self.min..=max)
    }
}

#[cfg(test)]
mod tests {
    use super::names_software;

    #[test]
    fn software_begins_and_ends_with_a_letter_or_digit() {
        for text in ["a", "7", "klerk", "4.3.0", "apache-kafka-java", "1.0-rc.2"] {
            assert!(names_software(text), "{text}");
        }
        for text in ["", "-", ".a", "a-", "a b", "a_b", "1.0+x", "é"] {
            assert!(!names_software(text), "{text}");
        }
    }
}
