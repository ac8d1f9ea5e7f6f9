//! Kafka's error codes: number, name, whether a client may ask again, and what it means in plain words.
//!
//! Numbers, names and retriability are those of the protocol (<https://kafka.apache.org/protocol#protocol_error_codes>),
//! complete up to Kafka 4.3.

use std::fmt;

/// One error code of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// The number on the wire.
    pub code: i16,
    /// The name in the protocol's own spelling, such as `TOPIC_ALREADY_EXISTS`.
    pub name: &'static str,
    /// Whether the protocol calls it retriable. It does not follow that repeating a *write* is harmless.
    pub retriable: bool,
    /// One sentence: what it means or what to do.
    pub meaning: &'static str,
}

impl ErrorCode {
    /// The entry of a code; `None` for 0, which is no error.
    pub fn of(code: i16) -> Option<ErrorCode> {
        (code != 0).then(|| ErrorCode::named(code))
    }

    /// The entry of a code, `NONE` for 0. A code newer than this table is `UNKNOWN_CODE`, never retriable, and keeps
    /// its number.
    pub fn named(code: i16) -> ErrorCode {
        let known = TABLE.binary_search_by_key(&code, |entry| entry.code).ok();
        match known.and_then(|index| TABLE.get(index)) {
            Some(entry) => *entry,
            None if code == 0 => entry(0, "NONE", false, "There is no error."),
            None => entry(
                code,
                "UNKNOWN_CODE",
                false,
                "The broker is newer than this client and uses an error code that it does not know.",
            ),
        }
    }

    /// Whether the broker refuses because of missing rights: topic (29), group (30), cluster (31), transactional id
    /// (53) and delegation token (65) authorization.
    pub fn is_denied(self) -> bool {
        matches!(self.code, 29 | 30 | 31 | 53 | 65)
    }

    /// Every error code, by number.
    pub fn all() -> &'static [ErrorCode] {
        &TABLE
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.code)
    }
}

const fn entry(code: i16, name: &'static str, retriable: bool, meaning: &'static str) -> ErrorCode {
    ErrorCode { code, name, retriable, meaning }
}

