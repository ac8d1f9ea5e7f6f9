//! A TLS front before a server of plain HTTP, as proxies stand before registries.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;

use super::certificates::{Authority, Certificate};

/// What a front asks of those who come.
#[derive(Debug, Clone, Default)]
pub struct FrontOptions<'a> {
    /// Whose signature a client's certificate needs; none is asked for without this.
    pub client_authority: Option<&'a Authority>,
    /// The bearer token that is let through. No token is answered by 401, another one by 403.
    pub token: Option<String>,
    /// The user and the password that are let through, by basic authentication. Whoever comes as another is answered by 401.
    pub user: Option<(String, String)>,
}

impl FrontOptions<'_> {
    /// What has to stand in the header, and the answer where something else does.
    fn wanted(&self) -> Option<(String, &'static str)> {
        let basic = self.user.as_ref().map(|(user, password)| {
            (format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))), "401 Unauthorized")
        });
        basic.or_else(|| self.token.as_ref().map(|token| (format!("Bearer {token}"), "403 Forbidden")))
    }
}

/// A running front. It ends with this value.
#[derive(Debug)]
pub struct Front {
    address: String,
    ended: Arc<AtomicBool>,
}

impl Front {
    /// Stands with this certificate before the server at `behind` (`host:port`).
    pub fn start(behind: &str, certificate: &Certificate, options: &FrontOptions<'_>) -> Result<Front> {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        acceptor.set_private_key(&certificate.key)?;
        acceptor.set_certificate(&certificate.certificate)?;
        if let Some(authority) = options.client_authority {
            let mut store = X509StoreBuilder::new()?;
            store.add_cert(authority.certificate().clone())?;
            acceptor.set_verify_cert_store(store.build())?;
            acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        }
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").context("no port for the front")?;
        let address = listener.local_addr()?.to_string();
        let ended = Arc::new(AtomicBool::new(false));
        let (behind, wanted, told) = (behind.to_owned(), options.wanted(), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if told.load(Ordering::Relaxed) {
                    break;
                }
                let (acceptor, behind, wanted) = (acceptor.clone(), behind.clone(), wanted.clone());
                // Whoever is refused, or goes away, is no matter for the others.
                std::thread::spawn(move || -> Result<()> {
                    let stream = stream?;
                    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                    exchange(acceptor.accept(stream)?, &behind, wanted.as_ref())
                });
            }
        });
        Ok(Front { address, ended })
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the thread, which then sees that it has to end.
        TcpStream::connect(&self.address).ok();
    }
}

/// One request and its answer, after which the connection ends.
fn exchange(stream: impl Read + Write, behind: &str, wanted: Option<&(String, &'static str)>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length, mut given) = (String::new(), 0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        match line.trim_end().split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value)) {
            Some((name, value)) if name == "content-length" => length = value.parse()?,
            Some((name, value)) if name == "authorization" => given = Some(value.to_owned()),
            _ => {}
        }
        if !line.to_ascii_lowercase().starts_with("connection:") {
            head += &line;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let refusal = match (wanted, given) {
        (None, _) => None,
        (Some(_), None) => Some("401 Unauthorized"),
        (Some((wanted, refusal)), Some(given)) => (given != *wanted).then_some(*refusal),
    };
    let stream = reader.get_mut();
    if let Some(status) = refusal {
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        return Ok(stream.flush()?);
    }
    let mut server = TcpStream::connect(behind)?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    std::io::copy(&mut server, stream)?;
    Ok(stream.flush()?)
}
