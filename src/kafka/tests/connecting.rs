use super::fake::{self, Act, FakeBroker, closed_port, connect, port};
use crate::kafka::{Address, CallError, Cluster, ClusterPin, ConnectError, ConnectOptions, Retry, To};
use kafka_protocol::messages::{
    ApiVersionsRequest, DescribeClusterRequest, DescribeClusterResponse, ListGroupsRequest, MetadataRequest,
};
use kafka_protocol::protocol::Request;
use klerk_wire::Foreign;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What is known at once is known long before the times are over that [`fake::options`] give a server.
const AT_ONCE: Duration = Duration::from_secs(15);

/// The error of connecting to one server that gives itself away at once, and its text without the port.
async fn refused_by(address: &Address) -> (ConnectError, String) {
    refused(address, fake::options(&[address])).await
}

async fn refused(address: &Address, options: ConnectOptions) -> (ConnectError, String) {
    let started = Instant::now();
    let error = Cluster::connect(options).await.expect_err("no broker");
    assert!(started.elapsed() < AT_ONCE, "{:?}: {error}", started.elapsed());
    assert!(!error.hints().is_empty());
    let text = error.to_string().replace(&format!(":{}", address.port), ":PORT");
    (error, text)
}

/// A pinned cluster is told by its id, which comes with the first answer: nothing else is asked of another one.
#[tokio::test]
async fn another_cluster_than_the_pinned_one() {
    let broker = FakeBroker::start(|_| None).await;
    let pinned = |id: &str| ConnectOptions {
        cluster: Some(ClusterPin { id: id.to_owned(), by: "environment prod, t.yaml:3".to_owned() }),
        ..ConnectOptions::new([broker.address.to_string()])
    };
    assert!(Cluster::connect(pinned("fake")).await.is_ok());
    broker.seen.lock().unwrap().clear();
    let error = Cluster::connect(pinned("real")).await.expect_err("another cluster");
    insta::assert_snapshot!(
        error.to_string().replace(&broker.address.port.to_string(), "PORT"),
        @"127.0.0.1:PORT: this is cluster fake, and it has to be real (environment prod, t.yaml:3)"
    );
    assert_eq!(*broker.seen.lock().unwrap(), [ApiVersionsRequest::KEY, MetadataRequest::KEY]);
}

#[tokio::test]
async fn nothing_listening() {
    let (error, text) = refused_by(&closed_port()).await;
    assert!(matches!(error, ConnectError::NothingListens { .. }));
    insta::assert_snapshot!(text, @"127.0.0.1:PORT: nothing listens there (connection refused)");
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let (error, text) = refused_by(&Address::new("no-such-host.invalid", 9092)).await;
    assert!(matches!(error, ConnectError::Unresolved { .. }), "{text}");
    assert!(
        text.starts_with("no-such-host.invalid:PORT: the name 'no-such-host.invalid' cannot be resolved")
    );
}

#[tokio::test]
async fn a_tls_port_that_sends_an_alert() {
    let address = port(|mut stream| async move {
        let _sent = stream.write_all(&[0x15, 3, 3, 0, 2, 2, 40]).await;
    })
    .await;
    let (error, text) = refused_by(&address).await;
    assert!(matches!(error, ConnectError::TlsPort { .. }));
    insta::assert_snapshot!(
        text,
        @"127.0.0.1:PORT: the port expects TLS, and this connection is plain text"
    );
}

/// Kafka's own TLS listeners hang up on plain text without a word, but answer a ClientHello.
#[tokio::test]
async fn a_tls_port_that_hangs_up() {
    let address = port(|mut stream| async move {
        let mut start = [0; 3];
        if stream.read_exact(&mut start).await.is_ok() && start[..2] == [0x16, 3] {
            let _sent = stream.write_all(&[0x16, 3, 3, 0, 80]).await;
        }
    })
    .await;
    assert!(matches!(refused_by(&address).await.0, ConnectError::TlsPort { .. }));
}

/// A broker that has much else to do takes its time for a handshake.
#[tokio::test]
async fn a_tls_port_that_hangs_up_and_is_slow() {
    let address = port(|mut stream| async move {
        let mut start = [0; 3];
        if stream.read_exact(&mut start).await.is_ok() && start[..2] == [0x16, 3] {
            tokio::time::sleep(Duration::from_millis(800)).await;
            let _sent = stream.write_all(&[0x16, 3, 3, 0, 80]).await;
        }
    })
    .await;
    assert!(matches!(refused_by(&address).await.0, ConnectError::TlsPort { .. }));
}

