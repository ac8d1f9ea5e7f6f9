//! A cluster behind TLS, logins and an authorizer, with the certificates, stores and tokens that its clients need.
//!
//! | to get | use |
//! |---|---|
//! | one secured broker that all tests of one binary share | [`secured()`] |
//! | a secured cluster of one's own, of one broker or three | [`Secured::start`] |
//! | the address of a way in | [`Secured::at`] and [`Listener`] |
//! | somebody who may do this and nothing else | [`Secured::allow_only`] |
//! | certificates and keys, as PEM, PKCS#12 or JKS | [`Certificates`] (from [`Secured::certificates`]) |
//! | a client's settings, as Kafka's own tools take them | [`Secured::properties`] and [`As`] |
//! | a server of plain HTTP behind TLS, client certificates or a bearer token | [`Front`] |
//! | tokens | [`TokenSigner`], and [`TokenServer`] for an endpoint that hands them out |

mod certificates;
mod cluster;
mod front;
mod listener;
mod rights;
mod stores;
mod tokens;

pub use certificates::{Authority, Certificate, Certificates};
pub use cluster::{Secured, password_of, secured};
pub use front::{Front, FrontOptions};
pub use listener::{As, Listener};
pub use rights::Resource;
pub use stores::{STORE_PASSWORD, Store};
pub use tokens::{AUDIENCE, TokenServer, TokenServerOptions, TokenSigner};
