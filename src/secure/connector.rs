//! Opening TLS over a connection, and finding out why it does not open.

use super::described::{Described, written};
use super::fault::{MaterialError, Role};
use super::loaded::{Loaded, Trusted, refused};
use super::refusal::{Alert, TlsFailure};
use super::wanted::{Tls, Version};
use klerk_core::values::first_few;
use openssl::error::ErrorStack;
use openssl::ssl::{
    ConnectConfiguration, Error as SslError, ErrorCode, SslConnector, SslMethod, SslVerifyMode, SslVersion,
};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509StoreContextRef, X509VerifyResult};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_openssl::SslStream;

/// Opens TLS the way that was wished for. It is made once and serves all connections.
pub struct Connector {
    inner: SslConnector,
    check_name: bool,
    trust_all: bool,
    /// The trusted certificates, for people, and the names of those that are few enough to be named.
    trusted: String,
    trusted_names: Vec<String>,
    own: Option<Described>,
    loaded: Loaded,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("trusted", &self.trusted)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}

impl Connector {
    /// Loads what is wished for.
    ///
    /// # Errors
    /// With the first file or setting that does not hold what it should.
    pub fn new(tls: &Tls) -> Result<Connector, MaterialError> {
        let loaded = Loaded::new(tls)?;
        let (place, trusted, trusted_names) = described(&loaded.trusted);
        let not_trusted = |error: ErrorStack| refused(&place, Role::Trust, &error);
        let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(not_trusted)?;
        builder.set_min_proto_version(Some(version(tls.versions.oldest))).map_err(not_trusted)?;
        builder.set_max_proto_version(Some(version(tls.versions.newest))).map_err(not_trusted)?;
        match &loaded.trusted {
            Trusted::Anyone => builder.set_verify(SslVerifyMode::NONE),
            Trusted::System { file, folders } => {
                if let Some(file) = file {
                    builder.load_verify_locations(Some(file), None).map_err(not_trusted)?;
                }
                for folder in folders {
                    builder.load_verify_locations(None, Some(folder)).map_err(not_trusted)?;
                }
            }
            Trusted::Only { certificates, .. } => {
                let mut store = X509StoreBuilder::new().map_err(not_trusted)?;
                for certificate in certificates {
                    store.add_cert(certificate.clone()).map_err(not_trusted)?;
                }
                // As in Java, whatever stands in a trust store is trusted, a server's own certificate too.
                store.set_flags(X509VerifyFlags::PARTIAL_CHAIN).map_err(not_trusted)?;
                builder.set_cert_store(store.build());
            }
        }
        if let Some(own) = &loaded.own {
            let not_taken = |error: ErrorStack| refused(&own.place, Role::Own, &error);
            builder.set_certificate(&own.certificate).map_err(not_taken)?;
            for certificate in &own.chain {
                builder.add_extra_chain_cert(certificate.clone()).map_err(not_taken)?;
            }
            builder.set_private_key(&own.key).map_err(not_taken)?;
        }
        Ok(Connector {
            inner: builder.build(),
            check_name: tls.check_name,
            trust_all: loaded.trusts_anyone(),
            trusted,
            trusted_names,
            own: loaded.own.as_ref().map(|own| Described::of(&own.certificate)),
            loaded,
        })
    }

    /// What is worth knowing of the stores that were read, a sentence each.
    pub fn notes(&self) -> &[String] {
        self.loaded.notes()
    }

