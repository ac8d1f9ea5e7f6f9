//! Quotas of clients: what is set for whom (KIP-546).

use crate::state::access::quota_rules::{QuotaError, check_entity, check_key, check_once, check_value};
use std::collections::BTreeMap;

/// For whom a quota is: kinds of entity (`user`, `client-id`, `ip`) with their names; `None` is the default of a kind.
pub type Entity = BTreeMap<String, Option<String>>;

/// What a question wants of one kind of entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// This name.
    Name(String),
    /// The default.
    Default,
    /// Any name, and the default.
    Any,
}

/// One part of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The kind of entity.
    pub kind: String,
    /// What is wanted of it.
    pub matching: Matching,
}

/// All quotas.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quotas {
    set: BTreeMap<Entity, BTreeMap<String, f64>>,
}

impl Quotas {
    /// Sets quotas of an entity, or removes those without a value; all of them or, when one cannot be, none.
    ///
    /// # Errors
    /// When the entity, a key or a value cannot be.
    pub fn alter(
        &mut self,
        entity: &Entity,
        ops: &[(String, Option<f64>)],
        validate_only: bool,
    ) -> Result<(), QuotaError> {
        check_once(entity, &ops.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>())?;
        check_entity(entity)?;
        for (key, value) in ops {
            // What is not there may always be removed, even if it cannot be.
            if let Some(value) = value {
                check_value(check_key(entity, key)?, key, *value)?;
            }
        }
        if !validate_only {
            let values = self.set.entry(entity.clone()).or_default();
            for (key, value) in ops {
                match value {
                    Some(value) => drop(values.insert(key.clone(), *value)),
                    None => drop(values.remove(key)),
                }
            }
            self.set.retain(|_, values| !values.is_empty());
        }
        Ok(())
    }

    /// The quotas of the entities that fit; strictly, of those that have no other kind than the ones asked for.
    pub fn find(
        &self,
        components: &[Component],
        strict: bool,
    ) -> impl Iterator<Item = (&Entity, &BTreeMap<String, f64>)> {
        self.set.iter().filter(move |(entity, _)| {
            let fits = |component: &Component| match (entity.get(&component.kind), &component.matching) {
                (None, _) => false,
                (Some(_), Matching::Any) => true,
                (Some(name), Matching::Default) => name.is_none(),
                (Some(name), Matching::Name(wanted)) => name.as_ref() == Some(wanted),
            };
            components.iter().all(fits) && (!strict || entity.len() == components.len())
        })
    }
}
