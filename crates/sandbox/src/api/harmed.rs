//! How faults look in an answer: one table of which APIs can be throttled, which have a code for the whole request, and
//! what their items are called.
//!
//! The table has every API that a client may be offered, so that an API which is added to the sandbox has its faults.

use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Request, StrBytes};
use std::time::Duration;

/// One item of an answer, such as a topic or a partition.
pub(crate) struct Item<'a> {
    /// The name of the topic, group, or other resource.
    pub(crate) name: &'a str,
    /// The topic's id, in versions that name topics by it.
    pub(crate) id: Option<uuid::Uuid>,
    /// The partition of the topic, where the item is one.
    pub(crate) partition: Option<i32>,
    /// The code, where an item has one.
    pub(crate) code: Option<&'a mut i16>,
    /// The words, where an item has some.
    pub(crate) words: Option<&'a mut Option<StrBytes>>,
}

/// An API whose answers can be harmed.
pub(crate) trait Harmed: Request {
    /// Whether an item of an answer can have a code of its own.
    const ITEMS_HAVE_CODES: bool;

    /// Asks the client to wait.
    fn throttle(response: &mut Self::Response, wait: Duration);

    /// An answer that has nothing but this code; `None` when the API has no code for the whole request.
    fn refused(code: i16, words: Option<String>) -> Option<Self::Response>;

