//! From trees to a draft: one reader a section. A reader notes what it cannot take and goes on.

mod access;
mod configs;
mod environments;
mod external;
mod file;
mod groups;
mod keys;
mod naming;
mod only;
mod policy;
mod quotas;
mod scalars;
mod schemas;
mod topics;
mod users;

pub(super) use file::read_file;
pub(crate) use keys::KAFKA_CONFIGS;
#[cfg(test)]
pub(super) use keys::{
    ACCESS_KEYS, ACL_KEYS, ENVIRONMENT_KEYS, GROUP_KEYS, POLICY_KEYS, POLICY_TOPICS_KEYS, QUOTA_KEYS,
    SCHEMA_KEYS, SCHEMAS_KEYS, SECTIONS, SUBJECT_KEYS, TOPIC_KEYS, USER_KEYS,
};
