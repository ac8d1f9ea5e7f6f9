use super::address::{Address, InvalidAddress};
use super::body::Reply;
use super::error::RegistryError;
use super::protected;
use crate::secure::{Connector, Tls, TlsFailure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use klerk_core::values::Secret;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Method, redirect};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// Waits before the second, third and fourth try of a request that may be repeated.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1000)];
/// A connection takes no longer than this, however long an answer may take.
const CONNECT: Duration = Duration::from_secs(3);
/// There is no request for many subjects at once, so this many go out together.
pub(super) const IN_FLIGHT: usize = 8;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    None,
    /// HTTP basic authentication.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A bearer token.
    Bearer(Secret),
}

impl Credentials {
    /// What of them a registry, or a proxy before it, may repeat in its answers: in plain, and as they are sent.
    fn echoes(&self) -> Vec<Secret> {
        match self {
            Credentials::None => Vec::new(),
            Credentials::Basic { user, password } => {
                let sent = STANDARD.encode(format!("{user}:{}", password.expose()));
                vec![Secret::new(sent), password.clone()]
            }
            Credentials::Bearer(token) => vec![token.clone()],
        }
    }
}

/// Where the registry is and who asks.
#[derive(Debug, Clone)]
pub struct RegistryOptions {
    /// Base addresses of one registry, tried in order until one can be reached: http or https, without user information.
    pub urls: Vec<String>,
    /// Who asks. They go to these addresses only; redirections are not followed.
    pub credentials: Credentials,
    /// What protects connections to those of the addresses that are https.
    pub tls: Tls,
    /// The bound of each request.
    pub timeout: Duration,
}

/// Counts requests by method and path of the API: `GET:/subjects/{subject}/versions/latest`. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Mutex<BTreeMap<String, u64>>>);

impl Counts {
    /// What was counted so far.
    pub fn by_api(&self) -> BTreeMap<String, u64> {
        self.0.lock().map(|sent| sent.clone()).unwrap_or_default()
    }

    fn sent(&self, call: &Call) {
        if let Ok(mut sent) = self.0.lock() {
            *sent.entry(format!("{}:{}", call.method, call.template)).or_default() += 1;
        }
    }
}

/// A client of one schema registry. Its clones count their requests together.
#[derive(Debug, Clone)]
pub struct RegistryClient {
    http: reqwest::Client,
    /// What opens TLS, where an address wants it.
    tls: Option<Arc<Connector>>,
    addresses: Vec<Address>,
    /// The address that answered last.
    preferred: Arc<AtomicUsize>,
    credentials: Credentials,
    timeout: Duration,
    counts: Counts,
    in_flight: Arc<Semaphore>,
}

/// Whether a request may be sent a second time without knowing what became of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Reads, and writes that change nothing when done twice.
    Safe,
    /// Anything else.
    Never,
}

/// One request.
pub(super) struct Call {
    pub method: Method,
    /// The path as the API's documentation writes it; requests are counted by it.
    pub template: &'static str,
    /// The path with its encoded parts, and the query.
    pub path: String,
    pub body: Option<Value>,
    pub repeat: Repeat,
}

impl Call {
    pub(super) fn get(template: &'static str, path: String) -> Call {
        Call { method: Method::GET, template, path, body: None, repeat: Repeat::Safe }
    }
}

/// What one address did with one request.
enum Sent {
    Replied(Reply),
    /// Nothing was sent, so another address may be tried.
    NotConnected(String),
    /// The same, for TLS that did not come about.
    NotProtected(TlsFailure),
    Lost(RegistryError),
}

/// The most that is read of a body: far above any registry's answer, far below a machine's memory.
const LARGEST_BODY: usize = 64 << 20;

