//! A registry for tests that answers whatever the test says, also what no registry should.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the fake does with a request.
#[derive(Clone)]
pub(super) enum Act {
    /// Answers with a status, a content type or other header line, and a body.
    Answer(u16, &'static str, String),
    /// Closes the connection without a word.
    Close,
    /// Keeps the connection and says nothing.
    Mute,
}

/// JSON with a status.
pub(super) fn json(status: u16, body: &str) -> Act {
    Act::Answer(status, "Content-Type: application/vnd.schemaregistry.v1+json", body.to_owned())
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Method and path with query.
    pub line: String,
    /// All header lines in lower case.
    pub head: String,
    pub body: String,
}

pub(super) struct Fake {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    /// Serves until the test's runtime ends. `act` gets method and path, and how many requests came before.
    pub(super) async fn start(act: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (act, log) = (Arc::new(act), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, log) = (act.clone(), log.clone());
                tokio::spawn(async move { serve(stream, &*act, &log).await });
            }
        });
        Fake { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

async fn serve(mut stream: TcpStream, act: &(impl Fn(&str, usize) -> Act + Sync), log: &Mutex<Vec<Seen>>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let (head, mut body) = loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            break (head.to_owned(), body.to_owned());
        }
    };
    let (line, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let line = line.trim_end_matches(" HTTP/1.1").to_owned();
    let rest = rest.to_lowercase();
    let length = rest.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    while body.len() < length.unwrap_or(0) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => body.push_str(&String::from_utf8_lossy(&buffer[..count])),
        }
    }
    let before = {
        let mut log = log.lock().unwrap();
        log.push(Seen { line: line.clone(), head: rest, body });
        log.len() - 1
    };
    match act(&line, before) {
        Act::Close => {}
        Act::Mute => tokio::time::sleep(std::time::Duration::from_secs(60)).await,
        Act::Answer(status, header, body) => {
            let answer = format!(
                "HTTP/1.1 {status} X\r\n{header}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
}