#[tokio::test]
async fn a_web_server() {
    let address = port(|mut stream| async move {
        let mut request = vec![0; 1024];
        let _read = stream.read(&mut request).await;
        let _sent = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let (error, text) = refused_by(&address).await;
    assert!(matches!(error, ConnectError::NotKafka { what: Foreign::Http, .. }));
    insta::assert_snapshot!(text, @"127.0.0.1:PORT: this is no Kafka port: the server speaks HTTP");
}

/// Some web servers wait for the end of a line that a Kafka request never has.
#[tokio::test]
async fn a_web_server_that_waits_for_a_line() {
    let address = port(|mut stream| async move {
        while let Ok(byte) = stream.read_u8().await {
            if byte == b'\n' {
                let _sent = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n").await;
                return;
            }
        }
    })
    .await;
    let (error, _) = refused(&address, fake::hasty(&[&address])).await;
    assert!(matches!(error, ConnectError::NotKafka { what: Foreign::Http, .. }));
}

#[tokio::test]
async fn garbage() {
    let answers: [&'static [u8]; 3] = [
        b"220 mail.example.com ESMTP\r\n",
        &[0, 0, 0, 8, 9, 9, 9, 9, 1, 2, 3, 4],
        &[0, 0, 0, 6, 0, 0, 0, 0, 0, 0],
    ];
    for answer in answers {
        let address = port(move |mut stream| async move {
            let _sent = stream.write_all(answer).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        })
        .await;
        let (error, _) = refused_by(&address).await;
        assert!(
            matches!(error, ConnectError::NotKafka { what: Foreign::Unknown, .. }),
            "{answer:?}: {error}"
        );
    }
}

#[tokio::test]
async fn a_mute_port() {
    let address = port(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let (error, _) = refused(&address, fake::hasty(&[&address])).await;
    assert!(matches!(error, ConnectError::Mute { .. }));
}

#[tokio::test]
async fn a_broker_that_stands_still_for_a_moment_is_waited_for() {
    let late =
        |seen: &fake::Seen| seen.is::<ApiVersionsRequest>().then_some(Act::Late(Duration::from_millis(600)));
    let broker = FakeBroker::start(late).await;
    let options =
        ConnectOptions { bootstrap_timeout: Duration::from_secs(60), ..fake::hasty(&[&broker.address]) };
    assert_eq!(Cluster::connect(options).await.expect("connects").id(), "fake");
}

#[tokio::test]
async fn a_port_that_hangs_up_on_everybody() {
    let address = port(|_| async {}).await;
    let (error, text) = refused_by(&address).await;
    assert!(matches!(error, ConnectError::Ended { .. }), "{error:?}");
    insta::assert_snapshot!(
        text,
        @"127.0.0.1:PORT: the connection ended on ApiVersions: the server closed it"
    );
}

#[tokio::test]
async fn a_sasl_port() {
    let broker = FakeBroker::start(|seen| seen.is::<MetadataRequest>().then_some(Act::Close)).await;
    let (error, text) = refused_by(&broker.address).await;
    assert!(matches!(error, ConnectError::SaslPort { .. }));
    insta::assert_snapshot!(
        text,
        @"127.0.0.1:PORT: the broker answers ApiVersions and closes the connection on Metadata: the port expects a SASL login"
    );
}

#[tokio::test]
async fn a_port_of_a_controller() {
    let broker = FakeBroker::start(|seen| {
        let mut versions = fake::all_versions();
        versions.api_keys.retain(|key| key.api_key != 3);
        seen.is::<ApiVersionsRequest>().then(|| seen.answer(&versions))
    })
    .await;
    assert!(matches!(refused_by(&broker.address).await.0, ConnectError::ControllerPort { .. }));
}

#[tokio::test]
async fn an_old_broker_is_asked_again_in_older_words() {
    let broker = FakeBroker::start(|seen| {
        if !seen.is::<ApiVersionsRequest>() || seen.version == 0 {
            return None;
        }
        // An old broker answers in version 0 whatever it was asked in.
        Some(Act::Answer(bytes::Bytes::from_static(&[0, 35, 0, 0, 0, 0])))
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    assert_eq!(cluster.id(), "fake");
    assert_eq!(broker.requests(18), 3);
}

#[tokio::test]
async fn a_dead_connection_is_not_asked_in_older_words() {
    let broker = FakeBroker::start(|seen| seen.is::<ApiVersionsRequest>().then_some(Act::Close)).await;
    refused_by(&broker.address).await;
    assert_eq!(broker.requests(18), 1);
}

#[tokio::test]
async fn every_server_keeps_its_own_reason() {
    let (closed, http) = (
        closed_port(),
        port(|mut stream| async move {
            let _sent = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        })
        .await,
    );
    let error = connect(&[&closed, &http]).await.expect_err("no broker");
    let text = error.to_string().replace(&http.port.to_string(), "B");
    insta::assert_snapshot!(text, @r"
    none of 2 servers can be used:
      127.0.0.1:1: nothing listens there (connection refused)
      127.0.0.1:B: this is no Kafka port: the server speaks HTTP
    ");
}

#[tokio::test]
async fn a_mute_first_server_holds_nobody_up() {
    let mute = port(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let broker = FakeBroker::start(|_| None).await;
    let started = Instant::now();
    let cluster = connect(&[&mute, &broker.address]).await.expect("connects");
    assert_eq!(cluster.id(), "fake");
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
}

#[tokio::test]
async fn no_server_and_a_misspelt_one() {
    let error = Cluster::connect(ConnectOptions::new(Vec::<String>::new())).await.expect_err("none");
    assert_eq!(error, ConnectError::NoBootstrap);
    let error = Cluster::connect(ConnectOptions::new(["kafka"])).await.expect_err("misspelt");
    assert_eq!(error.to_string(), "'kafka' is not host:port: the port is missing, 9092 as a rule");
}

#[tokio::test]
async fn an_advertised_address_that_nobody_serves() {
    let nowhere = closed_port();
    let advertised = nowhere.clone();
    let broker = FakeBroker::start(move |seen| {
        seen.is::<MetadataRequest>().then(|| seen.answer(&fake::brokers(&[(7, &advertised)])))
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let started = Instant::now();
    let error = cluster
        .call(To::Broker(7), Retry::Safe, |_| ListGroupsRequest::default())
        .await
        .expect_err("not reached");
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    let text = error.to_string().replace(&broker.address.port.to_string(), "B");
    insta::assert_snapshot!(
        text,
        @"broker 7 advertises 127.0.0.1:1, which cannot be reached from here, though 127.0.0.1:B can: 127.0.0.1:1: nothing listens there (connection refused)"
    );
    assert!(error.hints()[0].contains("advertised.listeners of broker 7"));
}

#[tokio::test]
async fn the_bootstrap_connection_serves_the_broker_that_it_leads_to() {
    let broker = FakeBroker::start(|seen| {
        let answer = kafka_protocol::messages::DescribeClusterResponse::default();
        seen.is::<DescribeClusterRequest>().then(|| seen.answer(&answer))
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    for to in [To::Any, To::Broker(1), To::Controller] {
        cluster.call(to, Retry::Safe, |_| DescribeClusterRequest::default()).await.expect("answers");
    }
    assert_eq!(broker.requests(18), 1, "one connection serves all");
    assert_eq!(cluster.meter().counts().requests["DescribeCluster"].requests, 3);
}

#[tokio::test]
async fn code_35_in_every_version_is_an_error() {
    let broker = FakeBroker::start(|seen| {
        seen.is::<ApiVersionsRequest>().then(|| Act::Answer(bytes::Bytes::from_static(&[0, 35, 0, 0, 0, 0])))
    })
    .await;
    let (error, _) = refused_by(&broker.address).await;
    assert!(matches!(error, ConnectError::Refused { code: 35, .. }));
}

/// What does not answer now will not answer a moment later, and must not be waited for again and again.
#[tokio::test]
async fn an_advertised_address_that_never_answers_is_tried_once() {
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let mute = port(move |stream| {
        count.fetch_add(1, SeqCst);
        async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(stream);
        }
    })
    .await;
    let broker = FakeBroker::start(move |seen| {
        seen.is::<MetadataRequest>().then(|| seen.answer(&fake::brokers(&[(7, &mute)])))
    })
    .await;
    let options =
        ConnectOptions { bootstrap_timeout: Duration::from_secs(60), ..fake::hasty(&[&broker.address]) };
    let cluster = Cluster::connect(options).await.expect("connects");
    let ask = cluster.call(To::Broker(7), Retry::Safe, |_| ListGroupsRequest::default()).await;
    let error = ask.expect_err("mute");
    assert!(
        matches!(&error, CallError::Connect(ConnectError::Advertised { cause, .. })
            if matches!(**cause, ConnectError::Mute { .. })),
        "{error}"
    );
    // In Kafka's language once, and in two others by whoever wants to know what it is.
    let tried = tried.load(SeqCst);
    assert!((1..=5).contains(&tried), "it was tried again: {tried} connections");
}

/// Two tasks that lose both their connections at once must not wait for each other.
#[tokio::test]
async fn connections_lost_together_are_made_anew_together() {
    let asked = AtomicUsize::new(0);
    let broker = FakeBroker::start(move |seen| {
        seen.is::<DescribeClusterRequest>().then(|| match asked.fetch_add(1, SeqCst) {
            0..3 => Act::Close,
            _ => seen.answer(&DescribeClusterResponse::default()),
        })
    })
    .await;
    let cluster = connect(&[&broker.address]).await.expect("connects");
    let calls = (0..12).map(|number| {
        let to = if number % 2 == 0 { To::Any } else { To::Broker(1) };
        cluster.call(to, Retry::Safe, |_| DescribeClusterRequest::default())
    });
    let all = tokio::time::timeout(Duration::from_secs(60), futures::future::join_all(calls)).await;
    assert!(all.expect("no deadlock").iter().all(Result::is_ok));
}
