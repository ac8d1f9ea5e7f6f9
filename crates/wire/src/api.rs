//! Names of Kafka's APIs by key, from the protocol's message definitions up to Kafka 4.3.

/// Names by key; APIs that only ZooKeeper-based brokers used among themselves are named too.
const NAMES: [&str; 93] = [
    "Produce",
    "Fetch",
    "ListOffsets",
    "Metadata",
    "LeaderAndIsr",
    "StopReplica",
    "UpdateMetadata",
    "ControlledShutdown",
    "OffsetCommit",
    "OffsetFetch",
    "FindCoordinator",
    "JoinGroup",
    "Heartbeat",
    "LeaveGroup",
    "SyncGroup",
    "DescribeGroups",
    "ListGroups",
    "SaslHandshake",
    "ApiVersions",
    "CreateTopics",
    "DeleteTopics",
    "DeleteRecords",
    "InitProducerId",
    "OffsetForLeaderEpoch",
    "AddPartitionsToTxn",
    "AddOffsetsToTxn",
    "EndTxn",
    "WriteTxnMarkers",
    "TxnOffsetCommit",
    "DescribeAcls",
    "CreateAcls",
    "DeleteAcls",
    "DescribeConfigs",
    "AlterConfigs",
    "AlterReplicaLogDirs",
    "DescribeLogDirs",
    "SaslAuthenticate",
    "CreatePartitions",
    "CreateDelegationToken",
    "RenewDelegationToken",
    "ExpireDelegationToken",
    "DescribeDelegationToken",
    "DeleteGroups",
    "ElectLeaders",
    "IncrementalAlterConfigs",
    "AlterPartitionReassignments",
    "ListPartitionReassignments",
    "OffsetDelete",
    "DescribeClientQuotas",
    "AlterClientQuotas",
    "DescribeUserScramCredentials",
    "AlterUserScramCredentials",
    "Vote",
    "BeginQuorumEpoch",
    "EndQuorumEpoch",
    "DescribeQuorum",
    "AlterPartition",
    "UpdateFeatures",
    "Envelope",
    "FetchSnapshot",
    "DescribeCluster",
    "DescribeProducers",
    "BrokerRegistration",
    "BrokerHeartbeat",
    "UnregisterBroker",
    "DescribeTransactions",
    "ListTransactions",
    "AllocateProducerIds",
    "ConsumerGroupHeartbeat",
    "ConsumerGroupDescribe",
    "ControllerRegistration",
    "GetTelemetrySubscriptions",
    "PushTelemetry",
    "AssignReplicasToDirs",
    "ListConfigResources",
    "DescribeTopicPartitions",
    "ShareGroupHeartbeat",
    "ShareGroupDescribe",
    "ShareFetch",
    "ShareAcknowledge",
    "AddRaftVoter",
    "RemoveRaftVoter",
    "UpdateRaftVoter",
    "InitializeShareGroupState",
    "ReadShareGroupState",
    "WriteShareGroupState",
    "DeleteShareGroupState",
    "ReadShareGroupStateSummary",
    "StreamsGroupHeartbeat",
    "StreamsGroupDescribe",
    "DescribeShareGroupOffsets",
    "AlterShareGroupOffsets",
    "DeleteShareGroupOffsets",
];

/// The key of ApiVersions, the first request on every connection.
pub const API_VERSIONS: i16 = 18;

/// The name of an API by its key; `an unknown API` for a key that this version does not know.
pub fn api_name(key: i16) -> &'static str {
    usize::try_from(key).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("an unknown API")
}

/// The names of all APIs, each at the place of its key.
pub fn api_names() -> &'static [&'static str] {
    &NAMES
}

/// Whether requests of this API only set a connection up: ApiVersions and the two of SASL.
pub fn is_handshake(key: i16) -> bool {
    matches!(key, API_VERSIONS | 17 | 36)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::ApiKey;

    #[test]
    fn names_agree_with_the_codec() {
        for key in ApiKey::iter() {
            assert_eq!(api_name(key as i16), format!("{key:?}"));
        }
    }

    #[test]
    fn keys_out_of_range_have_a_name_too() {
        assert_eq!(api_name(-1), "an unknown API");
        assert_eq!(api_name(93), "an unknown API");
        assert_eq!(api_name(89), "StreamsGroupDescribe");
    }

    #[test]
    fn handshakes_are_told_from_requests() {
        let handshakes: Vec<_> = (0..93).filter(|key| is_handshake(*key)).map(api_name).collect();
        assert_eq!(handshakes, ["SaslHandshake", "ApiVersions", "SaslAuthenticate"]);
    }
}
