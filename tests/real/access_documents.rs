//! The documents of who may do what: `klerk acl`, `klerk quota`, `klerk user`.

use super::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acls {
    pub format: String,
    pub version: u32,
    pub acls: Vec<Acl>,
    pub visible_only: Option<bool>,
    pub reason: Option<String>,
    pub error: Option<Failure>,
    pub explanation: Option<AclExplanation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acl {
    pub principal: String,
    pub resource_type: String,
    pub resource_name: String,
    pub pattern: String,
    pub operation: String,
    pub permission: String,
    pub host: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclExplanation {
    pub principal: String,
    pub operation: String,
    pub resource_type: String,
    pub resource_name: String,
    pub host: Option<String>,
    pub allowed: Option<bool>,
    pub ruling: Option<String>,
    pub by: Option<Acl>,
    pub notes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    pub format: String,
    pub version: u32,
    pub quotas: Vec<Quota>,
    pub visible_only: Option<bool>,
    pub reason: Option<String>,
    pub error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    pub name: String,
    pub entity: BTreeMap<String, Option<String>>,
    pub quotas: BTreeMap<String, f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    pub format: String,
    pub version: u32,
    pub users: Vec<User>,
    pub visible_only: Option<bool>,
    pub reason: Option<String>,
    pub error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    pub user: String,
    pub credentials: Vec<Credential>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    pub mechanism: String,
    pub iterations: i32,
}
