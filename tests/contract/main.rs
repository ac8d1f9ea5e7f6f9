//! The contract: what the sandbox has in common with real Kafka and a real registry.
//!
//! One list of cases runs on a sandbox **and** on three Kafka brokers with an Apicurio registry; the sandbox behaves as Apicurio here.
//! Each case tells what it saw (codes, words, effects), and both accounts must be the same, word for word. So the sandbox cannot lie
//! unnoticed, and all tests on it are worth as much as if they ran on Kafka, as far as the cases go.
//!
//! # Adding a case
//!
//! Write a function in the file of the API's family and add its name to the `cases!` list at the top of that file:
//!
//! ```ignore
//! fn a_topic_that_exists_is_refused(bed: &Bed) -> Result<()> {
//!     let name = bed.topic("orders", 1, 1, &[])?;                  // made, and visible everywhere; the name is this case's own
//!     let request = create(&name, 1, 1);                           // any request of kafka-protocol
//!     let answer = bed.call(&request, 7)?;                         // by any broker; also call_leader, call_coordinator, http
//!     for topic in &answer.topics {
//!         bed.said("create", topic.error_code, topic.error_message.as_ref());     // a line of the account
//!     }
//!     bed.is("code", answer.topics[0].error_code, 36)              // a line too, and the case fails when it does not hold
//! }
//! ```
//!
//! - Every case calls [`Bed::is`] or [`Bed::holds`] at least once, so that two accounts of nothing do not pass.
//! - Brokers show changes later than they accept them: look through [`Bed::until`] or a helper that does.
//! - Addresses, the cluster id and UUIDs are replaced in the account; what else is left to chance must not be told.
//! - All cases share the real cluster, so only names from [`Bed::name`] are used, and nothing is told of what others may have made.
//! - What only a sandbox of one's own can show (faults, the clock, its log) is tested in `crates/sandbox`; here nothing is said twice.
//! - Every API that the sandbox offers is asked by some case; the run says which are not.
//! - What the sandbox does differently on purpose stands in its crate documentation, and as a case in `differences.rs` or
//!   `schema_differences.rs`; as `Different` where both can be seen, as `Alone` where these servers cannot show Kafka's side.
//!
//! ```text
//! cargo test --test contract                           all, on both
//! cargo test --test contract -- topics                 those whose name has the word
//! cargo test --test contract -- --on sandbox           without Kafka, while at work
//! cargo test --test contract -- --on kafka --tell NAME  what Kafka does, to write a case by
//! ```

// It is a program that speaks to whoever runs the tests, and a case ends where it cannot go on.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used)]

mod access;
mod alterations;
mod bed;
mod case;
mod cluster;
mod configs;
mod connections;
mod coverage;
mod differences;
mod fetch;
mod groups;
mod markers;
mod members;
mod partitions;
mod produce;
mod records;
mod registry;
mod replicas;
mod runner;
mod schema_differences;
mod schemas;
mod servers;
mod topics;
mod transactions;
mod whole_configs;

fn main() -> std::process::ExitCode {
    runner::run(&[
        connections::CASES,
        cluster::CASES,
        topics::CASES,
        partitions::CASES,
        configs::CASES,
        alterations::CASES,
        whole_configs::CASES,
        records::CASES,
        produce::CASES,
        fetch::CASES,
        transactions::CASES,
        markers::CASES,
        groups::CASES,
        members::CASES,
        replicas::CASES,
        access::CASES,
        registry::CASES,
        schemas::CASES,
        differences::CASES,
        schema_differences::CASES,
    ])
}
