//! Counting what was sent, for `--explain-requests`.

use super::lock::lock;
use klerk_wire::api;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What was sent of one API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApiCount {
    /// Requests sent.
    pub requests: u64,
    /// Bytes sent, with lengths and headers.
    pub bytes_out: u64,
    /// Bytes received, with lengths and headers.
    pub bytes_in: u64,
}

/// All that was sent, by API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// Requests that ask or tell something, by API name.
    pub requests: BTreeMap<&'static str, ApiCount>,
    /// Requests that set connections up (ApiVersions, SASL), by API name.
    pub handshakes: BTreeMap<&'static str, ApiCount>,
}

impl RequestCounts {
    /// Requests without handshakes.
    pub fn total(&self) -> u64 {
        self.requests.values().map(|count| count.requests).sum()
    }

    /// Bytes received and sent, handshakes included, as `(in, out)`.
    pub fn bytes(&self) -> (u64, u64) {
        self.requests
            .values()
            .chain(self.handshakes.values())
            .fold((0, 0), |(received, sent), count| (received + count.bytes_in, sent + count.bytes_out))
    }
}

/// Counts requests of all connections to a cluster.
#[derive(Debug, Default)]
pub struct Meter {
    counts: Mutex<RequestCounts>,
}

impl Meter {
    /// What was counted so far.
    pub fn counts(&self) -> RequestCounts {
        lock(&self.counts).clone()
    }

    pub(super) fn sent(&self, key: i16, bytes: usize) {
        self.count(key, |count| {
            count.requests += 1;
            count.bytes_out += bytes as u64;
        });
    }

    pub(super) fn received(&self, key: i16, bytes: usize) {
        self.count(key, |count| count.bytes_in += bytes as u64);
    }

    fn count(&self, key: i16, add: impl FnOnce(&mut ApiCount)) {
        let mut counts = lock(&self.counts);
        let kind = if api::is_handshake(key) { &mut counts.handshakes } else { &mut counts.requests };
        add(kind.entry(api::api_name(key)).or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_apart_from_handshakes() {
        let meter = Meter::default();
        meter.sent(18, 30);
        meter.received(18, 400);
        meter.sent(3, 40);
        meter.sent(3, 40);
        meter.received(3, 1000);
        let counts = meter.counts();
        assert_eq!(counts.total(), 2);
        assert_eq!(counts.requests["Metadata"], ApiCount { requests: 2, bytes_out: 80, bytes_in: 1000 });
        assert_eq!(counts.handshakes["ApiVersions"].requests, 1);
        assert_eq!(counts.bytes(), (1400, 110));
    }
}
