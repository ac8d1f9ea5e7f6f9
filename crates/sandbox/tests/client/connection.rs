//! One connection to one broker.

use anyhow::{Context as _, Result};
use bytes::Bytes;
use kafka_protocol::protocol::{Request, StrBytes};
use klerk_sandbox::Sandbox;
use klerk_wire::frame::{decode_response, encode_request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection on which one request is asked after the other.
pub struct Client {
    stream: TcpStream,
    asked: i32,
}

impl Client {
    /// Connects to the broker of this id.
    pub async fn of(sandbox: &Sandbox, node: i32) -> Result<Client> {
        let port = sandbox.with(|state| state.brokers.get(&node).map(|broker| broker.port));
        let port = port.with_context(|| format!("no broker {node}"))?;
        Ok(Client { stream: TcpStream::connect(("127.0.0.1", port)).await?, asked: 0 })
    }

    /// Sends a request that is not answered.
    pub async fn send<R: Request>(&mut self, request: &R, version: i16) -> Result<()> {
        self.asked += 1;
        let frame = encode_request(request, version, self.asked, &StrBytes::from_static_str("test"))?;
        Ok(self.stream.write_all(&frame).await?)
    }

    /// Sends a request and reads its answer.
    pub async fn ask<R: Request>(&mut self, request: &R, version: i16) -> Result<R::Response> {
        self.send(request, version).await?;
        let length = usize::try_from(self.stream.read_i32().await?)?;
        let mut frame = vec![0; length];
        self.stream.read_exact(&mut frame).await?;
        Ok(decode_response::<R>(Bytes::from(frame), version)?)
    }
}
