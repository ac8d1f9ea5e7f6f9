//! The first version of the documents. Types are copied from the core, never derived on it, so that a change of the
//! core cannot change a document; within this version they only gain fields.

mod config;
mod conflict;
mod demo;
mod diff;
mod error;
mod explanation;
mod failure;
mod group;
mod groups;
mod invalid;
mod lag;
mod loss;
mod offsets;
mod origin;
mod paths;
mod plan;
mod print;
mod report;
mod resource;
mod sandbox;
mod step;
mod text;
mod validation;

pub use config::ConfigDocument;
pub use conflict::{ConflictV1, FindingV1};
pub use demo::{DemoDocument, DemoStepV1};
pub use diff::DiffDocument;
pub use error::ErrorDocument;
pub use explanation::{ExplainedV1, ExplanationDocument};
pub use failure::FailureV1;
pub use group::GroupDocument;
pub use groups::GroupsDocument;
pub use invalid::InvalidDocument;
pub use lag::LagDocument;
pub use offsets::PartitionV1;
pub use origin::OriginV1;
pub use paths::{FilesDocument, PathsDocument};
pub use plan::PlanDocument;
pub use print::print;
pub use report::ReportDocument;
pub use resource::ResourceV1;
pub use sandbox::SandboxDocument;
pub use step::{ChangeV1, StepV1};
pub use text::TextDocument;
pub use validation::ValidationDocument;
