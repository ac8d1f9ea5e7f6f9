//! Ports for the servers of this process.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

/// Below the range from which Linux, macOS and Windows take the ports of outgoing connections. A server that is killed and started again
/// must find its port free; one of that range could by then be the near end of somebody's connection.
const RANGE: std::ops::Range<u16> = 12_000..32_000;

/// A port of 127.0.0.1 on which nothing listens, never handed out twice by this process.
pub fn free_port() -> Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..1_000 {
        let port = RANGE.start + (random() % u64::from(RANGE.end - RANGE.start)) as u16;
        if !given.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            given.insert(port);
            return Ok(port);
        }
    }
    bail!("no free port of 127.0.0.1 was found between {} and {}", RANGE.start, RANGE.end)
}

fn random() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().1
}