    /// What was loaded, for libraries that take it as PEM.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Opens TLS over `stream` with the server `host`, by `deadline`.
    ///
    /// With TLS 1.3 a server may refuse the client's certificate only after this: its alert then comes where the first answer should,
    /// and [`Connector::alert`] reads it.
    ///
    /// # Errors
    /// With what differs from what was expected.
    pub async fn open<S>(&self, host: &str, stream: S, deadline: Instant) -> Result<SslStream<S>, TlsFailure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let seen = Arc::new(Mutex::new(Watched::default()));
        let prepared = self.prepare(host, stream, &seen).map_err(|error| broken(&error));
        let mut stream = prepared?;
        match timeout_at(deadline, Pin::new(&mut stream).connect()).await {
            Ok(Ok(())) => Ok(stream),
            Ok(Err(error)) => {
                let seen = seen.lock().map(|mut seen| std::mem::take(&mut *seen)).unwrap_or_default();
                Err(match seen.stopped {
                    Some(stopped) => self.distrusted(host, stopped),
                    None => self.failed(&error, seen.server),
                })
            }
            Err(_) => Err(TlsFailure::Silent),
        }
    }

    /// The alert by which a server ended a connection that was open already, where that is what `error` says.
    pub fn alert(&self, error: &io::Error) -> Option<Alert> {
        let inner = error.get_ref()?.downcast_ref::<SslError>()?;
        self.alert_of(inner.ssl_error()?, true)
    }

    fn prepare<S>(
        &self,
        host: &str,
        stream: S,
        seen: &Arc<Mutex<Watched>>,
    ) -> Result<SslStream<S>, ErrorStack>
    where
        S: AsyncRead + AsyncWrite,
    {
        let mut configuration: ConnectConfiguration =
            self.inner.configure()?.verify_hostname(self.check_name && !self.trust_all);
        let seen = Arc::clone(seen);
        let mode = if self.trust_all { SslVerifyMode::NONE } else { SslVerifyMode::PEER };
        let trust_all = self.trust_all;
        configuration.set_verify_callback(mode, move |sound, context| {
            if let Ok(mut seen) = seen.lock() {
                seen.server = true;
                if !sound && !trust_all && seen.stopped.is_none() {
                    seen.stopped = Seen::of(context);
                }
            }
            sound || trust_all
        });
        SslStream::new(configuration.into_ssl(host)?, stream)
    }

    fn distrusted(&self, host: &str, seen: Seen) -> TlsFailure {
        let Seen { result, at, server, signer } = seen;
        let namesake = self.trusted_names.contains(&signer);
        // RFC 5280's reasons under OpenSSL's numbers (x509_vfy.h). An authority that was made anew under its old name has another key,
        // which shows as a signature that is wrong.
        match result.as_raw() {
            number if matches!(number, 2 | 18..=21) || (number == 7 && namesake) => TlsFailure::Untrusted {
                certificate: Box::new(server),
                signer,
                trusted: self.trusted.clone(),
                namesake,
            },
            9 => TlsFailure::NotYetValid(Box::new(at)),
            10 => TlsFailure::Expired(Box::new(at)),
            62 | 64 => TlsFailure::OtherName { host: host.to_owned(), certificate: Box::new(server) },
            _ => {
                TlsFailure::Distrusted { reason: result.error_string().to_owned(), certificate: Box::new(at) }
            }
        }
    }

    fn failed(&self, error: &SslError, server_shown: bool) -> TlsFailure {
        if let Some(stack) = error.ssl_error() {
            if let Some(alert) = self.alert_of(stack, server_shown) {
                return TlsFailure::Alert(alert);
            }
            let said = |words: &str| stack.errors().iter().any(|error| error.reason() == Some(words));
            if said("wrong version number") || said("packet length too long") || said("http request") {
                return TlsFailure::NotTls;
            }
            if said("unexpected eof while reading") {
                return TlsFailure::Closed;
            }
            return broken(stack);
        }
        match error.io_error() {
            Some(error) if is_closed(error) => TlsFailure::Closed,
            Some(error) => TlsFailure::Broken(error.to_string()),
            // Neither words nor an error of the system: the connection just ended.
            None if error.code() == ErrorCode::SYSCALL || error.code() == ErrorCode::ZERO_RETURN => {
                TlsFailure::Closed
            }
            None => TlsFailure::Broken(error.to_string()),
        }
    }

    fn alert_of(&self, stack: &ErrorStack, server_shown: bool) -> Option<Alert> {
        // OpenSSL reports an alert from the other side as reason 1000 and the alert's number (SSL_AD_REASON_OFFSET).
        let number = stack.errors().iter().find_map(|error| {
            let number = error.reason_code().checked_sub(1000)?;
            u8::try_from(number).ok().filter(|_| error.reason().is_some_and(|words| words.contains("alert")))
        })?;
        Some(Alert::new(number, server_shown, self.own.clone().map(Box::new)))
    }
}

/// What was seen of the server's certificates in a handshake. After it nothing of a certificate that failed is to be had.
#[derive(Default)]
struct Watched {
    /// Whether the server has shown its certificate.
    server: bool,
    stopped: Option<Seen>,
}

/// What the check of a chain stopped at.
struct Seen {
    result: X509VerifyResult,
    /// The certificate that it is about.
    at: Described,
    /// The server's own.
    server: Described,
    /// Who signed the last one of the chain.
    signer: String,
}

impl Seen {
    fn of(context: &X509StoreContextRef) -> Option<Seen> {
        let at = context.current_cert()?;
        let chain = context.chain();
        let server = chain.and_then(|chain| chain.get(0)).unwrap_or(at);
        let last = chain.and_then(|chain| chain.iter().last()).unwrap_or(at);
        Some(Seen {
            result: context.error(),
            at: Described::of(at),
            server: Described::of(server),
            signer: written(last.issuer_name()),
        })
    }
}

/// The place of the trusted certificates, a description of them, and their names.
fn described(trusted: &Trusted) -> (String, String, Vec<String>) {
    const NAMED: usize = 3;
    match trusted {
        Trusted::Anyone => (String::new(), "anyone".to_owned(), Vec::new()),
        Trusted::System { file, folders } => {
            let place = file.as_ref().or(folders.first()).map(|path| path.display().to_string());
            let place = place.unwrap_or_default();
            (place.clone(), format!("the authorities that this system trusts ({place})"), Vec::new())
        }
        Trusted::Only { place, certificates } => {
            let names: Vec<String> =
                certificates.iter().map(|certificate| written(certificate.subject_name())).collect();
            let shown = first_few(names.iter(), NAMED).join("; ");
            (place.clone(), format!("the authorities in {place} ({shown})"), names)
        }
    }
}

fn version(version: Version) -> SslVersion {
    match version {
        Version::Tls12 => SslVersion::TLS1_2,
        Version::Tls13 => SslVersion::TLS1_3,
    }
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn broken(stack: &ErrorStack) -> TlsFailure {
    TlsFailure::Broken(super::store::said(stack))
}
