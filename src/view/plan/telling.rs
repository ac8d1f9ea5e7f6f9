use super::ApplyLine;
use klerk_core::plan::Permission;
use std::collections::BTreeSet;

/// How much of a plan is told, and what its reader has said beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Telling {
    /// Every resource by itself and every name, however many there are.
    pub full: bool,
    /// What has been allowed already.
    pub allowed: BTreeSet<Permission>,
    /// The line that asks for the same plan again, and carries it out.
    pub apply: ApplyLine,
}
