//! A simulated Kafka cluster and schema registry on loopback, in this process and in memory.
//!
//! It serves demos and fast tests. **It is not Kafka**: its cluster id, its banner and the README say so, and one
//! list of contract cases (`tests/contract/`) runs on it and on real Kafka, so that it cannot lie unnoticed.
//!
//! # Rooms
//!
//! | room | holds | never |
//! |---|---|---|
//! | [`sandbox`] | starting, the addresses, the hooks of tests | protocol |
//! | [`state`] | what the cluster is: brokers, topics, logs, groups, access; plain values and their rules | sockets, messages |
//! | `api` | one file an API family: a request and the state give an answer | sockets, waiting |
//! | `server` | listeners, connections, waiting for the state to change | meaning |
//! | [`registry`] | the schema registry: its rules, its HTTP, its own faults | the cluster |
//! | [`faults`] | what shall go wrong, and when | – |
//!
//! Data flows one way: `server` reads a frame, `api` turns request and state into an answer, `server` writes it.
//!
//! # What it does differently
//!
//! By design, each shown by the contract case of that name in `tests/contract/differences.rs`:
//!
//! - `the_cluster_id_says_that_it_is_simulated`: it begins with `sandbox-`.
//! - `groups_and_client_metrics_have_no_configs`: they are refused by name.
//! - `a_broker_may_have_any_number_of_threads`: Kafka takes at most twice as many as there are.
//! - `fetches_begin_no_sessions`: every answer has session id 0, and clients name all partitions each time (KIP-227).
//!
//! # What it leaves out
//!
//! Clients have no principals, so ACLs and quotas are kept and told, and never enforced; an authorizer is there only
//! where a test says so (`state.acls.authorizer`). Replication throttles are configs without effect: moves are as fast as
//! `state.moves` says. A broker is not unregistered, and features are not changed: both are refused by name.
//! A refused Produce that wants no answer leaves its connection open. Logs run no housekeeping by themselves: retention and
//! compaction happen when a test asks (`state.run_retention`, `state.run_compaction`), the latter whatever the ratio of
//! what is dirty, and producers are never forgotten.

mod api;
pub mod faults;
pub mod registry;
pub mod sandbox;
mod server;
pub mod state;

pub use sandbox::{Options, Sandbox, StartError};
pub use state::State;
