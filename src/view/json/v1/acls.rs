use super::groups::{all_or_none, missing};
use super::{AclV1, FailureV1};
use crate::view::acl_list::notes;
use klerk_core::access::{Acl, Asked, Decision, Ruling};
use klerk_core::values::Known;
use serde::Serialize;
use std::collections::BTreeSet;

/// `klerk.acls`: access control entries, and which of them decides, where that was asked.
#[derive(Debug, Clone, Serialize)]
pub struct AclsDocument {
    format: &'static str,
    version: u32,
    acls: Vec<AclV1>,
    visible_only: Option<bool>,
    reason: Option<String>,
    error: Option<FailureV1>,
    explanation: Option<ExplanationV1>,
}

#[derive(Debug, Clone, Serialize)]
struct ExplanationV1 {
    principal: String,
    operation: String,
    resource_type: String,
    resource_name: String,
    host: Option<String>,
    /// Null where the cluster does not tell.
    allowed: Option<bool>,
    ruling: Option<&'static str>,
    by: Option<AclV1>,
    notes: Vec<String>,
}

impl AclsDocument {
    /// The document of these entries.
    pub fn new(shown: &[&Acl], all: &Known<BTreeSet<Acl>>) -> Self {
        let (reason, error) = missing(all);
        AclsDocument {
            format: "klerk.acls",
            version: 1,
            acls: shown.iter().map(|acl| AclV1::from(*acl)).collect(),
            visible_only: all_or_none(all),
            reason,
            error,
            explanation: None,
        }
    }

    /// The document of a decision, with every entry that fits.
    pub fn explained(asked: &Asked<'_>, decision: &Decision<'_>, all: &Known<BTreeSet<Acl>>) -> Self {
        let fitting: Vec<&Acl> = decision
            .by
            .into_iter()
            .chain(decision.also.iter().copied())
            .chain(decision.elsewhere.iter().copied())
            .collect();
        let is_known = all.known().is_some();
        // Without an entry a setting of the brokers decides, which they do not tell.
        let allowed = match decision.ruling {
            Ruling::Allowed => Some(true),
            Ruling::Denied | Ruling::NoRule => Some(false),
            Ruling::NoAcls => None,
        };
        let explanation = ExplanationV1 {
            principal: asked.principal.to_owned(),
            operation: asked.operation.to_string(),
            resource_type: asked.kind.to_string(),
            resource_name: asked.name.to_owned(),
            host: asked.host.map(str::to_owned),
            allowed: allowed.filter(|_| is_known),
            ruling: is_known.then(|| decision.ruling.as_str()),
            by: decision.by.map(AclV1::from),
            notes: if is_known { notes(asked, decision) } else { Vec::new() },
        };
        AclsDocument { explanation: Some(explanation), ..AclsDocument::new(&fitting, all) }
    }
}
