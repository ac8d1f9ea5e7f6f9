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
//! By design, each shown by the contract case of that name in `tests/contract/differences.rs`. On both sides:
//!
//! - `the_cluster_id_says_that_it_is_simulated`: it begins with `sandbox-`.
//! - `groups_and_client_metrics_have_no_configs`: they are refused by name.
//! - `a_broker_may_have_any_number_of_threads`: Kafka takes at most twice as many as there are.
//! - `fetches_begin_no_sessions`: every answer has session id 0, and clients name all partitions each time (KIP-227).
//! - `quotas_are_kept_and_not_enforced`: they are told as they were set, and nobody is throttled by them.
//! - `features_are_not_changed`: a possible change is refused by name.
//! - `groups_subscribe_to_topics_by_name_only`: a pattern in a KIP-848 group is refused by name (128).
//! - `groups_do_not_change_their_protocol`: a classic member that joins a live KIP-848 group is refused (23), and a
//!   KIP-848 member that joins a live classic group too (69), where Kafka lets groups migrate.
//!
//! On the sandbox alone, as the servers of the contract cannot show what Kafka does instead:
//!
//! - `acls_are_kept_and_not_enforced`: clients have no principals. ACLs are taken only where a test says that there is an
//!   authorizer (`state.acls.authorizer`).
//! - `throttles_slow_no_moves`: replication throttles are configs without effect; moves are as fast as `state.moves` says.
//! - `a_broker_is_not_unregistered`: it is refused by name.
//! - `the_quorum_has_one_voter`: the first broker decides alone, however many there are, and no failover can be tried.
//! - `a_new_cluster_has_its_coordinators_at_once`: Kafka makes its internal topics first, and is not available meanwhile.
//! - `a_first_member_waits_for_nobody`: `group.initial.rebalance.delay.ms` is a config without effect.
//! - `logs_keep_house_when_they_are_asked_to`: retention and compaction happen when a test asks (`state.run_retention`,
//!   `state.run_compaction`), and not by themselves.
//! - `compaction_heeds_no_ratio`: it cleans whatever `min.cleanable.dirty.ratio` says.
//! - `producers_are_never_forgotten`: Kafka forgets those that have been silent for a day.
//! - `offsets_never_expire`: commits stay until somebody deletes them, whatever `offsets.retention.minutes` is.
//! - `commits_are_no_records`: `__consumer_offsets` is there, and empty; commits are kept beside it.
//! - `idle_connections_stay_open`: `connections.max.idle.ms` is a config without effect.
//! - `nobody_logs_in`: there is no SASL and no TLS; the listeners are plain.

mod api;
pub mod faults;
pub mod mishap;
pub mod registry;
pub mod sandbox;
mod server;
pub mod state;

pub use sandbox::{Options, Sandbox, StartError};
pub use state::State;
