//! What no honest client sends costs its own connection and nothing else.

mod client;

use anyhow::Result;
use client::Client;
use kafka_protocol::messages::{ApiKey, MetadataRequest};
use klerk_sandbox::{Options, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request of any API: its header in version 1, or in version 2 with no tagged fields, and a body.
fn frame(key: i16, version: i16, flexible: bool, body: &[u8]) -> Result<Vec<u8>> {
    let mut frame = [key.to_be_bytes(), version.to_be_bytes()].concat();
    frame.extend(1_i32.to_be_bytes());
    frame.extend((-1_i16).to_be_bytes());
    frame.extend(if flexible { &[0][..] } else { &[] });
    frame.extend(body);
    Ok([&u32::try_from(frame.len())?.to_be_bytes(), &frame[..]].concat())
}

#[tokio::test]
async fn arrays_that_claim_to_be_endless_are_not_believed() -> Result<()> {
    let sandbox = Sandbox::start(&Options::default()).await?;
    let mut client = Client::of(&sandbox, 1).await?;
    let endless = [&i32::MAX.to_be_bytes()[..], &[0xff, 0xff, 0xff, 0xff, 0x07]].map(<[u8]>::to_vec);
    let (mut asked, offered) =
        (0, client.ask(&kafka_protocol::messages::ApiVersionsRequest::default(), 0).await?);
    for api in offered.api_keys {
        let known = ApiKey::try_from(api.api_key).ok();
        for version in api.min_version..=api.max_version {
            let flexible = known.is_some_and(|known| known.request_header_version(version) > 1);
            // The length stands at the beginning, or behind a text or two numbers.
            for before in [&[][..], &[0, 1], &[0, 1, b'a'], &[2, b'a'], &[0; 8], &[1]] {
                let body = [before, &endless[usize::from(flexible)], &[0; 16]].concat();
                let port = sandbox.with(|state| state.brokers.get(&1).map(|broker| broker.port));
                let mut stream = TcpStream::connect(("127.0.0.1", port.unwrap_or_default())).await?;
                stream.write_all(&frame(api.api_key, version, flexible, &body)?).await?;
                stream.shutdown().await?;
                // An answer or none: it ends, and the broker goes on.
                drop(stream.read_to_end(&mut Vec::new()).await);
                asked += 1;
            }
        }
    }
    assert!(asked > 500, "only {asked} requests were sent");
    assert_eq!(client.ask(&MetadataRequest::default(), 12).await?.brokers.len(), 3);
    Ok(())
}
