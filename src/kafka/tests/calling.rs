use super::fake::{self, Act, FakeBroker, connect, options};
use crate::kafka::batch::Unwatched;
use crate::kafka::{CallError, Cluster, Mode, Retry, To};
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{
    CreateTopicsRequest, CreateTopicsResponse, DescribeClusterRequest, DescribeClusterResponse,
    FindCoordinatorRequest, FindCoordinatorResponse, ListGroupsRequest, ListGroupsResponse, MetadataRequest,
};
use kafka_protocol::protocol::StrBytes;
use klerk_core::world::Wanted;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Answers DescribeCluster with these codes in turn, and the last one for ever.
async fn broker_with_codes(codes: &'static [i16]) -> FakeBroker {
    let asked = AtomicUsize::new(0);
    FakeBroker::start(move |seen| {
        let code = || codes[asked.fetch_add(1, SeqCst).min(codes.len() - 1)];
        seen.is::<DescribeClusterRequest>().then(|| {
            let words = StrBytes::from_static_str("in my own words");
            seen.answer(
                &DescribeClusterResponse::default().with_error_code(code()).with_error_message(Some(words)),
            )
        })
    })
    .await
}

async fn describe(cluster: &Cluster, retry: Retry) -> Result<(), CallError> {
    cluster.call(To::Any, retry, |_| DescribeClusterRequest::default()).await.map(|_| ())
}

#[tokio::test]
async fn codes_of_not_here_and_not_yet_are_followed() {
    let broker = broker_with_codes(&[14, 41, 0]).await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    describe(&cluster, Retry::Never).await.expect("answers in the end");
    assert_eq!(broker.requests(60), 3);
    assert_eq!(broker.requests(3), 2, "the controller was looked for");
}

#[tokio::test]
async fn a_refusal_carries_api_code_and_words() {
    let broker = broker_with_codes(&[31]).await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let error = describe(&cluster, Retry::Safe).await.expect_err("refused");
    assert!(error.is_denied());
    let text = error.to_string().replace(&broker.address.to_string(), "BROKER");
    insta::assert_snapshot!(
        text,
        @"DescribeCluster refused by BROKER: CLUSTER_AUTHORIZATION_FAILED (31): in my own words"
    );
    assert_eq!(broker.requests(60), 1);
}

#[tokio::test]
async fn only_what_is_safe_is_sent_again_when_the_connection_breaks() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<DescribeClusterRequest>().then(|| match asked.fetch_add(1, SeqCst) {
            0 | 1 => Act::Close,
            _ => seen.answer(&DescribeClusterResponse::default()),
        })
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let error = describe(&cluster, Retry::Never).await.expect_err("closed");
    assert!(matches!(error, CallError::Closed { api: "DescribeCluster", sent: true, .. }), "{error}");
    assert!(error.may_have_been_done());
    assert_eq!(broker.requests(60), 1);
    describe(&cluster, Retry::Safe).await.expect("answers on a new connection");
    assert_eq!(broker.requests(60), 3);
}

#[tokio::test]
async fn a_silent_broker_is_given_up_and_its_connection_too() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<DescribeClusterRequest>().then(|| match asked.fetch_add(1, SeqCst) {
            0 => Act::Silence,
            _ => seen.answer(&DescribeClusterResponse::default()),
        })
    })
    .await;
    let mut options = options(&[&broker.address]);
    options.request_timeout = Duration::from_secs(2);
    let cluster = Cluster::connect(options).await.expect("connects");
    let error = describe(&cluster, Retry::Safe).await.expect_err("silent");
    assert!(matches!(error, CallError::TimedOut { api: "DescribeCluster", .. }), "{error}");
    describe(&cluster, Retry::Safe).await.expect("answers on a new connection");
    assert_eq!(broker.requests(18), 2, "two connections were made");
}

#[tokio::test]
async fn the_time_for_the_whole_command_bounds_a_request() {
    let broker = FakeBroker::start(|seen| seen.is::<DescribeClusterRequest>().then_some(Act::Silence)).await;
    let cluster = connect(&[&broker.address]).await.expect("connects").within(Duration::from_millis(150));
    let started = Instant::now();
    describe(&cluster, Retry::Safe).await.expect_err("silent");
    let error = describe(&cluster, Retry::Safe).await.expect_err("too late");
    assert!(matches!(error, CallError::DeadlinePassed { .. }), "{error}");
    // By itself a request is given a minute.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test]
async fn many_requests_are_in_flight_at_once_and_all_wake_when_the_broker_goes() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<DescribeClusterRequest>().then(|| match asked.fetch_add(1, SeqCst) {
            7 => Act::Close,
            _ => Act::Silence,
        })
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let calls = (0..8).map(|_| describe(&cluster, Retry::Never));
    for outcome in futures::future::join_all(calls).await {
        assert!(matches!(outcome, Err(CallError::Closed { api: "DescribeCluster", .. })));
    }
    assert_eq!(broker.requests(18), 1, "one connection carried all eight");
}

#[tokio::test]
async fn a_caller_that_goes_away_disturbs_nobody() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<DescribeClusterRequest>().then(|| {
            if asked.fetch_add(1, SeqCst) == 0 {
                std::thread::sleep(Duration::from_millis(100));
            }
            seen.answer(&DescribeClusterResponse::default())
        })
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let abandoned = tokio::time::timeout(Duration::from_millis(20), describe(&cluster, Retry::Safe)).await;
    assert!(abandoned.is_err());
    describe(&cluster, Retry::Safe).await.expect("answers on the same connection");
    assert_eq!(broker.requests(18), 1);
}

