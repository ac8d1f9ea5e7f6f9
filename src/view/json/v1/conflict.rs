use super::{InvalidDocument, OriginV1, ResourceV1};
use klerk_core::plan::{Conflict, ConflictReason, Finding};
use serde::{Deserialize, Serialize};

/// A wish that no change can grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictV1 {
    /// What it is about.
    pub resource: ResourceV1,
    /// Why, as a word.
    pub reason: String,
    /// Why, for people.
    pub message: String,
    /// The line that asked.
    pub origin: Option<OriginV1>,
}

impl From<&Conflict> for ConflictV1 {
    fn from(conflict: &Conflict) -> Self {
        ConflictV1 {
            resource: ResourceV1::from(&conflict.resource),
            reason: conflict.reason.as_str().to_owned(),
            message: conflict.message.clone(),
            origin: conflict.origin.as_ref().map(OriginV1::from),
        }
    }
}

impl ConflictV1 {
    pub(super) fn to_core(&self) -> Result<Conflict, InvalidDocument> {
        let reason = ConflictReason::ALL
            .into_iter()
            .find(|reason| reason.as_str() == self.reason)
            .ok_or_else(|| InvalidDocument::Word { field: "reason", found: self.reason.clone() })?;
        Ok(Conflict {
            resource: self.resource.to_core()?,
            reason,
            message: self.message.clone(),
            origin: self.origin.as_ref().map(Into::into),
        })
    }
}

/// Something worth knowing. It is not read back: it says nothing about what is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingV1 {
    /// `info` or `warning`.
    pub severity: String,
    /// A stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What it is about.
    pub resource: ResourceV1,
    /// The line that it comes from.
    pub origin: Option<OriginV1>,
}

impl From<&Finding> for FindingV1 {
    fn from(finding: &Finding) -> Self {
        FindingV1 {
            severity: finding.severity.as_str().to_owned(),
            code: finding.code.to_owned(),
            message: finding.message.clone(),
            resource: ResourceV1::from(&finding.resource),
            origin: finding.origin.as_ref().map(OriginV1::from),
        }
    }
}
