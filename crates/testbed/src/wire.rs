//! A blocking connection to one broker: one request, one answer.

use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};

const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(30);

/// A connection in plain text to one broker.
pub struct Connection {
    stream: TcpStream,
    address: String,
    client: StrBytes,
    correlation: i32,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to `host:port` within two seconds.
    pub fn open(address: &str) -> Result<Connection> {
        let mut found = address.to_socket_addrs().with_context(|| format!("{address} is no address"))?;
        let socket = found.next().with_context(|| format!("{address} names no host"))?;
        let stream = TcpStream::connect_timeout(&socket, CONNECT)
            .with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER))?;
        stream.set_write_timeout(Some(ANSWER))?;
        let client = StrBytes::from_static_str("klerk-testbed");
        Ok(Connection { stream, address: address.to_owned(), client, correlation: 0 })
    }

    /// The same connection of a client with another id than `klerk-testbed`.
    #[must_use]
    pub fn named(mut self, client: &str) -> Connection {
        self.client = StrBytes::from_string(client.to_owned());
        self
    }

    /// Sends `request` in the given version of its API and waits up to 30 seconds for the answer.
    ///
    /// Error codes inside of the answer are left to the caller.
    pub fn call<R>(&mut self, request: &R, version: i16) -> Result<R::Response>
    where
        R: Request,
    {
        self.correlation += 1;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation)
            .with_client_id(Some(self.client.clone()));
        let mut body = BytesMut::new();
        header.encode(&mut body, R::header_version(version))?;
        request.encode(&mut body, version)?;
        let mut answer =
            self.exchange(&body).with_context(|| format!("API {} at {}", R::KEY, self.address))?;
        let header =
            ResponseHeader::decode(&mut answer, <R::Response as HeaderVersion>::header_version(version))?;
        if header.correlation_id != self.correlation {
            bail!(
                "{} answered request {} instead of {}",
                self.address,
                header.correlation_id,
                self.correlation
            );
        }
        R::Response::decode(&mut answer, version)
    }

    /// Sends a request that the codec would not write: a key, a version and a body after the header, which is of version 1. Returns the
    /// whole answer after its length.
    ///
    /// # Errors
    /// When the broker closes the connection instead.
    pub fn call_raw(&mut self, key: i16, version: i16, body: &[u8]) -> Result<Bytes> {
        self.correlation += 1;
        let client = self.client.as_bytes();
        let mut request = BytesMut::new();
        request.put_i16(key);
        request.put_i16(version);
        request.put_i32(self.correlation);
        request.put_i16(i16::try_from(client.len())?);
        request.put_slice(client);
        request.put_slice(body);
        self.exchange(&request)
    }

    /// Sends bytes that are no request, and returns the first ones that come back.
    ///
    /// # Errors
    /// When the broker closes the connection instead.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<Bytes> {
        self.stream.write_all(bytes)?;
        let mut answer = [0; 4];
        self.stream.read_exact(&mut answer)?;
        Ok(Bytes::copy_from_slice(&answer))
    }

    fn exchange(&mut self, body: &[u8]) -> Result<Bytes> {
        let length = u32::try_from(body.len()).context("the request is too long")?;
        self.stream.write_all(&[&length.to_be_bytes(), body].concat())?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut answer)?;
        Ok(answer.into())
    }
}
