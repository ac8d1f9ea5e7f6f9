use super::InvalidDocument;
use klerk_core::values::{Resource, ResourceType};
use serde::{Deserialize, Serialize};

/// A resource by type and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceV1 {
    /// `topic`, `subject`, `group` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl From<&Resource> for ResourceV1 {
    fn from(resource: &Resource) -> Self {
        ResourceV1 { kind: resource.kind.as_str().to_owned(), name: resource.name.clone() }
    }
}

impl ResourceV1 {
    pub(super) fn to_core(&self) -> Result<Resource, InvalidDocument> {
        match ResourceType::named(&self.kind) {
            Some(kind) => Ok(Resource { kind, name: self.name.clone() }),
            None => Err(InvalidDocument::Word { field: "resource.type", found: self.kind.clone() }),
        }
    }
}
