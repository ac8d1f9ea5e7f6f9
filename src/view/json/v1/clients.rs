//! Changes of quotas and users. A password stands in none of them, only the file that holds it.

use super::step::ChangeV1;
use super::{InvalidDocument, step};
use klerk_core::access::{Amount, QuotaEntity, Quotas, ScramMechanism};
use klerk_core::plan::AccessChange;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Whom a quota is for: names by kind (`user`, `client-id`, `ip`); null is the default of a kind.
pub type EntityV1 = BTreeMap<String, Option<String>>;

/// The credentials of a user for one mechanism.
#[derive(Serialize, Deserialize)]
struct UserV1 {
    mechanism: String,
    iterations: i32,
}

#[derive(Serialize, Deserialize)]
struct NewUserV1 {
    mechanism: String,
    iterations: i32,
    password_file: String,
}

fn amounts(amounts: &BTreeMap<String, Option<Amount>>) -> Value {
    json!(
        amounts.iter().map(|(key, amount)| (key, amount.map(|amount| amount.0))).collect::<BTreeMap<_, _>>()
    )
}

/// Writes what the change holds into its document.
pub(super) fn write(change: &AccessChange, document: &mut ChangeV1) {
    match change {
        AccessChange::CreateAcl { .. } | AccessChange::DeleteAcl { .. } => {}
        AccessChange::SetQuota { entity, from, to } => {
            document.entity = Some(entity.parts.clone());
            document.from = amounts(from);
            document.to = amounts(to);
        }
        AccessChange::DeleteQuota { entity, from } => {
            document.entity = Some(entity.parts.clone());
            document.from = json!(quotas(from));
        }
        AccessChange::SetUser { mechanism, from, iterations, password_file, .. } => {
            if let Some(from) = from {
                document.from = json!(UserV1 { mechanism: mechanism.to_string(), iterations: *from });
            }
            document.to = json!(NewUserV1 {
                mechanism: mechanism.to_string(),
                iterations: *iterations,
                password_file: password_file.clone(),
            });
        }
        AccessChange::DeleteUser { mechanism, from, .. } => {
            document.from = json!(UserV1 { mechanism: mechanism.to_string(), iterations: *from });
        }
    }
}

/// Quotas by Kafka's keys.
pub(super) fn quotas(quotas: &Quotas) -> BTreeMap<&str, f64> {
    quotas.iter().map(|(key, amount)| (key.as_str(), amount.0)).collect()
}

/// Reads back what [`write`] has written.
pub(super) fn read(document: &ChangeV1) -> Result<AccessChange, InvalidDocument> {
    let user = document.resource.name.clone();
    let entity = || {
        let unknown = || InvalidDocument::Word { field: "entity", found: document.resource.name.clone() };
        Ok(QuotaEntity { parts: document.entity.clone().ok_or_else(unknown)? })
    };
    let amounts = |value: &Value, field| -> Result<BTreeMap<String, Option<Amount>>, InvalidDocument> {
        let read: BTreeMap<String, Option<f64>> = step::read(value, field)?;
        Ok(read.into_iter().map(|(key, amount)| (key, amount.map(Amount))).collect())
    };
    Ok(match document.kind.as_str() {
        "set-quota" => AccessChange::SetQuota {
            entity: entity()?,
            from: amounts(&document.from, "from")?,
            to: amounts(&document.to, "to")?,
        },
        "delete-quota" => AccessChange::DeleteQuota {
            entity: entity()?,
            from: amounts(&document.from, "from")?
                .into_iter()
                .filter_map(|(key, amount)| Some((key, amount?)))
                .collect(),
        },
        "set-user" => {
            let to: NewUserV1 = step::read(&document.to, "to")?;
            let from: Option<UserV1> = step::read(&document.from, "from")?;
            AccessChange::SetUser {
                user,
                mechanism: mechanism(&to.mechanism)?,
                from: from.map(|from| from.iterations),
                iterations: to.iterations,
                password_file: to.password_file,
            }
        }
        _ => {
            let from: UserV1 = step::read(&document.from, "from")?;
            AccessChange::DeleteUser { user, mechanism: mechanism(&from.mechanism)?, from: from.iterations }
        }
    })
}

fn mechanism(word: &str) -> Result<ScramMechanism, InvalidDocument> {
    let unknown = || InvalidDocument::Word { field: "mechanism", found: word.to_owned() };
    ScramMechanism::from_word(word).ok_or_else(unknown)
}
