//! A sandbox starts, answers, and ends.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse};
use kafka_protocol::protocol::StrBytes;
use klerk_sandbox::{Options, Sandbox, StartError};
use klerk_wire::frame::{decode_response, encode_request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn metadata(address: &str) -> Result<MetadataResponse> {
    let mut stream = TcpStream::connect(address).await?;
    let request = MetadataRequest::default().with_topics(None);
    stream.write_all(&encode_request(&request, 12, 1, &StrBytes::from_static_str("test"))?).await?;
    let length = usize::try_from(stream.read_i32().await?)?;
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await?;
    Ok(decode_response::<MetadataRequest>(Bytes::from(frame), 12)?)
}

#[tokio::test]
async fn every_broker_names_all_brokers_and_a_cluster_id_that_says_what_it_is() -> Result<()> {
    let sandbox = Sandbox::start(&Options::default()).await?;
    for address in sandbox.bootstrap().split(',') {
        let answer = metadata(address).await?;
        assert_eq!(answer.brokers.iter().map(|broker| broker.node_id.0).collect::<Vec<_>>(), [1, 2, 3]);
        let id = answer.cluster_id.context("a cluster id")?;
        assert!(id.starts_with("sandbox-"), "{id}");
        assert_eq!(id.len(), 22);
    }
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() -> Result<()> {
    let sandbox = Sandbox::start(&Options { brokers: 1, ..Options::default() }).await?;
    let port = sandbox.bootstrap().rsplit_once(':').context("a port")?.1.parse()?;
    let error = Sandbox::start(&Options { brokers: 1, port: Some(port), ..Options::default() })
        .await
        .err()
        .context("an error")?;
    assert!(matches!(error, StartError::Listen { port: named, .. } if named == port), "{error}");
    Ok(())
}
