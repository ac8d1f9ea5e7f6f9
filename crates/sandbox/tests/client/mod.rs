//! A client of one connection, for tests over the wire.

mod connection;

pub use connection::Client;
