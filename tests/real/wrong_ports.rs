//! Ports that are no plain port of a broker, on real brokers: each told apart within a second or two.

use crate::scene::IN_GOOD_TIME;
use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::{DescribeQuorumRequest, ListGroupsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use klerk::kafka::{CallError, Cluster, ConnectError, ConnectOptions, Retry, To};
use klerk_testbed::{Cluster as Bed, ClusterOptions, free_port, shared};
use std::process::Command;
use std::time::Instant;

/// Why no connection comes about, and that it is known in good time.
async fn refused_by(address: &str) -> Result<ConnectError> {
    let started = Instant::now();
    let error = Cluster::connect(ConnectOptions::new([address])).await.err().context("it connected")?;
    ensure!(started.elapsed() < IN_GOOD_TIME, "{:?}: {error}", started.elapsed());
    ensure!(!error.hints().is_empty(), "no hint: {error}");
    Ok(error)
}

/// One broker whose second listener has the given protocol.
fn with_second_listener(protocol: &str, port: u16, advertised: u16) -> ClusterOptions {
    let map = format!("PLAINTEXT:PLAINTEXT,SECOND:{protocol},CONTROLLER:PLAINTEXT");
    ClusterOptions::one_broker()
        .second_listener(port, advertised)
        .property("listener.security.protocol.map", &map)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_no_broker() -> Result<()> {
    let url = shared()?.registry.url();
    let address = url.trim_start_matches("http://").split('/').next().context("an address")?;
    let error = refused_by(address).await?;
    assert!(matches!(error, ConnectError::NotKafka { what: klerk_wire::Foreign::Http, .. }), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_is_no_broker() -> Result<()> {
    let cluster = Cluster::connect(ConnectOptions::new([shared()?.cluster.bootstrap()])).await?;
    let quorum = cluster
        .call(To::Any, Retry::Safe, |_| {
            let metadata = TopicName(StrBytes::from_static_str("__cluster_metadata"));
            let topic = TopicData::default()
                .with_topic_name(metadata)
                .with_partitions(vec![PartitionData::default()]);
            DescribeQuorumRequest::default().with_topics(vec![topic])
        })
        .await?;
    let listener = quorum.body.nodes.first().and_then(|node| node.listeners.first()).context("a listener")?;
    let error = refused_by(&format!("{}:{}", &*listener.host, listener.port)).await?;
    assert!(matches!(error, ConnectError::ControllerPort { .. }), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sasl_listener_wants_a_login() -> Result<()> {
    let port = free_port()?;
    let login = "org.apache.kafka.common.security.plain.PlainLoginModule required user_a=\"b\";";
    let bed = Bed::start(
        with_second_listener("SASL_PLAINTEXT", port, port)
            .property("listener.name.second.sasl.enabled.mechanisms", "PLAIN")
            .property("listener.name.second.plain.sasl.jaas.config", login),
    )?;
    let error = refused_by(&format!("127.0.0.1:{port}")).await?;
    assert!(matches!(error, ConnectError::SaslPort { api: "Metadata", .. }), "{error}");
    bed.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_listener_is_no_plain_one() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("broker.p12").display().to_string();
    // Java is there wherever the test bed is, and keytool with it.
    let made = Command::new("keytool")
        .args([
            "-genkeypair",
            "-alias",
            "broker",
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-validity",
            "2",
        ])
        .args(["-storetype", "PKCS12", "-storepass", "changeit", "-keystore", &store])
        .output()?;
    ensure!(made.status.success(), "keytool: {}", String::from_utf8_lossy(&made.stdout));
    let port = free_port()?;
    let bed = Bed::start(
        with_second_listener("SSL", port, port)
            .property("ssl.keystore.type", "PKCS12")
            .property("ssl.keystore.location", &store)
            .property("ssl.keystore.password", "changeit"),
    )?;
    let error = refused_by(&format!("127.0.0.1:{port}")).await?;
    assert!(matches!(error, ConnectError::TlsPort { .. }), "{error}");
    bed.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advertised_address_that_leads_nowhere_is_named_with_the_one_that_works() -> Result<()> {
    let (port, nowhere) = (free_port()?, free_port()?);
    let bed = Bed::start(with_second_listener("PLAINTEXT", port, nowhere))?;
    let cluster = Cluster::connect(ConnectOptions::new([format!("127.0.0.1:{port}")])).await?;
    let started = Instant::now();
    let call = cluster.call(To::Broker(1), Retry::Safe, |_| ListGroupsRequest::default()).await;
    assert!(started.elapsed() < IN_GOOD_TIME, "{:?}", started.elapsed());
    let error = call.err().context("it was reached")?;
    assert!(matches!(error, CallError::Connect(ConnectError::Advertised { node: 1, .. })), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&format!("127.0.0.1:{port}")) && text.contains(&format!("127.0.0.1:{nowhere}")),
        "{text}"
    );
    assert!(error.hints()[0].contains("advertised.listeners"), "{:?}", error.hints());
    bed.end()
}
