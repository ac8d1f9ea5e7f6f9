//! What protects a connection: whom to trust, who one is, and how one logs in.
//!
//! These are wishes, read by [`crate::settings`] out of whatever file an operator has. The control plane, the registry and the
//! endpoint of tokens carry them out; all get their certificates from here, so that no two of them can disagree about what a file
//! holds.
//!
//! | to | see |
//! |---|---|
//! | say what is wished for | [`Security`], [`Tls`], [`Login`] |
//! | read a store by its content (PEM, PKCS#12, JKS) | `store`, with `pem`, `jks` and `legacy` |
//! | read a password, and warn of a file that everybody may read | [`read_password`], [`exposed`] |
//! | have what was read, for OpenSSL, as PEM, or for an HTTP client | [`Loaded`] |
//! | open TLS, and say why it does not open | [`Connector`], [`TlsFailure`], [`Side`] |

mod connector;
mod described;
mod exposed;
mod fault;
mod http;
mod jks;
mod legacy;
mod loaded;
mod login;
mod password_file;
mod pem;
mod refusal;
mod side;
mod store;
#[cfg(test)]
mod tests;
mod wanted;

pub use connector::Connector;
pub use described::Described;
pub use exposed::exposed;
pub use fault::{MaterialError, MaterialFault, Role};
pub use http::host_and_port;
pub use loaded::Loaded;
pub use login::{Hash, Login, OauthClient, TokenSource};
pub use password_file::{PasswordFileError, read_password};
pub use refusal::{ALERTS, Alert, TlsFailure, hints_for};
pub use side::Side;
pub use wanted::{Identity, Material, Security, Tls, Trust, Version, Versions};
