//! Laying stronger layers over weaker ones: maps merge by key, lists replace, and each value keeps its own line.

use super::draft::{
    AccessWish, GroupWish, Layer, QuotaWish, SchemaWish, Sections, SubjectWish, UserWish, Wish,
};
use super::place::At;
use std::collections::BTreeMap;

impl Sections {
    /// Lays the sections of an environment over these.
    pub fn lay(&mut self, stronger: &Sections) {
        self.defaults.lay(&stronger.defaults);
        lay_names(&mut self.classes, &stronger.classes, Layer::lay);
        lay_names(&mut self.topics, &stronger.topics, Layer::lay);
        lay_names(&mut self.subjects, &stronger.subjects, SubjectWish::lay);
        lay_names(&mut self.groups, &stronger.groups, GroupWish::lay);
        self.all_groups.lay(&stronger.all_groups);
        lay_names(&mut self.quotas, &stronger.quotas, QuotaWish::lay);
        lay_names(&mut self.users, &stronger.users, UserWish::lay);
        lay_names(&mut self.access, &stronger.access, AccessWish::lay);
        replace(&mut self.compatibility, &stronger.compatibility);
        replace(&mut self.schema_naming, &stronger.schema_naming);
        replace(&mut self.external_topics, &stronger.external_topics);
        replace(&mut self.external_groups, &stronger.external_groups);
        replace(&mut self.topic_names, &stronger.topic_names);
        replace(&mut self.group_names, &stronger.group_names);
        self.policy.lay(&stronger.policy);
    }
}

impl Layer {
    /// Lays a stronger layer over this one.
    pub fn lay(&mut self, stronger: &Layer) {
        replace(&mut self.class, &stronger.class);
        replace(&mut self.partitions, &stronger.partitions);
        replace(&mut self.replication, &stronger.replication);
        self.configs.extend(stronger.configs.iter().map(|(key, value)| (key.clone(), value.clone())));
        replace(&mut self.owner, &stronger.owner);
        replace(&mut self.description, &stronger.description);
        replace(&mut self.key_by, &stronger.key_by);
        replace(&mut self.protected, &stronger.protected);
        lay_schema(&mut self.key, &stronger.key);
        lay_schema(&mut self.value, &stronger.value);
        replace(&mut self.only, &stronger.only);
        replace(&mut self.state, &stronger.state);
    }
}

impl GroupWish {
    fn lay(&mut self, stronger: &GroupWish) {
        replace(&mut self.topics, &stronger.topics);
        replace(&mut self.members, &stronger.members);
        replace(&mut self.max_lag, &stronger.max_lag);
        replace(&mut self.max_age_ms, &stronger.max_age_ms);
        replace(&mut self.isolation, &stronger.isolation);
        replace(&mut self.protected, &stronger.protected);
        replace(&mut self.start, &stronger.start);
        replace(&mut self.only, &stronger.only);
    }
}

impl AccessWish {
    fn lay(&mut self, stronger: &AccessWish) {
        replace(&mut self.principal, &stronger.principal);
        replace(&mut self.produce, &stronger.produce);
        replace(&mut self.consume, &stronger.consume);
        replace(&mut self.groups, &stronger.groups);
        replace(&mut self.transactions, &stronger.transactions);
        replace(&mut self.acls, &stronger.acls);
        replace(&mut self.only, &stronger.only);
        replace(&mut self.state, &stronger.state);
    }
}

impl QuotaWish {
    fn lay(&mut self, stronger: &QuotaWish) {
        self.amounts.extend(stronger.amounts.iter().map(|(key, amount)| (key.clone(), amount.clone())));
        replace(&mut self.only, &stronger.only);
        replace(&mut self.state, &stronger.state);
    }
}

impl UserWish {
    fn lay(&mut self, stronger: &UserWish) {
        replace(&mut self.mechanisms, &stronger.mechanisms);
        replace(&mut self.password_file, &stronger.password_file);
        replace(&mut self.iterations, &stronger.iterations);
        replace(&mut self.only, &stronger.only);
        replace(&mut self.state, &stronger.state);
    }
}

impl SubjectWish {
    fn lay(&mut self, stronger: &SubjectWish) {
        match (&mut self.schema, &stronger.schema) {
            (Some(weaker), Some(wish)) => weaker.lay(wish),
            (slot, wish) => replace(slot, wish),
        }
        replace(&mut self.only, &stronger.only);
        replace(&mut self.state, &stronger.state);
        replace(&mut self.permanent, &stronger.permanent);
    }
}

impl SchemaWish {
    fn lay(&mut self, stronger: &SchemaWish) {
        if !stronger.merges {
            *self = stronger.clone();
            return;
        }
        self.spot = stronger.spot;
        replace(&mut self.file, &stronger.file);
        replace(&mut self.compatibility, &stronger.compatibility);
    }
}

fn lay_schema(slot: &mut Option<At<Wish<SchemaWish>>>, stronger: &Option<At<Wish<SchemaWish>>>) {
    match (slot, stronger) {
        (Some(At { value: Wish::Set(weaker), spot }), Some(At { value: Wish::Set(wish), spot: at })) => {
            weaker.lay(wish);
            *spot = *at;
        }
        (slot, stronger) => replace(slot, stronger),
    }
}

/// What is said by name: a name that both have is merged, and keeps the spot of the weaker one.
fn lay_names<T: Clone>(
    names: &mut BTreeMap<String, At<T>>,
    stronger: &BTreeMap<String, At<T>>,
    lay: impl Fn(&mut T, &T),
) {
    for (name, at) in stronger {
        match names.get_mut(name) {
            Some(weaker) => lay(&mut weaker.value, &at.value),
            None => {
                names.insert(name.clone(), at.clone());
            }
        }
    }
}

/// Takes what the stronger side says, where it says something.
pub(super) fn replace<T: Clone>(slot: &mut Option<T>, stronger: &Option<T>) {
    if stronger.is_some() {
        slot.clone_from(stronger);
    }
}
