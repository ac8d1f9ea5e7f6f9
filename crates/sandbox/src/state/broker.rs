//! A simulated broker.

/// A broker. All of them share one state, so a broker is an address and whether it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// The port that it listens on, on loopback.
    pub port: u16,
    /// Its rack.
    pub rack: String,
    /// Whether it is up: one that is not leads nothing, is in no ISR, and drops its connections.
    pub alive: bool,
}
