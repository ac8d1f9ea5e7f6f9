use super::{AccessChange, missing};
use crate::access::{Amount, QuotaEntity, Quotas};
use crate::plan::{Change, DiffOptions, Proposal, Proposed, Question};
use crate::topology::{Quota, Topology};
use crate::values::Resource;
use crate::world::World;
use std::collections::BTreeMap;

/// Compares the quotas of the file with those that there are. A key that the file leaves out is left alone, and so is
/// everybody whom it does not name.
pub(in crate::plan) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    if !options.families.access || want.quotas.is_empty() {
        return;
    }
    let covered: Vec<(String, &QuotaEntity, &Quota)> = want
        .quotas
        .iter()
        .map(|(entity, quota)| (entity.to_string(), entity, quota))
        .filter(|(name, ..)| options.covers_access(name))
        .collect();
    let Some(present) = have.access.quotas.known() else {
        let resources = covered.iter().map(|(name, _, quota)| (Resource::quota(name), &quota.origin));
        return missing::quotas(&have.access.quotas, resources, proposal);
    };
    for (name, entity, quota) in covered {
        let none = Quotas::new();
        let present = present.get(entity).unwrap_or(&none);
        let wanted = match quota.absent {
            true => present.keys().map(|key| (key.clone(), None)).collect(),
            false => quota.amounts.iter().map(|(key, said)| (key.clone(), said.value)).collect(),
        };
        match towards(entity, &wanted, present) {
            Some(change) => {
                proposal.questions.insert(Question::AcceptsOfAccess(change.clone()));
                proposal.changes.push(Proposed::asked(Change::Access(change), quota.origin.clone()));
            }
            None => drop(proposal.unchanged.insert(Resource::quota(name))),
        }
    }
    let unnamed = present.keys().filter(|entity| !want.quotas.contains_key(*entity)).map(ToString::to_string);
    proposal.unmanaged.quotas.extend(unnamed.filter(|name| options.covers_access(name)));
}

/// The change that makes some quotas of an entity what is wanted; `None` where they are.
pub(super) fn towards(
    entity: &QuotaEntity,
    wanted: &BTreeMap<String, Option<Amount>>,
    present: &Quotas,
) -> Option<AccessChange> {
    let to: BTreeMap<String, Option<Amount>> = wanted
        .iter()
        .filter(|(key, amount)| present.get(*key) != amount.as_ref())
        .map(|(key, amount)| (key.clone(), *amount))
        .collect();
    if to.is_empty() {
        return None;
    }
    let stays = present.keys().any(|key| !to.contains_key(key)) || to.values().any(Option::is_some);
    let entity = entity.clone();
    Some(if stays {
        let from = to.keys().map(|key| (key.clone(), present.get(key).copied())).collect();
        AccessChange::SetQuota { entity, from, to }
    } else {
        AccessChange::DeleteQuota { entity, from: present.clone() }
    })
}