#[tokio::test]
async fn the_next_request_waits_as_told() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<CreateTopicsRequest>().then(|| {
            let throttle = if asked.fetch_add(1, SeqCst) == 0 { 2_000 } else { 0 };
            seen.answer(&CreateTopicsResponse::default().with_throttle_time_ms(throttle))
        })
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let create = || cluster.call(To::Controller, Retry::Never, |_| CreateTopicsRequest::default());
    let started = Instant::now();
    create().await.expect("answers");
    assert!(started.elapsed() < Duration::from_millis(1_900), "the answer itself is not waited with");
    create().await.expect("answers");
    assert!(started.elapsed() >= Duration::from_millis(2_000));
}

fn coordinators(groups: &[StrBytes], node: i32, code: i16) -> FindCoordinatorResponse {
    let list = groups.iter().map(|group| {
        Coordinator::default().with_key(group.clone()).with_node_id(node.into()).with_error_code(code)
    });
    FindCoordinatorResponse::default().with_coordinators(list.collect())
}

#[tokio::test]
async fn coordinators_are_found_in_one_request_and_remembered() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<FindCoordinatorRequest>().then(|| {
            let groups = seen.read::<FindCoordinatorRequest>().coordinator_keys;
            let (denied, fine): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| &**group == "denied");
            // On a fresh cluster the first answer is "not yet".
            let code = if asked.fetch_add(1, SeqCst) == 0 { 15 } else { 0 };
            let mut answer = coordinators(&fine, 1, code);
            answer.coordinators.extend(coordinators(&denied, -1, 30).coordinators);
            seen.answer(&answer)
        })
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let found = cluster.coordinators(["a", "b", "denied"]).await.expect("answers");
    let mut groups = found.groups[&1].clone();
    groups.sort();
    assert_eq!(groups, ["a", "b"]);
    assert!(found.unknown["denied"].is_denied());
    assert_eq!(broker.requests(10), 2);
    cluster.coordinators(["a", "b"]).await.expect("answers");
    assert_eq!(broker.requests(10), 2, "remembered");
}

#[tokio::test]
async fn a_group_is_followed_to_its_new_coordinator() {
    let second = FakeBroker::start(|seen| {
        seen.is::<ListGroupsRequest>().then(|| seen.answer(&ListGroupsResponse::default()))
    })
    .await;
    let (own, other) = (Arc::new(OnceLock::new()), second.address.clone());
    let (asked, address) = (AtomicUsize::new(0), Arc::clone(&own));
    let first = FakeBroker::start(move |seen| {
        if seen.is::<FindCoordinatorRequest>() {
            let node = if asked.fetch_add(1, SeqCst) == 0 { 1 } else { 2 };
            let groups = seen.read::<FindCoordinatorRequest>().coordinator_keys;
            return Some(seen.answer(&coordinators(&groups, node, 0)));
        }
        if seen.is::<MetadataRequest>() {
            let brokers = fake::brokers(&[(1, address.get().expect("set")), (2, &other)]);
            return Some(seen.answer(&brokers));
        }
        seen.is::<ListGroupsRequest>()
            .then(|| seen.answer(&ListGroupsResponse::default().with_error_code(16)))
    })
    .await;
    own.set(first.address.clone()).expect("once");
    let cluster = connect(&[&first.address]).await.expect("connects");
    let ask = cluster.call(To::Coordinator("g"), Retry::Never, |_| ListGroupsRequest::default());
    assert_eq!(ask.await.expect("answers").from, second.address);
    assert_eq!((first.requests(16), second.requests(16)), (1, 1));
}

#[tokio::test]
async fn another_broker_takes_over_when_one_is_lost() {
    let second = FakeBroker::start(|seen| {
        seen.is::<DescribeClusterRequest>().then(|| seen.answer(&DescribeClusterResponse::default()))
    })
    .await;
    let other = second.address.clone();
    let first = FakeBroker::start(move |seen| {
        if seen.is::<MetadataRequest>() {
            return Some(seen.answer(&fake::brokers(&[(2, &other)])));
        }
        seen.is::<DescribeClusterRequest>().then_some(Act::Close)
    })
    .await;
    let cluster = connect(&[&first.address]).await.expect("connects");
    describe(&cluster, Retry::Safe).await.expect("the other broker answers");
    assert_eq!(second.requests(60), 1);
}

/// Whoever enacts and looks does it in tasks of its own, so every future of the handle can be sent between threads.
#[tokio::test]
async fn futures_can_be_sent_between_threads() {
    fn sendable(_: impl Send) {}
    let broker = FakeBroker::start(|_| None).await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let wanted = Wanted::default();
    sendable(cluster.look(&wanted));
    sendable(cluster.create_topics(&[], Mode::Apply, &mut Unwatched));
    sendable(cluster.create_partitions(&[], Mode::Apply, &mut Unwatched));
    sendable(cluster.alter_topic_configs(&[], Mode::Apply, &mut Unwatched));
    sendable(cluster.coordinators(["g"]));
    sendable(Cluster::connect(options(&[&broker.address])));
}
