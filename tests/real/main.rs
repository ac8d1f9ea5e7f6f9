//! klerk and its test bed on real Kafka and a real registry. None of these tests skips: without Java or Maven they fail and say what
//! to install.

mod adversarial;
mod adversarial_inputs;
mod bed;
mod cluster_operations;
mod control_plane;
mod deletion;
mod documents;
mod estate;
mod estates;
mod examples;
mod exporting;
mod failures_apply;
mod failures_connect;
mod failures_plan;
mod failures_registry;
mod groups_client;
mod groups_lag;
mod groups_reset;
mod json_documents;
mod killed;
mod moving_replicas;
mod policies;
mod registry;
mod requests;
mod sandbox_configs;
mod sandbox_tools;
mod saved_plans;
mod scene;
mod secured_bed;
mod stored_records;
mod subjects;
mod topic_plans;
mod tour;
mod two_at_once;
mod wrong_ports;
