use super::FailureV1;
use super::clients::{EntityV1, quotas};
use super::groups::{all_or_none, missing};
use klerk_core::access::{QuotaEntity, Quotas, ScramMechanism};
use klerk_core::values::Known;
use serde::Serialize;
use std::collections::BTreeMap;

/// `klerk.quotas`: the quotas of clients by Kafka's keys.
#[derive(Debug, Clone, Serialize)]
pub struct QuotasDocument {
    format: &'static str,
    version: u32,
    quotas: Vec<QuotaV1>,
    visible_only: Option<bool>,
    reason: Option<String>,
    error: Option<FailureV1>,
}

#[derive(Debug, Clone, Serialize)]
struct QuotaV1 {
    name: String,
    entity: EntityV1,
    quotas: BTreeMap<String, f64>,
}

impl QuotasDocument {
    /// The document of these quotas, or of why they are missing.
    pub fn new<T>(shown: &[(&QuotaEntity, &Quotas)], all: &Known<T>) -> Self {
        let (reason, error) = missing(all);
        let one = |(entity, of): &(&QuotaEntity, &Quotas)| QuotaV1 {
            name: entity.to_string(),
            entity: entity.parts.clone(),
            quotas: quotas(of).into_iter().map(|(key, amount)| (key.to_owned(), amount)).collect(),
        };
        let quotas = shown.iter().map(one).collect();
        QuotasDocument {
            format: "klerk.quotas",
            version: 1,
            quotas,
            visible_only: all_or_none(all),
            reason,
            error,
        }
    }
}

/// `klerk.users`: users of SCRAM, without their passwords.
#[derive(Debug, Clone, Serialize)]
pub struct UsersDocument {
    format: &'static str,
    version: u32,
    users: Vec<UserV1>,
    visible_only: Option<bool>,
    reason: Option<String>,
    error: Option<FailureV1>,
}

#[derive(Debug, Clone, Serialize)]
struct UserV1 {
    user: String,
    credentials: Vec<CredentialV1>,
}

#[derive(Debug, Clone, Serialize)]
struct CredentialV1 {
    mechanism: &'static str,
    iterations: i32,
}

impl UsersDocument {
    /// The document of these users, or of why they are missing.
    pub fn new<T>(shown: &[(&String, &BTreeMap<ScramMechanism, i32>)], all: &Known<T>) -> Self {
        let (reason, error) = missing(all);
        let credential = |(mechanism, iterations): (&ScramMechanism, &i32)| CredentialV1 {
            mechanism: mechanism.as_str(),
            iterations: *iterations,
        };
        let one = |(name, of): &(&String, &BTreeMap<ScramMechanism, i32>)| UserV1 {
            user: (*name).clone(),
            credentials: of.iter().map(credential).collect(),
        };
        let users = shown.iter().map(one).collect();
        UsersDocument {
            format: "klerk.users",
            version: 1,
            users,
            visible_only: all_or_none(all),
            reason,
            error,
        }
    }
}
