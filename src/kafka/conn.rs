//! One connection to one broker: a task that writes, a task that reads, and a map of the requests in between.
//!
//! Many requests may be in flight; the broker answers them in turn. A caller that goes away leaves nothing behind but
//! an answer that nobody waits for. When the connection ends, every waiter is told why.

use super::auth::Session;
use super::call_error::CallError;
use super::connect_error::{ConnectError, Lost};
use super::diagnose;
use super::lock::lock;
use super::meter::Meter;
use super::options::Prepared;
use super::transport::{self, Stream};
use crate::secure::Connector;
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::ApiVersionsRequest;
use kafka_protocol::protocol::{Request, StrBytes};
use klerk_core::values::Address;
use klerk_wire::frame::{self, FrameError, LENGTH_BYTES};
use klerk_wire::{ApiVersions, Reply, api, api_name};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// The largest answer that is taken: as much as a broker takes for a request (`socket.request.max.bytes`).
const LARGEST_ANSWER: usize = 100 << 20;

/// How long a broker may take to judge one message of a login: it may have to ask a directory elsewhere.
const LONGEST_LOGIN: Duration = Duration::from_secs(10);
/// How long the reader may take to hand over what the server said last, once nothing can be written any more.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Requests in flight, and the end of the connection once it has come.
#[derive(Default)]
struct Pending {
    next_id: i32,
    waiters: HashMap<i32, oneshot::Sender<Bytes>>,
    lost: Option<Lost>,
    /// A request timed out on it: what comes after would wait behind that one, so it takes no new ones.
    stuck: bool,
    quiet_until: Option<Instant>,
}

/// An open connection to a broker whose versions are known.
pub(super) struct Connection {
    address: Address,
    peer: SocketAddr,
    client_id: StrBytes,
    pending: Arc<Mutex<Pending>>,
    outgoing: mpsc::UnboundedSender<Bytes>,
    tasks: [JoinHandle<()>; 2],
    versions: ApiVersions,
    /// When the login on it is about to end.
    renew_at: Option<Instant>,
    meter: Arc<Meter>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Takes a request out of the map when its caller has gone away.
struct Waiting<'a> {
    pending: &'a Mutex<Pending>,
    id: i32,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(self.pending).waiters.remove(&self.id);
    }
}

impl Connection {
    /// Connects, asks for the broker's versions, finds out what answers if that is no broker, and logs in.
    ///
    /// `patience` is the bound on the first answer.
    ///
    /// Every request may begin with it, so what it keeps while it waits stands on the heap and not in each of their futures.
    pub(super) async fn open(
        address: &Address,
        options: &Prepared,
        patience: Duration,
        meter: &Arc<Meter>,
    ) -> Result<Connection, ConnectError> {
        Box::pin(Connection::open_in_place(address, options, patience, meter)).await
    }

