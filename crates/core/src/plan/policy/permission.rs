use super::{Kind, Level};
use crate::plan::Risk;
use crate::values::closest;
use std::{fmt, str};

/// A name by which a plan may have to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// What may be lost or broken.
    Risk(Risk),
    /// What is done.
    Kind(Kind),
    /// To change more of an estate at once than its policy lets one plan do.
    ChangeShare,
}

/// The word is no name by which a plan can be allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is neither a risk nor a kind of change{}", .meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default())]
pub struct UnknownPermission {
    /// The word.
    pub word: String,
    /// The name that was probably meant.
    pub meant: Option<&'static str>,
}

/// The name of the one permission that is neither a risk nor a kind.
const CHANGE_SHARE: &str = "max-change-share";

impl Permission {
    /// Every name: risks, kinds, and the share.
    pub fn all() -> impl Iterator<Item = Permission> {
        Permission::levelled().chain([Permission::ChangeShare])
    }

    /// The names that a policy can give a level: risks and kinds.
    pub fn levelled() -> impl Iterator<Item = Permission> {
        Risk::ALL.into_iter().map(Permission::Risk).chain(Kind::all().map(Permission::Kind))
    }

    /// The name in `--allow` and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::Risk(risk) => risk.as_str(),
            Permission::Kind(kind) => kind.as_str(),
            Permission::ChangeShare => CHANGE_SHARE,
        }
    }

    /// Why it is asked for, in a sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Permission::Risk(risk) => risk.meaning(),
            Permission::Kind(_) => {
                "the policy of the topology wants this kind of change to be allowed by name"
            }
            Permission::ChangeShare => {
                "the plan changes or deletes more of what the topology names than its policy lets one plan do"
            }
        }
    }

    /// What it takes where no policy says otherwise.
    pub fn level_without_policy(self) -> Level {
        match self {
            Permission::Risk(risk) if !risk.is_covered_by_yes() => Level::Approve,
            Permission::Risk(_) | Permission::Kind(_) => Level::Auto,
            Permission::ChangeShare => Level::Approve,
        }
    }
}

impl From<Risk> for Permission {
    fn from(risk: Risk) -> Self {
        Permission::Risk(risk)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl str::FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Permission::all().find(|permission| permission.as_str() == text).ok_or_else(|| UnknownPermission {
            word: text.to_owned(),
            meant: closest(text, Permission::all().map(Permission::as_str))
                .and_then(|meant| Permission::all().map(Permission::as_str).find(|name| *name == meant)),
        })
    }
}
