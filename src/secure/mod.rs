//! What protects a connection: whom to trust, who one is, and how one logs in.
//!
//! These are wishes, read by [`crate::settings`] out of whatever file an operator has. The control plane and the registry carry
//! them out; both get their certificates from here, so that no two of them can disagree about what a file holds.

mod login;
mod wanted;

pub use login::{Hash, Login, OauthClient, TokenSource};
pub use wanted::{Identity, Material, Security, Tls, Trust, Version, Versions};