    async fn open_in_place(
        address: &Address,
        options: &Prepared,
        patience: Duration,
        meter: &Arc<Meter>,
    ) -> Result<Connection, ConnectError> {
        let opened = transport::open(address, options).await?;
        let (reader, writer) = tokio::io::split(opened.stream);
        let (outgoing, requests) = mpsc::unbounded_channel();
        let pending = Arc::new(Mutex::new(Pending::default()));
        let tasks = [
            tokio::spawn(write_requests(writer, requests, Arc::clone(&pending), options.tls.clone())),
            tokio::spawn(read_answers(reader, Arc::clone(&pending), options.tls.clone())),
        ];
        let mut connection = Connection {
            address: address.clone(),
            peer: opened.peer,
            client_id: StrBytes::from_string(options.client_id.clone()),
            pending,
            outgoing,
            tasks,
            versions: ApiVersions::default(),
            renew_at: None,
            meter: Arc::clone(meter),
        };
        connection.versions = tokio::select! {
            asked = connection.ask_versions(options, patience) => asked?,
            foreign = diagnose::given_away(address, options) => return Err(foreign),
        };
        if let Some(login) = &options.security.login {
            let limit = LONGEST_LOGIN.min(options.request_timeout);
            let Session { renew_at } =
                options.logins.log_in(&connection, login, limit).await.map_err(|fault| {
                    ConnectError::Login { address: address.clone(), fault: Box::new(fault) }
                })?;
            connection.renew_at = renew_at;
        }
        Ok(connection)
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The socket address that the name stood for.
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    pub(super) fn versions(&self) -> &ApiVersions {
        &self.versions
    }

    /// Whether new requests may be sent on it.
    pub(super) fn is_usable(&self) -> bool {
        let pending = lock(&self.pending);
        let lasts = self.renew_at.is_none_or(|end| Instant::now() < end);
        lasts && pending.lost.is_none() && !pending.stuck
    }

    /// Sends the request that `build` makes for the version both sides speak, and waits for the answer until
    /// `deadline`.
    pub(super) async fn call<R>(
        &self,
        build: impl FnOnce(i16) -> R,
        deadline: Instant,
    ) -> Result<(R::Response, i16), CallError>
    where
        R: Request,
        R::Response: Reply,
    {
        let version = self
            .versions
            .negotiate::<R>()
            .map_err(|source| CallError::Version { broker: self.address.clone(), source })?;
        self.stay_quiet(deadline).await;
        let frame = self.exchange(&build(version), version, deadline).await?;
        let answer = frame::decode_response::<R>(frame, version).map_err(|source| self.codec(source))?;
        if let Ok(millis @ 1..) = u64::try_from(answer.throttle_time_ms()) {
            tracing::debug!(api = api_name(R::KEY), broker = %self.address, millis, "throttled");
            lock(&self.pending).quiet_until = Some(Instant::now() + Duration::from_millis(millis));
        }
        Ok((answer, version))
    }

    /// Waits as long as the broker asked this client to, though not past the deadline.
    async fn stay_quiet(&self, deadline: Instant) {
        let until = lock(&self.pending).quiet_until;
        if let Some(until) = until {
            tokio::time::sleep_until(until.min(deadline)).await;
        }
    }

    fn codec(&self, source: frame::CodecError) -> CallError {
        CallError::Codec { broker: self.address.clone(), source }
    }

    /// Sends one request and waits for the frame that answers it.
    async fn exchange<R: Request>(
        &self,
        request: &R,
        version: i16,
        deadline: Instant,
    ) -> Result<Bytes, CallError> {
        let started = Instant::now();
        let result = self.exchange_untraced(request, version, deadline).await;
        let millis = format!("{:.1}", started.elapsed().as_secs_f64() * 1000.0);
        let api = api_name(R::KEY);
        match &result {
            Ok(frame) => {
                self.meter.received(R::KEY, frame.len() + LENGTH_BYTES);
                tracing::debug!(api, version, broker = %self.address, %millis, bytes = frame.len(), "request");
            }
            Err(error) => tracing::debug!(api, version, broker = %self.address, %millis, %error, "request"),
        }
        result
    }

    async fn exchange_untraced<R: Request>(
        &self,
        request: &R,
        version: i16,
        deadline: Instant,
    ) -> Result<Bytes, CallError> {
        let api = api_name(R::KEY);
        let started = Instant::now();
        let (sender, answer) = oneshot::channel();
        let id = {
            let mut pending = lock(&self.pending);
            if pending.lost.is_some() {
                drop(pending);
                return Err(self.closed(api, false));
            }
            let id = pending.next_id;
            // Correlation ids only have to differ among the requests in flight.
            pending.next_id = id.checked_add(1).unwrap_or(0);
            pending.waiters.insert(id, sender);
            id
        };
        let _waiting = Waiting { pending: &self.pending, id };
        let frame = frame::encode_request(request, version, id, &self.client_id)
            .map_err(|source| self.codec(source))?;
        let length = frame.len();
        if self.outgoing.send(frame).is_err() {
            return Err(self.closed(api, false));
        }
        self.meter.sent(R::KEY, length);
        match timeout_at(deadline, answer).await {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => Err(self.closed(api, true)),
            Err(_) => {
                lock(&self.pending).stuck = true;
                let after = readable(started.elapsed());
                Err(CallError::TimedOut { api, broker: self.address.clone(), after })
            }
        }
    }

    fn closed(&self, api: &'static str, sent: bool) -> CallError {
        let reason = lock(&self.pending).lost.clone().unwrap_or(Lost::Closed);
        CallError::Closed { api, broker: self.address.clone(), reason, sent }
    }

    /// Asks for the broker's versions: v4, and older ones only when the broker itself says that it does not know v4
    /// (code 35), for a dead connection answers nothing in any version.
    async fn ask_versions(
        &self,
        options: &Prepared,
        patience: Duration,
    ) -> Result<ApiVersions, ConnectError> {
        let api = api_name(api::API_VERSIONS);
        let deadline = Instant::now() + patience;
        let not_kafka =
            || ConnectError::NotKafka { address: self.address.clone(), what: klerk_wire::Foreign::Unknown };
        for version in [4, 3, 0] {
            let request = if version >= 3 {
                ApiVersionsRequest::default()
                    .with_client_software_name(StrBytes::from_static_str("klerk"))
                    .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")))
            } else {
                ApiVersionsRequest::default()
            };
            let frame = match self.exchange(&request, version, deadline).await {
                Ok(frame) => frame,
                Err(error) => return Err(diagnose::silence(&self.address, error, options).await),
            };
            let body = frame::api_versions_body(frame).ok_or_else(not_kafka)?;
            let answer = ApiVersions::read(body, version).map_err(|_| not_kafka())?;
            match answer.error_code {
                0 => return Ok(answer.versions),
                35 => continue,
                code => return Err(ConnectError::Refused { address: self.address.clone(), api, code }),
            }
        }
        Err(ConnectError::Refused { address: self.address.clone(), api, code: 35 })
    }
}

/// What was waited, as a person wants to read it: whole milliseconds, and beyond a second tenths of one.
fn readable(waited: Duration) -> Duration {
    let unit = if waited < Duration::from_secs(1) { 1 } else { 100 };
    let units = (waited.as_millis() + unit / 2) / unit;
    Duration::from_millis(u64::try_from(units * unit).unwrap_or(u64::MAX))
}

/// Ends the connection: every waiter is woken, and the first reason stays.
fn end(pending: &Mutex<Pending>, reason: Lost) {
    let mut pending = lock(pending);
    pending.lost.get_or_insert(reason);
    pending.waiters.clear();
}

async fn write_requests(
    mut writer: WriteHalf<Box<dyn Stream>>,
    mut requests: mpsc::UnboundedReceiver<Bytes>,
    pending: Arc<Mutex<Pending>>,
    tls: Option<Arc<Connector>>,
) {
    while let Some(frame) = requests.recv().await {
        let written = async {
            writer.write_all(&frame).await?;
            writer.flush().await
        };
        if let Err(error) = written.await {
            // The reader may still get what the server said before it went away, which is the better reason: so a server of TLS 1.3
            // refuses a client's certificate.
            let deadline = Instant::now() + LAST_WORDS;
            while lock(&pending).lost.is_none() && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            end(&pending, lost(&error, tls.as_deref()));
            return;
        }
    }
}

async fn read_answers(
    mut reader: ReadHalf<Box<dyn Stream>>,
    pending: Arc<Mutex<Pending>>,
    tls: Option<Arc<Connector>>,
) {
    let reason = loop {
        match read_frame(&mut reader, tls.as_deref()).await {
            Ok(frame) => {
                let Some(id) = frame::correlation_id(&frame) else { break Lost::Unexpected };
                let waiter = {
                    let mut pending = lock(&pending);
                    // An answer to a caller that went away is dropped; one that nobody asked for is not Kafka.
                    if !(0..pending.next_id).contains(&id) {
                        break Lost::Unexpected;
                    }
                    pending.waiters.remove(&id)
                };
                if let Some(waiter) = waiter {
                    // The caller may have gone away in this very moment, which is no loss.
                    let _gone = waiter.send(frame);
                }
            }
            Err(reason) => break reason,
        }
    };
    end(&pending, reason);
}

async fn read_frame(reader: &mut ReadHalf<Box<dyn Stream>>, tls: Option<&Connector>) -> Result<Bytes, Lost> {
    let mut length = [0; LENGTH_BYTES];
    reader.read_exact(&mut length).await.map_err(|error| lost(&error, tls))?;
    let length = frame::frame_length(length, LARGEST_ANSWER).map_err(|error| match error {
        FrameError::Foreign(what) => Lost::Foreign(what),
        FrameError::TooLarge { length, .. } => Lost::TooLarge(length),
    })?;
    let mut frame = BytesMut::with_capacity(length);
    while frame.len() < length {
        let left = length - frame.len();
        let read =
            (&mut *reader).take(left as u64).read_buf(&mut frame).await.map_err(|error| lost(&error, tls))?;
        if read == 0 {
            return Err(Lost::Closed);
        }
    }
    Ok(frame.freeze())
}

fn lost(error: &std::io::Error, tls: Option<&Connector>) -> Lost {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    if let Some(alert) = tls.and_then(|tls| tls.alert(error)) {
        return Lost::Alert(alert);
    }
    match error.kind() {
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => Lost::Closed,
        _ => Lost::Io(error.to_string()),
    }
}
