//! Cases that the sandbox is still to learn. They hold on Kafka; of the sandbox is only told whether they do.

/// Their names.
pub const AWAITED: &[&str] = &[
    "connections::a_client_says_what_it_is_from_version_3_on",
    "registry::a_schema_gets_an_id_and_a_version",
    "topics::a_new_topic_is_made_and_shown",
    "topics::a_topic_is_deleted_and_made_again_with_another_id",
    "topics::assignments_are_checked",
    "topics::configs_are_checked",
    "topics::deleting_what_is_not_there_is_refused",
    "topics::more_replicas_than_brokers_are_refused",
    "topics::names_that_cannot_be_are_refused",
    "topics::names_that_collide_are_refused",
    "topics::no_partitions_are_refused",
    "topics::no_replicas_are_refused",
    "topics::one_name_twice_in_a_request_is_refused",
    "topics::the_broker_fills_in_what_is_left_to_it",
    "topics::validate_only_makes_nothing",
];
