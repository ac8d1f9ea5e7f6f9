use super::InvalidDocument;
use klerk_core::access::{Acl, AclResource, AclResourceType, Operation, PatternType, Permission};
use serde::{Deserialize, Serialize};

/// One access control entry. Words are those of a topology.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclV1 {
    /// Who, as `User:name`.
    pub principal: String,
    /// `topic`, `group`, `cluster`, `transactional-id` …
    pub resource_type: String,
    /// The name, or what it begins with; `*` alone is every one.
    pub resource_name: String,
    /// `literal` or `prefixed`.
    pub pattern: String,
    /// `read`, `describe-configs` …
    pub operation: String,
    /// `allow` or `deny`.
    pub permission: String,
    /// From which address; `*` from everywhere.
    pub host: String,
}

impl From<&Acl> for AclV1 {
    fn from(acl: &Acl) -> Self {
        AclV1 {
            principal: acl.principal.clone(),
            resource_type: acl.resource.kind.to_string(),
            resource_name: acl.resource.name.clone(),
            pattern: acl.resource.pattern.as_str().to_owned(),
            operation: acl.operation.to_string(),
            permission: acl.permission.as_str().to_owned(),
            host: acl.host.clone(),
        }
    }
}

impl AclV1 {
    pub(super) fn to_core(&self) -> Result<Acl, InvalidDocument> {
        let unknown =
            |field: &'static str, found: &String| InvalidDocument::Word { field, found: found.clone() };
        let pattern = [PatternType::Literal, PatternType::Prefixed]
            .into_iter()
            .find(|pattern| pattern.as_str() == self.pattern)
            .ok_or_else(|| unknown("pattern", &self.pattern))?;
        let permission = [Permission::Allow, Permission::Deny]
            .into_iter()
            .find(|permission| permission.as_str() == self.permission)
            .ok_or_else(|| unknown("permission", &self.permission))?;
        Ok(Acl {
            principal: self.principal.clone(),
            resource: AclResource {
                kind: AclResourceType::from_word(&self.resource_type)
                    .ok_or_else(|| unknown("resource_type", &self.resource_type))?,
                name: self.resource_name.clone(),
                pattern,
            },
            permission,
            operation: Operation::from_word(&self.operation)
                .ok_or_else(|| unknown("operation", &self.operation))?,
            host: self.host.clone(),
        })
    }
}
