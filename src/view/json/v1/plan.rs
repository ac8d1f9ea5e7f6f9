use super::bounds::BoundsV1;
use super::digest::{digest, is_known};
use super::{ConflictV1, FindingV1, InvalidDocument, StepV1};
use klerk_core::plan::{Plan, Preflight, Summary, Unmanaged};
use klerk_core::values::{Resource, ResourceType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `klerk.plan`: everything that would be done. It can be read back into the plan that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDocument {
    format: String,
    version: u32,
    /// Over everything else, where it stands by itself rather than in a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    command: String,
    cluster: PlannedOnV1,
    environment: Option<String>,
    /// The revision that stood for the cluster, where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    appliable: bool,
    /// Whether it goes on without what is blocked.
    #[serde(default, skip_serializing_if = "is_false")]
    skips_blocked: bool,
    requires: Vec<String>,
    preflight: String,
    summary: SummaryV1,
    steps: Vec<StepV1>,
    conflicts: Vec<ConflictV1>,
    unmanaged: NamesV1,
    unchanged: NamesV1,
    findings: Vec<FindingV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<BoundsV1>,
    /// Whether topics may be left out because they may not be described, in a plan for all topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visible_only: Option<bool>,
}

/// The cluster that a plan is for; null for a plan that was made without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PlannedOnV1 {
    id: Option<String>,
}

/// The cluster that a document is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClusterV1 {
    pub(super) id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SummaryV1 {
    create: usize,
    change: usize,
    delete: usize,
    blocked: usize,
    unchanged: usize,
}

/// Names by type of resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NamesV1 {
    topics: BTreeSet<String>,
    subjects: BTreeSet<String>,
    groups: BTreeSet<String>,
    /// Principals with access control entries.
    #[serde(default)]
    acls: BTreeSet<String>,
    /// Whom quotas are for.
    #[serde(default)]
    quotas: BTreeSet<String>,
    /// Users of SCRAM.
    #[serde(default)]
    users: BTreeSet<String>,
}

const FORMAT: &str = "klerk.plan";
const VERSION: u32 = 1;

impl From<&Plan> for PlanDocument {
    fn from(plan: &Plan) -> Self {
        PlanDocument {
            format: FORMAT.to_owned(),
            version: VERSION,
            digest: None,
            command: plan.command.clone(),
            cluster: PlannedOnV1 { id: plan.against.is_none().then(|| plan.cluster_id.clone()) },
            environment: plan.environment.clone(),
            against: plan.against.clone(),
            appliable: plan.is_appliable(),
            skips_blocked: plan.skips_blocked,
            requires: plan.requires().into_iter().map(|name| name.as_str().to_owned()).collect(),
            preflight: plan.preflight.as_str().to_owned(),
            summary: SummaryV1::from(plan.summary()),
            steps: plan.steps.iter().map(StepV1::from).collect(),
            conflicts: plan.conflicts.iter().map(ConflictV1::from).collect(),
            unmanaged: NamesV1 {
                topics: plan.unmanaged.topics.clone(),
                subjects: plan.unmanaged.subjects.clone(),
                groups: plan.unmanaged.groups.clone(),
                acls: plan.unmanaged.acls.clone(),
                quotas: plan.unmanaged.quotas.clone(),
                users: plan.unmanaged.users.clone(),
            },
            unchanged: NamesV1 {
                topics: names(&plan.unchanged, ResourceType::Topic),
                subjects: names(&plan.unchanged, ResourceType::Subject),
                groups: names(&plan.unchanged, ResourceType::Group),
                acls: names(&plan.unchanged, ResourceType::Acl),
                quotas: names(&plan.unchanged, ResourceType::Quota),
                users: names(&plan.unchanged, ResourceType::User),
            },
            findings: plan.findings.iter().map(FindingV1::from).collect(),
            policy: BoundsV1::of(plan),
            visible_only: plan.visible_only,
        }
    }
}

