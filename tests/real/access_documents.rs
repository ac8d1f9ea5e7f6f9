//! The documents of who may do what: `klerk acl`.

use super::Failure;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acls {
    pub format: String,
    pub version: u32,
    pub acls: Vec<Acl>,
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
