//! Signed tokens, and an endpoint that hands them out for client credentials.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::ssl::{SslAcceptor, SslMethod};

use super::certificates::Certificate;
use super::cluster::password_of;

/// Whom a token has to be for (`aud`) so that the brokers take it.
pub const AUDIENCE: &str = "kafka";

const KEY_ID: &str = "testbed";

/// Signs tokens that the brokers of one secured cluster take.
#[derive(Clone)]
pub struct TokenSigner {
    key: PKey<Private>,
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSigner")
    }
}

impl TokenSigner {
    /// With a key of its own: tokens of one signer mean nothing to the brokers of another.
    pub fn new() -> Result<TokenSigner> {
        Ok(TokenSigner { key: PKey::from_rsa(Rsa::generate(2048)?)? })
    }

    /// A token for `subject`, whom the brokers take for `User:subject`, that is good for `lifetime` from now.
    pub fn sign(&self, subject: &str, lifetime: Duration) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        self.sign_claims(&serde_json::json!({
            "iss": "klerk-testbed", "sub": subject, "aud": AUDIENCE, "scope": "kafka",
            "iat": now, "exp": now + lifetime.as_secs(),
        }))
    }

    /// A token with these claims, whatever they are.
    pub fn sign_claims(&self, claims: &serde_json::Value) -> Result<String> {
        let header = serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        let signature = signer.sign_oneshot_to_vec(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Writes what brokers check tokens with (RFC 7517).
    pub(super) fn write_key_set(&self, folder: &Path) -> Result<PathBuf> {
        let key = self.key.rsa()?;
        let number = |number: &openssl::bn::BigNumRef| URL_SAFE_NO_PAD.encode(number.to_vec());
        let set = serde_json::json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": number(key.n()), "e": number(key.e()),
        }]});
        let path = folder.join("jwks.json");
        std::fs::write(&path, set.to_string()).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// How a token endpoint behaves.
#[derive(Debug, Clone)]
pub struct TokenServerOptions {
    lifetime: Duration,
}

impl Default for TokenServerOptions {
    fn default() -> Self {
        TokenServerOptions { lifetime: Duration::from_secs(3600) }
    }
}

impl TokenServerOptions {
    /// How long its tokens are good for; an hour without this.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }
}

/// A token endpoint (RFC 6749, section 4.4) on a free port. It knows every client whose secret is [`password_of`] its id, and makes
/// the id the token's subject.
#[derive(Debug)]
pub struct TokenServer {
    url: String,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    signer: TokenSigner,
    options: TokenServerOptions,
    handed_out: AtomicUsize,
    requests: Mutex<Vec<String>>,
    ended: AtomicBool,
}

impl TokenServer {
    /// Starts an endpoint that speaks plain HTTP.
    pub fn start(signer: &TokenSigner, options: &TokenServerOptions) -> Result<TokenServer> {
        TokenServer::serve(signer, options, None)
    }

    /// Starts an endpoint behind TLS with this certificate.
    pub fn start_tls(
        signer: &TokenSigner,
        options: &TokenServerOptions,
        certificate: &Certificate,
    ) -> Result<TokenServer> {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls())?;
        acceptor.set_private_key(&certificate.key)?;
        acceptor.set_certificate(&certificate.certificate)?;
        TokenServer::serve(signer, options, Some(acceptor.build()))
    }

    fn serve(
        signer: &TokenSigner,
        options: &TokenServerOptions,
        tls: Option<SslAcceptor>,
    ) -> Result<TokenServer> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port for the token endpoint")?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}/token", listener.local_addr()?);
        let inner = Arc::new(Inner {
            signer: signer.clone(),
            options: options.clone(),
            handed_out: AtomicUsize::new(0),
            requests: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let serving = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.ended.load(Ordering::Relaxed) {
                    break;
                }
                let (serving, tls) = (Arc::clone(&serving), tls.clone());
                // A client that says nothing holds up no other, and one that goes away is its own affair.
                std::thread::spawn(move || stream.map(|stream| serving.answer(stream, tls.as_ref())));
            }
        });
        Ok(TokenServer { url, inner })
    }

    /// The address to ask for tokens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many tokens it has handed out.
    pub fn handed_out(&self) -> usize {
        self.inner.handed_out.load(Ordering::Relaxed)
    }

    /// The bodies of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.inner.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::Relaxed);
        // Wakes the thread, which then sees that it has to end.
        let address = self.url.split('/').nth(2).unwrap_or_default();
        TcpStream::connect(address).ok();
    }
}

impl Inner {
    fn answer(&self, stream: TcpStream, tls: Option<&SslAcceptor>) -> Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        match tls {
            Some(tls) => self.exchange(tls.accept(stream)?),
            None => self.exchange(stream),
        }
    }

    fn exchange(&self, stream: impl Read + Write) -> Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let request = line.trim_end().to_owned();
        let (mut length, mut authorization) = (0, None);
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "authorization" => authorization = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(body.clone());
        let (status, said) = self.decide(&request, authorization.as_deref(), &body)?;
        let said = said.to_string();
        let stream = reader.get_mut();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}",
            said.len()
        )?;
        Ok(stream.flush()?)
    }

    fn decide(
        &self,
        request: &str,
        authorization: Option<&str>,
        body: &str,
    ) -> Result<(&'static str, serde_json::Value)> {
        let error =
            |name: &str| serde_json::json!({ "error": name, "error_description": "as the test bed sees it" });
        if !request.starts_with("POST /token ") {
            return Ok(("404 Not Found", error("not_found")));
        }
        if !body.split('&').any(|pair| pair == "grant_type=client_credentials") {
            return Ok(("400 Bad Request", error("unsupported_grant_type")));
        }
        let Some(client) = authorization.and_then(client_of) else {
            return Ok(("401 Unauthorized", error("invalid_client")));
        };
        self.handed_out.fetch_add(1, Ordering::Relaxed);
        let token = self.signer.sign(&client, self.options.lifetime)?;
        let lifetime = self.options.lifetime.as_secs();
        Ok((
            "200 OK",
            serde_json::json!({ "access_token": token, "token_type": "Bearer", "expires_in": lifetime }),
        ))
    }
}

/// The id of a known client, from a header of HTTP basic authentication.
fn client_of(authorization: &str) -> Option<String> {
    let decoded = STANDARD.decode(authorization.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    let (id, secret) = pair.split_once(':')?;
    (secret == password_of(id)).then(|| id.to_owned())
}
