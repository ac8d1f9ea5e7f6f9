//! klerk and its test bed on real Kafka and a real registry. None of these tests skips: without Java or Maven they fail and say what
//! to install.

mod bed;
mod control_plane;
mod estate;
mod groups_client;
mod registry;
mod subjects;
mod topic_plans;
mod tour;
mod wrong_ports;