    /// Shows all items, and leaves out those for which `keep` says no.
    fn sift(response: &mut Self::Response, keep: &mut dyn FnMut(Item<'_>) -> bool);
}

fn milliseconds(wait: Duration) -> i32 {
    i32::try_from(wait.as_millis()).unwrap_or(i32::MAX)
}

/// A name of any of the codec's types as plain text.
trait Named {
    fn plain(&self) -> &str;
}

macro_rules! named {
    ($($name:ty),+) => {
        $(impl Named for $name {
            fn plain(&self) -> &str {
                self.as_str()
            }
        })+
    };
}

named!(StrBytes, TopicName, GroupId, TransactionalId);

impl<T: Named> Named for Option<T> {
    fn plain(&self) -> &str {
        self.as_ref().map_or("", Named::plain)
    }
}

/// The parts of an item that its API does or does not have.
macro_rules! part {
    ($item:ident; words $words:ident) => {
        Some(&mut $item.$words)
    };
    ($item:ident; words) => {
        None
    };
    ($item:ident; id $id:ident) => {
        Some($item.$id)
    };
    ($item:ident; id) => {
        None
    };
    ($item:ident; code $code:ident) => {
        Some(&mut $item.$code)
    };
    ($item:ident; code) => {
        None
    };
}

/// Whether any code was named.
macro_rules! coded {
    () => {
        false
    };
    ($($code:ident)+) => {
        true
    };
}

/// Rows of the table: the API; the field that throttles; the fields of a code (and words) for the whole request; its
/// items, `each` of a field by its name (with what it `hides` when it has a code), or `nested` two fields deep, by topic and partition.
macro_rules! harmed {
    ($($request:ident: $($wait:ident)? $(, whole $code:ident $($words:ident)?)?
        $(, each $each:ident by $name:ident $(id $id:ident)? $(code $item_code:ident)? $(words $item_words:ident)?
            $(hides $($hidden:ident)+)?)?
        $(, nested $topics:ident by $topic:ident $(id $topic_id:ident)?
            . $partitions:ident by $index:ident $(code $partition_code:ident)? $(words $partition_words:ident)?)?
    ;)+) => {
        $(impl Harmed for $request {
            const ITEMS_HAVE_CODES: bool =
                coded!($($($item_code)?)? $($($partition_code)?)?);

            fn throttle(response: &mut Self::Response, wait: Duration) {
                let _ = (&response, wait);
                $(response.$wait = milliseconds(wait);)?
            }

            fn refused(code: i16, words: Option<String>) -> Option<Self::Response> {
                let _ = (code, &words);
                None::<Self::Response>$(.or_else(|| {
                    let mut response = <Self as Request>::Response::default();
                    response.$code = code;
                    $(response.$words = words.map(StrBytes::from_string);)?
                    Some(response)
                }))?
            }

            fn sift(response: &mut Self::Response, keep: &mut dyn FnMut(Item<'_>) -> bool) {
                let _ = (&response, &keep);
                $(response.$each.retain_mut(|item| {
                    let kept = keep(Item {
                        name: item.$name.plain(),
                        id: part!(item; id $($id)?),
                        partition: None,
                        code: part!(item; code $($item_code)?),
                        words: part!(item; words $($item_words)?),
                    });
                    $($(if item.error_code != 0 {
                        item.$hidden = Default::default();
                    })+)?
                    kept
                });)?
                $(response.$topics.retain_mut(|topic| {
                    let had = topic.$partitions.len();
                    let name = &topic.$topic;
                    let id = part!(topic; id $($topic_id)?);
                    topic.$partitions.retain_mut(|item| keep(Item {
                        name: name.plain(),
                        id,
                        partition: Some(item.$index),
                        code: part!(item; code $($partition_code)?),
                        words: part!(item; words $($partition_words)?),
                    }));
                    had == 0 || !topic.$partitions.is_empty()
                });)?
            }
        })+
    };
}

harmed! {
    AddOffsetsToTxnRequest: throttle_time_ms, whole error_code;
    AddPartitionsToTxnRequest: throttle_time_ms, whole error_code,
        nested results_by_topic_v3_and_below by name . results_by_partition by partition_index code partition_error_code;
    AlterClientQuotasRequest: throttle_time_ms;
    AlterConfigsRequest: throttle_time_ms, each responses by resource_name code error_code words error_message;
    AlterPartitionReassignmentsRequest: throttle_time_ms, whole error_code error_message,
        nested responses by name . partitions by partition_index code error_code words error_message;
    AlterUserScramCredentialsRequest: throttle_time_ms, each results by user code error_code words error_message;
    ApiVersionsRequest: throttle_time_ms, whole error_code;
    ConsumerGroupDescribeRequest: throttle_time_ms,
        each groups by group_id code error_code words error_message hides members;
    ConsumerGroupHeartbeatRequest: throttle_time_ms, whole error_code error_message;
    CreateAclsRequest: throttle_time_ms;
    CreatePartitionsRequest: throttle_time_ms, each results by name code error_code words error_message;
    CreateTopicsRequest: throttle_time_ms, each topics by name id topic_id code error_code words error_message;
    DeleteAclsRequest: throttle_time_ms;
    DeleteGroupsRequest: throttle_time_ms, each results by group_id code error_code;
    DeleteRecordsRequest: throttle_time_ms, nested topics by name . partitions by partition_index code error_code;
    DeleteTopicsRequest: throttle_time_ms, each responses by name id topic_id code error_code words error_message;
    DescribeAclsRequest: throttle_time_ms, whole error_code error_message, each resources by resource_name;
    DescribeClientQuotasRequest: throttle_time_ms, whole error_code error_message;
    DescribeClusterRequest: throttle_time_ms, whole error_code error_message;
    DescribeConfigsRequest: throttle_time_ms,
        each results by resource_name code error_code words error_message hides configs;
    DescribeGroupsRequest: throttle_time_ms,
        each groups by group_id code error_code words error_message hides members;
    DescribeLogDirsRequest: throttle_time_ms, whole error_code;
    DescribeProducersRequest: throttle_time_ms,
        nested topics by name . partitions by partition_index code error_code words error_message;
    DescribeQuorumRequest: , whole error_code error_message;
    DescribeShareGroupOffsetsRequest: throttle_time_ms, each groups by group_id code error_code words error_message;
    DescribeTopicPartitionsRequest: throttle_time_ms,
        each topics by name id topic_id code error_code hides topic_id partitions;
    DescribeTransactionsRequest: throttle_time_ms, each transaction_states by transactional_id code error_code;
    DescribeUserScramCredentialsRequest: throttle_time_ms, whole error_code error_message,
        each results by user code error_code words error_message;
    ElectLeadersRequest: throttle_time_ms, whole error_code,
        nested replica_election_results by topic . partition_result by partition_id code error_code words error_message;
    EndTxnRequest: throttle_time_ms, whole error_code;
    FetchRequest: throttle_time_ms, whole error_code,
        nested responses by topic id topic_id . partitions by partition_index code error_code;
    FindCoordinatorRequest: throttle_time_ms, whole error_code error_message,
        each coordinators by key code error_code words error_message;
    HeartbeatRequest: throttle_time_ms, whole error_code;
    IncrementalAlterConfigsRequest: throttle_time_ms,
        each responses by resource_name code error_code words error_message;
    InitProducerIdRequest: throttle_time_ms, whole error_code;
    JoinGroupRequest: throttle_time_ms, whole error_code;
    LeaveGroupRequest: throttle_time_ms, whole error_code, each members by member_id code error_code;
    ListConfigResourcesRequest: throttle_time_ms, whole error_code, each config_resources by resource_name;
    ListGroupsRequest: throttle_time_ms, whole error_code, each groups by group_id;
    ListOffsetsRequest: throttle_time_ms, nested topics by name . partitions by partition_index code error_code;
    ListPartitionReassignmentsRequest: throttle_time_ms, whole error_code error_message,
        nested topics by name . partitions by partition_index;
    ListTransactionsRequest: throttle_time_ms, whole error_code, each transaction_states by transactional_id;
    MetadataRequest: throttle_time_ms, whole error_code,
        each topics by name id topic_id code error_code hides topic_id partitions;
    OffsetCommitRequest: throttle_time_ms,
        nested topics by name id topic_id . partitions by partition_index code error_code;
    OffsetDeleteRequest: throttle_time_ms, whole error_code,
        nested topics by name . partitions by partition_index code error_code;
    OffsetFetchRequest: throttle_time_ms, whole error_code, each groups by group_id code error_code hides topics,
        nested topics by name . partitions by partition_index code error_code;
    OffsetForLeaderEpochRequest: throttle_time_ms, nested topics by topic . partitions by partition code error_code;
    ProduceRequest: throttle_time_ms,
        nested responses by name id topic_id . partition_responses by index code error_code words error_message;
    SaslAuthenticateRequest: , whole error_code error_message;
    SaslHandshakeRequest: , whole error_code;
    ShareGroupDescribeRequest: throttle_time_ms, each groups by group_id code error_code words error_message;
    ShareGroupHeartbeatRequest: throttle_time_ms, whole error_code error_message;
    SyncGroupRequest: throttle_time_ms, whole error_code;
    TxnOffsetCommitRequest: throttle_time_ms, nested topics by name . partitions by partition_index code error_code;
    UnregisterBrokerRequest: throttle_time_ms, whole error_code error_message;
    WriteTxnMarkersRequest: ;
    UpdateFeaturesRequest: throttle_time_ms, whole error_code error_message,
        each results by feature code error_code words error_message;
}
