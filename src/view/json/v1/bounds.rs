use super::InvalidDocument;
use klerk_core::plan::{Bounds, Level, Permission, Plan, ShareBound};
use klerk_core::values::ResourceType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the policy of the topology holds a plan to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BoundsV1 {
    /// The levels of kinds of changes and of risks, by their names.
    changes: BTreeMap<String, String>,
    /// What of the plan no flag can allow.
    by_hand: Vec<String>,
    /// How much of the estate one plan may change.
    max_change_share: Option<ShareV1>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ShareV1 {
    percent: u8,
    /// How many resources of each type the estate has.
    estate: BTreeMap<String, usize>,
}

impl BoundsV1 {
    /// Nothing for a plan without a policy.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let bounds = &plan.bounds;
        (*bounds != Bounds::default()).then(|| BoundsV1 {
            changes: bounds
                .levels
                .iter()
                .map(|(name, level)| (name.as_str().to_owned(), level.as_str().to_owned()))
                .collect(),
            by_hand: plan.by_hand().iter().map(|name| name.as_str().to_owned()).collect(),
            max_change_share: bounds.share.as_ref().map(|share| ShareV1 {
                percent: share.percent,
                estate: share.estate.iter().map(|(kind, count)| (kind.as_str().to_owned(), *count)).collect(),
            }),
        })
    }

    pub(super) fn to_core(&self) -> Result<Bounds, InvalidDocument> {
        let unknown = |word: &String| InvalidDocument::Word { field: "policy", found: word.clone() };
        let level = |(name, word): (&String, &String)| -> Result<(Permission, Level), InvalidDocument> {
            let permission = name.parse().map_err(|_| unknown(name))?;
            let level = Level::ALL.into_iter().find(|level| level.as_str() == word);
            Ok((permission, level.ok_or_else(|| unknown(word))?))
        };
        let count = |(word, count): (&String, &usize)| -> Result<(ResourceType, usize), InvalidDocument> {
            Ok((ResourceType::named(word).ok_or_else(|| unknown(word))?, *count))
        };
        let share = |share: &ShareV1| -> Result<ShareBound, InvalidDocument> {
            let estate = share.estate.iter().map(count).collect::<Result<_, _>>()?;
            Ok(ShareBound { percent: share.percent, estate })
        };
        Ok(Bounds {
            levels: self.changes.iter().map(level).collect::<Result<_, _>>()?,
            share: self.max_change_share.as_ref().map(share).transpose()?,
        })
    }
}
