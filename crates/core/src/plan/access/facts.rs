use super::AccessChange;
use crate::access::{Acl, Amount, QuotaEntity, ScramMechanism, describe_quota, quota_word};
use crate::apply::Difference;
use crate::plan::{Drift, Expectation, Sight, Step};
use crate::values::{Failure, Known};
use crate::world::{Wanted, World};

/// The value of a fact that holds: an entry has none beside being there.
const PRESENT: &str = "present";

/// One thing that a change rests on and alters: its name, and its value before and after.
pub(super) struct Fact {
    pub field: String,
    pub from: Option<String>,
    pub to: Option<String>,
    place: Place,
}

/// Where a fact is seen.
enum Place {
    Acl(Acl),
    Quota(QuotaEntity, String),
    User(String, ScramMechanism),
}

/// What a change rests on, and alters.
pub(super) fn facts(change: &AccessChange) -> Vec<Fact> {
    match change {
        AccessChange::CreateAcl { acl } => vec![of_acl(acl, false, true)],
        AccessChange::DeleteAcl { acl } => vec![of_acl(acl, true, false)],
        AccessChange::SetQuota { entity, from, to } => {
            let keys = to.iter();
            keys.map(|(key, to)| of_quota(entity, key, from.get(key).copied().flatten(), *to)).collect()
        }
        AccessChange::DeleteQuota { entity, from } => {
            from.iter().map(|(key, from)| of_quota(entity, key, Some(*from), None)).collect()
        }
        AccessChange::SetUser { user, mechanism, from, iterations, .. } => {
            vec![of_user(user, *mechanism, *from, Some(*iterations))]
        }
        AccessChange::DeleteUser { user, mechanism, from } => {
            vec![of_user(user, *mechanism, Some(*from), None)]
        }
    }
}

fn of_acl(acl: &Acl, from: bool, to: bool) -> Fact {
    Fact { field: acl.rule(), from: presence(from), to: presence(to), place: Place::Acl(acl.clone()) }
}

fn of_quota(entity: &QuotaEntity, key: &str, from: Option<Amount>, to: Option<Amount>) -> Fact {
    let told = |amount: Amount| describe_quota(key, amount);
    Fact {
        field: quota_word(key).to_owned(),
        from: from.map(told),
        to: to.map(told),
        place: Place::Quota(entity.clone(), key.to_owned()),
    }
}

fn of_user(user: &str, mechanism: ScramMechanism, from: Option<i32>, to: Option<i32>) -> Fact {
    Fact {
        field: mechanism.to_string(),
        from: from.map(iterations),
        to: to.map(iterations),
        place: Place::User(user.to_owned(), mechanism),
    }
}

fn presence(is_there: bool) -> Option<String> {
    is_there.then(|| PRESENT.to_owned())
}

fn iterations(count: i32) -> String {
    format!("{count} iterations")
}

impl Fact {
    /// Its value now, or why nobody knows.
    pub fn now(&self, world: &World) -> Result<Option<String>, String> {
        fn told<T>(known: &Known<T>) -> Result<&T, String> {
            known
                .known()
                .ok_or_else(|| known.missing_reason().unwrap_or_else(|| "there is no answer".to_owned()))
        }
        match &self.place {
            Place::Acl(acl) => Ok(presence(told(&world.access.acls)?.contains(acl))),
            Place::Quota(entity, key) => {
                let amount = told(&world.access.quotas)?.get(entity).and_then(|quotas| quotas.get(key));
                Ok(amount.map(|amount| describe_quota(key, *amount)))
            }
            Place::User(user, mechanism) => {
                let count = told(&world.access.users)?.get(user).and_then(|of| of.get(mechanism));
                Ok(count.copied().map(iterations))
            }
        }
    }
}

/// The facts that a change rests on.
pub(in crate::plan) fn expectations(change: &AccessChange) -> Vec<Expectation> {
    let expectation =
        |fact: Fact| Expectation { resource: change.resource(), field: fact.field, value: fact.from };
    facts(change).into_iter().map(expectation).collect()
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &AccessChange, wanted: &mut Wanted) {
    match change {
        AccessChange::CreateAcl { .. } | AccessChange::DeleteAcl { .. } => wanted.acls = true,
        AccessChange::SetQuota { .. } | AccessChange::DeleteQuota { .. } => wanted.quotas = true,
        AccessChange::SetUser { .. } | AccessChange::DeleteUser { .. } => wanted.users = true,
    }
}

/// The facts of a step that no longer stand.
pub(in crate::plan) fn drifts(step: &Step, change: &AccessChange, world: &World) -> Vec<Drift> {
    let facts = facts(change);
    let drift = |expected: &Expectation| {
        let fact = facts.iter().find(|fact| fact.field == expected.field)?;
        match fact.now(world) {
            Ok(found) => (found != expected.value).then(|| Drift::found(expected, found)),
            Err(why) => Some(Drift::unreadable(expected, why)),
        }
    };
    step.expects.iter().filter_map(drift).collect()
}

/// What a look shows of a change. That a password is another one than before, no look can show: the broker's word for it
/// has to do.
pub(in crate::plan) fn sight(change: &AccessChange, world: &World) -> Sight {
    let mut differences = Vec::new();
    for fact in facts(change) {
        match fact.now(world) {
            Ok(found) if found == fact.to => {}
            Ok(found) => differences.push(Difference { field: fact.field, asked: fact.to, found }),
            Err(why) => return Sight::Unreadable(Failure::without_reply("NOT_READABLE", why)),
        }
    }
    if differences.is_empty() { Sight::AsAsked } else { Sight::NotYet(differences) }
}
