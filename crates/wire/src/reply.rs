//! What every answer says about itself, whatever its API.

use kafka_protocol::messages::{
    AlterClientQuotasResponse, AlterPartitionReassignmentsResponse, AlterReplicaLogDirsResponse,
    AlterUserScramCredentialsResponse, ApiVersionsResponse, ConsumerGroupDescribeResponse,
    CreateAclsResponse, CreatePartitionsResponse, CreateTopicsResponse, DeleteAclsResponse,
    DeleteGroupsResponse, DeleteRecordsResponse, DeleteTopicsResponse, DescribeAclsResponse,
    DescribeClientQuotasResponse, DescribeClusterResponse, DescribeConfigsResponse, DescribeGroupsResponse,
    DescribeLogDirsResponse, DescribeProducersResponse, DescribeQuorumResponse,
    DescribeTopicPartitionsResponse, DescribeTransactionsResponse, DescribeUserScramCredentialsResponse,
    ElectLeadersResponse, FetchResponse, FindCoordinatorResponse, IncrementalAlterConfigsResponse,
    ListConfigResourcesResponse, ListGroupsResponse, ListOffsetsResponse, ListPartitionReassignmentsResponse,
    ListTransactionsResponse, MetadataResponse, OffsetCommitResponse, OffsetDeleteResponse,
    OffsetFetchResponse, SaslAuthenticateResponse, SaslHandshakeResponse, ShareGroupDescribeResponse,
    UnregisterBrokerResponse, UpdateFeaturesResponse,
};

/// What a client has to know of an answer before anyone reads what it is about.
pub trait Reply {
    /// How long the broker asks this client to stay quiet, in milliseconds; 0 when it does not.
    fn throttle_time_ms(&self) -> i32;

    /// The error code of the request as a whole; 0 when there is none, or when only items carry codes.
    fn top_level_error(&self) -> i16;

    /// The broker's words about that error, where the API has a field for them.
    fn top_level_message(&self) -> Option<&str>;
}

macro_rules! replies {
    ($($name:ident: $throttle:ident $error:ident $message:ident;)+) => {
        $(impl Reply for $name {
            fn throttle_time_ms(&self) -> i32 { replies!(@throttle $throttle self) }
            fn top_level_error(&self) -> i16 { replies!(@error $error self) }
            fn top_level_message(&self) -> Option<&str> { replies!(@message $message self) }
        })+
    };
    (@throttle throttle $self:ident) => { $self.throttle_time_ms };
    (@error error $self:ident) => { $self.error_code };
    (@message message $self:ident) => { $self.error_message.as_ref().map(|text| text.as_str()) };
    (@throttle none $self:ident) => { 0 };
    (@error none $self:ident) => { 0 };
    (@message none $self:ident) => { None };
}

replies! {
    AlterClientQuotasResponse: throttle none none;
    AlterPartitionReassignmentsResponse: throttle error message;
    AlterReplicaLogDirsResponse: throttle none none;
    AlterUserScramCredentialsResponse: throttle none none;
    ApiVersionsResponse: throttle error none;
    ConsumerGroupDescribeResponse: throttle none none;
    CreateAclsResponse: throttle none none;
    CreatePartitionsResponse: throttle none none;
    CreateTopicsResponse: throttle none none;
    DeleteAclsResponse: throttle none none;
    DeleteGroupsResponse: throttle none none;
    DeleteRecordsResponse: throttle none none;
    DeleteTopicsResponse: throttle none none;
    DescribeAclsResponse: throttle error message;
    DescribeClientQuotasResponse: throttle error message;
    DescribeClusterResponse: throttle error message;
    DescribeConfigsResponse: throttle none none;
    DescribeGroupsResponse: throttle none none;
    DescribeLogDirsResponse: throttle error none;
    DescribeProducersResponse: throttle none none;
    DescribeQuorumResponse: none error message;
    DescribeTopicPartitionsResponse: throttle none none;
    DescribeTransactionsResponse: throttle none none;
    DescribeUserScramCredentialsResponse: throttle error message;
    ElectLeadersResponse: throttle error none;
    FetchResponse: throttle error none;
    FindCoordinatorResponse: throttle error message;
    IncrementalAlterConfigsResponse: throttle none none;
    ListConfigResourcesResponse: throttle error none;
    ListGroupsResponse: throttle error none;
    ListOffsetsResponse: throttle none none;
    ListPartitionReassignmentsResponse: throttle error message;
    ListTransactionsResponse: throttle error none;
    MetadataResponse: throttle error none;
    OffsetCommitResponse: throttle none none;
    OffsetDeleteResponse: throttle error none;
    OffsetFetchResponse: throttle error none;
    SaslAuthenticateResponse: none error message;
    SaslHandshakeResponse: none error none;
    ShareGroupDescribeResponse: throttle none none;
    UnregisterBrokerResponse: throttle error message;
    UpdateFeaturesResponse: throttle error message;
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::protocol::StrBytes;

    #[test]
    fn throttle_error_and_words_are_read_where_an_answer_has_them() {
        let answer = MetadataResponse::default().with_throttle_time_ms(120).with_error_code(31);
        assert_eq!((answer.throttle_time_ms(), answer.top_level_error()), (120, 31));
        let answer = CreateTopicsResponse::default().with_throttle_time_ms(5);
        assert_eq!((answer.throttle_time_ms(), answer.top_level_error()), (5, 0));
        let words = StrBytes::from_static_str("not me");
        let answer = DescribeQuorumResponse::default().with_error_code(41).with_error_message(Some(words));
        assert_eq!((answer.throttle_time_ms(), answer.top_level_error()), (0, 41));
        assert_eq!(answer.top_level_message(), Some("not me"));
    }
}
