//! The real program, without a cluster or with a simulated one: its words, its status, and what goes to which stream.

// A test ends where it cannot go on.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod access;
mod access_in_the_readme;
#[path = "../real/adversarial/mod.rs"]
mod adversarial;
mod adversarial_inputs;
mod against_a_revision;
mod answering_in_json;
mod answering_in_markdown;
mod asking_for_help;
mod clients;
mod completing_in_bash;
mod configuring_brokers;
mod connecting;
mod consenting;
mod contexts;
mod counting_requests;
mod deleting;
mod deleting_subjects;
mod demo;
#[path = "../real/documents.rs"]
mod documents;
mod electing;
mod environments;
mod estate;
#[path = "../real/estates.rs"]
mod estates;
mod examples;
mod explaining;
mod exporting;
mod exporting_access;
mod history;
mod in_an_environment;
mod lacking_rights;
mod leaving_out;
mod looking_at_groups;
mod looking_at_the_cluster;
mod manners;
mod moving_offsets;
mod moving_replicas;
mod optional_apis;
mod policy;
mod purple_flea;
mod refusing;
mod resetting;
mod run;
mod sandbox;
mod saving_plans;
mod scene;
mod settings;
mod simulated;
mod starting_groups;
mod stopping;
mod streams;
mod telling_age;
mod telling_impact;
mod throttling;
mod truncating;
mod two_at_once;
mod undoing;
mod usage;
mod validating;
