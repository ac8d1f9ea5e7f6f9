//! What a topology's policy holds a plan to: levels of kinds and risks, the topics in its scope, and how much of an
//! estate one plan may change.

mod bounds;
mod kind;
mod level;
mod permission;
mod scope;
mod share;

pub use bounds::Bounds;
pub use kind::Kind;
pub use level::Level;
pub use permission::{Permission, UnknownPermission};
pub(super) use scope::out_of_scope;
pub use share::ShareBound;
pub(super) use share::{share_bound, too_many};
