//! Counts what a program asks a broker for, by standing between the two and reading Kafka's frames.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::Context;

/// SaslHandshake, ApiVersions and SaslAuthenticate open a connection and ask for nothing.
const HANDSHAKES: [i16; 3] = [17, 18, 36];

/// What went through since the last [`CountingProxy::reset`], by API key.
#[derive(Debug, Default, Clone)]
pub struct Traffic {
    apis: BTreeMap<i16, Tally>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    requests: u64,
    last_answer: Option<Instant>,
}

impl Traffic {
    /// Requests without handshakes.
    pub fn requests(&self) -> u64 {
        let asking = self.apis.iter().filter(|(key, _)| !HANDSHAKES.contains(key));
        asking.map(|(_, tally)| tally.requests).sum()
    }

    /// When the last request of an API was answered.
    pub fn last_answer(&self, key: i16) -> Option<Instant> {
        self.apis.get(&key)?.last_answer
    }
}

/// A TCP proxy before one broker. It ends with the process.
#[derive(Debug)]
pub struct CountingProxy {
    traffic: Arc<Mutex<Traffic>>,
}

impl CountingProxy {
    /// Listens on `port` of 127.0.0.1 and forwards each connection to the port `broker`.
    pub fn start(port: u16, broker: u16) -> anyhow::Result<CountingProxy> {
        let listener = TcpListener::bind(("127.0.0.1", port)).context("the proxy cannot listen")?;
        let traffic = Arc::new(Mutex::new(Traffic::default()));
        let shared = Arc::clone(&traffic);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A connection that cannot be forwarded is closed, as a broker that is down would.
                forward(client, broker, &shared).ok();
            }
        });
        Ok(CountingProxy { traffic })
    }

    /// Begins to count at nothing.
    pub fn reset(&self) {
        *lock(&self.traffic) = Traffic::default();
    }

    pub fn traffic(&self) -> Traffic {
        lock(&self.traffic).clone()
    }
}

/// Which API each request in flight on one connection is of, by correlation id.
type InFlight = Arc<Mutex<HashMap<[u8; 4], i16>>>;

fn forward(client: TcpStream, broker: u16, traffic: &Arc<Mutex<Traffic>>) -> Result<()> {
    let server = TcpStream::connect(("127.0.0.1", broker))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let in_flight = InFlight::default();

    let (from, to) = (client.try_clone()?, server.try_clone()?);
    let (known, counted) = (Arc::clone(&in_flight), Arc::clone(traffic));
    thread::spawn(move || {
        pump(from, to, |frame| {
            if let [key_high, key_low, _, _, id @ ..] = frame
                && let Some(id) = id.first_chunk()
            {
                let key = i16::from_be_bytes([*key_high, *key_low]);
                lock(&known).insert(*id, key);
                lock(&counted).apis.entry(key).or_default().requests += 1;
            }
        })
    });

    let counted = Arc::clone(traffic);
    thread::spawn(move || {
        pump(server, client, |frame| {
            let key = frame.first_chunk().and_then(|id| lock(&in_flight).remove(id));
            if let Some(key) = key {
                lock(&counted).apis.entry(key).or_default().last_answer = Some(Instant::now());
            }
        })
    });
    Ok(())
}

/// Passes frames on until either side closes, each shown to `see` before it goes.
fn pump(from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let mut frame = Vec::new();
    while read_frame(&mut from, &mut frame).is_ok() {
        see(&frame[4..]);
        if to.write_all(&frame).is_err() {
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.get_ref().shutdown(Shutdown::Both).ok();
}

/// Reads a length of four bytes and what it announces, all of which is left in `frame`.
fn read_frame(from: &mut impl Read, frame: &mut Vec<u8>) -> Result<()> {
    frame.resize(4, 0);
    from.read_exact(frame)?;
    let length = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]);
    frame.resize(4 + length as usize, 0);
    from.read_exact(&mut frame[4..])
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
