//! A fake broker that answers what a test tells it to, and ports that are no brokers.

use crate::kafka::{Address, Cluster, ConnectError, ConnectOptions};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::metadata_response::MetadataResponseBroker;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, MetadataResponse, RequestHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, Request, StrBytes};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a fake broker does with a request.
pub(crate) enum Act {
    /// Answers with these bytes (a response without its header).
    Answer(Bytes),
    /// Does the usual, after a while.
    Late(Duration),
    /// Says nothing, and goes on reading.
    Silence,
    /// Closes the connection.
    Close,
}

/// A request as a fake broker sees it.
pub(crate) struct Seen {
    pub(crate) key: i16,
    pub(crate) version: i16,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn is<R: Request>(&self) -> bool {
        self.key == R::KEY
    }

    pub(crate) fn read<R: Request>(&self) -> R {
        R::decode(&mut self.body.clone(), self.version).expect("a request")
    }

    pub(crate) fn answer<M: Encodable>(&self, answer: &M) -> Act {
        let mut buffer = BytesMut::new();
        answer.encode(&mut buffer, self.version).expect("encodes");
        Act::Answer(buffer.freeze())
    }
}

/// A fake broker. It ends with the test's runtime.
pub(crate) struct FakeBroker {
    pub(crate) address: Address,
    pub(crate) seen: Arc<Mutex<Vec<i16>>>,
}

impl FakeBroker {
    /// Serves ApiVersions and, unless `act` does it, Metadata that names this broker alone as node 1.
    pub(crate) async fn start(act: impl Fn(&Seen) -> Option<Act> + Send + Sync + 'static) -> FakeBroker {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = Address::new("127.0.0.1", listener.local_addr().expect("an address").port());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (act, own, log) = (Arc::new(act), address.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, own, log) = (Arc::clone(&act), own.clone(), Arc::clone(&log));
                tokio::spawn(async move { serve(stream, &*act, &own, &log).await });
            }
        });
        FakeBroker { address, seen }
    }

    pub(crate) fn requests(&self, key: i16) -> usize {
        self.seen.lock().expect("unpoisoned").iter().filter(|seen| **seen == key).count()
    }
}

async fn serve(
    mut stream: TcpStream,
    act: &(dyn Fn(&Seen) -> Option<Act> + Send + Sync),
    own: &Address,
    log: &Mutex<Vec<i16>>,
) {
    loop {
        let Ok(length) = stream.read_u32().await else { return };
        let mut frame = vec![0; length as usize];
        if stream.read_exact(&mut frame).await.is_err() {
            return;
        }
        let mut frame = Bytes::from(frame);
        let (key, version) = ((&frame[..2]).get_i16(), (&frame[2..4]).get_i16());
        let api = ApiKey::try_from(key).expect("a known API");
        let header =
            RequestHeader::decode(&mut frame, api.request_header_version(version)).expect("a header");
        log.lock().expect("unpoisoned").push(key);
        let seen = Seen { key, version, body: frame };
        let mut done = act(&seen);
        if let Some(Act::Late(moment)) = done {
            tokio::time::sleep(moment).await;
            done = None;
        }
        match done.or_else(|| usual(&seen, own)) {
            Some(Act::Answer(body)) => {
                let mut answer = BytesMut::new();
                let tagged = key != ApiVersionsRequest::KEY && api.response_header_version(version) == 1;
                answer.put_u32(4 + u32::from(tagged) + body.len() as u32);
                answer.put_i32(header.correlation_id);
                if tagged {
                    answer.put_u8(0);
                }
                answer.put(body);
                if stream.write_all(&answer).await.is_err() {
                    return;
                }
            }
            Some(Act::Silence | Act::Late(_)) => {}
            Some(Act::Close) | None => return,
        }
    }
}

fn usual(seen: &Seen, own: &Address) -> Option<Act> {
    if seen.is::<ApiVersionsRequest>() {
        return Some(seen.answer(&all_versions()));
    }
    seen.is::<MetadataRequest>().then(|| seen.answer(&brokers(&[(1, own)])))
}

/// Every API of the codec, in the versions that the codec claims.
pub(crate) fn all_versions() -> ApiVersionsResponse {
    let keys = ApiKey::iter().map(|key| {
        let range = key.valid_versions();
        ApiVersion::default().with_api_key(key as i16).with_min_version(range.min).with_max_version(range.max)
    });
    ApiVersionsResponse::default().with_api_keys(keys.collect())
}

/// Metadata of these brokers, the first of which is the controller.
pub(crate) fn brokers(brokers: &[(i32, &Address)]) -> MetadataResponse {
    let list = brokers.iter().map(|(node, address)| {
        MetadataResponseBroker::default()
            .with_node_id((*node).into())
            .with_host(StrBytes::from_string(address.host.clone()))
            .with_port(address.port.into())
    });
    MetadataResponse::default()
        .with_cluster_id(Some(StrBytes::from_static_str("fake")))
        .with_controller_id(brokers[0].0.into())
        .with_brokers(list.collect())
}

/// A port that does `each` with every connection.
pub(crate) async fn port<F, Done>(each: F) -> Address
where
    F: Fn(TcpStream) -> Done + Send + Sync + 'static,
    Done: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = Address::new("127.0.0.1", listener.local_addr().expect("an address").port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(each(stream));
        }
    });
    address
}

/// A port where nothing listens. One that was free a moment ago could by now be that of another test's listener, so it is one that the
/// system hands out to nobody.
pub(crate) fn closed_port() -> Address {
    Address::new("127.0.0.1", 1)
}

/// Waits long for answers: whoever serves here may have to wait for a busy machine.
pub(crate) fn options(servers: &[&Address]) -> ConnectOptions {
    ConnectOptions {
        connect_timeout: Duration::from_secs(30),
        bootstrap_timeout: Duration::from_secs(60),
        request_timeout: Duration::from_secs(60),
        ..ConnectOptions::new(servers.iter().map(ToString::to_string))
    }
}

/// Soon gives up servers that do not answer.
pub(crate) fn hasty(servers: &[&Address]) -> ConnectOptions {
    ConnectOptions {
        connect_timeout: Duration::from_millis(400),
        bootstrap_timeout: Duration::from_millis(1_000),
        ..options(servers)
    }
}

pub(crate) async fn connect(servers: &[&Address]) -> Result<Cluster, ConnectError> {
    Cluster::connect(options(servers)).await
}