#[rustfmt::skip]
const TABLE: [ErrorCode; 134] = [
    entry(-1, "UNKNOWN_SERVER_ERROR", false, "The broker ran into an error of its own; its log says more."),
    entry(1, "OFFSET_OUT_OF_RANGE", false, "The offset lies outside of the partition's log."),
    entry(2, "CORRUPT_MESSAGE", true, "The record batch is damaged or too large; send it again or look at the producer."),
    entry(3, "UNKNOWN_TOPIC_OR_PARTITION", true, "The topic or partition does not exist, or it may not be described, or it is too new to be visible everywhere yet."),
    entry(4, "INVALID_FETCH_SIZE", false, "The fetch size is not a valid number."),
    entry(5, "LEADER_NOT_AVAILABLE", true, "The partition has no leader at the moment; wait for the election, or bring back one of its replicas."),
    entry(6, "NOT_LEADER_OR_FOLLOWER", true, "The broker asked does not lead this partition (any more); ask again after reading the metadata anew."),
    entry(7, "REQUEST_TIMED_OUT", true, "The broker did not finish in time; whether it was done must be looked up."),
    entry(8, "BROKER_NOT_AVAILABLE", false, "The broker is not alive."),
    entry(9, "REPLICA_NOT_AVAILABLE", true, "The replica is not available on the broker asked."),
    entry(10, "MESSAGE_TOO_LARGE", false, "The message is larger than max.message.bytes allows."),
    entry(11, "STALE_CONTROLLER_EPOCH", false, "The controller has moved; ask again."),
    entry(12, "OFFSET_METADATA_TOO_LARGE", false, "The text stored with a committed offset is longer than offset.metadata.max.bytes."),
    entry(13, "NETWORK_EXCEPTION", true, "The connection broke before an answer came; whether it was done must be looked up."),
    entry(14, "COORDINATOR_LOAD_IN_PROGRESS", true, "The coordinator is loading its groups; wait a moment and ask again."),
    entry(15, "COORDINATOR_NOT_AVAILABLE", true, "There is no coordinator yet, as a rule because __consumer_offsets is being created; wait a moment and ask again."),
    entry(16, "NOT_COORDINATOR", true, "The group has another coordinator; find it and ask again."),
    entry(17, "INVALID_TOPIC_EXCEPTION", false, "The topic's name is not allowed, or it collides with a name that differs only in '.' and '_'."),
    entry(18, "RECORD_LIST_TOO_LARGE", false, "The record batch is larger than the topic's segment size."),
    entry(19, "NOT_ENOUGH_REPLICAS", true, "Fewer replicas are in sync than min.insync.replicas asks for."),
    entry(20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true, "The records were written, but to fewer replicas than min.insync.replicas asks for."),
    entry(21, "INVALID_REQUIRED_ACKS", false, "The value of acks is not valid."),
    entry(22, "ILLEGAL_GENERATION", false, "The group has moved on to another generation."),
    entry(23, "INCONSISTENT_GROUP_PROTOCOL", false, "The member's assignors do not fit those of the group."),
    entry(24, "INVALID_GROUP_ID", false, "The group id is not valid."),
    entry(25, "UNKNOWN_MEMBER_ID", false, "The group has members of its own: stop its consumers first, and then change its offsets."),
    entry(26, "INVALID_SESSION_TIMEOUT", false, "The session timeout is outside of the range that the broker allows."),
    entry(27, "REBALANCE_IN_PROGRESS", false, "The group is rebalancing; wait until it is stable."),
    entry(28, "INVALID_COMMIT_OFFSET_SIZE", false, "The committed offsets are too large for one batch of __consumer_offsets; send fewer at a time."),
    entry(29, "TOPIC_AUTHORIZATION_FAILED", false, "The principal may not do this to the topic; grant it the ACL."),
    entry(30, "GROUP_AUTHORIZATION_FAILED", false, "The principal may not do this to the group; grant it the ACL."),
    entry(31, "CLUSTER_AUTHORIZATION_FAILED", false, "The principal may not do this to the cluster; grant it the ACL on the cluster."),
    entry(32, "INVALID_TIMESTAMP", false, "The record's timestamp is further from now than the topic allows."),
    entry(33, "UNSUPPORTED_SASL_MECHANISM", false, "The broker does not offer this SASL mechanism on this listener."),
    entry(34, "ILLEGAL_SASL_STATE", false, "The request does not fit the state of the SASL handshake: the listener expects an authentication first."),
    entry(35, "UNSUPPORTED_VERSION", false, "The broker does not offer this version of the API."),
    entry(36, "TOPIC_ALREADY_EXISTS", false, "A topic of this name exists already."),
    entry(37, "INVALID_PARTITIONS", false, "The number of partitions is not valid: it is below 1, or not above the present number."),
    entry(38, "INVALID_REPLICATION_FACTOR", false, "The replication factor is below 1 or above the number of registered brokers."),
    entry(39, "INVALID_REPLICA_ASSIGNMENT", false, "The replicas are not valid: a broker is unknown, named twice, or the partitions differ in number of replicas."),
    entry(40, "INVALID_CONFIG", false, "The config's key is not known or its value is not valid; the message says which."),
    entry(41, "NOT_CONTROLLER", true, "The broker is not the controller; ask again after reading the metadata anew."),
    entry(42, "INVALID_REQUEST", false, "The broker finds the request malformed or contradictory; its message says why."),
    entry(43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", false, "The topic's message format is too old for this request."),
    entry(44, "POLICY_VIOLATION", false, "A policy of the cluster (or a limit of the controller) forbids it; its message says which."),
    entry(45, "OUT_OF_ORDER_SEQUENCE_NUMBER", false, "The producer's sequence number is out of order."),
    entry(46, "DUPLICATE_SEQUENCE_NUMBER", false, "The producer's sequence number was used before."),
    entry(47, "INVALID_PRODUCER_EPOCH", false, "A newer producer with the same transactional id has taken over."),
    entry(48, "INVALID_TXN_STATE", false, "The transaction is not in a state that allows this."),
    entry(49, "INVALID_PRODUCER_ID_MAPPING", false, "The producer id does not belong to this transactional id."),
    entry(50, "INVALID_TRANSACTION_TIMEOUT", false, "The transaction timeout is above transaction.max.timeout.ms."),
    entry(51, "CONCURRENT_TRANSACTIONS", true, "Another operation on the same transaction is under way; wait a moment and ask again."),
    entry(52, "TRANSACTION_COORDINATOR_FENCED", false, "The transaction coordinator has moved."),
    entry(53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", false, "The principal may not use this transactional id; grant it the ACL."),
    entry(54, "SECURITY_DISABLED", false, "The cluster has no authorizer, so there are no ACLs."),
    entry(55, "OPERATION_NOT_ATTEMPTED", false, "The broker did not try this item because another one of the request failed."),
    entry(56, "KAFKA_STORAGE_ERROR", true, "The broker cannot read or write its log directory; look at its disks."),
    entry(57, "LOG_DIR_NOT_FOUND", false, "The log directory is not one of the broker's."),
    entry(58, "SASL_AUTHENTICATION_FAILED", false, "Authentication failed: the user, the password or the token is wrong."),
    entry(59, "UNKNOWN_PRODUCER_ID", false, "The broker does not know this producer id any more."),
    entry(60, "REASSIGNMENT_IN_PROGRESS", false, "The partition's replicas are being moved; wait until the move is done, or cancel it."),
    entry(61, "DELEGATION_TOKEN_AUTH_DISABLED", false, "Delegation tokens are not enabled."),
    entry(62, "DELEGATION_TOKEN_NOT_FOUND", false, "The delegation token does not exist."),
    entry(63, "DELEGATION_TOKEN_OWNER_MISMATCH", false, "The delegation token belongs to somebody else."),
    entry(64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", false, "Delegation tokens may not be asked for over this kind of connection."),
    entry(65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", false, "The principal may not do this to the delegation token."),
    entry(66, "DELEGATION_TOKEN_EXPIRED", false, "The delegation token has expired."),
    entry(67, "INVALID_PRINCIPAL_TYPE", false, "The type of the principal is not supported; it is User as a rule."),
    entry(68, "NON_EMPTY_GROUP", false, "The group has members; stop its consumers first."),
    entry(69, "GROUP_ID_NOT_FOUND", false, "The group does not exist."),
    entry(70, "FETCH_SESSION_ID_NOT_FOUND", true, "The fetch session does not exist any more."),
    entry(71, "INVALID_FETCH_SESSION_EPOCH", true, "The fetch session's epoch is not the expected one."),
    entry(72, "LISTENER_NOT_FOUND", true, "The leader has no listener of the name that was asked on; brokers' listeners differ."),
    entry(73, "TOPIC_DELETION_DISABLED", false, "The cluster does not allow topics to be deleted (delete.topic.enable=false)."),
    entry(74, "FENCED_LEADER_EPOCH", true, "The leader epoch asked for is older than the broker's; read the metadata anew."),
    entry(75, "UNKNOWN_LEADER_EPOCH", true, "The leader epoch asked for is newer than the broker's; ask again."),
    entry(76, "UNSUPPORTED_COMPRESSION_TYPE", false, "The client cannot read the compression of this partition."),
    entry(77, "STALE_BROKER_EPOCH", false, "The broker has been restarted since."),
    entry(78, "OFFSET_NOT_AVAILABLE", true, "The new leader does not know the end of its log yet; ask again."),
    entry(79, "MEMBER_ID_REQUIRED", false, "The member has to ask for a member id first."),
    entry(80, "PREFERRED_LEADER_NOT_AVAILABLE", true, "The preferred leader is not alive or not in sync."),
    entry(81, "GROUP_MAX_SIZE_REACHED", false, "The group has as many members as it may have."),
    entry(82, "FENCED_INSTANCE_ID", false, "Another member has taken over this group.instance.id."),
    entry(83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true, "No replica that could lead the partition is alive and in sync."),
    entry(84, "ELECTION_NOT_NEEDED", true, "The partition is led by the right replica already."),
    entry(85, "NO_REASSIGNMENT_IN_PROGRESS", false, "No move of this partition is under way."),
    entry(86, "GROUP_SUBSCRIBED_TO_TOPIC", false, "The group is reading this topic; stop its consumers first."),
    entry(87, "INVALID_RECORD", false, "The broker found the record invalid; its message says why."),
    entry(88, "UNSTABLE_OFFSET_COMMIT", true, "A transaction that commits offsets of this group is open; wait until it ends."),
    entry(89, "THROTTLING_QUOTA_EXCEEDED", true, "The controller's mutation quota is used up; wait as told, and then send again what was refused."),
    entry(90, "PRODUCER_FENCED", false, "A newer producer with the same transactional id has taken over."),
    entry(91, "RESOURCE_NOT_FOUND", false, "The thing that the request refers to does not exist."),
    entry(92, "DUPLICATE_RESOURCE", false, "The request names the same thing twice."),
    entry(93, "UNACCEPTABLE_CREDENTIAL", false, "The credential is not acceptable, for example because of too few iterations."),
    entry(94, "INCONSISTENT_VOTER_SET", false, "The request and the quorum disagree on its voters."),
    entry(95, "INVALID_UPDATE_VERSION", false, "The version of the update is not valid."),
    entry(96, "FEATURE_UPDATE_FAILED", false, "The feature could not be updated."),
    entry(97, "PRINCIPAL_DESERIALIZATION_FAILURE", false, "The controller could not read the principal that the broker forwarded; the cluster's security set-up is at fault."),
    entry(98, "SNAPSHOT_NOT_FOUND", false, "The snapshot does not exist."),
    entry(99, "POSITION_OUT_OF_RANGE", false, "The position lies outside of the snapshot."),
    entry(100, "UNKNOWN_TOPIC_ID", true, "No topic has this id: it was deleted, or created again under the same name."),
    entry(101, "DUPLICATE_BROKER_REGISTRATION", false, "Another broker is registered with this node id."),
    entry(102, "BROKER_ID_NOT_REGISTERED", false, "No broker is registered with this node id."),
    entry(103, "INCONSISTENT_TOPIC_ID", true, "The topic was deleted and created again under the same name."),
    entry(104, "INCONSISTENT_CLUSTER_ID", false, "The request is meant for another cluster."),
    entry(105, "TRANSACTIONAL_ID_NOT_FOUND", false, "The transactional id does not exist."),
    entry(106, "FETCH_SESSION_TOPIC_ID_ERROR", true, "The fetch session mixes topic ids."),
    entry(107, "INELIGIBLE_REPLICA", false, "A replica that may not be in sync was named for the in-sync replicas."),
    entry(108, "NEW_LEADER_ELECTED", false, "The partition's state was changed, and with it its leader."),
    entry(109, "OFFSET_MOVED_TO_TIERED_STORAGE", false, "The offset has been moved to tiered storage."),
    entry(110, "FENCED_MEMBER_EPOCH", false, "The member's epoch is fenced; it has to join again."),
    entry(111, "UNRELEASED_INSTANCE_ID", false, "Another member still holds this group.instance.id; it has to leave first."),
    entry(112, "UNSUPPORTED_ASSIGNOR", false, "The group does not support this assignor."),
    entry(113, "STALE_MEMBER_EPOCH", false, "The member's epoch is old; it has to wait for its heartbeat."),
    entry(114, "MISMATCHED_ENDPOINT_TYPE", false, "The request went to a port of the wrong kind: to a controller in place of a broker, or the other way round."),
    entry(115, "UNSUPPORTED_ENDPOINT_TYPE", false, "This kind of endpoint is not supported."),
    entry(116, "UNKNOWN_CONTROLLER_ID", false, "The controller id is not known."),
    entry(117, "UNKNOWN_SUBSCRIPTION_ID", false, "The telemetry subscription is not known."),
    entry(118, "TELEMETRY_TOO_LARGE", false, "The telemetry is larger than the broker accepts."),
    entry(119, "INVALID_REGISTRATION", false, "The controller finds the broker's registration invalid."),
    entry(120, "TRANSACTION_ABORTABLE", false, "The transaction failed; abort it, and go on with the same transactional id."),
    entry(121, "INVALID_RECORD_STATE", false, "The record of the share group is not in a state that can be acknowledged."),
    entry(122, "SHARE_SESSION_NOT_FOUND", true, "The share session does not exist any more."),
    entry(123, "INVALID_SHARE_SESSION_EPOCH", true, "The share session's epoch is not the expected one."),
    entry(124, "FENCED_STATE_EPOCH", false, "The share group's state has a newer epoch."),
    entry(125, "INVALID_VOTER_KEY", false, "The voter's key is not the one expected."),
    entry(126, "DUPLICATE_VOTER", false, "The voter is in the quorum already."),
    entry(127, "VOTER_NOT_FOUND", false, "The voter is not in the quorum."),
    entry(128, "INVALID_REGULAR_EXPRESSION", false, "The regular expression is not valid (brokers use RE2)."),
    entry(129, "REBOOTSTRAP_REQUIRED", false, "The client's view of the cluster is too old; connect again through the bootstrap servers."),
    entry(130, "STREAMS_INVALID_TOPOLOGY", false, "The streams topology is not valid."),
    entry(131, "STREAMS_INVALID_TOPOLOGY_EPOCH", false, "The streams topology's epoch is not valid."),
    entry(132, "STREAMS_TOPOLOGY_FENCED", false, "A newer streams topology has taken over."),
    entry(133, "SHARE_SESSION_LIMIT_REACHED", true, "The broker has as many share sessions as it may have."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::ResponseError;

    #[test]
    fn the_table_is_complete_and_in_order() {
        let codes: Vec<i16> = TABLE.iter().map(|entry| entry.code).collect();
        let expected: Vec<i16> = (-1..=133).filter(|code| *code != 0).collect();
        assert_eq!(codes, expected);
    }

    /// The codec's table is an independent one; its names are the protocol's in camel case.
    #[test]
    fn names_and_retriability_agree_with_the_codec() {
        let mut differ = Vec::new();
        for entry in ErrorCode::all() {
            let theirs = ResponseError::try_from_code(entry.code).expect("an error");
            let squeezed = entry.name.replace('_', "").to_lowercase();
            assert_eq!(format!("{theirs:?}").to_lowercase(), squeezed, "{}", entry.code);
            if theirs.is_retriable() != entry.retriable {
                differ.push(entry.name);
            }
        }
        // Kafka 4 calls it retriable; the codec still has the older verdict.
        assert_eq!(differ, ["CONCURRENT_TRANSACTIONS"]);
    }

    #[test]
    fn every_meaning_is_one_plain_sentence() {
        for entry in ErrorCode::all() {
            assert!(entry.meaning.ends_with('.'), "{}", entry.name);
            assert!(entry.meaning.len() > 20, "{}", entry.name);
        }
    }

    #[test]
    fn zero_is_no_error_and_unknown_codes_keep_their_number() {
        assert_eq!(ErrorCode::of(0), None);
        assert_eq!(
            ErrorCode::of(36).map(|entry| entry.to_string()).as_deref(),
            Some("TOPIC_ALREADY_EXISTS (36)")
        );
        let unknown = ErrorCode::of(999).expect("an error");
        assert_eq!((unknown.code, unknown.name, unknown.retriable), (999, "UNKNOWN_CODE", false));
    }

    #[test]
    fn authorization_failures_are_denied() {
        let denied: Vec<_> = TABLE.iter().filter(|entry| entry.is_denied()).map(|entry| entry.code).collect();
        assert_eq!(denied, [29, 30, 31, 53, 65]);
    }
}