impl RegistryClient {
    /// Prepares a client; nothing is sent yet.
    pub fn new(options: RegistryOptions) -> Result<RegistryClient, InvalidAddress> {
        let addresses =
            options.urls.iter().map(|url| Address::read(url)).collect::<Result<Vec<_>, InvalidAddress>>()?;
        if addresses.is_empty() {
            return Err(InvalidAddress::Missing);
        }
        if let Credentials::Bearer(token) = &options.credentials
            && !token.expose().bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(InvalidAddress::Token);
        }
        // The environment's proxies are not asked for: every variable that counts is listed in the settings.
        let mut http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT.min(options.timeout))
            .user_agent(concat!("klerk/", env!("CARGO_PKG_VERSION")));
        let mut tls = None;
        if addresses.iter().any(|address| address.encrypted().is_some()) {
            let connector = Connector::new(&options.tls)?;
            http = protected::with_certificates(http, &options.tls, &connector)?;
            tls = Some(Arc::new(connector));
        }
        let http = http.build().map_err(|error| InvalidAddress::NotHttp(cause(&error)))?;
        Ok(RegistryClient {
            http,
            tls,
            addresses,
            preferred: Arc::default(),
            credentials: options.credentials,
            timeout: options.timeout,
            counts: Counts::default(),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        })
    }

    /// What is worth knowing of the certificates and keys in use, a sentence each.
    pub fn notes(&self) -> &[String] {
        self.tls.as_ref().map_or(&[], |connector| connector.notes())
    }

    /// The same client, counted by somebody else.
    #[must_use]
    pub fn counted_by(self, counts: Counts) -> RegistryClient {
        RegistryClient { counts, ..self }
    }

    /// How many requests were sent so far, by method and path of the API.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.counts.by_api()
    }

    /// Sends a request and returns the body that came with a status of 2xx.
    pub(super) async fn call(&self, call: Call) -> Result<Reply, RegistryError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let error = match self.call_any_address(&call).await? {
                reply if (200..300).contains(&reply.status) => return Ok(reply),
                reply => reply.into_error(),
            };
            match pauses.next() {
                Some(pause) if call.repeat == Repeat::Safe && error.is_transient() => {
                    tokio::time::sleep(pause).await
                }
                _ => return Err(error),
            }
        }
    }

    async fn call_any_address(&self, call: &Call) -> Result<Reply, RegistryError> {
        let first = self.preferred.load(Ordering::Relaxed);
        let mut tried = Vec::new();
        for turn in 0..self.addresses.len() {
            let index = (first + turn) % self.addresses.len();
            let Some(address) = self.addresses.get(index) else { continue };
            let mut sent = self.send(address, call).await;
            if call.repeat == Repeat::Safe && matches!(sent, Sent::Lost(RegistryError::NoReply { .. })) {
                // A connection that was kept may have been closed at that moment; a new one tells more.
                sent = self.send(address, call).await;
            }
            match sent {
                Sent::Replied(reply) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(reply);
                }
                Sent::Lost(RegistryError::NoReply { reason, .. })
                    if call.repeat == Repeat::Safe && turn + 1 < self.addresses.len() =>
                {
                    tried.push((address.to_string(), reason));
                }
                Sent::Lost(error) => return Err(error),
                Sent::NotConnected(reason) => tried.push((address.to_string(), reason)),
                Sent::NotProtected(failure) if self.addresses.len() == 1 => {
                    let address = address.to_string();
                    return Err(RegistryError::Tls { address, failure: Box::new(failure) });
                }
                Sent::NotProtected(failure) => tried.push((address.to_string(), failure.to_string())),
            }
        }
        Err(RegistryError::Unreachable(tried))
    }

    async fn send(&self, address: &Address, call: &Call) -> Sent {
        let mut request =
            self.http.request(call.method.clone(), address.of(&call.path)).timeout(self.timeout);
        request = request.header(ACCEPT, MEDIA_TYPE);
        request = match &self.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(password.expose())),
            Credentials::Bearer(token) => request.bearer_auth(token.expose()),
        };
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, MEDIA_TYPE).body(body.to_string());
        }
        // It is never closed, so that there is always a permit to come.
        let _permit = self.in_flight.acquire().await.ok();
        self.count(call);
        let begin = Instant::now();
        let answer = Self::receive(request).await;
        let elapsed = begin.elapsed();
        let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        match answer {
            Ok((status, location, body)) => {
                tracing::debug!(%address, method = %call.method, path = call.template, status, millis, "request");
                let request = format!("{} {}", call.method, call.path);
                let (address, secrets) = (address.to_string(), self.credentials.echoes());
                Sent::Replied(Reply { address, request, status, location, body, secrets })
            }
            Err(error) => {
                let reason = cause(&error);
                tracing::debug!(%address, method = %call.method, path = call.template, reason, millis, "request");
                if let Some(failure) = self.tls_failure(address, &error).await {
                    return Sent::NotProtected(failure);
                }
                let reason = if !error.is_timeout() && protected::speaks_tls(address).await {
                    "the port is one with TLS: write https:// in its address".to_owned()
                } else {
                    reason
                };
                self.lost(address, call, &error, reason)
            }
        }
    }

    /// What is wrong with TLS, where that is why no answer came. Where the time was over there is none left to find out.
    async fn tls_failure(&self, address: &Address, error: &reqwest::Error) -> Option<TlsFailure> {
        if error.is_timeout() {
            return None;
        }
        self.tls.as_deref()?.failure_at(&address.encrypted()?).await
    }

    async fn receive(
        request: reqwest::RequestBuilder,
    ) -> Result<(u16, Option<String>, String), reqwest::Error> {
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let location =
            response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let location = location.filter(|_| (300..400).contains(&status));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_BODY {
                // What is cut off is no JSON any more, and is reported as such.
                body.truncate(LARGEST_BODY);
                break;
            }
        }
        Ok((status, location, String::from_utf8_lossy(&body).into_owned()))
    }

    fn lost(&self, address: &Address, call: &Call, error: &reqwest::Error, reason: String) -> Sent {
        let (address, request) = (address.to_string(), format!("{} {}", call.method, call.path));
        if error.is_connect() {
            Sent::NotConnected(if error.is_timeout() { "no connection in time".to_owned() } else { reason })
        } else if error.is_timeout() {
            Sent::Lost(RegistryError::Timeout { address, request, after: self.timeout })
        } else {
            Sent::Lost(RegistryError::NoReply { address, request, reason })
        }
    }

    fn count(&self, call: &Call) {
        self.counts.sent(call);
    }
}

/// The innermost cause, which is what the operating system or the protocol said.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
