use super::{Level, Permission, ShareBound};
use std::collections::BTreeMap;

/// What a policy holds a plan to. It is part of the plan, so that one that was saved is held to it too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bounds {
    /// The levels that the policy gives.
    pub levels: BTreeMap<Permission, Level>,
    /// How much of the estate the plan may change, where the policy limits it.
    pub share: Option<ShareBound>,
}

impl Bounds {
    /// What a name takes. A policy never asks for less than a risk by itself does.
    pub fn level(&self, permission: Permission) -> Level {
        let own = permission.level_without_policy();
        self.levels.get(&permission).copied().unwrap_or(own).max(match permission {
            Permission::Risk(_) => own,
            Permission::Kind(_) | Permission::ChangeShare => Level::Auto,
        })
    }
}
