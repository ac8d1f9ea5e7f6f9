use super::AccessChange;
use crate::access::Acl;
use crate::apply::Difference;
use crate::plan::{Drift, Expectation, Sight, Step};
use crate::values::{Failure, Known, Resource};
use crate::world::{Wanted, World};

/// The value of a fact that holds: an entry has none beside being there.
const PRESENT: &str = "present";

/// The facts that a change rests on.
pub(in crate::plan) fn expectations(change: &AccessChange) -> Vec<Expectation> {
    let fact = |acl: &Acl, is_there: bool| Expectation {
        resource: Resource::acl(&acl.principal),
        field: acl.rule(),
        value: presence(is_there),
    };
    match change {
        AccessChange::CreateAcl { acl } => vec![fact(acl, false)],
        AccessChange::DeleteAcl { acl } => vec![fact(acl, true)],
    }
}

fn presence(is_there: bool) -> Option<String> {
    is_there.then(|| PRESENT.to_owned())
}

/// What has to be seen to check the facts of a change and to settle it.
pub(in crate::plan) fn wanted_for(change: &AccessChange, wanted: &mut Wanted) {
    match change {
        AccessChange::CreateAcl { .. } | AccessChange::DeleteAcl { .. } => wanted.acls = true,
    }
}

/// Whether an entry is there, or why nobody knows.
pub(super) fn is_there(acl: &Acl, world: &World) -> Result<bool, String> {
    match &world.access.acls {
        Known::Known(acls) => Ok(acls.contains(acl)),
        missing => Err(missing.missing_reason().unwrap_or_else(|| "there is no answer".to_owned())),
    }
}

/// The facts of a step that no longer stand.
pub(in crate::plan) fn drifts(step: &Step, change: &AccessChange, world: &World) -> Vec<Drift> {
    let (AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl }) = change;
    let found = is_there(acl, world);
    let drift = |fact: &Expectation| match &found {
        Ok(is_there) => {
            let found = presence(*is_there);
            (found != fact.value).then(|| Drift::found(fact, found))
        }
        Err(why) => Some(Drift::unreadable(fact, why.clone())),
    };
    step.expects.iter().filter_map(drift).collect()
}

/// What a look shows of a change.
pub(in crate::plan) fn sight(change: &AccessChange, world: &World) -> Sight {
    let (AccessChange::CreateAcl { acl } | AccessChange::DeleteAcl { acl }) = change;
    let asked = matches!(change, AccessChange::CreateAcl { .. });
    match is_there(acl, world) {
        Ok(found) if found == asked => Sight::AsAsked,
        Ok(found) => Sight::NotYet(vec![Difference {
            field: acl.rule(),
            asked: presence(asked),
            found: presence(found),
        }]),
        Err(why) => Sight::Unreadable(Failure::without_reply("NOT_READABLE", why)),
    }
}
