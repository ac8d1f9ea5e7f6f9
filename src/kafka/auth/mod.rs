//! Logging in: SASL, after ApiVersions and before every other request.
//!
//! [`Logins`] is what the logins of one cluster share: the token at hand, and whose turn it is. One file holds what each mechanism
//! says ([`plain`], [`scram`], [`bearer`]; pure), one the exchange with a broker ([`exchange`]), and one each source of tokens.
//! A login is refused by the broker, or fails on this side; [`LoginError`] keeps the two apart. No secret is in any of its
//! words.

mod bearer;
mod claims;
mod command;
mod endpoint;
mod exchange;
mod login_error;
mod logins;
mod plain;
mod scram;
mod token_error;
mod tokens;

pub use login_error::{LoginError, Who};
pub use logins::Logins;
pub use scram::ScramFault;
pub use token_error::TokenError;

pub(super) use exchange::{Session, mechanisms};