impl From<Summary> for SummaryV1 {
    fn from(summary: Summary) -> Self {
        SummaryV1 {
            create: summary.create,
            change: summary.change,
            delete: summary.delete,
            blocked: summary.blocked,
            unchanged: summary.unchanged,
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn names(resources: &BTreeSet<Resource>, kind: ResourceType) -> BTreeSet<String> {
    resources.iter().filter(|resource| resource.kind == kind).map(|resource| resource.name.clone()).collect()
}

impl PlanDocument {
    /// The document with its digest, by which an edit shows when it is read back.
    pub fn sealed(plan: &Plan) -> PlanDocument {
        let document = PlanDocument::from(plan);
        // A document that cannot be written as JSON is told of where it is printed.
        let digest = serde_json::to_value(&document).ok().map(|value| digest(&value));
        PlanDocument { digest, ..document }
    }

    /// Whether an edit of it would have shown. An earlier klerk wrote none of them so.
    pub fn is_sealed(&self) -> bool {
        self.digest.is_some()
    }

    /// Reads the text of a document. Fields that a later klerk has added are passed over.
    ///
    /// # Errors
    /// When it is no plan, one of a later version, or not as it was written.
    pub fn parse(text: &str) -> Result<PlanDocument, InvalidDocument> {
        let value = serde_json::from_str(text)
            .map_err(|error| InvalidDocument::Shape { format: FORMAT, reason: error.to_string() })?;
        PlanDocument::from_value(value)
    }

    /// The same from a value that is part of another document.
    ///
    /// # Errors
    /// When it is no plan, one of a later version, or not as it was written.
    pub fn from_value(mut value: serde_json::Value) -> Result<PlanDocument, InvalidDocument> {
        if let Some(found) =
            value.get("format").and_then(|format| format.as_str()).filter(|found| *found != FORMAT)
        {
            return Err(InvalidDocument::Format { expected: FORMAT, found: found.to_owned() });
        }
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        if let Some(found) =
            version.and_then(|version| u32::try_from(version).ok()).filter(|found| *found > VERSION)
        {
            return Err(InvalidDocument::Newer { format: FORMAT, found, known: VERSION });
        }
        let digest = checked_digest(&mut value)?;
        let document: PlanDocument = serde_json::from_value(value)
            .map_err(|error| InvalidDocument::Shape { format: FORMAT, reason: error.to_string() })?;
        Ok(PlanDocument { digest, ..document })
    }

    /// The plan. Findings stay behind: they say nothing about what is to be done.
    ///
    /// # Errors
    /// For a word that this version does not know, and for values that do not belong to their kind.
    pub fn to_core(&self) -> Result<Plan, InvalidDocument> {
        let preflight = [Preflight::Full, Preflight::Partial, Preflight::None]
            .into_iter()
            .find(|preflight| preflight.as_str() == self.preflight)
            .ok_or_else(|| InvalidDocument::Word { field: "preflight", found: self.preflight.clone() })?;
        let unchanged = self
            .unchanged
            .topics
            .iter()
            .map(Resource::topic)
            .chain(self.unchanged.subjects.iter().map(Resource::subject))
            .chain(self.unchanged.groups.iter().map(Resource::group))
            .chain(self.unchanged.acls.iter().map(Resource::acl))
            .chain(self.unchanged.quotas.iter().map(Resource::quota))
            .chain(self.unchanged.users.iter().map(Resource::user))
            .collect();
        Ok(Plan {
            command: self.command.clone(),
            cluster_id: self.cluster.id.clone().unwrap_or_default(),
            environment: self.environment.clone(),
            steps: self.steps.iter().map(StepV1::to_core).collect::<Result<_, _>>()?,
            conflicts: self.conflicts.iter().map(ConflictV1::to_core).collect::<Result<_, _>>()?,
            unmanaged: Unmanaged {
                topics: self.unmanaged.topics.clone(),
                subjects: self.unmanaged.subjects.clone(),
                groups: self.unmanaged.groups.clone(),
                acls: self.unmanaged.acls.clone(),
                quotas: self.unmanaged.quotas.clone(),
                users: self.unmanaged.users.clone(),
            },
            findings: Vec::new(),
            preflight,
            unchanged,
            bounds: self.policy.as_ref().map(BoundsV1::to_core).transpose()?.unwrap_or_default(),
            skips_blocked: self.skips_blocked,
            against: self.against.clone(),
            visible_only: self.visible_only,
        })
    }
}

/// Takes the digest off a document and holds what is left against it. There is none where an earlier klerk wrote it.
fn checked_digest(value: &mut serde_json::Value) -> Result<Option<String>, InvalidDocument> {
    match value.as_object_mut().and_then(|fields| fields.shift_remove("digest")) {
        None => Ok(None),
        Some(serde_json::Value::String(written)) if !is_known(&written) => {
            Err(InvalidDocument::Word { field: "digest", found: written })
        }
        Some(serde_json::Value::String(written)) if written == digest(value) => Ok(Some(written)),
        Some(_) => Err(InvalidDocument::Changed),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
