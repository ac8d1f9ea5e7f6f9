//! Who the brokers are: DescribeCluster.

use crate::api::Call;
use crate::state::State;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::{BrokerId, DescribeClusterRequest, DescribeClusterResponse};
use kafka_protocol::protocol::StrBytes;

pub(super) const NO_BROKER: BrokerId = BrokerId(-1);
pub(super) const HOST: StrBytes = StrBytes::from_static_str("127.0.0.1");

/// All that may be done to the cluster and to a topic, as the bits of KIP-430: nobody is refused by them here.
pub(super) const ALL_OF_CLUSTER: i32 = 8096;
pub(super) const ALL_OF_TOPIC: i32 = 3576;
/// The operations of [`ALL_OF_CLUSTER`] with their bits, by which a fault takes one away.
const OF_CLUSTER: [(i32, &str); 7] = [
    (5, "create"),
    (7, "alter"),
    (8, "describe"),
    (9, "cluster-action"),
    (10, "describe-configs"),
    (11, "alter-configs"),
    (12, "idempotent-write"),
];

/// The kinds of endpoint that a client may ask for (KIP-919).
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(super) fn describe_cluster(
    state: &mut State,
    _: &Call,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let refused = |code: i16, words: String| {
        DescribeClusterResponse::default()
            .with_error_code(code)
            .with_error_message(Some(StrBytes::from_string(words)))
            .with_controller_id(NO_BROKER)
    };
    match request.endpoint_type {
        BROKERS => {}
        CONTROLLERS => {
            let words = "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER";
            return refused(114, words.to_owned());
        }
        other => return refused(115, format!("Unsupported endpoint type {other}")),
    }
    let shown = state.brokers.iter().filter(|(_, broker)| broker.alive || request.include_fenced_brokers);
    let brokers = shown.map(|(id, broker)| {
        DescribeClusterBroker::default()
            .with_broker_id(BrokerId(*id))
            .with_host(HOST)
            .with_port(i32::from(broker.port))
            .with_rack(Some(StrBytes::from_string(broker.rack.clone())))
            .with_is_fenced(!broker.alive)
    });
    let answer = DescribeClusterResponse::default()
        .with_cluster_id(StrBytes::from_string(state.cluster_id.clone()))
        .with_controller_id(state.controller().map_or(NO_BROKER, BrokerId))
        .with_brokers(brokers.collect());
    if request.include_cluster_authorized_operations {
        let allowed = OF_CLUSTER.into_iter().filter(|(_, operation)| !state.faults.denies(operation));
        let rights = allowed.map(|(bit, _)| 1 << bit).sum();
        answer.with_cluster_authorized_operations(rights)
    } else {
        answer
    }
}
